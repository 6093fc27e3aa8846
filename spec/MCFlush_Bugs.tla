----------------------------- MODULE MCFlush_Bugs -----------------------------
(****************************************************************************)
(* Planted bugs: what goes wrong with Flush if one of its decisions is wrong. *)
(* Each is put in place of a definition by a configuration, MCFlush_<Bug>.cfg, *)
(* and must be found there.                                                 *)
(****************************************************************************)
EXTENDS MCFlush

(* MCFlush_InstallsAfterFlush: a process installs as soon as it has Flush    *)
(* from all, and does not wait until all of them have it too (Ready).       *)
InstallsAfterFlush(p) ==
    \E k \in (current[p] + 1)..known[p] : HasFlushes(p, k)

(* MCFlush_InstallsAtOnce: it does not even wait for Flush.                  *)
InstallsAtOnce(p) == current[p] < known[p]

(* MCFlush_ForwardsNothing: it keeps to itself what it holds.               *)
ForwardsNothing(k, unstable) == Packet("flush", k, {}, <<>>)

(* MCFlush_ListensToExcluded: it takes packets from who is excluded.        *)
ListensToExcluded(p, q, packet) == FALSE

(* MCFlush_NeverBlocks: it multicasts although a view is on its way.         *)
NeverBlocks(p) == current[p] = 0

(* MCFlush_AwaitsAllButYoungest: it does not wait for the Flush of the       *)
(* youngest member.                                                         *)
AwaitsAllButYoungest(p, k) ==
    \A q \in Continuing(k) :
        \/ <<q, k>> \in flushes[p]
        \/ \A r \in Continuing(k) : Rank(views[k], r) <= Rank(views[k], q)

(* MCFlush_ConfirmsEarly: a process says Ready when it has sent its own     *)
(* Flush, and has not heard the others. (ZooKeeper, ZOOKEEPER-4646: a       *)
(* follower acknowledges the new leader before it holds what it was sent,   *)
(* and that is lost.)                                                       *)
ConfirmsEarly(p, k) == <<p, k>> \in flushes[p]

(* MCFlush_InstallsFirst: it installs the next view, and delivers what is   *)
(* left of the old one there. (JGroups, JGRP-1495: a message and a view     *)
(* delivered out of order. Corosync, pull request 663: buffers are switched *)
(* to the new ring before the recovered messages of the old one are         *)
(* delivered, which are lost.)                                              *)
InstallsFirst(p) == Advance(p)
=============================================================================
