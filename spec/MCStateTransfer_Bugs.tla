------------------------- MODULE MCStateTransfer_Bugs -------------------------
(****************************************************************************)
(* Planted bugs: what goes wrong with StateTransfer if one of its decisions *)
(* is wrong.  Each is put in place of a definition by a configuration,      *)
(* MCStateTransfer_<Bug>.cfg, and must be found there.  Most of them were   *)
(* real, in one form or another; where, stands with each.                   *)
(****************************************************************************)
EXTENDS MCStateTransfer

(* MCStateTransfer_SnapshotLate: the donor gives the state that it has when *)
(* it sends, not that of the view: an update is in the state, and waits for *)
(* the joiner all the same.  (JGroups' STATE_TRANSFER without FLUSH: B.     *)
(* Ban, Partial state transfer, infinispan-dev, June 2011.)                 *)
SnapshotLate(p, k) ==
    {[view |-> k, state |-> state[p]] : s \in {t \in snapshots[p] : t.view = k}}

(* MCStateTransfer_TakesAnyBlock: the joiner takes what comes, and not only *)
(* the block that comes next: one of an earlier donor is taken twice.       *)
(* (A snapshot out of date is restored: etcd-io/etcd 1763 and 1837; one     *)
(* snapshot comes twice: camunda/camunda 14367.)                            *)
TakesAnyBlock(p, packet) == ~ complete[p]

(* MCStateTransfer_AsksFromStart: the next donor is asked for all blocks,   *)
(* of which the joiner takes those only that it has not, so that nothing is *)
(* acknowledged: it waits for ever.  (The two ends disagree on the offset:  *)
(* RedisLabs/raft 162, logcabin/logcabin 174.)                              *)
AsksFromStart(p) == 0

(* MCStateTransfer_DeliversAtOnce: what comes for a joiner is delivered     *)
(* although it has no state.  (percona/galera 307: a joiner goes on with    *)
(* what was queued although its state transfer did not come about.)         *)
DeliversAtOnce(p) == FALSE

(* MCStateTransfer_ServesAllAtOnce: joiners are served side by side: one    *)
(* has the old state when an older one, who has not, founds a new one.      *)
ServesAllAtOnce(p, j) == TRUE

(* MCStateTransfer_KeepsLatestOnly: a snapshot is dropped at the next view, *)
(* as at the failure of the donor.  (Only the latest is kept:               *)
(* camunda/camunda 3573; a donor is done when it has begun:                 *)
(* mariadb-corporation/galera 106.)                                         *)
KeepsLatestOnly(kept, waiting) == {s \in kept : \A t \in kept : t.view <= s.view}

(* MCStateTransfer_IncompleteDonates: a joiner gives what it has so far.    *)
(* (A node whose synchronisation was interrupted counts as synchronised:    *)
(* apache/zookeeper 333 and 2459, that is ZOOKEEPER-2872 and 5094.)         *)
OfWhatItHas(p, k) ==
    IF complete[p] THEN {s \in snapshots[p] : s.view = k}
    ELSE {[view |-> k, state |-> Assembled(blocks[p])]}
EvenIncomplete(p, r, s) ==
    /\ Turn(p, r.joiner)
    /\ NextBlock(r) <= Len(Blocks(s.state))
    /\ NextBlock(r) <= r.next + Window

(* MCStateTransfer_NobodyTakesOver: the joiner asks once, and waits for a   *)
(* donor that has failed.  (percona/galera 191.)                            *)
NobodyTakesOver(p) == Oldest(p) # p /\ donor[p] = NoProcess

(* MCStateTransfer_DropsEarly: what is about a view of which a member was   *)
(* not told yet is dropped.  (infinispan/infinispan 1307: the request comes *)
(* before the view, is refused, and not made again.)                        *)
NeverTooEarly(p, packet) == TRUE

(* MCStateTransfer_WaitsForEver: nobody is left who has the state, and the  *)
(* joiner waits for it.                                                     *)
WaitsForEver(p) == FALSE

(* MCStateTransfer_GivesUpEarly: the joiner founds a new state as soon as   *)
(* its donor has failed.                                                    *)
GivesUpEarly(p) ==
    \/ Oldest(p) = p
    \/ donor[p] # NoProcess /\ donor[p] \notin Members(CurrentView(p))

(* MCStateTransfer_KeepsForTheFailed: what was kept for a joiner is not     *)
(* forgotten when it fails.  (A transfer that nobody waits for any more is  *)
(* not taken off: scylladb/scylladb 29092.)                                 *)
KeepsForTheFailed(j, view) == TRUE

(* MCStateTransfer_TellsDonorOnly: only the donor hears that the joiner is  *)
(* done.  (infinispan/infinispan 542: a joiner does not tell that it is     *)
(* done, and the old members wait for it.)                                  *)
TellsDonorOnly(p) == {donor[p]}

(* MCStateTransfer_SnapshotAfterAll: a joiner that gets its state takes the *)
(* snapshots for later joiners after all that has waited, not in its order. *)
SnapshotAfterAll(s, waited, n) == s \o Updates(waited)
=============================================================================
