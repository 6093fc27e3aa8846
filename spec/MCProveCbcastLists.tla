-------------------------- MODULE MCProveCbcastLists --------------------------
(****************************************************************************)
(* The tie between CbcastLists and what is proved of it for any size: on a  *)
(* small instance, each step of CbcastLists is a step of PRCbcastLists, the *)
(* system that `vsync prove causal_order` is about.  Below: what each of    *)
(* its relations is, in the terms of CbcastLists.                           *)
(****************************************************************************)
EXTENDS MCCbcastLists_Bugs

VARIABLE
    shown              \* what the relations of the proof are now

Ids == Talkers \X (1..MaxMulticasts)
AllHeld == UNION {received[p] : p \in Process}

SentBy      == {<<e[1], At(e).message>> : e \in Happened("multicast")}
GoesTo      == UNION {{l.id} \X l.to : l \in lists}
WaitsFor    == UNION {UNION {{<<m.id, x.id, q>> : q \in x.to} : x \in m.time.after} : m \in AllHeld}
ContextOf   == UNION {UNION {{<<p, x.id, q>> : q \in x.to} : x \in context[p]} : p \in Process}
DeliveredBy == {<<e[1], At(e).message>> : e \in Happened("deliver")}
SeenBy      == UNION {{p} \X CausalPast(p) : p \in Process}
PastOf      == UNION {{At(e).message} \X At(e).past : e \in Happened("multicast")}

(* All of them, in one variable: so TLC works each out once in a step.      *)
ShownNow ==
    [sent |-> SentBy,
     to |-> GoesTo,
     after |-> WaitsFor,
     context |-> ContextOf,
     delivered |-> DeliveredBy,
     seen |-> SeenBy,
     past |-> PastOf]

ShownSpec == Init /\ shown = ShownNow /\ [][Next /\ shown' = ShownNow']_<<all, shown>>

Proved == INSTANCE PRCbcastLists WITH
    ProcessSort <- Process, MessageSort <- Ids,
    sent <- shown.sent, to <- shown.to, after <- shown.after, context <- shown.context,
    delivered <- shown.delivered, seen <- shown.seen, past <- shown.past

ASSUME Proved!Axioms

(* Refinement: what it does is what the proof is about.  (This             *)
(* is Proved!Spec; but TLC looks first whether anything was done.)          *)
AllowedInProof == UNCHANGED Proved!variables \/ Proved!Next
ProvedProp == Proved!Init /\ [][AllowedInProof]_Proved!variables
=============================================================================
