----------------------------- MODULE CbcastLists -----------------------------
(****************************************************************************)
(* CBCAST to destination lists: each multicast goes to some of the members  *)
(* of the view, another one to others; causality is kept across them all.   *)
(* A process group is such a list, so this is CBCAST over overlapping       *)
(* groups, too.                                                             *)
(*                                                                          *)
(* A message names what it has to wait for, and where: `after` has for each *)
(* of its direct predecessors those destinations that do not wait for it    *)
(* already on account of another one.  A destination delivers a message     *)
(* when it has delivered all that the message waits for there.              *)
(*                                                                          *)
(* A chain of causality may be lost with those who crash: m is caused by x, *)
(* m reaches someone who is no destination of x, x reaches nobody.  If all  *)
(* destinations of m are destinations of x, then none of them delivers m;   *)
(* but otherwise some have done so already.  Therefore a multicast carries  *)
(* what is not stable yet to those who would not get it otherwise (Birman   *)
(* and Joseph 1987, section 3.1, let every CBCAST carry its predecessors).  *)
(*                                                                          *)
(* What it costs: `after` has as many entries as there are concurrent       *)
(* predecessors whose lists are not covered; a view change empties it, and  *)
(* so does stability.                                                       *)
(*                                                                          *)
(* Unlike Prakash, Raynal and Singhal 1997, the identity of a message is    *)
(* not one number for each pair of processes, and failures are allowed for. *)
(*                                                                          *)
(* Source: Birman and Joseph 1987, sections 3.1 and 3.2; Prakash, Raynal,   *)
(* Singhal, An adaptive causal ordering algorithm suited to mobile          *)
(* computing environments, 1997 (causal barriers).                          *)
(* Builds on: Flush.                                                        *)
(****************************************************************************)
EXTENDS Flush

VARIABLES
    \* @type: PROCESS -> (PROCESS -> Int);
    time,          \* the number of the last multicast of each that it delivered
    \* @type: PROCESS -> Set(PREDECESSOR);
    context,       \* what its next multicast has to wait for
    \* @type: PROCESS -> (PROCESS -> (PROCESS -> Int));
    heard,         \* the last `time` that it has got from each process
    \* @type: PROCESS -> Int;
    epoch,         \* how many epochs of its view are over
    \* @type: PROCESS -> Bool;
    closing        \* whether it is closing the present one

ordering == <<time, context, heard, epoch, closing>>

(* Numbers go up through all views; 0 is before the first.                  *)
Nothing == [q \in Process |-> 0]

(* A message carries, beside what it waits for, what is needed above: its   *)
(* kind; the clock of its sender, and its number in the total order, 0 as   *)
(* long as it has none (Abcast); the epoch in which it was multicast, of    *)
(* which there is only one in a view as long as nobody closes it (Gbcast).  *)
Stamp(p, kind, clock) ==
    [kind |-> kind, after |-> context[p], clock |-> clock, number |-> 0, epoch |-> epoch[p]]

(* A message that others wait for, and where they still have to.            *)
Predecessor(m) == [id |-> m.id, to |-> m.to, number |-> m.time.number]

(****************************************************************************)
(* Decisions                                                                *)
(****************************************************************************)

(* What is left of C behind a message to these destinations: there, it is   *)
(* the message that is waited for.                                          *)
Beyond(C, to) ==
    {x \in {[y EXCEPT !.to = @ \ to] : y \in C} : x.to # {}}

(* What comes of C when m has been added to it.                             *)
Behind(C, m) == Beyond(C, m.to) \cup {Predecessor(m)}

(* Both, of which either may lack what it knows to be covered.              *)
Merged(C, D) ==
    LET both(x, same) == [id     |-> x.id,
                          to     |-> {q \in x.to : \A y \in same : q \in y.to},
                          number |-> Max({y.number : y \in same})]
        joined(x, all) == {both(x, same) : same \in {{y \in all : y.id = x.id}}}
    IN  UNION {{x \in UNION {joined(y, all) : y \in all} : x.to # {}} : all \in {C \cup D}}

(* p has delivered this message, which was for it.                          *)
HasDelivered(delivered, id) == delivered[id[1]] >= id[2]

(* All that m waits for at p has been delivered there.                      *)
Deliverable(p, m, delivered) ==
    /\ p \in m.to
    /\ ~ HasDelivered(delivered, m.id)
    /\ \A x \in m.time.after : p \in x.to => HasDelivered(delivered, x.id)

(* m belongs to the view and the epoch of p.                                *)
Present(p, m) == m.view = current[p] /\ m.time.epoch = epoch[p]

(* p may begin nothing now, and has told the others all that it knows.      *)
Frozen(p) == Blocked(p) \/ closing[p]

(* What p may deliver now.                                                  *)
Ready(p) ==
    {m \in received[p] : /\ Present(p, m)
                         /\ m.time.kind = "cbcast"
                         /\ Deliverable(p, m, time[p])}

(* p knows that m has been delivered wherever it had to be.                 *)
Stable(p, m) ==
    /\ m.view = current[p]
    /\ \A q \in m.to : HasDelivered(IF q = p THEN time[p] ELSE heard[p][q], m.id)

(* p does not wait for what it has delivered.                               *)
Pending(p, C, delivered) ==
    {x \in {[y EXCEPT !.to = IF HasDelivered(delivered, y.id) THEN @ \ {p} ELSE @] :
                y \in C} : x.to # {}}

(* p waits for none of its own multicasts.                                  *)
Settled(p) == \A x \in context[p] : p \notin x.to

(* All that p has multicast in its view is stable.                          *)
Flushed(p) ==
    /\ ~ Blocked(p)
    /\ \A m \in received[p] : m.id[1] = p => Stable(p, m)

(* What p sends along with a multicast to these: whatever is not stable, if *)
(* some of it is not for all of them.                                       *)
Carried(p, to) ==
    LET unstable == {m \in received[p] : /\ m.view = current[p]
                                         /\ ~ Stable(p, m)
                                         /\ p \in m.to => m.id[1] = p \/ HasDelivered(time[p], m.id)}
    IN  IF \E m \in unstable : ~ (to \subseteq m.to) THEN unstable ELSE {}

AcknowledgementPacket(k, delivered) ==
    Packet("acknowledgement", k, {}, delivered)

(****************************************************************************)
(* Actions                                                                  *)
(****************************************************************************)
CbcastInit ==
    /\ FlushInit
    /\ time    = [p \in Process |-> Nothing]
    /\ context = [p \in Process |-> {}]
    /\ heard   = [p \in Process |-> [q \in Process |-> Nothing]]
    /\ epoch   = [p \in Process |-> 0]
    /\ closing = [p \in Process |-> FALSE]

(* p multicasts m; it sees this, and if `atOnce` its own delivery.          *)
Begin(p, m, atOnce) ==
    /\ m.to \subseteq Members(CurrentView(p))
    /\ Disseminate(p, m, Carried(p, m.to),
                   IF atOnce THEN AtOnce(p, m.id) ELSE MulticastedAs(p, m.id, m.time.kind))
    /\ \E delivered \in {IF atOnce THEN [time[p] EXCEPT ![p] = m.id[2]] ELSE time[p]} :
        /\ time' = [time EXCEPT ![p] = delivered]
        /\ context' = [context EXCEPT ![p] = Pending(p, Behind(@, m), delivered)]
    /\ UNCHANGED <<heard, epoch, closing>>

(* The n-th multicast of p, to these members.                               *)
Multicast(p, n, to) ==
    /\ ~ Frozen(p)
    /\ p \in to => Settled(p)
    /\ Begin(p, Message(<<p, n>>, current[p], to, Stamp(p, "cbcast", 0)), p \in to)

(* p delivers a message that has nothing more to wait for.  (It may know    *)
(* more about m than is written on what it holds.)                          *)
Complete(p, m) ==
    /\ Deliverable(p, m, time[p])
    /\ \E x \in received[p] : x.id = m.id /\ DeliverHeld(p, x, x.time.kind)
    /\ \E delivered \in {[time[p] EXCEPT ![m.id[1]] = m.id[2]]} :
        /\ time' = [time EXCEPT ![p] = delivered]
        /\ context' = [context EXCEPT ![p] =
                Pending(p, Merged(@, Behind(m.time.after, m)), delivered)]
    /\ UNCHANGED <<heard, epoch, closing>>

Deliver(p, m) == m \in Ready(p) /\ Complete(p, m)

(* p has delivered all that can be delivered, and installs the next view.   *)
Install(p) ==
    /\ Ready(p) = {}
    /\ Advance(p)
    /\ context' = [context EXCEPT ![p] = {}]
    /\ epoch'   = [epoch EXCEPT ![p] = 0]
    /\ closing' = [closing EXCEPT ![p] = FALSE]
    /\ UNCHANGED <<time, heard>>

(* p tells the members of its view what it has delivered.                   *)
Acknowledge(p) ==
    /\ p \notin crashed
    /\ ~ Blocked(p)
    /\ heard[p][p] # time[p]
    /\ heard' = [heard EXCEPT ![p][p] = time[p]]
    /\ SendTo(p, Members(views[current[p]]),
              AcknowledgementPacket(current[p], time[p]))
    /\ UNCHANGED <<world, flushing, history, time, context, epoch, closing>>

(* p learns what q has delivered.  q may be in a later view than p already, *)
(* and it says only once what it has delivered there: so that is kept.      *)
(* Numbers go on from view to view, so that it is true in the view of p.    *)
ReceiveAcknowledgement(p, q) ==
    \E i \in DOMAIN net[q][p] :
        /\ Arrives(p, q, i, "acknowledgement")
        /\ heard' = IF net[q][p][i].view >= current[p]
                    THEN [heard EXCEPT ![p][q] = net[q][p][i].time]
                    ELSE heard
        /\ UNCHANGED <<world, flushing, history, time, context, epoch, closing>>

(* p forgets what is stable: no flush needs to carry it, and nobody needs   *)
(* to wait for it.                                                          *)
Forget(p) ==
    /\ p \notin crashed
    /\ \E stable \in {{m \in received[p] : Stable(p, m)}} :
        /\ stable # {}
        /\ received' = [received EXCEPT ![p] = @ \ stable]
        /\ context'  = [context EXCEPT ![p] =
                {x \in @ : x.id \notin {m.id : m \in stable}}]
    /\ UNCHANGED <<world, known, current, flushes, readies, history, net>>
    /\ UNCHANGED <<time, heard, epoch, closing>>

(* What Flush does below leaves the order alone.                            *)
FlushReact(p) == React(p) /\ UNCHANGED ordering

CbcastReact(p) ==
    \/ FlushReact(p)
    \/ \E m \in received[p] : Deliver(p, m)
    \/ Install(p)
    \/ \E q \in Process : ReceiveAcknowledgement(p, q)
    \/ Forget(p)
=============================================================================
