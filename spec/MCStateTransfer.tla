--------------------------- MODULE MCStateTransfer ---------------------------
(****************************************************************************)
(* Bounds for model checking StateTransfer: how many views and updates the  *)
(* service orders, who joins, how many crash, are excluded although they    *)
(* work, or leave; how often a bulk channel breaks.                         *)
(****************************************************************************)
EXTENDS StateTransfer

CONSTANTS
    p1, p2, p3, p4,    \* processes
    Joiners,           \* those who may join
    MaxJoin,           \* how many join in one view at most
    MaxViews,          \* how many views there are at most
    MaxUpdates,        \* how many updates at most
    MaxCrashes,        \* how many processes crash at most
    MaxExclusions,     \* how many are excluded at most although they work
    MaxBreaks          \* how many times a bulk channel breaks at most

VARIABLE
    breaks             \* how many times one broke

Single  == <<p1>>
Pair    == <<p1, p2>>
One     == <<1>>
Two     == <<1, 2>>

all == <<vars, breaks>>

Init == TransferInit /\ breaks = 0

(* Those who are excluded although they work.                               *)
Excluded ==
    {p \in Process \ crashed : /\ \E i \in DOMAIN events : p \in Members(events[i].view)
                               /\ p \notin Members(LastView)}

(* The next view loses one member, or takes on some joiners, or both.       *)
OrderView ==
    LET lost(p) == p \in crashed \/ Cardinality(Excluded) < MaxExclusions
        new(p)  == p \notin crashed /\ \A i \in DOMAIN events : p \notin Members(events[i].view)
    IN  /\ LastView.id < MaxViews
        /\ \E gone \in SUBSET Members(LastView), joiners \in SUBSET Joiners :
            /\ Cardinality(gone) <= 1 /\ Cardinality(joiners) <= MaxJoin
            /\ gone \cup joiners # {}
            /\ gone # Members(LastView)
            /\ \A p \in gone : lost(p)
            /\ \A p \in joiners : new(p)
            /\ \E order \in Orders(joiners) :
                Order(Changed(View(LastView.id + 1, Without(LastView.members, gone) \o order)))

(* Updates are numbered on from the initial state.                          *)
OrderUpdate ==
    LET n == Len(Updates(events))
    IN  n < MaxUpdates /\ Order(Updated(Len(Initial) + n + 1))

CrashSome ==
    \E p \in Process :
        /\ Cardinality(crashed) < MaxCrashes
        /\ heard[p] > 0
        /\ Crash(p)

Environment == OrderView \/ OrderUpdate \/ CrashSome \/ \E p, q \in Process : Lose(p, q)

Next ==
    \/ (Environment \/ \E p \in Process : React(p)) /\ UNCHANGED breaks
    \/ /\ breaks < MaxBreaks
       /\ breaks' = breaks + 1
       /\ \E p \in Process, kept \in BOOLEAN : Break(p, kept)

Spec == Init /\ [][Next]_all

(****************************************************************************)
(* Liveness: whatever a process can do it does at last.                     *)
(****************************************************************************)
Fairness == \A p \in Process : WF_all(React(p) /\ UNCHANGED breaks)

LiveSpec == Spec /\ Fairness

(* The premise: at last the view is right, and stays.                       *)
Precise == <>[](Members(LastView) \cap crashed = {})

(* Then all its members have their state at last, and nothing is left.      *)
CompletionProp == Precise => <>[](\A p \in Members(LastView) : complete[p])
NothingLeftBehindProp == Precise => <>[]AtRest

(* What must be violated: a donor that is never excluded is waited for.     *)
CompletionWithoutPremise == <>[](\A p \in Members(LastView) \ crashed : complete[p])
=============================================================================
