----------------------------- MODULE VSProperties -----------------------------
(****************************************************************************)
(* The guarantees of virtual synchrony, one formula each, over histories    *)
(* and nothing else: what a protocol does inside cannot make them true.     *)
(*                                                                          *)
(* A history is what one process saw, in its own order: a sequence of       *)
(* events.  There is no order between the histories of two processes but    *)
(* the one that their messages make.                                        *)
(*                                                                          *)
(* Each formula is closed under prefixes: once false, it stays false as the *)
(* histories grow.  So it has a first event that breaks it, and the checker *)
(* of the same name in Python points to that event.                         *)
(*                                                                          *)
(* Source: Chockler, Keidar, Vitenberg, Group Communication Specifications, *)
(* ACM Computing Surveys 33(4), 2001, whose names are used; Birman and      *)
(* Joseph 1987, sections 2.4, 3.1 and 3.2.                                  *)
(* Python: src/vsync/check/properties.py                                    *)
(****************************************************************************)
EXTENDS VSTypes

CONSTANT
    \* @type: Set(PROCESS);
    Process        \* those whose histories are judged

VARIABLE
    \* @type: PROCESS -> Seq(EVENT);
    history        \* what each process saw, in its own order

(****************************************************************************)
(* Histories.  An event is a record with these fields, all of them always:  *)
(*   event    "install", "multicast", "deliver", "crash" or "leave"         *)
(*   view     the view it installs, or else the view in which it happens    *)
(*   message  the identifier of the message, or NoMessage                   *)
(*   past     for a multicast: the messages that may have caused it         *)
(****************************************************************************)
Event(event, view, message, past) ==
    [event |-> event, view |-> view, message |-> message, past |-> past]

(* The view that p is in, NoView before its first.                          *)
CurrentView(p) ==
    LET h == history[p] IN IF h = <<>> THEN NoView ELSE h[Len(h)].view

(* The events of a kind at p, as places in its history.                     *)
Places(p, kind) == {i \in DOMAIN history[p] : history[p][i].event = kind}

(* Everything that happened, as pairs of process and place.                 *)
Happened(kind) == UNION {{p} \X Places(p, kind) : p \in Process}

At(e) == history[e[1]][e[2]]

(* The messages that p has multicast or delivered so far, and all that may  *)
(* have caused them: Lamport's "happened before", between multicasts.       *)
CausalPast(p) ==
    LET own  == {history[p][i].message :
                    i \in Places(p, "multicast") \cup Places(p, "deliver")}
    IN  own \cup UNION {At(e).past :
                    e \in {f \in Happened("multicast") : At(f).message \in own}}

(* The history of p, grown by one event.                                    *)
Installed(p, view) ==
    Append(history[p], Event("install", view, NoMessage, {}))
Multicasted(p, m) ==
    Append(history[p], Event("multicast", CurrentView(p), m, CausalPast(p)))
Delivered(p, m) ==
    Append(history[p], Event("deliver", CurrentView(p), m, {}))
Crashed(p) ==
    Append(history[p], Event("crash", CurrentView(p), NoMessage, {}))
Left(p) ==
    Append(history[p], Event("leave", CurrentView(p), NoMessage, {}))

(* p is done with the view of its i-th event: it has installed another, or  *)
(* crashed, or left.                                                        *)
Done(p, i) ==
    \E j \in DOMAIN history[p] :
        j > i /\ history[p][j].event \in {"install", "crash", "leave"}

(* The places of two installs at p, one right after the other.              *)
Transitions(p) ==
    {<<i, j>> \in Places(p, "install") \X Places(p, "install") :
        i < j /\ \A k \in Places(p, "install") : k <= i \/ j <= k}

(* The messages that p delivered between its events i and j.                *)
DeliveredBetween(p, i, j) ==
    {history[p][k].message : k \in {k \in Places(p, "deliver") : i < k /\ k < j}}

TypeOK ==
    \A p \in Process : \A i \in DOMAIN history[p] :
        /\ history[p][i].event \in
            {"install", "multicast", "deliver", "crash", "leave"}
        /\ (history[p][i].message = NoMessage) <=>
            (history[p][i].event \in {"install", "crash", "leave"})

(****************************************************************************)
(* Membership                                                               *)
(****************************************************************************)

(* Self Inclusion.  A process is a member of each view that it installs.    *)
SelfInclusion ==
    \A e \in Happened("install") : e[1] \in Members(At(e).view)

(* Local Monotonicity.  A process installs views in increasing order.       *)
LocalMonotonicity ==
    \A p \in Process : \A i, j \in Places(p, "install") :
        i < j => history[p][i].view.id < history[p][j].view.id

(* Initial View Event.  Every multicast and every delivery happens in some  *)
(* view.  (It holds for members; what a client that is no member multicasts *)
(* has no view of its own.)                                                 *)
InitialViewEvent ==
    \A e \in Happened("multicast") \cup Happened("deliver") :
        At(e).view # NoView

(* Primary Component Membership.  There is one sequence of views: a number  *)
(* stands for one set of members, and of two views in succession the second *)
(* has a member from the first.  (It says nothing across the total failure  *)
(* of a group, which takes the number of a view with no members.)           *)
PrimaryComponentMembership ==
    \A e, f \in Happened("install") :
        LET v == At(e).view
            w == At(f).view
        IN  /\ v.id = w.id => Members(v) = Members(w)
            /\ w.id = v.id + 1 => Members(v) \cap Members(w) # {}

(* Agreement on Successors.  Processes that leave one view for another      *)
(* leave it for the same one.                                               *)
AgreementOnSuccessors ==
    \A p, q \in Process : \A s \in Transitions(p), t \in Transitions(q) :
        history[p][s[1]].view.id = history[q][t[1]].view.id
        => history[p][s[2]].view.id = history[q][t[2]].view.id

(* Rank Agreement.  All who install a view see its members in the same      *)
(* order, so that an index into the list is a rank on which all agree.      *)
(* (Birman and Joseph 1987, section 3.2.)                                   *)
RankAgreement ==
    \A e, f \in Happened("install") :
        LET v == At(e).view
            w == At(f).view
        IN  v.id = w.id /\ Members(v) = Members(w) => v.members = w.members

(****************************************************************************)
(* Multicast                                                                *)
(****************************************************************************)

(* Delivery Integrity.  What is delivered was multicast before.             *)
DeliveryIntegrity ==
    \A e \in Happened("deliver") :
        \E f \in Happened("multicast") : At(f).message = At(e).message

(* No Duplication.  A message is multicast once, and delivered at most once *)
(* by each process.                                                         *)
NoDuplication ==
    /\ \A e, f \in Happened("multicast") :
            At(e).message = At(f).message => e = f
    /\ \A p \in Process : \A i, j \in Places(p, "deliver") :
            history[p][i].message = history[p][j].message => i = j

(* Sending View Delivery.  A message is delivered in the view in which it   *)
(* was multicast.  (It holds for members; a client has no sending view.)    *)
SendingViewDelivery ==
    \A e \in Happened("deliver"), f \in Happened("multicast") :
        At(e).message = At(f).message => At(e).view.id = At(f).view.id

(* Same View Delivery.  All who deliver a message deliver it in the same    *)
(* view.                                                                    *)
SameViewDelivery ==
    \A e, f \in Happened("deliver") :
        At(e).message = At(f).message => At(e).view.id = At(f).view.id

(* Virtual Synchrony.  Processes that go together from one view to the next *)
(* have delivered the same messages in the first.                           *)
VirtualSynchrony ==
    \A p, q \in Process : \A s \in Transitions(p), t \in Transitions(q) :
        /\ history[p][s[1]].view.id = history[q][t[1]].view.id
        /\ history[p][s[2]].view.id = history[q][t[2]].view.id
        => DeliveredBetween(p, s[1], s[2]) = DeliveredBetween(q, t[1], t[2])

(* Transitional Set.  When p goes from one view to another, then each       *)
(* member of the first that installs the second came from the first too: so *)
(* the members that two successive views share are the transitional set,    *)
(* and no process needs to be told it.  (A lemma here; where components may *)
(* part and merge, it is a guarantee of its own.)                           *)
TransitionalSet ==
    \A p, q \in Process : \A s \in Transitions(p), t \in Transitions(q) :
        /\ history[p][s[2]].view.id = history[q][t[2]].view.id
        /\ q \in Members(history[p][s[1]].view)
        => history[p][s[1]].view.id = history[q][t[1]].view.id

(****************************************************************************)
(* Order.  "Reliable" means without gaps: not only is the order kept among  *)
(* what is delivered, but no one leaves a view having skipped a message     *)
(* that stands before one it delivered.                                     *)
(****************************************************************************)

(* The order in which p delivered two messages, where it delivered both.    *)
DeliveredInOrder(p, m, n) ==
    \A i, j \in Places(p, "deliver") :
        history[p][i].message = m /\ history[p][j].message = n => i < j

(* p delivered n, in a view it has left, and never m.                       *)
Skipped(p, m, n) ==
    \E j \in Places(p, "deliver") :
        /\ history[p][j].message = n
        /\ Done(p, j)
        /\ ~ \E i \in Places(p, "deliver") : history[p][i].message = m

(* FIFO.  Messages of one sender are delivered in the order in which it     *)
(* multicast them.                                                          *)
FIFO ==
    \A q \in Process : \A i, j \in Places(q, "multicast") :
        i < j => \A p \in Process :
            DeliveredInOrder(p, history[q][i].message, history[q][j].message)

(* Reliable FIFO.  Who delivers a message delivers also what its sender     *)
(* multicast before it in the same view.                                    *)
ReliableFIFO ==
    \A q \in Process : \A i, j \in Places(q, "multicast") :
        i < j /\ history[q][i].view.id = history[q][j].view.id
        => \A p \in Process :
            ~ Skipped(p, history[q][i].message, history[q][j].message)

(* The pairs of multicasts of which the first may have caused the second.   *)
Caused ==
    {<<e, f>> \in Happened("multicast") \X Happened("multicast") :
        At(e).message \in At(f).past}

(* Causal.  Messages are delivered in an order in which a cause comes       *)
(* before what it may have caused.                                          *)
Causal ==
    \A c \in Caused : \A p \in Process :
        DeliveredInOrder(p, At(c[1]).message, At(c[2]).message)

(* Reliable Causal.  Who delivers a message delivers also its causes of the *)
(* same view.                                                               *)
ReliableCausal ==
    \A c \in Caused :
        At(c[1]).view.id = At(c[2]).view.id
        => \A p \in Process : ~ Skipped(p, At(c[1]).message, At(c[2]).message)

=============================================================================
