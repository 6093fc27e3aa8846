------------------------------- MODULE Network -------------------------------
(****************************************************************************)
(* A network between processes, as a value: one channel for each ordered    *)
(* pair.  What it guarantees is one constant, so that a sentence such as    *)
(* "flush needs FIFO channels" can be checked and not only claimed.         *)
(*                                                                          *)
(*   "fifo"       every packet arrives once, in the order in which its      *)
(*                sender sent it to this receiver;                          *)
(*   "unordered"  every packet arrives once, in any order;                  *)
(*   "lossy"      packets may also be lost and duplicated.                  *)
(*                                                                          *)
(* Under each of them a crash may lose the last packets of the crashed      *)
(* sender: it had handed over some of its copies, and not yet the others.   *)
(* That is how a multicast that reached only some destinations comes about. *)
(*                                                                          *)
(* Source: Birman and Joseph 1987, section 2.1.                             *)
(* Python: src/vsync/sim/network.py                                         *)
(****************************************************************************)
EXTENDS VSTypes

CONSTANT
    \* @type: Str;
    Guarantee      \* what the network promises: one of the three above

ASSUME Guarantee \in {"fifo", "unordered", "lossy"}

(* A network in which nothing is in flight between the endpoints E.         *)
Quiet(E) == [channel \in E \X E |-> <<>>]

(* p sends the packets, in this order, to every q in Q.                     *)
Send(net, p, Q, packets) ==
    [channel \in DOMAIN net |->
        IF channel[1] = p /\ channel[2] \in Q
        THEN net[channel] \o packets
        ELSE net[channel]]

(* The places in the channel from p to q whose packet may arrive next.      *)
Arriving(net, p, q) ==
    IF Guarantee = "fifo" THEN {1} \cap DOMAIN net[p, q]
                          ELSE DOMAIN net[p, q]

(* The network after the packet at place i of that channel has gone.        *)
Take(net, p, q, i) ==
    [net EXCEPT ![p, q] = SubSeq(@, 1, i - 1) \o SubSeq(@, i + 1, Len(@))]

(* The networks that one fault of the network itself may lead to: a packet  *)
(* is lost, or comes once more.                                             *)
Faulty(net) ==
    LET places == UNION {{c} \X (DOMAIN net[c]) : c \in (DOMAIN net)}
    IN  IF Guarantee # "lossy" THEN {}
        ELSE {Take(net, x[1][1], x[1][2], x[2]) : x \in places}
             \cup {[net EXCEPT ![x[1]] = Append(@, @[x[2]])] : x \in places}

(* The networks after the crash of p: of each channel from p a part at the  *)
(* end may be lost, and what was under way to p is of no use to anyone.     *)
(* The loss is taken one packet at a time.                                  *)
Deafened(net, p) ==
    [channel \in DOMAIN net |-> IF channel[2] = p THEN <<>> ELSE net[channel]]

Shortened(net, p, q) == [net EXCEPT ![p, q] = SubSeq(@, 1, Len(@) - 1)]
=============================================================================
