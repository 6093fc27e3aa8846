---------------------- MODULE MCSiteViews_JoinersFirst -----------------------
(****************************************************************************)
(* A planted bug: who joins is put first, as if it were the oldest.         *)
(****************************************************************************)
EXTENDS MCSiteViews

NewestFirst(list, gone, new) == new \o Without(list, gone)
=============================================================================
