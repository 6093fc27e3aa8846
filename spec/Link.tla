--------------------------------- MODULE Link ---------------------------------
(****************************************************************************)
(* Links: reliable FIFO channels between the incarnations of sites, over    *)
(* datagrams that are lost, repeated, reordered and delayed.                *)
(*                                                                          *)
(* For each ordered pair of ends there is a sender and a receiver.  An end  *)
(* is one incarnation of a site, an address <<site, incarnation>>; every    *)
(* packet names both of its ends.  An incarnation never occurs twice, its   *)
(* number being kept where a crash does not reach it, so that both ends     *)
(* begin to count at 1 without a handshake, and a packet that is old is     *)
(* known by its addresses.                                                  *)
(*                                                                          *)
(*   1  A message is cut into fragments, and these are numbered.  At most   *)
(*      Window of them are under way.                                       *)
(*   2  The receiver keeps fragments that come early, takes them in order,  *)
(*      puts messages together and delivers them.  It acknowledges the last *)
(*      fragment up to which it has taken all; and it does so again when a  *)
(*      fragment comes again, for the acknowledgement may have been lost.   *)
(*   3  What is not acknowledged is sent again, at any time.                *)
(*   4  Who hears of a newer incarnation of a site, or is told to forget an *)
(*      end, keeps nothing of the old one but its number, and never listens *)
(*      to it again.                                                        *)
(*                                                                          *)
(* Numbers are never used again.  Unlike the selective repeat of the text-  *)
(* books, in which numbers go round and half of them bound the window: that *)
(* needs channels that do not reorder.  Where packets may be delayed and    *)
(* reordered without bound, no finite set of numbers will do (Wang and Zuck *)
(* 1989); the model MCLink_NumbersGoRound shows it.  The packets of the     *)
(* implementation have 64 bits for a number.                                *)
(*                                                                          *)
(* Source: Birman and Joseph 1987, sections 2.1 and 4; Stenning, A Data     *)
(* Transfer Protocol, 1976 (window, unbounded numbers).                     *)
(* Refines: Channels, with the guarantee "fifo".                            *)
(* Needs: nothing of the network to be safe; to make progress, that a       *)
(* packet that is sent again and again arrives.                             *)
(* Python: src/vsync/link.py                                                *)
(****************************************************************************)
EXTENDS Network

CONSTANTS
    \* @type: Set(SITE);
    Site,          \* the sites
    \* @type: Int;
    Incarnations,  \* how often a site may begin
    \* @type: Int;
    Window,        \* how many fragments may be under way from one end to another
    \* @type: Int;
    QueueMax       \* an end with so many unacknowledged fragments accepts no more

ASSUME Window \in Nat \ {0} /\ QueueMax \in Nat \ {0}

Address == Site \X (1..Incarnations)

VARIABLES
    \* @type: SITE -> Int;
    begun,         \* the number of its last incarnation; survives a crash
    \* @type: Set(ADDRESS);
    up,            \* the ends that run, at most one of a site
    \* @type: ADDRESS -> Set(ADDRESS);
    linked,        \* the ends with which it has a link, at most one of a site
    \* @type: ADDRESS -> (SITE -> Int);
    oldest,        \* the oldest incarnation of a site to which it still listens
    \* @type: ADDRESS -> (ADDRESS -> SENDER);
    sender,        \* what p keeps of what it sends to q
    \* @type: ADDRESS -> (ADDRESS -> RECEIVER);
    receiver,      \* what p keeps of what comes from q
    \* @type: ADDRESS -> (ADDRESS -> Seq(MESSAGE));
    accepted,      \* the messages that p has accepted for q, in order
    \* @type: ADDRESS -> (ADDRESS -> Seq(MESSAGE));
    delivered,     \* the messages that p has delivered from q, in order
    \* @type: SITE -> (SITE -> Seq(PACKET));
    net            \* the packets in flight, between the sites

ends    == <<begun, up>>
peers   == <<linked, oldest>>
history == <<accepted, delivered>>
vars    == <<ends, peers, sender, receiver, history, net>>

(* Of the sender: the fragments that are not acknowledged, how many are     *)
(* acknowledged, and how many have been sent.                               *)
NewSender == [queue |-> <<>>, acknowledged |-> 0, sent |-> 0]

(* Of the receiver: how many fragments it has taken in order, those that    *)
(* have come early, the parts of the message that is not complete, and      *)
(* whether it has to acknowledge.                                           *)
NewReceiver == [taken |-> 0, early |-> {}, partial |-> <<>>, owing |-> FALSE]

(* A message is a sequence of parts; a fragment carries one of them.        *)
Fragments(m) == [i \in DOMAIN m |-> [part |-> m[i], last |-> i = Len(m)]]

(* What travels.  Each packet acknowledges; most carry one fragment.        *)
Packet(source, to, number, fragments, acknowledgement) ==
    [source |-> source, to |-> to, number |-> number,
     fragments |-> fragments, acknowledgement |-> acknowledgement]

LinkTypeOK ==
    /\ begun \in [Site -> 0..Incarnations]
    /\ up \subseteq Address
    /\ \A p \in up : begun[p[1]] = p[2]
    /\ \A p \in Address :
        /\ \A q \in linked[p] : q[1] # p[1] /\ oldest[p][q[1]] = q[2]
        /\ \A q \in Address :
            /\ sender[p][q].acknowledged \in Nat /\ sender[p][q].sent \in Nat
            /\ receiver[p][q].taken \in Nat /\ receiver[p][q].owing \in BOOLEAN
            /\ q \notin linked[p] =>
                    sender[p][q] = NewSender /\ receiver[p][q] = NewReceiver

(****************************************************************************)
(* Decisions                                                                *)
(****************************************************************************)

(* The incarnation with which a site begins next.                           *)
NextIncarnation(s) == begun[s] + 1

(* Of a forgotten end, this is the oldest incarnation listened to.          *)
AfterForgetting(q) == q[2] + 1

(* Back-pressure: p accepts a message for q only while few fragments wait.  *)
MaySend(p, q) == Len(sender[p][q].queue) < QueueMax

(* The window is open, and there is something to send.                      *)
MayTransmit(p, q) ==
    LET s == sender[p][q]
        underWay == s.sent - s.acknowledged
    IN  underWay < Window /\ underWay < Len(s.queue)

(* The numbers that are under way, each of which may be sent again.         *)
Outstanding(p, q) == (sender[p][q].acknowledged + 1)..sender[p][q].sent

MayRetransmit(p, q, n) == n \in Outstanding(p, q)

(* How a number stands in a packet, and which numbers within the window it  *)
(* may be: one or none.                                                     *)
OnWire(n) == n
Places(wire, taken) == {n \in (taken + 1)..(taken + Window) : OnWire(n) = wire}

(* The fragment of that number is the next one to be taken.                 *)
InOrder(n, r) == n = r.taken + 1

(* What a receiver acknowledges.                                            *)
Acknowledgement(r) == r.taken

(* A receiver owes an acknowledgement for every fragment, even if it has it *)
(* already.                                                                 *)
Owing(packet, r) == packet.fragments # <<>>

(* The packet is for this incarnation.                                      *)
Meant(p, packet) == packet.to = p

(* The packet is not from an end that is forgotten, or older than one.      *)
Fresh(p, packet) == packet.source[2] >= oldest[p][packet.source[1]]

(* The end that the packet is from.                                         *)
From(p, packet) == packet.source

(* The packet with fragment n.                                              *)
FragmentPacket(p, q, n) ==
    Packet(p, q, OnWire(n), <<sender[p][q].queue[n - sender[p][q].acknowledged]>>,
           Acknowledgement(receiver[p][q]))

AcknowledgementPacket(p, q) ==
    Packet(p, q, 0, <<>>, Acknowledgement(receiver[p][q]))

(* The sender after an acknowledgement: an old one changes nothing, and one *)
(* of what was never sent is an error of the peer.                          *)
Acknowledged(s, n) ==
    IF n <= s.acknowledged \/ n > s.sent THEN s
    ELSE [s EXCEPT !.queue = SubSeq(@, n - s.acknowledged + 1, Len(@)),
                   !.acknowledged = n]

(* The receiver after a packet: a fragment that it has, or that lies        *)
(* outside of the window, is dropped.                                       *)
Received(r, packet) ==
    [r EXCEPT !.early = @ \cup {<<n, packet.fragments[i]>> :
                    n \in Places(packet.number, r.taken), i \in DOMAIN packet.fragments},
              !.owing = @ \/ Owing(packet, r)]

(****************************************************************************)
(* Actions                                                                  *)
(****************************************************************************)
First == {<<s, 1>> : s \in Site}

(* All sites have begun, and know of each other.                            *)
LinkInit ==
    /\ begun     = [s \in Site |-> 1]
    /\ up        = First
    /\ linked    = [p \in Address |-> IF p \in First THEN First \ {p} ELSE {}]
    /\ oldest    = [p \in Address |-> [s \in Site |-> 1]]
    /\ sender    = [p \in Address |-> [q \in Address |-> NewSender]]
    /\ receiver  = [p \in Address |-> [q \in Address |-> NewReceiver]]
    /\ accepted  = Quiet(Address)
    /\ delivered = Quiet(Address)
    /\ net       = Quiet(Site)

SendTo(p, q, packet) == net' = Send(net, p[1], {q[1]}, <<packet>>)

(* A site begins, as a new incarnation.                                     *)
Begin(s) ==
    /\ \A p \in up : p[1] # s
    /\ NextIncarnation(s) <= Incarnations
    /\ begun' = [begun EXCEPT ![s] = NextIncarnation(s)]
    /\ up' = up \cup {<<s, NextIncarnation(s)>>}
    /\ UNCHANGED <<peers, sender, receiver, history, net>>

(* p keeps nothing of its links with the ends in Q.                         *)
Dropping(p, Q) ==
    /\ sender'   = [sender   EXCEPT ![p] = [q \in Address |-> IF q \in Q THEN NewSender ELSE @[q]]]
    /\ receiver' = [receiver EXCEPT ![p] = [q \in Address |-> IF q \in Q THEN NewReceiver ELSE @[q]]]

(* A site crashes, at any point; what it has sent stays under way.          *)
Crash(p) ==
    /\ p \in up
    /\ up' = up \ {p}
    /\ linked' = [linked EXCEPT ![p] = {}]
    /\ Dropping(p, Address)
    /\ UNCHANGED <<begun, oldest, history, net>>

(* p is told of an incarnation that it has no link with, or hears from it:  *)
(* it is the newest, and older ones are forgotten.                          *)
Meet(p, q) ==
    /\ p \in up
    /\ q[1] # p[1]
    /\ q \notin linked[p]
    /\ q[2] >= oldest[p][q[1]]
    /\ LET older == {r \in linked[p] : r[1] = q[1]}
       IN  /\ linked' = [linked EXCEPT ![p] = (@ \ older) \cup {q}]
           /\ Dropping(p, older)
    /\ oldest' = [oldest EXCEPT ![p][q[1]] = q[2]]
    /\ UNCHANGED <<ends, history, net>>

(* p is told that an end has failed, be it true or not, and never listens   *)
(* to it again, nor to one before it.                                       *)
Forget(p, q) ==
    /\ p \in up
    /\ q[1] # p[1]
    /\ q[2] >= oldest[p][q[1]]
    /\ LET older == {r \in linked[p] : r[1] = q[1]}
       IN  /\ linked' = [linked EXCEPT ![p] = @ \ older]
           /\ Dropping(p, older)
    /\ oldest' = [oldest EXCEPT ![p][q[1]] = AfterForgetting(q)]
    /\ UNCHANGED <<ends, history, net>>

(* p accepts message m for q.                                               *)
Accept(p, q, m) ==
    /\ p \in up
    /\ q \in linked[p]
    /\ MaySend(p, q)
    /\ sender' = [sender EXCEPT ![p][q].queue = @ \o Fragments(m)]
    /\ accepted' = [accepted EXCEPT ![p][q] = Append(@, m)]
    /\ UNCHANGED <<ends, peers, receiver, delivered, net>>

(* p sends the next fragment to q, and acknowledges with it.                *)
Transmit(p, q) ==
    /\ q \in linked[p]
    /\ MayTransmit(p, q)
    /\ SendTo(p, q, FragmentPacket(p, q, sender[p][q].sent + 1))
    /\ sender' = [sender EXCEPT ![p][q].sent = @ + 1]
    /\ receiver' = [receiver EXCEPT ![p][q].owing = FALSE]
    /\ UNCHANGED <<ends, peers, history>>

(* p sends a fragment again, because the time is up or for another reason.  *)
Retransmit(p, q, n) ==
    /\ q \in linked[p]
    /\ MayRetransmit(p, q, n)
    /\ SendTo(p, q, FragmentPacket(p, q, n))
    /\ receiver' = [receiver EXCEPT ![p][q].owing = FALSE]
    /\ UNCHANGED <<ends, peers, sender, history>>

(* p acknowledges what has come from q.                                     *)
Acknowledge(p, q) ==
    /\ q \in linked[p]
    /\ receiver[p][q].owing
    /\ SendTo(p, q, AcknowledgementPacket(p, q))
    /\ receiver' = [receiver EXCEPT ![p][q].owing = FALSE]
    /\ UNCHANGED <<ends, peers, sender, history>>

(* The packet at place i of the channel from site s arrives at p.           *)
Arrives(p, s, i) ==
    /\ p \in up
    /\ i \in Arriving(net, s, p[1])
    /\ net' = Take(net, s, p[1], i)

(* p receives the packet at that place, which is from q.                    *)
Receive(p, q, i) ==
    LET packet == net[q[1]][p[1]][i]
    IN  /\ q \in linked[p]
        /\ Arrives(p, q[1], i)
        /\ From(p, packet) = q
        /\ Meant(p, packet)
        /\ Fresh(p, packet)
        /\ sender' = [sender EXCEPT ![p][q] = Acknowledged(@, packet.acknowledgement)]
        /\ receiver' = [receiver EXCEPT ![p][q] = Received(@, packet)]
        /\ UNCHANGED <<ends, peers, history>>

(* p drops a packet that is not for it, but for an incarnation before it,   *)
(* or that is from an incarnation to which it does not listen any more.     *)
Discard(p, s) ==
    /\ \E i \in DOMAIN net[s][p[1]] :
        /\ Arrives(p, s, i)
        /\ ~ Meant(p, net[s][p[1]][i]) \/ ~ Fresh(p, net[s][p[1]][i])
    /\ UNCHANGED <<ends, peers, sender, receiver, history>>

(* p takes the next fragment from q; if it is the last of its message, p    *)
(* delivers that.                                                           *)
Assemble(p, q) ==
    /\ q \in linked[p]
    /\ \E x \in receiver[p][q].early :
        LET message == Append(receiver[p][q].partial, x[2].part)
        IN  /\ InOrder(x[1], receiver[p][q])
            /\ receiver' = [receiver EXCEPT
                    ![p][q].taken   = @ + 1,
                    ![p][q].early   = {y \in @ : y[1] > receiver[p][q].taken + 1},
                    ![p][q].partial = IF x[2].last THEN <<>> ELSE message]
            /\ delivered' = IF x[2].last
                            THEN [delivered EXCEPT ![p][q] = Append(@, message)]
                            ELSE delivered
    /\ UNCHANGED <<ends, peers, sender, accepted, net>>

(* A packet is lost, or comes once more.                                    *)
Fault ==
    /\ net' \in Faulty(net)
    /\ UNCHANGED <<ends, peers, sender, receiver, history>>

(****************************************************************************)
(* What holds                                                               *)
(****************************************************************************)

(* Both ends run, and neither has forgotten the other.                      *)
Joined(p, q) == p \in up /\ q \in up /\ q \in linked[p] /\ p \in linked[q]

(* The numbers of the two ends are in order: none is acknowledged that was  *)
(* not taken, none taken that was not sent.                                 *)
SequenceInv ==
    \A p, q \in Address : Joined(p, q) =>
        /\ sender[p][q].acknowledged <= receiver[q][p].taken
        /\ receiver[q][p].taken <= sender[p][q].sent
        /\ \A x \in receiver[q][p].early :
                /\ x[1] > receiver[q][p].taken
                /\ x[1] <= sender[p][q].sent

(* What an end keeps is bounded: at most a window of fragments is under     *)
(* way, or early, and the queue exceeds its bound by one message at most.   *)
BoundedInv ==
    \A p, q \in Address :
        /\ sender[p][q].sent - sender[p][q].acknowledged <= Window
        /\ sender[p][q].sent - sender[p][q].acknowledged <= Len(sender[p][q].queue)
        /\ Cardinality(receiver[p][q].early) <= Window

(* Nothing is invented, doubled, skipped, mixed or reordered.               *)
PrefixInv ==
    \A p, q \in Address :
        /\ Len(delivered[p][q]) <= Len(accepted[q][p])
        /\ delivered[p][q] = SubSeq(accepted[q][p], 1, Len(delivered[p][q]))

(* Refinement: what is accepted and not delivered is under way in a FIFO    *)
(* channel, unless its destination has crashed.                             *)
Gone == {p \in Address : p[2] <= begun[p[1]]} \ up

UnderWay ==
    [p \in Address |-> [q \in Address |->
        IF q \in Gone THEN <<>>
        ELSE SubSeq(accepted[p][q], Len(delivered[q][p]) + 1, Len(accepted[p][q]))]]
=============================================================================
