------------------------------- MODULE Channels -------------------------------
(****************************************************************************)
(* What the protocols above are promised: messages go from one end to       *)
(* another over a network of a given guarantee, and nothing is said of how. *)
(* With the guarantee "fifo", what an end accepts for another is delivered  *)
(* there once, in order, none skipped; a crash may lose what comes last.    *)
(* An end that has crashed never comes back: its site begins another one.   *)
(*                                                                          *)
(* Source: Birman and Joseph 1987, section 2.1.                             *)
(* Refined by: Link.                                                        *)
(* Python: src/vsync/sim/network.py                                         *)
(****************************************************************************)
EXTENDS Network

CONSTANTS
    \* @type: Set(ADDRESS);
    End,           \* all the ends there may ever be
    \* @type: Set(MESSAGE);
    Message        \* all that may be sent

VARIABLES
    \* @type: Set(ADDRESS);
    up,            \* the ends that run
    \* @type: Set(ADDRESS);
    gone,          \* the ends that have crashed
    \* @type: ADDRESS -> (ADDRESS -> Seq(MESSAGE));
    net,           \* the messages under way: net[p][q] from p to q
    \* @type: ADDRESS -> (ADDRESS -> Seq(MESSAGE));
    delivered      \* what p has delivered from q, in order: delivered[p][q]

channels == <<up, gone, net, delivered>>

ChannelsInit ==
    /\ up \in SUBSET End
    /\ gone = {}
    /\ net = Quiet(End)
    /\ delivered = Quiet(End)

Begin(p) ==
    /\ p \notin up \cup gone
    /\ up' = up \cup {p}
    /\ UNCHANGED <<gone, net, delivered>>

(* p sends a message to q; to who has crashed it is lost at once.           *)
Accept(p, q, m) ==
    /\ p \in up
    /\ net' = Send(net, p, {q} \ gone, <<m>>)
    /\ UNCHANGED <<up, gone, delivered>>

Deliver(p, q) ==
    /\ p \in up
    /\ \E i \in Arriving(net, q, p) :
        /\ delivered' = [delivered EXCEPT ![p][q] = Append(@, net[q][p][i])]
        /\ net' = Take(net, q, p, i)
    /\ UNCHANGED <<up, gone>>

Crash(p) ==
    /\ p \in up
    /\ up' = up \ {p}
    /\ gone' = gone \cup {p}
    /\ net' = Deafened(net, p)
    /\ UNCHANGED delivered

Lose(p, q) ==
    /\ p \in gone
    /\ net[p][q] # <<>>
    /\ net' = Shortened(net, p, q)
    /\ UNCHANGED <<up, gone, delivered>>

ChannelsNext ==
    \E p \in End :
        \/ Begin(p)
        \/ Crash(p)
        \/ \E q \in End :
            \/ \E m \in Message : Accept(p, q, m)
            \/ Deliver(p, q)
            \/ Lose(p, q)

Spec == ChannelsInit /\ [][ChannelsNext]_channels
=============================================================================
