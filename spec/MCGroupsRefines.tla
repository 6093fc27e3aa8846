--------------------------- MODULE MCGroupsRefines ---------------------------
(****************************************************************************)
(* Refinement: each group by itself is a service of virtual synchrony.      *)
(*                                                                          *)
(* The service knows one group, which is there from the beginning, and only *)
(* its members; and each of its steps is one of one process.  Therefore:    *)
(*   each process has a site of its own here;                               *)
(*   messages of clients are left out: the service has none;                *)
(*   who leaves a group has crashed, as far as the service can tell, and    *)
(*     does not come back;                                                  *)
(*   who multicasts to its group is taken to deliver that itself at once    *)
(*     (here its site does so later, but in the same view).                 *)
(****************************************************************************)
EXTENDS MCGroups

VARIABLES
    decided,       \* the views of each group that have been agreed on
    shown          \* the histories in each group, as the service has them

last(x) == decided[x][Len(decided[x])]

(* What the element that is agreed on next makes of each group.             *)
Decided(element) ==
    \E known \in {[x \in Group |-> last(x)]} :
    \E next \in {IF element.changes = <<>> THEN Bereft(known, Members(element.view))
                 ELSE Changed(known, element.changes, Members(LastSites))} :
        decided' = [x \in Group |->
            IF next[x] = known[x] THEN decided[x] ELSE Append(decided[x], next[x])]

(* What the service has for an event in group x.                            *)
Translated(p, x, e) ==
    CASE e.event = "install" -> <<e>>
      [] e.event \in {"leave", "crash"} ->
            IF Of(shown[x])!Places(p, "crash") # {} THEN <<>>
            ELSE <<Event("crash", Of(shown[x])!CurrentView(p), NoMessage, {})>>
      [] e.event = "multicast" ->
            <<[e EXCEPT !.past = Of(shown[x])!CausalPast(p)],
              Event("deliver", e.view, e.message, {})>>
      [] e.event = "deliver" ->
            IF e.message[1] = p \/ e.message \notin Of(shown[x])!Messages("multicast") THEN <<>>
            ELSE <<e>>

Fresh(p, x) ==
    {InGroup(p, log'[p][i], x) :
        i \in {j \in (Len(log[p]) + 1)..Len(log'[p]) : Belongs(p, log'[p][j], x)}}

Translation ==
    shown' = [x \in Group |-> [p \in Process |->
        IF Fresh(p, x) = {} THEN shown[x][p]
        ELSE shown[x][p] \o Translated(p, x, CHOOSE e \in Fresh(p, x) : TRUE)]]

RefinesInit ==
    /\ Init
    /\ decided = [x \in Group |-> <<Standing[x]>>]
    /\ shown = [x \in Group |-> InGroupOnly(x)]

RefinesNext ==
    /\ Next
    /\ IF agreed' = agreed THEN UNCHANGED decided ELSE Decided(agreed'[Len(agreed')])
    /\ Translation

RefinesSpec == RefinesInit /\ [][RefinesNext]_<<mcVars, decided, shown>>

Stopped(x) == {p \in Process : Of(shown[x])!Places(p, "crash") # {}}

OfG == INSTANCE VirtualSynchrony WITH
    Founders <- Standing[g].members, Ordering <- "none",
    views <- decided[g], history <- shown[g], crashed <- Stopped(g)
OfH == INSTANCE VirtualSynchrony WITH
    Founders <- Standing[h].members, Ordering <- "none",
    views <- decided[h], history <- shown[h], crashed <- Stopped(h)

ServiceOfGProp == OfG!Spec
ServiceOfHProp == OfH!Spec

(* Planted bug MCGroupsRefines_GoesOnEarly: a site goes on from its epoch   *)
(* without having delivered what is left of it.                             *)
GoesOnEarly(s) == TRUE

(* Every site that knows the directory is at some point of what is agreed.  *)
DecidedInv ==
    \A s \in Site \ crashed : \A x \in Group :
        directory[s][x] \in Range(decided[x]) \cup (IF Knows(s) THEN {} ELSE {NoView})
=============================================================================
