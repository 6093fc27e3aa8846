---------------------------- MODULE MCProveAbcast ----------------------------
(****************************************************************************)
(* The tie between Abcast and what is proved of it for any size: on a small *)
(* instance, each step of Abcast is a step of PRAbcast, the system that     *)
(* `vsync prove total_order` is about.  Below: what each of its relations   *)
(* is, in the terms of Abcast.                                              *)
(****************************************************************************)
EXTENDS MCAbcast_Bugs

VARIABLE
    shown              \* what the relations of the proof are now

Ids     == Talkers \X (1..MaxMulticasts)
Numbers == 0..(3 * MaxMulticasts + 2)
AllHeld == UNION {received[p] : p \in Process}

Before(n, k)     == n < k
RankOf(p)        == CHOOSE i \in DOMAIN Founders : Founders[i] = p
TieBefore(m, x)  == RankOf(m[1]) < RankOf(x[1]) \/ (m[1] = x[1] /\ m[2] < x[2])
SentBy           == {<<e[1], At(e).message>> : e \in Happened("multicast")}
GoesTo           == UNION {{l.id} \X l.to : l \in lists}
ClockOf          == UNION {{p} \X (0..clock[p]) : p \in Process}
ProposedBy       == UNION {{<<p, x.id, x.number>> : x \in {y \in proposals[p] : y.by = p}} : p \in Process}
NumberOf         == {<<m.id, m.time.number>> : m \in {x \in AllHeld : x.time.number > 0}}
DeliveredBy      == {<<e[1], At(e).message>> : e \in Happened("deliver")}
DeliveredFirst   ==
    UNION {{<<p, history[p][i].message, history[p][j].message>> :
            <<i, j>> \in {x \in Places(p, "deliver") \X Places(p, "deliver") : x[1] < x[2]}} : p \in Process}

(* All of them, in one variable: so TLC works each out once in a step.      *)
ShownNow ==
    [sent |-> SentBy,
     to |-> GoesTo,
     clock |-> ClockOf,
     proposed |-> ProposedBy,
     number |-> NumberOf,
     delivered |-> DeliveredBy,
     first |-> DeliveredFirst]

ShownSpec == Init /\ shown = ShownNow /\ [][Next /\ shown' = ShownNow']_<<all, shown>>

Proved == INSTANCE PRAbcast WITH
    ProcessSort <- Process, MessageSort <- Ids, NumberSort <- Numbers, zero <- 0, before <- Before, tie_before <- TieBefore,
    sent <- shown.sent, to <- shown.to, clock <- shown.clock, proposed <- shown.proposed,
    number <- shown.number, delivered <- shown.delivered, first <- shown.first

ASSUME Proved!Axioms

(* Refinement: what it does is what the proof is about.  (This             *)
(* is Proved!Spec; but TLC looks first whether anything was done.)          *)
AllowedInProof == UNCHANGED Proved!variables \/ Proved!Next
ProvedProp == Proved!Init /\ [][AllowedInProof]_Proved!variables
=============================================================================
