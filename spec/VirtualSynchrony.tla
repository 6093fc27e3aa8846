--------------------------- MODULE VirtualSynchrony ---------------------------
(****************************************************************************)
(* The service: what a process that uses virtual synchrony may see.  There  *)
(* are views, agreed on one after the other, and there are histories.       *)
(* There is nothing here about packets, coordinators or time-outs; the      *)
(* protocols bring those, and each protocol module refines this one.        *)
(*                                                                          *)
(* Every action adds to the history of one process and is free to do so as  *)
(* long as the guarantees allow it; the guards are the specification.       *)
(*                                                                          *)
(* Source: Birman and Joseph 1987, sections 2.4 and 3.1.                    *)
(* Python: the service events of a trace, src/vsync/check/properties.py     *)
(****************************************************************************)
EXTENDS VSProperties

CONSTANTS
    \* @type: Seq(PROCESS);
    Founders,      \* the members of view 1, oldest first
    \* @type: Str;
    Ordering       \* the order of delivery: "none" or "causal"

VARIABLES
    \* @type: Seq($view);
    views,         \* the views agreed on so far: views[i].id = i
    \* @type: Set(PROCESS);
    crashed        \* the processes that have stopped for ever

service == <<views, history, crashed>>

ServiceTypeOK ==
    /\ TypeOK
    /\ \A i \in DOMAIN views : views[i].id = i /\ Members(views[i]) \subseteq Process
    /\ crashed \subseteq Process

(* The views that may follow those agreed on so far.  Those who stay keep   *)
(* their order of age, and joiners come after them.  Who has been excluded  *)
(* stays out: it must come back as a new incarnation, another process.  And *)
(* someone stays, unless one of the two views is empty: then the group has  *)
(* died as a whole, and may be founded again.                               *)
Followers ==
    LET last   == views[Len(views)]
        past   == UNION {Members(views[i]) : i \in DOMAIN views}
        young  == UNION {Orders(S) : S \in SUBSET (Process \ past)}
        all == {View(last.id + 1, Without(last.members, gone) \o joiners) :
                        gone \in SUBSET Members(last), joiners \in young}
    IN  {w \in all : \/ Members(w) \cap Members(last) # {}
                       \/ w.members = <<>>
                       \/ last.members = <<>>}

(* The view that p may install next: the one after its current view, or for *)
(* a process that has none yet the first that it is a member of.            *)
NextViews(p) ==
    LET first == {i \in DOMAIN views : p \in Members(views[i])}
    IN  IF CurrentView(p) = NoView
        THEN {i \in first : \A j \in first : i <= j}
        ELSE {CurrentView(p).id + 1} \cap first

Working(p) == p \notin crashed /\ CurrentView(p) # NoView

DeliveredBy(p) == {history[p][i].message : i \in Places(p, "deliver")}

DeliveredIn(p, id) ==
    {history[p][i].message : i \in {j \in Places(p, "deliver") :
                                        history[p][j].view.id = id}}

(* The messages multicast so far in the view with this number.              *)
MulticastIn(id) ==
    {At(e).message : e \in {f \in Happened("multicast") : At(f).view.id = id}}

PastOf(m) ==
    UNION {At(e).past : e \in {f \in Happened("multicast") : At(f).message = m}}

(****************************************************************************)
(* Actions                                                                  *)
(****************************************************************************)
Init ==
    /\ views = <<View(1, Founders)>>
    /\ crashed = {}
    /\ history = [p \in Process |->
            IF p \in Range(Founders)
            THEN <<Event("install", View(1, Founders), NoMessage, {})>>
            ELSE <<>>]

(* The sites agree on a further view.                                       *)
Agree ==
    /\ UNCHANGED <<history, crashed>>
    /\ \E view \in Followers : views' = Append(views, view)

(* p multicasts m and has it delivered to itself at once: it goes on as if  *)
(* delivery were instantaneous everywhere (Birman and Joseph 1987, section  *)
(* 3.4).                                                                    *)
Multicast(p, m) ==
    /\ Working(p)
    /\ \A e \in Happened("multicast") : At(e).message # m
    /\ history' = [history EXCEPT ![p] =
            Append(Multicasted(p, m), Event("deliver", CurrentView(p), m, {}))]
    /\ UNCHANGED <<views, crashed>>

(* A message is delivered in the view in which it was multicast, once; and  *)
(* where the order is causal, after all of its causes in that view.         *)
Deliver(p, m) ==
    /\ Working(p)
    /\ m \in MulticastIn(CurrentView(p).id) \ DeliveredBy(p)
    /\ Ordering = "causal" =>
            PastOf(m) \cap MulticastIn(CurrentView(p).id) \subseteq DeliveredBy(p)
    /\ history' = [history EXCEPT ![p] = Delivered(p, m)]
    /\ UNCHANGED <<views, crashed>>

(* If another process went from the view of p to view i before it, then p   *)
(* has delivered the same messages.                                         *)
SameAsOthers(p, i) ==
    \A q \in Process : \A t \in Transitions(q) :
        /\ history[q][t[1]].view = CurrentView(p)
        /\ history[q][t[2]].view = views[i]
        => DeliveredBetween(q, t[1], t[2]) = DeliveredIn(p, CurrentView(p).id)

(* p installs the next view.                                                *)
Install(p) ==
    /\ p \notin crashed
    /\ \E i \in NextViews(p) :
        /\ SameAsOthers(p, i)
        /\ history' = [history EXCEPT ![p] = Installed(p, views[i])]
    /\ UNCHANGED <<views, crashed>>

(* A crash is clean: a process stops.  What it had multicast may or may not *)
(* reach the others; the view changes decide, for all alike.                *)
Crash(p) ==
    /\ p \notin crashed
    /\ crashed' = crashed \cup {p}
    /\ history' = [history EXCEPT ![p] = Crashed(p)]
    /\ UNCHANGED views

Next ==
    \/ \E p \in Process :
        \/ Multicast(p, <<p, Cardinality(Places(p, "multicast")) + 1>>)
        \/ \E m \in MulticastIn(CurrentView(p).id) : Deliver(p, m)
        \/ Install(p)
        \/ Crash(p)
    \/ Agree

Spec == Init /\ [][Next]_service

(* Every guarantee of VSProperties follows.                                 *)
GuaranteesInv ==
    /\ SelfInclusion        /\ LocalMonotonicity      /\ InitialViewEvent
    /\ RankAgreement        /\ AgreementOnSuccessors  /\ PrimaryComponentMembership
    /\ DeliveryIntegrity    /\ NoDuplication          /\ TransitionalSet
    /\ SendingViewDelivery  /\ SameViewDelivery       /\ VirtualSynchrony
    /\ CleanFailure
    /\ Ordering = "causal" => FIFO /\ ReliableFIFO /\ Causal /\ ReliableCausal
=============================================================================
