-------------------------------- MODULE Cbcast --------------------------------
(****************************************************************************)
(* CBCAST: a multicast that is delivered after everything that may have     *)
(* caused it, and otherwise at once.                                        *)
(*                                                                          *)
(* Each message carries a vector of counts, one for each member of the view *)
(* by rank: how many multicasts of that member its sender had delivered,    *)
(* and for the sender itself, its own number.  A receiver waits until it    *)
(* has delivered as many.  Between views it waits for nothing: Flush has    *)
(* brought to all survivors all that any of them had, and what still lacks  *)
(* a cause after that lacks it everywhere, so that nobody delivers it.      *)
(*                                                                          *)
(* Members tell each other from time to time what they have delivered.      *)
(* What all have delivered is stable; it is forgotten, and the sender knows *)
(* that it is safe (the primitive `flush` waits for this).                  *)
(*                                                                          *)
(* Unlike Birman, Schiper and Stephenson 1991, section 5.1, what was        *)
(* delivered is told by packets of its own and not on the back of later     *)
(* multicasts, so that a silent member does not keep others from forgetting.*)
(*                                                                          *)
(* Source: Birman and Joseph 1987, sections 3.1 and 3.4; Birman, Schiper,   *)
(* Stephenson, Lightweight Causal and Atomic Group Multicast, 1991.         *)
(* Refines: VirtualSynchrony, with causal order.    Builds on: Flush.       *)
(* Python: src/vsync/cbcast.py                                              *)
(****************************************************************************)
EXTENDS Flush

VARIABLES
    \* @type: PROCESS -> Seq(Int);
    time,          \* by rank, how many multicasts of its view it has delivered
    \* @type: PROCESS -> (PROCESS -> Seq(Int));
    heard          \* the last such vector that it has got from each process

ordering == <<time, heard>>

Zero(view) == [rank \in DOMAIN view.members |-> 0]

CbcastTypeOK ==
    /\ FlushTypeOK
    /\ \A p \in Process :
        /\ Len(time[p]) = Len(CurrentView(p).members)
        /\ \A m \in received[p] : m.view = current[p] =>
                Len(m.time) = Len(time[p])

(****************************************************************************)
(* Decisions                                                                *)
(****************************************************************************)
RankOf(p, q) == Rank(views[current[p]], q)

(* The rank at which m is counted.                                          *)
SenderRank(m) == Rank(views[m.view], m.id[1])

(* All that may have caused m has been delivered, and all that its sender   *)
(* multicast before it; m itself has not.                                   *)
Deliverable(m, rank, delivered) ==
    \A r \in DOMAIN m.time :
        IF r = rank THEN m.time[r] = delivered[r] + 1
                    ELSE m.time[r] <= delivered[r]

(* What p may deliver now.                                                  *)
Ready(p) ==
    {m \in received[p] : /\ m.view = current[p]
                         /\ Deliverable(m, SenderRank(m), time[p])}

(* p knows that every member of its view has delivered m.                   *)
Stable(p, m) ==
    /\ m.view = current[p]
    /\ \A q \in Members(views[m.view]) :
            (IF q = p THEN time[p] ELSE heard[p][q])[SenderRank(m)]
                >= m.time[SenderRank(m)]

(* All that p has multicast in its view has been delivered by every member: *)
(* this is what the primitive `flush` waits for.                            *)
Flushed(p) ==
    /\ ~ Blocked(p)
    /\ \A q \in Members(views[current[p]]) \ {p} :
            heard[p][q][RankOf(p, p)] = time[p][RankOf(p, p)]

AcknowledgementPacket(k, delivered) ==
    Packet("acknowledgement", k, {}, delivered)

(****************************************************************************)
(* Actions                                                                  *)
(****************************************************************************)
CbcastInit ==
    /\ FlushInit
    /\ time  = [p \in Process |-> Zero(CurrentView(p))]
    /\ heard = [p \in Process |-> [q \in Process |-> Zero(CurrentView(p))]]

(* The n-th multicast of p.                                                 *)
Multicast(p, n) ==
    /\ ~ Blocked(p)
    /\ \E stamp \in {[time[p] EXCEPT ![RankOf(p, p)] = @ + 1]} :
        /\ DisseminateToAll(p, Message(<<p, n>>, current[p], Members(CurrentView(p)), stamp))
        /\ time' = [time EXCEPT ![p] = stamp]
    /\ UNCHANGED heard

Deliver(p, m) ==
    /\ m \in Ready(p)
    /\ DeliverHeld(p, m, "cbcast")
    /\ time' = [time EXCEPT ![p][SenderRank(m)] = @ + 1]
    /\ UNCHANGED heard

(* p has delivered all that can be delivered, and installs the next view.   *)
(* What it still holds of the old view has lost a cause with those who      *)
(* crashed; nobody delivers it.                                             *)
Install(p) ==
    /\ Ready(p) = {}
    /\ Advance(p)
    /\ time'  = [time EXCEPT ![p] = Zero(views[current'[p]])]
    /\ heard' = [heard EXCEPT ![p] =
                    [q \in Process |-> Zero(views[current'[p]])]]

(* p tells the members of its view what it has delivered.                   *)
Acknowledge(p) ==
    /\ p \notin crashed
    /\ ~ Blocked(p)
    /\ heard[p][p] # time[p]
    /\ heard' = [heard EXCEPT ![p][p] = time[p]]
    /\ SendTo(p, Members(views[current[p]]),
              AcknowledgementPacket(current[p], time[p]))
    /\ UNCHANGED <<world, flushing, history, time>>

(* One of a view that p is not in says nothing that p can use.              *)
ReceiveAcknowledgement(p, q) ==
    \E i \in DOMAIN net[q][p] :
        /\ Arrives(p, q, i, "acknowledgement")
        /\ heard' = IF net[q][p][i].view = current[p]
                    THEN [heard EXCEPT ![p][q] = net[q][p][i].time]
                    ELSE heard
        /\ UNCHANGED <<world, flushing, history, time>>

(* p forgets what is stable: no flush needs to carry it.                    *)
Forget(p) ==
    /\ p \notin crashed
    /\ \E stable \in {{m \in received[p] : Stable(p, m)}} :
        /\ stable # {}
        /\ received' = [received EXCEPT ![p] = @ \ stable]
    /\ UNCHANGED <<world, known, current, flushes, readies, history, net, ordering>>

(* What Flush does below leaves the order alone.                            *)
FlushReact(p) == React(p) /\ UNCHANGED ordering

CbcastReact(p) ==
    \/ FlushReact(p)
    \/ \E m \in received[p] : Deliver(p, m)
    \/ Install(p)
    \/ \E q \in Process : ReceiveAcknowledgement(p, q)
    \/ Forget(p)

(****************************************************************************)
(* What `flush` and forgetting rest on: what a process holds for stable has *)
(* been delivered by each member of its view, unless it crashed.            *)
(****************************************************************************)
StabilityInv ==
    \A p \in Process \ crashed : \A m \in received[p] : Stable(p, m) =>
        \A q \in Members(views[m.view]) :
            \E i \in Places(q, "deliver") : history[q][i].message = m.id

(* A process that goes on holds all that anyone who goes on with it may     *)
(* still need: of what p has delivered in its view, each member has it, or  *)
(* p holds it.                                                              *)
ForgottenInv ==
    \A p \in Process \ crashed : \A i \in Places(p, "deliver") :
        \/ history[p][i].view.id # current[p]
        \/ \E m \in received[p] : m.id = history[p][i].message
        \/ \A q \in Members(CurrentView(p)) :
            \E j \in Places(q, "deliver") :
                history[q][j].message = history[p][i].message
=============================================================================
