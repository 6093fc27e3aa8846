----------------------------- MODULE MCProveFlush -----------------------------
(****************************************************************************)
(* The tie between Flush and what is proved of it for any size: on a small  *)
(* instance, each step of Flush is a step of PRFlush, the system that       *)
(* `vsync prove flush` is about.  Below: what each of its relations is, in  *)
(* the terms of Flush.  What Flush forgets is noted in two variables.       *)
(****************************************************************************)
EXTENDS MCFlush_Bugs

VARIABLES
    carried,           \* <<p, k, m>>: the Flush(k) of p carried m
    confirmed,         \* <<p, k>>: p has sent Ready(k)
    shown              \* what the relations of the proof are now

noted == <<carried, confirmed, shown>>

Views == 1..MaxViews
Ids   == Talkers \X (1..MaxMulticasts)

Note ==
    /\ carried' = carried \cup
        UNION {{<<p, known'[p], m.id>> : m \in {x \in received[p] : x.view < known'[p]}} :
                p \in {q \in Process : known'[q] # known[q] /\ q \in Continuing(known'[q])}}
    /\ confirmed' = confirmed \cup
        UNION {{<<p, k>> : k \in {i \in Views : <<p, i>> \in readies'[p]}} : p \in Process}

(* Planted bug MCProveFlush_InstallsByAnEmptyView: view 1, into which       *)
(* nobody continued, counts as complete, and a joiner, which has no view    *)
(* yet, installs by it.                                                     *)
InstallsByAnEmptyView(p) == \E k \in (current[p] + 1)..known[p] : HasReadies(p, k)

CompleteViews ==
    {k \in DOMAIN views \ {1} : \A q \in Continuing(k) : <<q, k>> \in confirmed}

Before(j, k)  == j < k
IsFounder(p)  == p \in Range(Founders)
AgreedOn      == DOMAIN views
IsMember      == UNION {{k} \X Members(views[k]) : k \in DOMAIN views}
Continues     == UNION {{k} \X Continuing(k) : k \in DOMAIN views}
KnownTo       == UNION {{p} \X (1..known[p]) : p \in Process}
CurrentAt     == UNION {{p} \X (1..current[p]) : p \in Process}
SentIn        == {<<e[1], At(e).message, At(e).view.id>> : e \in Happened("multicast")}
ReceivedBy    == UNION {{<<p, m.id>> : m \in received[p]} : p \in Process}
DeliveredBy   == {<<e[1], At(e).message>> : e \in Happened("deliver")}
FlushesAt     == UNION {{<<p, x[1], x[2]>> : x \in flushes[p]} : p \in Process}
ReadiesAt     == UNION {{<<p, x[1], x[2]>> : x \in readies[p]} : p \in Process}
SettledViews  == {x \in Views \X Views : \E i \in CompleteViews : x[1] < i /\ i < x[2]}

(* All of them, in one variable: so TLC works each out once in a step.      *)
ShownNow ==
    [agreed |-> AgreedOn,
     member |-> IsMember,
     continuing |-> Continues,
     known |-> KnownTo,
     current |-> CurrentAt,
     sent |-> SentIn,
     received |-> ReceivedBy,
     delivered |-> DeliveredBy,
     flushes |-> FlushesAt,
     readies |-> ReadiesAt,
     complete |-> CompleteViews,
     settled |-> SettledViews]

NotedInit == FlushInit /\ carried = {} /\ confirmed = {} /\ shown = ShownNow
NotedSpec == NotedInit /\ [][Next /\ Note /\ shown' = ShownNow']_<<vars, noted>>

Proved == INSTANCE PRFlush WITH
    ViewSort <- Views, ProcessSort <- Process, MessageSort <- Ids, first <- 1, before <- Before, founder <- IsFounder,
    agreed <- shown.agreed, member <- shown.member, continuing <- shown.continuing, known <- shown.known,
    current <- shown.current, sent <- shown.sent, received <- shown.received, delivered <- shown.delivered,
    flushes <- shown.flushes, readies <- shown.readies, complete <- shown.complete, settled <- shown.settled

ASSUME Proved!Axioms

(* Refinement: what it does is what the proof is about.  (This             *)
(* is Proved!Spec; but TLC looks first whether anything was done.)          *)
AllowedInProof == UNCHANGED Proved!variables \/ Proved!Next
ProvedProp == Proved!Init /\ [][AllowedInProof]_Proved!variables
=============================================================================
