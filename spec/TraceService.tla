----------------------------- MODULE TraceService -----------------------------
(****************************************************************************)
(* Judges recorded traces of service events by the formulas of VSProperties *)
(* themselves, many traces in one run.                                      *)
(*                                                                          *)
(* A trace is read event by event, and the histories grow by the operators  *)
(* of VSProperties, which no system that wrote a trace could influence.     *)
(* Then each formula is evaluated: those about messages alone on all groups *)
(* together, those about views on the projection onto each group.  As a     *)
(* formula that is false stays false, the first event that breaks it is     *)
(* found by bisection.  Only Delivery Integrity is evaluated again and      *)
(* again: whenever something is delivered that nobody has multicast so far, *)
(* for nothing else can break it.  The verdict is printed: for each formula that becomes false the  *)
(* event by which it does, and how many they are, so that it can be told    *)
(* whether a verdict is complete.                                           *)
(*                                                                          *)
(* Python: src/vsync/check/service.py, which merges the traces by causality *)
(* (src/vsync/check/merge.py) and writes them down, in place of the module  *)
(* RecordedTraces, as Traces: a trace is a record of                        *)
(*   groups     the groups, as numbers that are not those of processes      *)
(*   views      the views, as a sequence                                    *)
(*   addresses  a sequence of <<group or NoGroup, primitive, destinations>> *)
(*   events     a sequence of the events, which name views and addresses by *)
(*              their places in these:                                      *)
(*     <<"install", p, group, view>>          <<"leave", p, group>>         *)
(*     <<"multicast", p, address, m>>         <<"safe", p, address, m>>     *)
(*     <<"deliver", p, address, m, sender, or Untold>>                      *)
(*     <<"state", p, group, number of a view, state>>         <<"crash", p>> *)
(* Views and addresses come again and again, and what costs most with many  *)
(* traces is to parse them.                                                 *)
(****************************************************************************)
EXTENDS VSGroups, RecordedTraces, TLC

VARIABLES
    trace,         \* the number of the trace that is judged
    sent,          \* the messages that have been multicast so far
    scopes,        \* its groups, and NoGroup for all of them together
    scope,         \* the one that is judged now
    phase,         \* "read", "evaluate", "search" or "done"
    length,        \* how many of its events have been read
    astray,        \* how far it is read when Delivery Integrity is first false
    first          \* for each formula that is false: <<i, j>> if it is true
                   \* after event i and false after event j

vars == <<history, log, trace, sent, scopes, scope, phase, length, astray, first>>

(* What tells the states apart; all else follows from it.                   *)
Position == <<trace, scope, phase, length, astray, first>>

(* About messages alone.                                                    *)
AcrossGroups == {"NoDuplication", "SenderIntegrity", "FIFO", "Causal", "StrongTotalOrder"}

(* About the views of a group.                                              *)
InOneGroup ==
    {"SelfInclusion", "LocalMonotonicity", "InitialViewEvent",
     "PrimaryComponentMembership", "AgreementOnSuccessors", "RankAgreement",
     "StateAtJoin", "SendingViewDelivery", "SameViewDelivery", "VirtualSynchrony",
     "TransitionalSet", "CleanFailure", "SafeIndication", "ReliableFIFO",
     "ReliableCausal", "WeakTotalOrder", "ReliableTotalOrder", "GBCASTOrder"}

Holds(formula) ==
    CASE formula = "SelfInclusion"              -> SelfInclusion
      [] formula = "LocalMonotonicity"          -> LocalMonotonicity
      [] formula = "InitialViewEvent"           -> InitialViewEvent
      [] formula = "PrimaryComponentMembership" -> PrimaryComponentMembership
      [] formula = "AgreementOnSuccessors"      -> AgreementOnSuccessors
      [] formula = "RankAgreement"              -> RankAgreement
      [] formula = "StateAtJoin"                -> StateAtJoin
      [] formula = "DeliveryIntegrity"          -> DeliveryIntegrity
      [] formula = "NoDuplication"              -> NoDuplication
      [] formula = "SenderIntegrity"            -> SenderIntegrity
      [] formula = "SendingViewDelivery"        -> SendingViewDelivery
      [] formula = "SameViewDelivery"           -> SameViewDelivery
      [] formula = "VirtualSynchrony"           -> VirtualSynchrony
      [] formula = "TransitionalSet"            -> TransitionalSet
      [] formula = "CleanFailure"               -> CleanFailure
      [] formula = "SafeIndication"             -> SafeIndication
      [] formula = "FIFO"                       -> FIFO
      [] formula = "ReliableFIFO"               -> ReliableFIFO
      [] formula = "Causal"                     -> Causal
      [] formula = "ReliableCausal"             -> ReliableCausal
      [] formula = "WeakTotalOrder"             -> WeakTotalOrder
      [] formula = "StrongTotalOrder"           -> StrongTotalOrder
      [] formula = "ReliableTotalOrder"         -> ReliableTotalOrder
      [] formula = "GBCASTOrder"                -> GBCASTOrder

(* The sender of a message whose receiver is not told it.                   *)
Untold == 0

(* The event e of a trace, with its view or address in it; the sender is a  *)
(* set:                                                                     *)
(*     <<"install", p, group, view>>                                        *)
(*     <<"multicast", p, group, m, primitive, to>>        and so "safe"     *)
(*     <<"deliver", p, group, m, primitive, to, sender>>                    *)
(*     <<"crash", p, NoGroup>>                            others as above   *)
Unfolded(traced, e) ==
    CASE e[1] = "install" -> <<e[1], e[2], e[3], traced.views[e[4]]>>
      [] e[1] \in {"multicast", "deliver", "safe"} ->
            <<e[1], e[2], traced.addresses[e[3]][1], e[4],
              traced.addresses[e[3]][2], traced.addresses[e[3]][3]>>
            \o (IF e[1] # "deliver" THEN <<>>
                ELSE IF e[5] = Untold THEN <<{}>> ELSE <<{e[5]}>>)
      [] e[1] = "crash" -> <<e[1], e[2], NoGroup>>
      [] OTHER -> e

(* The events of the trace that is judged.  (They are no part of the state, *)
(* for TLC goes through all of that in each.)                               *)
Events == Traces[trace].events

(* The history of the process of an event, grown by that event.             *)
Grown(e) ==
    CASE e[1] = "install"   -> Installed(e[2], e[4])
      [] e[1] = "multicast" -> MulticastedAs(e[2], e[4], e[5])
      [] e[1] = "deliver"   -> DeliveredFrom(e[2], e[4], e[5], e[7])
      [] e[1] = "safe"      -> ToldSafe(e[2], e[4])
      [] e[1] = "state"     -> Stated(e[2], e[4], e[5])
      [] e[1] = "leave"     -> Left(e[2])
      [] e[1] = "crash"     -> Crashed(e[2])

Destinations(e) == IF e[1] \in {"multicast", "deliver", "safe"} THEN e[6] ELSE {}

(* How many of the first n events are of p.                                 *)
OwnEvents(p, n) ==
    IF n = length THEN Len(log[p])
    ELSE Cardinality({i \in 1..n : Events[i][2] = p})

(* The histories, in a group or in all, when the first n events of the      *)
(* trace had been read.                                                     *)
Prefix(n, group) ==
    [p \in Process |->
        CHOOSE h \in {IF group = NoGroup THEN Whole(p, own) ELSE Projected(p, own, group) :
                        own \in {OwnEvents(p, n)}} : TRUE]

Init ==
    /\ trace \in DOMAIN Traces
    /\ scopes = {NoGroup} \cup Traces[trace].groups
    /\ sent = {}
    /\ scope = NoGroup
    /\ phase = "read"
    /\ length = 0
    /\ history = [p \in Process |-> <<>>]
    /\ log = history
    /\ astray = 0
    /\ first = <<>>

Read ==
    /\ phase = "read"
    /\ length < Len(Events)
    /\ length' = length + 1
    /\ \E e \in {Unfolded(Traces[trace], Events[length'])} : \E h \in {Grown(e)} :
        /\ history' = [history EXCEPT ![e[2]] = h]
        /\ log' = [log EXCEPT ![e[2]] =
                Logged(e[2], h[Len(h)], e[3], Destinations(e), scopes \ {NoGroup})]
        /\ sent' = IF e[1] = "multicast" THEN sent \cup {e[4]} ELSE sent
        /\ astray' =
            IF e[1] = "deliver" /\ e[4] \notin sent /\ astray = 0 /\ ~ DeliveryIntegrity'
            THEN length' ELSE astray
    /\ UNCHANGED <<trace, scopes, scope, phase, first>>

HasRead ==
    /\ phase = "read"
    /\ length = Len(Events)
    /\ phase' = "evaluate"
    /\ UNCHANGED <<history, log, trace, sent, scopes, scope, length, astray, first>>

Evaluate ==
    /\ phase = "evaluate"
    /\ phase' = "search"
    /\ first' =
        (IF scope = NoGroup /\ astray > 0
         THEN "DeliveryIntegrity" :> <<astray - 1, astray>> ELSE <<>>)
        @@ [f \in {g \in IF scope = NoGroup THEN AcrossGroups ELSE InOneGroup : ~ Holds(g)} |->
                <<0, length>>]
    /\ UNCHANGED <<history, log, trace, sent, scopes, scope, length, astray>>

Undecided == {f \in DOMAIN first : first[f][2] - first[f][1] > 1}

Search ==
    /\ phase = "search"
    /\ Undecided # {}
    /\ \E f \in {CHOOSE f \in Undecided : TRUE} :
       \E middle \in {(first[f][1] + first[f][2]) \div 2} :
        /\ history' = Prefix(middle, scope)
        /\ first' = [first EXCEPT ![f] =
                IF Holds(f)' THEN <<middle, @[2]>> ELSE <<@[1], middle>>]
    /\ UNCHANGED <<log, trace, sent, scopes, scope, phase, length, astray>>

(* What is said of this scope, and on to the next.                          *)
Report ==
    /\ phase = "search"
    /\ Undecided = {}
    /\ \A f \in DOMAIN first : PrintT(<<"false", trace, scope, f, first[f][2]>>)
    /\ PrintT(<<"judged", trace, scope, Cardinality(DOMAIN first)>>)
    /\ first' = <<>>
    /\ \E later \in {{g \in scopes : g > scope}} :
        IF later = {}
        THEN phase' = "done" /\ UNCHANGED <<history, scope>>
        ELSE \E next \in {CHOOSE g \in later : \A h \in later : g <= h} :
            /\ phase' = "evaluate"
            /\ scope' = next
            /\ history' = Prefix(length, next)
    /\ UNCHANGED <<log, trace, sent, scopes, length, astray>>

Next == Read \/ HasRead \/ Evaluate \/ Search \/ Report

Spec == Init /\ [][Next]_vars
=============================================================================
