-------------------------------- MODULE Gbcast --------------------------------
(****************************************************************************)
(* GBCAST: a multicast that is ordered against every other one.  All of its *)
(* destinations have delivered the same before it, whatever its kind.       *)
(*                                                                          *)
(* The time of a view is divided into epochs.  Who has a GBCAST to make     *)
(* closes the epoch, and tells the other members of the view everything     *)
(* that it holds; whoever hears that an epoch is being closed does the same *)
(* (Close).  Who has heard from all says so (Settle): it knows all that     *)
(* anyone knew of the epoch, the GBCASTs made in it among them.  Who has    *)
(* heard this from all delivers what is left, then the GBCASTs, and begins  *)
(* the next epoch (End).  It is a flush without a change of view.           *)
(*                                                                          *)
(* So a GBCAST takes three messages one after the other before it is        *)
(* delivered elsewhere; one that changes the view takes five: Propose,      *)
(* Acknowledge, Commit (SiteViews), Flush and Ready (Flush).                *)
(*                                                                          *)
(* If a member fails, the flush of the next view does the rest.  Either all *)
(* who go on have settled, and then know the whole epoch; or nobody at all  *)
(* has ended it.                                                            *)
(*                                                                          *)
(* Source: Birman and Joseph 1987, section 3.1; Birman and Joseph, Reliable *)
(* Communication in the Presence of Failures, 1987, section 3.3.            *)
(* Builds on: Abcast, CbcastLists, Flush.                                   *)
(****************************************************************************)
EXTENDS Abcast

VARIABLES
    \* @type: PROCESS -> Set(<<PROCESS, Int, Int>>);
    closes,        \* <<q, k, e>>: q has told it all of epoch e of view k
    \* @type: PROCESS -> Set(<<PROCESS, Int, Int>>);
    settles        \* <<q, k, e>>: q knows all of it, from everyone

closure == <<closes, settles>>

ClosePacket(k, e, messages) == Packet("close", k, messages, <<e>>)
SettlePacket(k, e)          == Packet("settle", k, {}, <<e>>)

(****************************************************************************)
(* Decisions                                                                *)
(****************************************************************************)
Mark(p, q) == <<q, current[p], epoch[p]>>

(* Somebody is closing the epoch of p.                                      *)
ToClose(p) == \E q \in Members(CurrentView(p)) : Mark(p, q) \in closes[p]

MaySettle(p) ==
    /\ closing[p]
    /\ ~ Blocked(p)
    /\ Mark(p, p) \notin settles[p]
    /\ \A q \in Members(CurrentView(p)) : Mark(p, q) \in closes[p]

(* All members know all of the epoch.                                       *)
AllSettled(p) ==
    /\ current[p] > 0
    /\ \A q \in Members(CurrentView(p)) : Mark(p, q) \in settles[p]

(* What is known of the epoch is known to all who matter.                   *)
Closed(p) == AllSettled(p) \/ (Blocked(p) /\ MayInstall(p))

(* What p has still to deliver before the GBCASTs.                          *)
Rest(p) == Ready(p) \cup NextOfRest(p)

Gbcasts(p) == {m \in received[p] : Present(p, m) /\ m.time.kind = "gbcast"}

(* Something of a later epoch of the view.                                  *)
Beginnings(p) ==
    {m \in received[p] : m.view = current[p] /\ m.time.epoch > epoch[p]}

(* The GBCASTs of the epoch that are for p, in the order of their senders.  *)
InTurn(p) ==
    LET mine == {m \in Gbcasts(p) : p \in m.to}
    IN  CHOOSE s \in Orders(mine) :
            \A i, j \in DOMAIN s : i < j => Precedes(Place(p, 0, 0, s[i]), Place(p, 0, 0, s[j]))

(****************************************************************************)
(* Actions                                                                  *)
(****************************************************************************)
GbcastInit ==
    /\ AbcastInit
    /\ closes  = [p \in Process |-> {}]
    /\ settles = [p \in Process |-> {}]

Unclosed == <<world, known, current, flushes, readies, time, context, heard, epoch, numbering>>

(* p tells the others all that it holds of the view.                        *)
TellAll(p, held) ==
    /\ closing' = [closing EXCEPT ![p] = TRUE]
    /\ closes' = [closes EXCEPT ![p] = @ \cup {Mark(p, p)}]
    /\ SendTo(p, Members(CurrentView(p)),
              ClosePacket(current[p], epoch[p], {m \in held : m.view = current[p]}))

(* The n-th multicast of p is a GBCAST to these.                            *)
MulticastAlone(p, n, to) ==
    /\ p \notin crashed
    /\ ~ Frozen(p)
    /\ \E m \in {Message(<<p, n>>, current[p], to, Stamp(p, "gbcast", clock[p]))} :
        /\ received' = [received EXCEPT ![p] = @ \cup {m}]
        /\ history' = [history EXCEPT ![p] = MulticastedAs(p, m.id, "gbcast")]
        /\ TellAll(p, received[p] \cup {m})
    /\ UNCHANGED <<Unclosed, settles>>

(* p hears that its epoch is being closed, and does its part.               *)
Close(p) ==
    /\ p \notin crashed
    /\ ~ Frozen(p)
    /\ ToClose(p)
    /\ TellAll(p, received[p])
    /\ UNCHANGED <<Unclosed, received, history, settles>>

ReceiveClose(p, q) ==
    \E i \in DOMAIN net[q][p] :
        /\ Arrives(p, q, i, "close")
        /\ \E x \in {net[q][p][i]} :
            /\ received' = Holding(p, {m \in x.messages : m.view > current[p] \/ m.time.epoch >= epoch[p]})
            /\ closes' = [closes EXCEPT ![p] = @ \cup {<<q, x.view, x.time[1]>>}]
        /\ UNCHANGED <<Unclosed, closing, history, settles>>

Settle(p) ==
    /\ p \notin crashed
    /\ MaySettle(p)
    /\ settles' = [settles EXCEPT ![p] = @ \cup {Mark(p, p)}]
    /\ SendTo(p, Members(CurrentView(p)), SettlePacket(current[p], epoch[p]))
    /\ UNCHANGED <<Unclosed, closing, received, history, closes>>

ReceiveSettle(p, q) ==
    \E i \in DOMAIN net[q][p] :
        /\ Arrives(p, q, i, "settle")
        /\ settles' = [settles EXCEPT ![p] = @ \cup {<<q, net[q][p][i].view, net[q][p][i].time[1]>>}]
        /\ UNCHANGED <<Unclosed, closing, received, history, closes>>

(* The epoch is closed, and p delivers what is left of it in order.         *)
DeliverRest(p, m) ==
    /\ p \notin crashed
    /\ AllSettled(p)
    /\ Ready(p) = {}
    /\ m \in NextOfRest(p)
    /\ \E x \in {[m EXCEPT !.time.number = Number(p, m.id)]} : Complete(p, x)
    /\ clock' = After(p, m)
    /\ UNCHANGED <<proposals, noted, released, closure>>

(* All of the epoch is delivered but its GBCASTs: p delivers them, forgets  *)
(* the epoch, and goes on to the next.                                      *)
End(p) ==
    /\ p \notin crashed
    /\ Closed(p)
    /\ Rest(p) = {}
    /\ AllSettled(p) \/ Gbcasts(p) # {} \/ Beginnings(p) # {}
    /\ \E turn \in {InTurn(p)} :
        /\ history' = [history EXCEPT ![p] =
                @ \o [i \in DOMAIN turn |->
                    OfPrimitive(Event("deliver", CurrentView(p), turn[i].id, {}), "gbcast")]]
        /\ time' = [time EXCEPT ![p] =
                [q \in Process |-> Max({@[q]} \cup {m.id[2] : m \in {x \in Range(turn) : x.id[1] = q}})]]
    /\ received' = [received EXCEPT ![p] =
            {m \in @ : ~ (m.view = current[p] /\ m.time.epoch = epoch[p])}]
    /\ context' = [context EXCEPT ![p] = {}]
    /\ epoch'   = [epoch EXCEPT ![p] = @ + 1]
    /\ closing' = [closing EXCEPT ![p] = FALSE]
    /\ closes'  = [closes EXCEPT ![p] = {x \in @ : x[2] # current[p] \/ x[3] > epoch[p]}]
    /\ settles' = [settles EXCEPT ![p] = {x \in @ : x[2] # current[p] \/ x[3] > epoch[p]}]
    /\ proposals' = [proposals EXCEPT ![p] = {}]
    /\ noted'     = [noted EXCEPT ![p] = {}]
    /\ released'  = [released EXCEPT ![p] = {}]
    /\ UNCHANGED <<world, known, current, flushes, readies, heard, clock, net>>

(* p installs the next view when there is nothing of this one left.         *)
InstallNext(p) ==
    /\ Gbcasts(p) = {} /\ Beginnings(p) = {}
    /\ InstallInOrder(p)
    /\ closes'  = [closes EXCEPT ![p] = {x \in @ : x[2] > current[p]}]
    /\ settles' = [settles EXCEPT ![p] = {x \in @ : x[2] > current[p]}]

AbcastReactInEpoch(p) ==
    /\ \/ Below(p)
       \/ \E m \in received[p] :
            \/ Propose(p, m)       \/ Order(p, m)          \/ Release(p, m)
            \/ DeliverAtOnce(p, m) \/ DeliverInOrder(p, m)
       \/ \E q \in Process :
            \/ ReceiveProposal(p, q) \/ ReceiveOrder(p, q)
            \/ ReceiveNoted(p, q)    \/ ReceiveRelease(p, q)
    /\ UNCHANGED closure

GbcastReact(p) ==
    \/ AbcastReactInEpoch(p)
    \/ Close(p) \/ Settle(p) \/ End(p) \/ InstallNext(p)
    \/ \E m \in received[p] : DeliverRest(p, m)
    \/ \E q \in Process : ReceiveClose(p, q) \/ ReceiveSettle(p, q)
=============================================================================
