----------------------------- MODULE TraceService -----------------------------
(****************************************************************************)
(* Judges recorded traces of service events by the formulas of VSProperties *)
(* themselves, many traces in one run.                                      *)
(*                                                                          *)
(* A trace is read event by event, and the histories grow by the operators  *)
(* of VSProperties, which no system that wrote a trace could influence.     *)
(* Then each formula is evaluated.  As a formula that is false stays false, *)
(* the first event that breaks it is found by bisection.  Only Delivery     *)
(* Integrity is evaluated at every event.  The verdict is printed: for each *)
(* formula that becomes false the event by which it does, and how many they *)
(* are, so that it can be told whether a verdict is complete.               *)
(*                                                                          *)
(* Python: src/vsync/check/service.py, which merges the traces by causality *)
(* (src/vsync/check/merge.py) and writes them down, in place of the module  *)
(* RecordedTraces, as Traces: a trace is a sequence of the events           *)
(*   <<"install", p, view>>   <<"multicast", p, m>>   <<"deliver", p, m>>   *)
(*   <<"leave", p>>           <<"crash", p>>                              *)
(****************************************************************************)
EXTENDS VSProperties, RecordedTraces, TLC

VARIABLES
    trace,         \* the number of the trace that is judged
    events,        \* its events
    phase,         \* "read", "search" or "done"
    length,        \* how many of its events have been read
    whole,         \* the histories when all have been read
    first          \* for each formula that is false: <<i, j>> if it is true
                   \* after event i and false after event j

vars == <<history, trace, events, phase, length, whole, first>>

(* What tells the states apart; all else follows from it.                   *)
Position == <<trace, phase, length, first>>

Formulas ==
    {"SelfInclusion", "LocalMonotonicity", "InitialViewEvent",
     "PrimaryComponentMembership", "AgreementOnSuccessors", "RankAgreement",
     "DeliveryIntegrity", "NoDuplication", "SendingViewDelivery",
     "SameViewDelivery", "VirtualSynchrony", "TransitionalSet",
     "FIFO", "ReliableFIFO", "Causal", "ReliableCausal"}

Holds(formula) ==
    CASE formula = "SelfInclusion"              -> SelfInclusion
      [] formula = "LocalMonotonicity"          -> LocalMonotonicity
      [] formula = "InitialViewEvent"           -> InitialViewEvent
      [] formula = "PrimaryComponentMembership" -> PrimaryComponentMembership
      [] formula = "AgreementOnSuccessors"      -> AgreementOnSuccessors
      [] formula = "RankAgreement"              -> RankAgreement
      [] formula = "DeliveryIntegrity"          -> DeliveryIntegrity
      [] formula = "NoDuplication"              -> NoDuplication
      [] formula = "SendingViewDelivery"        -> SendingViewDelivery
      [] formula = "SameViewDelivery"           -> SameViewDelivery
      [] formula = "VirtualSynchrony"           -> VirtualSynchrony
      [] formula = "TransitionalSet"            -> TransitionalSet
      [] formula = "FIFO"                       -> FIFO
      [] formula = "ReliableFIFO"               -> ReliableFIFO
      [] formula = "Causal"                     -> Causal
      [] formula = "ReliableCausal"             -> ReliableCausal

(* The history of the process of an event, grown by that event.             *)
Grown(e) ==
    CASE e[1] = "install"   -> Installed(e[2], e[3])
      [] e[1] = "multicast" -> Multicasted(e[2], e[3])
      [] e[1] = "deliver"   -> Delivered(e[2], e[3])
      [] e[1] = "leave"     -> Left(e[2])
      [] e[1] = "crash"     -> Crashed(e[2])

(* The histories when the first n events of the trace had been read.        *)
Prefix(n) ==
    [p \in Process |->
        SubSeq(whole[p], 1, Cardinality({i \in 1..n : events[i][2] = p}))]

Init ==
    /\ \E traces \in {Traces} : \E t \in DOMAIN traces :
            trace = t /\ events = traces[t]
    /\ phase = "read"
    /\ length = 0
    /\ history = [p \in Process |-> <<>>]
    /\ whole = history
    /\ first = <<>>

Read ==
    /\ phase = "read"
    /\ length < Len(events)
    /\ length' = length + 1
    /\ \E e \in {events[length']} :
        /\ history' = [history EXCEPT ![e[2]] = Grown(e)]
        /\ first' =
            IF e[1] = "deliver" /\ first = <<>> /\ ~ DeliveryIntegrity'
            THEN "DeliveryIntegrity" :> <<length, length'>>
            ELSE first
    /\ UNCHANGED <<trace, events, phase, whole>>

Evaluate ==
    /\ phase = "read"
    /\ length = Len(events)
    /\ phase' = "search"
    /\ whole' = history
    /\ first' =
        first @@ [f \in {g \in Formulas \ {"DeliveryIntegrity"} : ~ Holds(g)} |->
                    <<0, length>>]
    /\ UNCHANGED <<history, trace, events, length>>

Undecided == {f \in DOMAIN first : first[f][2] - first[f][1] > 1}

Search ==
    /\ phase = "search"
    /\ Undecided # {}
    /\ \E f \in {CHOOSE f \in Undecided : TRUE} :
       \E middle \in {(first[f][1] + first[f][2]) \div 2} :
        /\ history' = Prefix(middle)
        /\ first' = [first EXCEPT ![f] =
                IF Holds(f)' THEN <<middle, @[2]>> ELSE <<@[1], middle>>]
    /\ UNCHANGED <<trace, events, phase, length, whole>>

Report ==
    /\ phase = "search"
    /\ Undecided = {}
    /\ phase' = "done"
    /\ \A f \in DOMAIN first : PrintT(<<"false", trace, f, first[f][2]>>)
    /\ PrintT(<<"judged", trace, Cardinality(DOMAIN first)>>)
    /\ UNCHANGED <<history, trace, events, length, whole, first>>

Next == Read \/ Evaluate \/ Search \/ Report

Spec == Init /\ [][Next]_vars
=============================================================================
