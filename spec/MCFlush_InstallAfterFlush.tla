----------------------- MODULE MCFlush_InstallAfterFlush -----------------------
(****************************************************************************)
(* Planted bug: a process installs as soon as it has Flush from all, and    *)
(* does not wait until all of them have it too (Ready).                     *)
(****************************************************************************)
EXTENDS MCFlush

MayInstallAfterFlush(p) ==
    \E k \in (current[p] + 1)..known[p] : HasFlushes(p, k)
=============================================================================
