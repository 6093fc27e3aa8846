-------------------------------- MODULE MCLink --------------------------------
(****************************************************************************)
(* Bounds for model checking Link.  There are two sites: what a pair of     *)
(* ends does depends on no other pair, for an end keeps its links apart.    *)
(* The bounds are on the messages, the crashes, and the packets in flight;  *)
(* losses are without bound, and so are repetitions where there is room.    *)
(****************************************************************************)
EXTENDS Link

CONSTANTS
    s1, s2,            \* sites
    Talks,             \* pairs <<s, t>>: site s sends to site t
    Lengths,           \* the k-th message of an end has Lengths[k] fragments
    MaxInFlight,       \* packets in a channel at most
    MaxCrashes,        \* crashes at most, of all sites
    MaxForgets         \* how often an end may be forgotten while it runs

VARIABLE
    \* @type: { crashes: Int, forgets: Int };
    spent              \* what the environment has spent of these

mcVars == <<vars, spent>>

OneWay  == {<<s1, s2>>}
BothWay == {<<s1, s2>>, <<s2, s1>>}
TwoOne  == <<2, 1>>
TwoTwo  == <<2, 2>>
OneOne  == <<1, 1>>
Three   == <<3>>
One     == <<1>>
Two     == <<2>>

(* Every part of every message is another one.                              *)
Content(p, q, k) ==
    [i \in 1..Lengths[k] |-> [from |-> p, to |-> q, number |-> k, place |-> i]]

Message == {Content(p, q, k) : p \in Address, q \in Address, k \in DOMAIN Lengths}

Init ==
    /\ LinkInit
    /\ spent = [crashes |-> 0, forgets |-> 0]

InFlight == \A s, t \in Site : Len(net'[s][t]) <= MaxInFlight

CrashSome(p) ==
    /\ spent.crashes < MaxCrashes
    /\ Crash(p)
    /\ spent' = [spent EXCEPT !.crashes = @ + 1]

(* That a site has failed may be said of one that runs.                     *)
ForgetSome(p, q) ==
    /\ q[2] <= begun[q[1]]
    /\ q \notin up \/ spent.forgets < MaxForgets
    /\ Forget(p, q)
    /\ spent' = [spent EXCEPT !.forgets = @ + (IF q \in up THEN 1 ELSE 0)]

(* Who is to send is told of the end that runs now; others hear of it.      *)
MeetSome(p, q) ==
    /\ \/ <<p[1], q[1]>> \in Talks /\ q \in up
       \/ \E i \in DOMAIN net[q[1]][p[1]] :
            net[q[1]][p[1]][i].source = q /\ Meant(p, net[q[1]][p[1]][i])
    /\ Meet(p, q)

AcceptNext(p, q) ==
    /\ <<p[1], q[1]>> \in Talks
    /\ Len(accepted[p][q]) < Len(Lengths)
    /\ Accept(p, q, Content(p, q, Len(accepted[p][q]) + 1))

(* The channels have room for so many packets; who wants to send one more   *)
(* waits until one has arrived or is lost.                                  *)
RetransmitSome(p, q) ==
    \E n \in Outstanding(p, q) : Retransmit(p, q, n) /\ InFlight

RetransmitOldest(p, q) == Retransmit(p, q, sender[p][q].acknowledged + 1)

Environment ==
    \/ \E s \in Site : Begin(s) /\ UNCHANGED spent
    \/ \E p \in Address : CrashSome(p)
    \/ \E p, q \in Address : ForgetSome(p, q)
    \/ \E p, q \in Address : AcceptNext(p, q) /\ UNCHANGED spent
    \/ Fault /\ InFlight /\ UNCHANGED spent

ReceiveSome(p, q) == \E i \in DOMAIN net[q[1]][p[1]] : Receive(p, q, i)

React(p, q) ==
    \/ MeetSome(p, q)
    \/ Transmit(p, q) /\ InFlight
    \/ RetransmitSome(p, q)
    \/ Acknowledge(p, q) /\ InFlight
    \/ ReceiveSome(p, q)

(* To keep the states few, what has come in order is taken at once: that    *)
(* commutes with all that others do, and what p itself may do after it, it  *)
(* may do before it as well, but for a crash that comes in between, which   *)
(* is as if it came before the packet did.                                  *)
Due(p, q) ==
    \E x \in receiver[p][q].early : InOrder(x[1], receiver[p][q])

Next ==
    IF \E p, q \in Address : Due(p, q)
    THEN \E p, q \in Address : Assemble(p, q) /\ UNCHANGED spent
    ELSE \/ Environment
         \/ \E p, q \in Address : React(p, q) /\ UNCHANGED spent
         \/ \E p \in Address, s \in Site : Discard(p, s) /\ UNCHANGED spent

Spec == Init /\ [][Next]_mcVars

(* Refinement: over a lossy network, Link is what a FIFO network is.        *)
Channel == INSTANCE Channels WITH
    Guarantee <- "fifo", End <- Address, gone <- Gone, net <- UnderWay
ChannelProp == Channel!Spec
=============================================================================
