-------------------------------- MODULE Abcast --------------------------------
(****************************************************************************)
(* ABCAST: multicasts that are delivered in the same order everywhere, also *)
(* if they go to different lists that have destinations in common.          *)
(*                                                                          *)
(* Two phases.  Each destination proposes a number, greater than all that   *)
(* it has seen; the sender takes the greatest and tells the destinations.   *)
(* A destination delivers in the order of the numbers; one that has no      *)
(* number yet holds up those behind the number proposed for it.             *)
(*                                                                          *)
(* A uniform ABCAST has a third phase: it is delivered when its sender has  *)
(* heard that all destinations know its number.  So if anyone delivers it,  *)
(* even one that crashes or is excluded at once, then all do, in the same   *)
(* order.                                                                   *)
(*                                                                          *)
(* If the sender fails at any point, the flush of the next view completes   *)
(* what it began.  A message has its number with it, and so has each that   *)
(* waits for it; so what anyone knew of numbers all survivors know after    *)
(* the flush.  They deliver what has a number by its number, and after that *)
(* what has none by the clock of its sender: nobody has delivered it.       *)
(*                                                                          *)
(* ABCAST keeps to causality as CBCAST does, and the two are delivered in   *)
(* causal order among each other.  The clocks see to it that the order of   *)
(* the numbers agrees with that.                                            *)
(*                                                                          *)
(* Source: Birman and Joseph 1987, section 3.1; Birman and Joseph, Reliable *)
(* Communication in the Presence of Failures, 1987 (Skeen's two-phase       *)
(* protocol); Lamport 1978 for the clocks.                                  *)
(* Builds on: CbcastLists, Flush.                                           *)
(****************************************************************************)
EXTENDS CbcastLists

VARIABLES
    \* @type: PROCESS -> Int;
    clock,         \* no less than any number that the process has seen
    \* @type: PROCESS -> Set(PROPOSAL);
    proposals,     \* for a message of its own: who proposes which number for
                   \* it; for another: which number it has proposed itself
    \* @type: PROCESS -> Set(<<MESSAGEID, PROCESS>>);
    noted,         \* who has got the number of which of its uniform messages
    \* @type: PROCESS -> Set(MESSAGEID);
    released       \* the uniform messages that it may deliver

numbering == <<clock, proposals, noted, released>>

Proposal(id, by, number) == [id |-> id, by |-> by, number |-> number]

(* What travels: about one message, a number.                               *)
About(type, k, id, number) == Packet(type, k, {}, <<id, number>>)

(****************************************************************************)
(* Decisions                                                                *)
(****************************************************************************)
Ordered(m) == m.time.kind \in {"abcast", "uniform"}

(* The number of a message as far as p knows it: 0 if it has none.          *)
Number(p, id) ==
    Max({0} \cup {m.time.number : m \in {x \in received[p] : x.id = id}}
            \cup {y.number : y \in UNION {{z \in x.time.after : z.id = id} :
                                            x \in received[p]}})

(* The number that q proposes for it, as far as p knows, or 0.              *)
Proposed(p, id, q) ==
    Max({0} \cup {x.number : x \in {y \in proposals[p] : y.id = id /\ y.by = q}})

(* What p has still to deliver in order.  (A flush may have brought what p  *)
(* holds with its number once more without it.)                             *)
Queue(p) ==
    {m \in received[p] :
        /\ Present(p, m)
        /\ Ordered(m)
        /\ p \in m.to
        /\ ~ HasDelivered(time[p], m.id)
        /\ \A x \in received[p] : x.id = m.id => x.time.number <= m.time.number}

(* The place of a message with this number.                                 *)
Place(p, phase, number, m) ==
    <<phase, number, Rank(CurrentView(p), m.id[1]), m.id[2]>>

Precedes(a, b) ==
    \E i \in DOMAIN a : a[i] < b[i] /\ \A j \in DOMAIN a : j < i => a[j] = b[j]

(* In normal times: by the number, or by what p has proposed.  One for      *)
(* which p has proposed nothing will get a number beyond all that p knows.  *)
OwnPlace(p, m) ==
    IF Number(p, m.id) > 0          THEN Place(p, 1, Number(p, m.id), m)
    ELSE IF Proposed(p, m.id, p) > 0 THEN Place(p, 1, Proposed(p, m.id, p), m)
    ELSE Place(p, 2, 0, m)

(* When a flush is complete: first those with a number.                     *)
FinalPlace(p, m) ==
    IF Number(p, m.id) > 0 THEN Place(p, 1, Number(p, m.id), m)
                           ELSE Place(p, 2, m.time.clock, m)

(* What p may deliver in order now: what it holds with its number, so that  *)
(* its flush will tell that.  (To know it by what waits for the message is  *)
(* not enough: that may be forgotten before.)                               *)
NextByNumber(p) ==
    {m \in Queue(p) :
        /\ m.time.number > 0
        /\ m.time.kind = "uniform" => m.id \in released[p]
        /\ Deliverable(p, m, time[p])
        /\ \A x \in Queue(p) : x.id # m.id => Precedes(OwnPlace(p, m), OwnPlace(p, x))}

NextOfRest(p) ==
    {m \in Queue(p) :
        /\ Deliverable(p, m, time[p])
        /\ \A x \in Queue(p) : x.id # m.id /\ Deliverable(p, x, time[p]) =>
                Precedes(FinalPlace(p, m), FinalPlace(p, x))}

ReadyInOrder(p) ==
    IF ~ Frozen(p) THEN NextByNumber(p)
    ELSE IF Blocked(p) /\ MayInstall(p) /\ Ready(p) = {} THEN NextOfRest(p) ELSE {}

(* The sender knows the proposals of all destinations, and has ordered what *)
(* it multicast before.                                                     *)
MayOrder(p, m) ==
    /\ m \in received[p]
    /\ m.id[1] = p
    /\ Present(p, m)
    /\ Ordered(m)
    /\ Number(p, m.id) = 0
    /\ \A q \in m.to : Proposed(p, m.id, q) > 0
    /\ \A x \in received[p] :
            x.id[1] = p /\ Ordered(x) /\ Present(p, x) /\ x.id[2] < m.id[2]
                => Number(p, x.id) > 0

(* All destinations know the number of a uniform message.                   *)
MayRelease(p, m) ==
    /\ m \in received[p]
    /\ m.id[1] = p
    /\ Present(p, m)
    /\ m.time.kind = "uniform"
    /\ m.time.number > 0
    /\ \A q \in m.to \ {p} : <<m.id, q>> \in noted[p]

(****************************************************************************)
(* Actions                                                                  *)
(****************************************************************************)
AbcastInit ==
    /\ CbcastInit
    /\ clock     = [p \in Process |-> 0]
    /\ proposals = [p \in Process |-> {}]
    /\ noted     = [p \in Process |-> {}]
    /\ released  = [p \in Process |-> {}]

(* The n-th multicast of p, in total order: the first phase.  p is asked    *)
(* like the others if it is a destination.                                  *)
MulticastInOrder(p, n, to, kind) ==
    /\ ~ Frozen(p)
    /\ \E m \in {Message(<<p, n>>, current[p], to, Stamp(p, kind, clock[p] + 1))} :
        /\ Begin(p, m, FALSE)
        /\ clock' = [clock EXCEPT ![p] = @ + 1]
        /\ proposals' = IF p \in to
                        THEN [proposals EXCEPT ![p] = @ \cup {Proposal(m.id, p, clock[p] + 1)}]
                        ELSE proposals
    /\ UNCHANGED <<noted, released>>

(* A CBCAST takes the clock along, too.                                     *)
MulticastAtOnce(p, n, to) ==
    /\ ~ Frozen(p)
    /\ p \in to => Settled(p)
    /\ Begin(p, Message(<<p, n>>, current[p], to, Stamp(p, "cbcast", clock[p])), p \in to)
    /\ UNCHANGED numbering

(* p proposes a number for a message that it has received.                  *)
Propose(p, m) ==
    /\ p \notin crashed
    /\ ~ Frozen(p)
    /\ m \in Queue(p)
    /\ m.id[1] # p
    /\ Number(p, m.id) = 0
    /\ Proposed(p, m.id, p) = 0
    /\ \E number \in {Max({clock[p], m.time.clock}) + 1} :
        /\ clock' = [clock EXCEPT ![p] = number]
        /\ proposals' = [proposals EXCEPT ![p] = @ \cup {Proposal(m.id, p, number)}]
        /\ SendTo(p, {m.id[1]}, About("proposal", current[p], m.id, number))
    /\ UNCHANGED <<world, flushing, history, ordering, noted, released>>

ReceiveProposal(p, q) ==
    \E i \in DOMAIN net[q][p] :
        /\ Arrives(p, q, i, "proposal")
        /\ \E x \in {net[q][p][i]} :
            proposals' = IF x.view = current[p]
                         THEN [proposals EXCEPT ![p] = @ \cup {Proposal(x.time[1], q, x.time[2])}]
                         ELSE proposals
        /\ UNCHANGED <<world, flushing, history, ordering, clock, noted, released>>

(* What p holds when it knows the number of a message.                      *)
Numbered(p, id, number) ==
    {IF m.id = id THEN [m EXCEPT !.time.number = number] ELSE m : m \in received[p]}

(* The second phase: the sender gives the message its number.               *)
Order(p, m) ==
    /\ p \notin crashed
    /\ ~ Frozen(p)
    /\ MayOrder(p, m)
    /\ \E number \in {Max({clock[p], m.time.clock} \cup {Proposed(p, m.id, q) : q \in m.to})} :
        /\ received' = [received EXCEPT ![p] = Numbered(p, m.id, number)]
        /\ clock' = [clock EXCEPT ![p] = number]
        /\ SendTo(p, m.to, About("order", current[p], m.id, number))
    /\ UNCHANGED <<world, known, current, flushes, readies, history, ordering>>
    /\ UNCHANGED <<proposals, noted, released>>

(* p learns the number of a message, and says so if it is a uniform one.    *)
ReceiveOrder(p, q) ==
    \E i \in DOMAIN net[q][p] :
        /\ i \in Arriving(net, q, p)
        /\ net[q][p][i].type = "order"
        /\ p \notin crashed
        /\ ~ FromExcluded(p, q, net[q][p][i])
        /\ \E x \in {net[q][p][i]} :
            /\ received' = [received EXCEPT ![p] = Numbered(p, x.time[1], x.time[2])]
            /\ clock' = [clock EXCEPT ![p] = Max({@, x.time[2]})]
            /\ net' = IF \E m \in received[p] : m.id = x.time[1] /\ m.time.kind = "uniform"
                      THEN Send(Take(net, q, p, i), p, {q} \ crashed,
                                <<About("noted", x.view, x.time[1], x.time[2])>>)
                      ELSE Take(net, q, p, i)
        /\ UNCHANGED <<world, known, current, flushes, readies, history, ordering>>
        /\ UNCHANGED <<proposals, noted, released>>

ReceiveNoted(p, q) ==
    \E i \in DOMAIN net[q][p] :
        /\ Arrives(p, q, i, "noted")
        /\ noted' = IF net[q][p][i].view = current[p]
                    THEN [noted EXCEPT ![p] = @ \cup {<<net[q][p][i].time[1], q>>}]
                    ELSE noted
        /\ UNCHANGED <<world, flushing, history, ordering, clock, proposals, released>>

(* The third phase, of a uniform message.                                   *)
Release(p, m) ==
    /\ p \notin crashed
    /\ ~ Frozen(p)
    /\ MayRelease(p, m)
    /\ m.id \notin released[p]
    /\ released' = [released EXCEPT ![p] = @ \cup {m.id}]
    /\ SendTo(p, m.to, About("release", current[p], m.id, m.time.number))
    /\ UNCHANGED <<world, flushing, history, ordering, clock, proposals, noted>>

ReceiveRelease(p, q) ==
    \E i \in DOMAIN net[q][p] :
        /\ Arrives(p, q, i, "release")
        /\ released' = IF net[q][p][i].view = current[p]
                       THEN [released EXCEPT ![p] = @ \cup {net[q][p][i].time[1]}]
                       ELSE released
        /\ UNCHANGED <<world, flushing, history, ordering, clock, proposals, noted>>

(* The clock of p when it has delivered m.                                  *)
After(p, m) == [clock EXCEPT ![p] = Max({@, m.time.clock, Number(p, m.id)})]

DeliverAtOnce(p, m) ==
    /\ Deliver(p, m)
    /\ clock' = After(p, m)
    /\ UNCHANGED <<proposals, noted, released>>

DeliverInOrder(p, m) ==
    /\ m \in ReadyInOrder(p)
    /\ \E x \in {[m EXCEPT !.time.number = Number(p, m.id)]} : Complete(p, x)
    /\ clock' = After(p, m)
    /\ UNCHANGED <<proposals, noted, released>>

(* p installs the next view when all that can be delivered has been.        *)
InstallInOrder(p) ==
    /\ ReadyInOrder(p) = {}
    /\ Install(p)
    /\ proposals' = [proposals EXCEPT ![p] = {}]
    /\ noted'     = [noted EXCEPT ![p] = {}]
    /\ released'  = [released EXCEPT ![p] = {}]
    /\ UNCHANGED clock

(* What is done below leaves the numbers alone.                             *)
Below(p) ==
    /\ \/ FlushReact(p)
       \/ \E q \in Process : ReceiveAcknowledgement(p, q)
       \/ Forget(p)
    /\ UNCHANGED numbering

AbcastReact(p) ==
    \/ Below(p)
    \/ \E m \in received[p] :
        \/ Propose(p, m)     \/ Order(p, m)          \/ Release(p, m)
        \/ DeliverAtOnce(p, m) \/ DeliverInOrder(p, m)
    \/ InstallInOrder(p)
    \/ \E q \in Process :
        \/ ReceiveProposal(p, q) \/ ReceiveOrder(p, q)
        \/ ReceiveNoted(p, q)    \/ ReceiveRelease(p, q)
=============================================================================
