---------------------------- MODULE MCCbcast_Bugs ----------------------------
(****************************************************************************)
(* Planted bugs: what goes wrong with Cbcast if one of its decisions is wrong. *)
(* Each is put in place of a definition by a configuration, MCCbcast_<Bug>.cfg, *)
(* and must be found there.                                                 *)
(****************************************************************************)
EXTENDS MCCbcast

(* MCCbcast_IgnoresCauses: it waits for the messages of the same sender only. *)
IgnoresCauses(m, rank, delivered) == m.time[rank] = delivered[rank] + 1

(* MCCbcast_IgnoresSender: it waits for the others, but takes the messages  *)
(* of one sender as they come.                                              *)
IgnoresSender(m, rank, delivered) ==
    /\ m.time[rank] > delivered[rank]
    /\ \A r \in DOMAIN m.time : r # rank => m.time[r] <= delivered[r]

(* MCCbcast_ForgetsEarly: a message counts as stable when one other member  *)
(* has delivered it.                                                        *)
ForgetsEarly(p, m) ==
    /\ m.view = current[p]
    /\ \E q \in Members(views[m.view]) \ {p} :
            heard[p][q][SenderRank(m)] >= m.time[SenderRank(m)]

=============================================================================
