------------------------------- MODULE Network -------------------------------
(****************************************************************************)
(* A network between processes, as a value: one channel for each ordered    *)
(* pair.  What it guarantees is one constant, so that a sentence such as    *)
(* "flush needs FIFO channels" can be checked and not only claimed.         *)
(*                                                                          *)
(*   "fifo"       every packet arrives once, in the order in which its      *)
(*                sender sent it to this receiver;                          *)
(*   "unordered"  every packet arrives once, in any order;                  *)
(*   "lossy"      packets arrive in any order, and may also be lost and     *)
(*                come more than once: what a network of datagrams is.      *)
(*                                                                          *)
(* Under each of them a crash may lose the last packets of the crashed      *)
(* sender: it had handed over some of its copies, and not yet the others.   *)
(* That is how a multicast that reached only some destinations comes about. *)
(*                                                                          *)
(* Link makes a "fifo" network of a "lossy" one.                            *)
(*                                                                          *)
(* Source: Birman and Joseph 1987, section 2.1.                             *)
(* Python: src/vsync/sim/network.py                                         *)
(****************************************************************************)
EXTENDS VSTypes

CONSTANT
    \* @type: Str;
    Guarantee      \* what the network promises: one of the three above

ASSUME Guarantee \in {"fifo", "unordered", "lossy"}

(* A network in which nothing is in flight between the endpoints E.  The    *)
(* channel from p to q is net[p][q].                                        *)
\* @type: Set(a) => (a -> (a -> Seq(b)));
Quiet(E) == [p \in E |-> [q \in E |-> <<>>]]

(* p sends the packets, in this order, to every q in Q.                     *)
\* @type: (a -> (a -> Seq(b)), a, Set(a), Seq(b)) => (a -> (a -> Seq(b)));
Send(net, p, Q, packets) ==
    [net EXCEPT ![p] =
        [q \in DOMAIN @ |-> IF q \in Q THEN @[q] \o packets ELSE @[q]]]

(* The places in the channel from p to q whose packet may arrive next.      *)
\* @type: (a -> (a -> Seq(b)), a, a) => Set(Int);
Arriving(net, p, q) ==
    IF Guarantee = "fifo" THEN {1} \cap DOMAIN net[p][q]
                          ELSE DOMAIN net[p][q]

(* The sequence s without its i-th element.                                 *)
\* @type: (Seq(a), Int) => Seq(a);
Removed(s, i) == SubSeq(s, 1, i - 1) \o SubSeq(s, i + 1, Len(s))

(* The network after the packet at place i of that channel has gone.        *)
\* @type: (a -> (a -> Seq(b)), a, a, Int) => (a -> (a -> Seq(b)));
Take(net, p, q, i) == [net EXCEPT ![p][q] = Removed(@, i)]

(* The networks that one fault of the network itself may lead to: a packet  *)
(* is lost, or comes once more.                                             *)
\* @type: (a -> (a -> Seq(b))) => Set(a -> (a -> Seq(b)));
Faulty(net) ==
    LET E == DOMAIN net
    IN  IF Guarantee # "lossy" THEN {}
        ELSE UNION {UNION {{Take(net, c[1], c[2], i),
                           [net EXCEPT ![c[1]][c[2]] = Append(@, @[i])]} :
                                i \in DOMAIN net[c[1]][c[2]]} : c \in E \X E}

(* The network after the crash of p: what was under way to p is of no use   *)
(* to anyone.                                                               *)
\* @type: (a -> (a -> Seq(b)), a) => (a -> (a -> Seq(b)));
Deafened(net, p) == [q \in DOMAIN net |-> [net[q] EXCEPT ![p] = <<>>]]

(* And of each channel from p a part at the end may be lost, one packet     *)
(* after the other.                                                         *)
\* @type: (a -> (a -> Seq(b)), a, a) => (a -> (a -> Seq(b)));
Shortened(net, p, q) == [net EXCEPT ![p][q] = SubSeq(@, 1, Len(@) - 1)]
=============================================================================
