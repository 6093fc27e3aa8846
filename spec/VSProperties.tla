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
(* of the same name in Python points to that event.  (Delivery Integrity is *)
(* the exception: a delivery may lack its multicast for a while only.  It   *)
(* has to hold at every moment, as it does as an invariant.)                *)
(*                                                                          *)
(* These are the histories of one group.  Where a process is in several,    *)
(* VSGroups projects what it saw onto each group, and the formulas speak of *)
(* the projection; those about messages alone speak of the whole as well.   *)
(*                                                                          *)
(* How to read `\A x \in {e} : F`: let x be e in F.  TLC evaluates e once   *)
(* then; what a LET defines it evaluates again wherever it is used.         *)
(*                                                                          *)
(* Source: Chockler, Keidar, Vitenberg, Group Communication Specifications, *)
(* ACM Computing Surveys 33(4), 2001, whose names are used; Birman and      *)
(* Joseph 1987, sections 2.4, 3.1 and 3.2.                                  *)
(* Python: src/vsync/check/properties.py, order.py, total_order.py          *)
(****************************************************************************)
EXTENDS VSTypes

CONSTANT
    \* @type: Set(PROCESS);
    Process        \* those whose histories are judged

VARIABLE
    \* @type: PROCESS -> Seq($event);
    history        \* what each process saw, in its own order

(****************************************************************************)
(* Histories.  An event is a record with these fields, all of them always:  *)
(*   event      "install", "multicast", "deliver", "crash", "leave"; or     *)
(*              "state", the state that the process has for the group is    *)
(*              recorded; "safe", it is told that a message is stable;      *)
(*              "aside", an ABCAST to another group is delivered to it      *)
(*   view       the view it installs, or else the view in which it happens  *)
(*   message    the identifier of the message, or NoMessage                 *)
(*   past       for a multicast: the messages that may have caused it       *)
(*   primitive  "cbcast", "abcast", "uniform" (the ABCAST that is ordered   *)
(*              also for those who crash) or "gbcast": how the message was  *)
(*              multicast                                                   *)
(*   sender     for a delivery: the process that is told to be its sender,  *)
(*              as a set, for it may not be told                            *)
(*   state      for "state": <<number of a view, state of the group in it>> *)
(****************************************************************************)
(* @typeAlias: event = {
       event: Str, view: $view, message: $messageId, past: Set($messageId),
       primitive: Str, sender: Set(PROCESS), state: <<Int, Str>>
   };                                                                       *)
VSPropertiesAliases == TRUE

\* @type: <<Int, Str>>;
NoState == <<>>

\* @type: (Str, $view, $messageId, Set($messageId)) => $event;
Event(event, view, message, past) ==
    [event |-> event, view |-> view, message |-> message, past |-> past,
     primitive |-> "cbcast", sender |-> {}, state |-> NoState]

(* An event of another primitive than CBCAST.                               *)
OfPrimitive(event, primitive) == [event EXCEPT !.primitive = primitive]

(* Both kinds of ABCAST.                                                    *)
Abcasts == {"abcast", "uniform"}

(* The view that p is in: NoView before its first, and when it has left.    *)
CurrentView(p) ==
    IF history[p] = <<>> THEN NoView
    ELSE LET last == history[p][Len(history[p])]
         IN  IF last.event = "leave" THEN NoView ELSE last.view

(* The events of a kind at p, as places in its history.                     *)
Places(p, kind) == {i \in DOMAIN history[p] : history[p][i].event = kind}

(* Everything that happened, as pairs of process and place.                 *)
Happened(kind) == UNION {{p} \X Places(p, kind) : p \in Process}

\* @type: <<PROCESS, Int>> => $event;
At(e) == history[e[1]][e[2]]

(* The messages that p has multicast or delivered so far.                   *)
Seen(p) ==
    {history[p][i].message : i \in Places(p, "multicast") \cup Places(p, "deliver")}

(* The messages in S, and all that may have caused them: Lamport's "happened *)
(* before", between multicasts.                                             *)
WithCauses(S) ==
    S \cup UNION {At(e).past :
                e \in {f \in Happened("multicast") : At(f).message \in S}}

(* What may have caused a multicast that p makes now.                       *)
CausalPast(p) == UNION {WithCauses(S) : S \in {Seen(p)}}

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
MulticastedAs(p, m, primitive) ==
    Append(history[p],
        OfPrimitive(Event("multicast", CurrentView(p), m, CausalPast(p)), primitive))
DeliveredAs(p, m, primitive) ==
    Append(history[p],
        OfPrimitive(Event("deliver", CurrentView(p), m, {}), primitive))
DeliveredFrom(p, m, primitive, sender) ==
    Append(history[p],
        [OfPrimitive(Event("deliver", CurrentView(p), m, {}), primitive)
            EXCEPT !.sender = sender])
ToldSafe(p, m) ==
    Append(history[p], Event("safe", CurrentView(p), m, {}))
Stated(p, id, state) ==
    Append(history[p],
        [Event("state", CurrentView(p), NoMessage, {}) EXCEPT !.state = <<id, state>>])

(* The places at which p is done with a view: it installs another, crashes, *)
(* or leaves.                                                               *)
Ends(p) == Places(p, "install") \cup Places(p, "crash") \cup Places(p, "leave")

(* The places of two installs at p, one right after the other, of which the *)
(* second ends the view of the first: p has not left between them.          *)
Transitions(p) ==
    {<<i, j>> \in Places(p, "install") \X Places(p, "install") :
        /\ i < j
        /\ \A k \in (i + 1)..(j - 1) : history[p][k].event \notin {"install", "leave"}}

(* The messages that p delivered between its events i and j.                *)
DeliveredBetween(p, i, j) ==
    {history[p][k].message : k \in {k \in Places(p, "deliver") : i < k /\ k < j}}

(* The transitions of all processes: who went from which view to which, and *)
(* what it had delivered in the first.                                      *)
Moves ==
    UNION {{[process   |-> p,
             from      |-> history[p][t[1]].view,
             to        |-> history[p][t[2]].view,
             delivered |-> DeliveredBetween(p, t[1], t[2])] : t \in Transitions(p)} :
           p \in Process}

(* The views that have been installed by someone.                           *)
InstalledViews == {At(e).view : e \in Happened("install")}

(* The messages of all events of a kind; and each with the number of the    *)
(* view in which that happened.                                             *)
Messages(kind) == {At(e).message : e \in Happened(kind)}
MessagesInViews(kind) == {<<At(e).message, At(e).view.id>> : e \in Happened(kind)}

TypeOK ==
    \A p \in Process : \A i \in DOMAIN history[p] :
        /\ history[p][i].event \in
            {"install", "multicast", "deliver", "crash", "leave", "state", "safe", "aside"}
        /\ (history[p][i].message = NoMessage) <=>
            (history[p][i].event \in {"install", "crash", "leave", "state"})
        /\ history[p][i].primitive \in Abcasts \cup {"cbcast", "gbcast"}
        /\ (history[p][i].state = NoState) <=> (history[p][i].event # "state")

(****************************************************************************)
(* Membership                                                               *)
(****************************************************************************)

(* Self Inclusion.  A process is a member of each view that it installs.    *)
SelfInclusion ==
    \A p \in Process : \A i \in Places(p, "install") :
        p \in Members(history[p][i].view)

(* Local Monotonicity.  A process installs views in increasing order.       *)
LocalMonotonicity ==
    \A p \in Process : \A i, j \in Places(p, "install") :
        i < j => history[p][i].view.id < history[p][j].view.id

(* Initial View Event.  Every multicast and every delivery happens in some  *)
(* view.  (It holds for members; what a client that is no member multicasts *)
(* has no view of its own.)                                                 *)
InitialViewEvent ==
    \A p \in Process : \A i \in Places(p, "multicast") \cup Places(p, "deliver") :
        history[p][i].view # NoView

(* Primary Component Membership.  There is one sequence of views: a number  *)
(* stands for one set of members, and of two views in succession the second *)
(* has a member from the first.  (It says nothing across the total failure  *)
(* of a group, which takes the number of a view with no members.)           *)
PrimaryComponentMembership ==
    \A v, w \in InstalledViews :
        /\ v.id = w.id => Members(v) = Members(w)
        /\ w.id = v.id + 1 => Members(v) \cap Members(w) # {}

(* Agreement on Successors.  Processes that leave one view for another      *)
(* leave it for the same one.                                               *)
AgreementOnSuccessors ==
    \A s, t \in Moves : s.from.id = t.from.id => s.to.id = t.to.id

(* Rank Agreement.  All who install a view see its members in the same      *)
(* order, so that an index into the list is a rank on which all agree.      *)
(* (Birman and Joseph 1987, section 3.2.)                                   *)
RankAgreement ==
    \A v, w \in InstalledViews :
        v.id = w.id /\ Members(v) = Members(w) => v.members = w.members

(* State at Join.  All for whom the state of the group in a view is recorded *)
(* have the same: the old members what they had when they installed it, and *)
(* a joiner what it was given.  (Birman and Joseph 1987, section 3.2.  It   *)
(* says nothing of a view for which only one state is recorded.)            *)
StateAtJoin ==
    \A e, f \in Happened("state") :
        At(e).state[1] = At(f).state[1] => At(e).state = At(f).state

(****************************************************************************)
(* Multicast                                                                *)
(****************************************************************************)

(* Delivery Integrity.  What is delivered was multicast before.             *)
DeliveryIntegrity ==
    Messages("deliver") \subseteq Messages("multicast")

(* No Duplication.  A message is multicast once, and delivered at most once *)
(* by each process: there are as many messages as events.                   *)
NoDuplication ==
    /\ Cardinality(Messages("multicast")) = Cardinality(Happened("multicast"))
    /\ \A p \in Process :
            Cardinality({history[p][i].message : i \in Places(p, "deliver")})
                = Cardinality(Places(p, "deliver"))

(* Sender Integrity.  Who is told, with a message, who sent it, is told who  *)
(* multicast it: a sender cannot be forged.  (Birman and Joseph 1987,       *)
(* section 4.  It says nothing where the sender is not told.)               *)
SenderIntegrity ==
    \A d \in Happened("deliver"), m \in Happened("multicast") :
        At(d).message = At(m).message => At(d).sender \subseteq {m[1]}

(* Sending View Delivery.  A message is delivered in the view in which it   *)
(* was multicast.  (It holds for members; a client has no sending view.)    *)
SendingViewDelivery ==
    \A d \in MessagesInViews("deliver"), m \in MessagesInViews("multicast") :
        d[1] = m[1] => d[2] = m[2]

(* Same View Delivery.  All who deliver a message deliver it in the same    *)
(* view: no message is there with two views.                                *)
SameViewDelivery ==
    Cardinality(MessagesInViews("deliver")) = Cardinality(Messages("deliver"))

(* Virtual Synchrony.  Processes that go together from one view to the next *)
(* have delivered the same messages in the first.                           *)
VirtualSynchrony ==
    \A s, t \in Moves :
        s.from.id = t.from.id /\ s.to.id = t.to.id => s.delivered = t.delivered

(* Transitional Set.  When p goes from one view to another, then each       *)
(* member of the first that goes to the second came from the first too: so  *)
(* the members that two successive views share are the transitional set,    *)
(* and no process needs to be told it.  (A lemma here; where components may *)
(* part and merge, it is a guarantee of its own.)                           *)
TransitionalSet ==
    \A s, t \in Moves :
        s.to.id = t.to.id /\ t.process \in Members(s.from) => s.from.id = t.from.id

(* Clean Failure.  What a member multicast is not delivered in a later view *)
(* that has excluded it: once a process has been seen to fail, nothing more *)
(* is heard from it.  (Birman and Joseph 1987, section 2.4.  It says nothing *)
(* of a client, which no view ever had or excluded.)                        *)
CleanFailure ==
    \A m \in Happened("multicast"), d \in Happened("deliver") :
        /\ At(m).message = At(d).message
        /\ At(m).view # NoView
        /\ At(m).view.id < At(d).view.id
        => m[1] \in Members(At(d).view)

(* The places at which p goes on from the view with this number, or leaves  *)
(* the group: a crash is no such place.                                     *)
GoesOn(p, id) ==
    {k \in Places(p, "leave") : history[p][k].view.id = id}
    \cup {t[2] : t \in {t \in Transitions(p) : history[p][t[1]].view.id = id}}

(* Safe Indication.  When someone has been told that a message is stable,   *)
(* then no member of the view in which it is delivered goes on from there   *)
(* without having delivered it; only a crash excuses.  (Histories cannot    *)
(* tell who had delivered it when that was said, and so the formula does    *)
(* not ask it.  Stability concerns members: who is sent the message under   *)
(* its own name, and not as a member, is not asked.)                        *)
SafeIndication ==
    \A s \in Happened("safe"), d \in Happened("deliver") :
        At(s).message = At(d).message =>
            \A q \in Members(At(d).view) : \A k \in GoesOn(q, At(d).view.id) :
                At(d).message \in DeliveredBetween(q, 0, k)

(****************************************************************************)
(* Order.  "Reliable" means without gaps: not only is the order kept among  *)
(* what is delivered, but no one leaves a view having skipped a message     *)
(* that stands before one it delivered.                                     *)
(*                                                                          *)
(* An order is a set of pairs of multicasts, of which the first stands      *)
(* before the second.                                                       *)
(****************************************************************************)

(* The order in which each sender multicast.                                *)
Sent ==
    {<<e, f>> \in Happened("multicast") \X Happened("multicast") :
        e[1] = f[1] /\ e[2] < f[2]}

(* The order of causality: the first may have caused the second.            *)
Caused ==
    {<<e, f>> \in Happened("multicast") \X Happened("multicast") :
        At(e).message \in At(f).past}

WithinOneView(order) ==
    {c \in order : At(c[1]).view.id = At(c[2]).view.id}

(* The same as pairs of messages.                                           *)
OfMessages(order) ==
    {c \in {<<At(d[1]).message, At(d[2]).message>> : d \in order} : c[1] # c[2]}

(* Of two messages that one process delivers, at i and then at j, the later *)
(* does not stand before the earlier.                                       *)
DeliveredInOrder(pairs) ==
    \A p \in Process : \A i, j \in Places(p, "deliver") :
        i < j => <<history[p][j].message, history[p][i].message>> \notin pairs

(* Who is done with a view has delivered, with each message, those that     *)
(* stand before it.                                                         *)
NothingSkipped(pairs) ==
    \A p \in Process : \A k \in Ends(p) :
        \A delivered \in {DeliveredBetween(p, 0, k)} :
            \A c \in pairs : c[2] \in delivered => c[1] \in delivered

(* FIFO.  Messages of one sender are delivered in the order in which it     *)
(* multicast them.                                                          *)
FIFO == \A pairs \in {OfMessages(Sent)} : DeliveredInOrder(pairs)

(* Reliable FIFO.  Who delivers a message delivers also what its sender     *)
(* multicast before it in the same view.                                    *)
ReliableFIFO ==
    \A pairs \in {OfMessages(WithinOneView(Sent))} : NothingSkipped(pairs)

(* Causal.  Messages are delivered in an order in which a cause comes       *)
(* before what it may have caused.                                          *)
Causal == \A pairs \in {OfMessages(Caused)} : DeliveredInOrder(pairs)

(* Reliable Causal.  Who delivers a message delivers also its causes of the *)
(* same view.                                                               *)
ReliableCausal ==
    \A pairs \in {OfMessages(WithinOneView(Caused))} : NothingSkipped(pairs)

(****************************************************************************)
(* Total order: ABCAST, its uniform variant, and GBCAST.                    *)
(****************************************************************************)

(* The deliveries of such primitives at p, as places; to whichever group.   *)
PlacesOf(p, primitives) ==
    {i \in Places(p, "deliver") \cup Places(p, "aside") :
        history[p][i].primitive \in primitives}

(* The order in which p delivered their messages between its events i and   *)
(* j, as pairs of messages of which it delivered the first before the second. *)
DeliveryOrder(p, i, j, primitives) ==
    UNION {{<<history[p][c[1]].message, history[p][c[2]].message>> :
                c \in {c \in places \X places :
                    c[1] < c[2] /\ history[p][c[1]].message # history[p][c[2]].message}} :
           places \in {{k \in PlacesOf(p, primitives) : i < k /\ k < j}}}

(* The transitions of all processes, with the order in which they delivered *)
(* ABCASTs in the view that they went from.                                 *)
OrderedMoves ==
    UNION {{[from  |-> history[p][t[1]].view.id,
             to    |-> history[p][t[2]].view.id,
             order |-> DeliveryOrder(p, t[1], t[2], Abcasts)] : t \in Transitions(p)} :
           p \in Process}

(* An order, and what follows from it in two steps.                         *)
Doubled(order) ==
    order \cup
        UNION {{<<first, c[2]>> : c \in {c \in order : c[1] \in seconds}} :
               <<first, seconds>> \in
                    {<<m, {c[2] : c \in {c \in order : c[1] = m}}>> :
                        m \in {c[1] : c \in order}}}

Irreflexive(order) == \A c \in order : c[1] # c[2]

(* The order holds in no circle: it is followed, twice as far each time,    *)
(* until nothing new follows.  (A shortest circle passes through the order  *)
(* of each process once at most, so that this reaches far enough for 64.)   *)
WithoutCircle(o1) ==
    \A o2 \in {Doubled(o1)} : Irreflexive(o2) /\ (o2 # o1 =>
    \A o4 \in {Doubled(o2)} : Irreflexive(o4) /\ (o4 # o2 =>
    \A o8 \in {Doubled(o4)} : Irreflexive(o8) /\ (o8 # o4 =>
    \A o16 \in {Doubled(o8)} : Irreflexive(o16) /\ (o16 # o8 =>
    \A o32 \in {Doubled(o16)} : Irreflexive(o32) /\ (o32 # o16 =>
    \A o64 \in {Doubled(o32)} : Irreflexive(o64))))))

(* Weak Total Order.  There is one order in which the processes that go     *)
(* together from one view to the next have delivered ABCASTs in the first,  *)
(* to whichever groups: what they deliver after what holds in no circle.    *)
(* (It says nothing of those who crash or are excluded, nor of those who    *)
(* are in no view.)                                                         *)
WeakTotalOrder ==
    \A moves \in {OrderedMoves} : \A ends \in {<<t.from, t.to>> : t \in moves} :
        \A order \in {UNION {t.order : t \in {t \in moves : <<t.from, t.to>> = ends}}} :
            WithoutCircle(order)

(* Strong Total Order.  There is one order in which all processes, those    *)
(* too that crash or are excluded, deliver uniform ABCASTs to whichever     *)
(* groups: what they deliver after what holds in no circle.                 *)
StrongTotalOrder ==
    \A order \in {UNION {DeliveryOrder(p, 0, Len(history[p]) + 1, {"uniform"}) :
                            p \in Process}} :
        WithoutCircle(order)

(* What p delivered before its event i in the same view.                    *)
EarlierInView(p, i, primitives) ==
    {history[p][k].message :
        k \in {k \in Places(p, "deliver") :
            /\ k < i
            /\ history[p][k].view.id = history[p][i].view.id
            /\ history[p][k].primitive \in primitives}}

(* Each delivery of such a primitive, with what came before it in its view. *)
WithEarlier(primitive, primitives) ==
    UNION {{[message |-> history[p][i].message,
             view    |-> history[p][i].view.id,
             earlier |-> EarlierInView(p, i, primitives)] :
                i \in {i \in Places(p, "deliver") : history[p][i].primitive = primitive}} :
           p \in Process}

(* Reliable Total Order.  Who delivers a uniform ABCAST has delivered before *)
(* it, in the same view, what anyone who delivers it delivered before it:   *)
(* there are no gaps in the order, nor for those who crash.  (It concerns   *)
(* the messages of one view of one group; across groups, see Strong Total   *)
(* Order.)                                                                  *)
ReliableTotalOrder ==
    \A deliveries \in {WithEarlier("uniform", {"uniform"})} :
        \A d, e \in deliveries :
            d.message = e.message /\ d.view = e.view => d.earlier = e.earlier

(* GBCAST Order.  A GBCAST stands at the same place among all that happens  *)
(* in its group: those who deliver it do so in the same view, and have      *)
(* delivered the same multicasts in it before.  (Birman and Joseph 1987,    *)
(* section 3.1.)                                                            *)
GBCASTOrder ==
    \A deliveries \in {WithEarlier("gbcast", Abcasts \cup {"cbcast", "gbcast"})} :
        \A d, e \in deliveries :
            d.message = e.message => d.view = e.view /\ d.earlier = e.earlier

=============================================================================
