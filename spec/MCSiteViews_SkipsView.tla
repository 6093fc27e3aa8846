------------------------ MODULE MCSiteViews_SkipsView ------------------------
(****************************************************************************)
(* A planted bug: a site that is shown several views installs only the      *)
(* last.  (Here the channels are unordered; over FIFO channels it takes two *)
(* coordinators who fail one after the other.)                              *)
(****************************************************************************)
EXTENDS MCSiteViews

Newest(s, views) == Len(views)
=============================================================================
