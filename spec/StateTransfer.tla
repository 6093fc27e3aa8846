---------------------------- MODULE StateTransfer ----------------------------
(****************************************************************************)
(* State transfer: a process joins a group and gets the state that the      *)
(* group had at the view that admits it, in blocks, while the others go on. *)
(*                                                                          *)
(* The service below gives every member the same events in the same order:  *)
(* views and updates.  At a view with joiners each older member takes a     *)
(* snapshot of its state (Hear); what comes for the joiner waits.  Then     *)
(*                                                                          *)
(*   1  the joiner asks the oldest member for the blocks after those that   *)
(*      it has (Ask), and so again whenever another one is the oldest: the  *)
(*      donor may fail at any block, and the next one goes on from there;   *)
(*   2  the donor sends them, no more than a window ahead of what the       *)
(*      joiner has acknowledged (SendBlock, ReceiveBlock);                  *)
(*   3  when the joiner has all, it has its state, and then what waited, in *)
(*      its order (Complete); it tells the members, who forget the snapshot *)
(*      when it is of no more use to anyone (ReceiveDone).                  *)
(*                                                                          *)
(* Joiners get their states one after the other, the oldest first.  So at   *)
(* any time those who have the state are older than those who have not, and *)
(* the oldest member has it, if anyone has.  If a joiner without its state  *)
(* is the oldest, the state of the group is lost, and all know it who need  *)
(* to: it goes on as the founder of a new one (Found), from which the       *)
(* younger ones then get theirs.  Had they been served side by side, one of *)
(* them might have the old state when an older one founds a new state: the  *)
(* model MCStateTransfer_ServesAllAtOnce shows it.                          *)
(*                                                                          *)
(* A joiner that waits takes no snapshot at a view that it hears: it takes  *)
(* it when it comes to that view in the order of what waits.                *)
(*                                                                          *)
(* The same through a bulk channel: the window has no end, and the channel  *)
(* may break (Break); the joiner asks again, from the break or the start.   *)
(*                                                                          *)
(* Assumed: members with the same updates behind them cut their state into  *)
(* the same blocks.  Members that do not share the state (who joined        *)
(* without asking for it) have no part in this, and are left out here.      *)
(*                                                                          *)
(* Source: Birman and Joseph 1987, section 3.2 (join_and_xfer).             *)
(* Needs: virtual synchrony of the group, FIFO channels between sites.      *)
(* Python: src/vsync/state_transfer.py                                      *)
(****************************************************************************)
EXTENDS VSTypes, Network

CONSTANTS
    \* @type: Set(PROCESS);
    Process,       \* all the processes there may ever be
    \* @type: Seq(PROCESS);
    Founders,      \* the members of view 1, oldest first
    \* @type: Seq(Int);
    Initial,       \* the updates behind the founders when the group begins
    \* @type: PROCESS;
    NoProcess,     \* none of them
    \* @type: Int;
    Window         \* how many blocks may be under way to a joiner

VARIABLES
    \* @type: Seq(EVENT);
    events,        \* what happens in the group, in its order: views, updates
    \* @type: Set(PROCESS);
    crashed,       \* the processes that have stopped
    \* @type: PROCESS -> Int;
    heard,         \* how many of the events the process was told of
    \* @type: PROCESS -> Bool;
    complete,      \* it has its state
    \* @type: PROCESS -> Seq(Int);
    state,         \* the state: the updates behind it
    \* @type: PROCESS -> Int;
    origin,        \* the view in which this state was founded; 0: the first
    \* @type: PROCESS -> Seq(Int);
    buffered,      \* the numbers of the events that wait for the state
    \* @type: PROCESS -> Seq(Seq(Int));
    blocks,        \* the blocks that have come so far
    \* @type: PROCESS -> Int;
    total,         \* how many there will be; 0: not known
    \* @type: PROCESS -> PROCESS;
    donor,         \* whom it asked for them
    \* @type: PROCESS -> Set(SNAPSHOT);
    snapshots,     \* the states that it keeps for joiners
    \* @type: PROCESS -> Set(<<Int, PROCESS>>);
    pending,       \* <<k, q>>: q joined in view k, and is not known to be done
    \* @type: PROCESS -> Set(REQUEST);
    asked,         \* the joiners that have asked it, and what they have
    \* @type: PROCESS -> (PROCESS -> Seq(PACKET));
    net,           \* the packets in flight
    \* @type: Set(FOUNDING);
    foundings      \* (for the formulas only) when states were founded

service  == <<events, crashed>>
joining  == <<complete, state, origin, buffered, blocks, total, donor>>
serving  == <<snapshots, pending, asked>>
vars     == <<service, heard, joining, serving, net, foundings>>

Changed(view) == [view |-> view, update |-> 0]
Updated(u)    == [view |-> NoView, update |-> u]

Packet(type, view, number, of, block, from) ==
    [type |-> type, view |-> view, number |-> number, total |-> of, block |-> block, origin |-> from]

AskPacket(k, n)                == Packet("ask", k, n, 0, <<>>, 0)
BlockPacket(k, n, of, b, from) == Packet("block", k, n, of, b, from)
ReceivedPacket(k, n)           == Packet("received", k, n, 0, <<>>, 0)
DonePacket(k)                  == Packet("done", k, 0, 0, <<>>, 0)

(* A state in blocks: at least one, so that there is something to send.     *)
Blocks(s) == IF s = <<>> THEN <<<<>>>> ELSE [i \in DOMAIN s |-> <<s[i]>>]

(* The state that these blocks make.                                        *)
Assembled(bs) ==
    LET some(b) == b # <<>>
        full == SelectSeq(bs, some)
    IN  [i \in DOMAIN full |-> full[i][1]]

(* The updates among these events.                                          *)
Updates(es) ==
    LET update(e) == e.update # 0
        us == SelectSeq(es, update)
    IN  [i \in DOMAIN us |-> us[i].update]

(****************************************************************************)
(* Decisions                                                                *)
(****************************************************************************)

(* The view of the group after its first n events.                          *)
ViewAt(n) ==
    LET changes == {i \in 1..n : events[i].view # NoView}
    IN  IF changes = {} THEN NoView ELSE events[Max(changes)].view

CurrentView(p) == ViewAt(heard[p])
Member(p) == p \notin crashed /\ p \in Members(CurrentView(p))
Oldest(p) == CurrentView(p).members[1]

(* The place in the order of the view that admits p.                        *)
JoinedAt(p) ==
    CHOOSE i \in DOMAIN events :
        /\ p \in Members(events[i].view)
        /\ \A j \in 1..(i - 1) : p \notin Members(events[j].view)
JoinView(p) == events[JoinedAt(p)].view.id

(* Those who join with the event number i.                                  *)
Newcomers(i) == Members(events[i].view) \ Members(ViewAt(i - 1))

(* The event that p is told of next.                                        *)
ToHear(p) ==
    IF heard[p] > 0 THEN {heard[p] + 1} \cap DOMAIN events
    ELSE {i \in DOMAIN events : p \in Newcomers(i)}

(* A joiner of view k is done, or gone, as far as p knows.                  *)
Finished(p, k, j) == <<k, j>> \notin pending[p]

(* What comes for p has to wait.                                            *)
Waits(p) == ~ complete[p]

(* p was told of the view that this packet is about.                        *)
ToldOf(p, packet) == packet.view <= CurrentView(p).id

(* A joiner is served on in this view.                                      *)
Stays(j, view) == j \in Members(view)

(* p asks whoever has become the oldest member.                             *)
ToAsk(p) == Oldest(p) \notin {p, donor[p]}

(* Nobody is left who has the state, or will have it before p.              *)
Alone(p) == Oldest(p) = p

(* Those whom p tells that it is done.                                      *)
Audience(p) == Members(CurrentView(p))

(* The state before the n-th of the events that waited, from the state s on. *)
StateBefore(s, waited, n) == s \o Updates(SubSeq(waited, 1, n - 1))

(* The snapshots that are of use to somebody of these.                      *)
Needed(kept, waiting) == {s \in kept : \E x \in waiting : x[1] = s.view}

(* All blocks are there.                                                    *)
AllReceived(p) == total[p] > 0 /\ Len(blocks[p]) = total[p]

(* p gives j its state only when all older joiners have theirs.             *)
Turn(p, j) ==
    \A x \in pending[p] :
        Rank(CurrentView(p), j) <= Rank(CurrentView(p), x[2])

(* What p keeps for a joiner of view k.                                     *)
SnapshotFor(p, k) == {s \in snapshots[p] : s.view = k}

(* The blocks into which p cuts the state that it keeps.                    *)
Cut(p, s) == Blocks(s.state)

(* The block that p sends next to one that has asked.                       *)
NextBlock(r) == Max({r.sent, r.next}) + 1

MaySend(p, r, s) ==
    /\ complete[p]
    /\ Turn(p, r.joiner)
    /\ NextBlock(r) <= Len(Cut(p, s))
    /\ NextBlock(r) <= r.next + Window

(* p takes this block: it is the one that comes next.                       *)
Takes(p, packet) ==
    /\ ~ complete[p]
    /\ packet.number = Len(blocks[p]) + 1

(* What a joiner says that it has.                                          *)
Has(p) == Len(blocks[p])

(****************************************************************************)
(* Actions                                                                  *)
(****************************************************************************)
TransferInit ==
    /\ events    = <<Changed(View(1, Founders))>>
    /\ crashed   = {}
    /\ complete  = [p \in Process |-> p \in Range(Founders)]
    /\ heard     = [p \in Process |-> IF complete[p] THEN 1 ELSE 0]
    /\ state     = [p \in Process |-> IF complete[p] THEN Initial ELSE <<>>]
    /\ origin    = [p \in Process |-> 0]
    /\ buffered  = [p \in Process |-> <<>>]
    /\ blocks    = [p \in Process |-> <<>>]
    /\ total     = [p \in Process |-> 0]
    /\ donor     = [p \in Process |-> NoProcess]
    /\ snapshots = [p \in Process |-> {}]
    /\ pending   = [p \in Process |-> {}]
    /\ asked     = [p \in Process |-> {}]
    /\ net       = Quiet(Process)
    /\ foundings = {[view |-> 0, from |-> 1, base |-> Initial]}

(* Packets to who has crashed are lost at once; that keeps the states few.  *)
SendTo(p, Q, packet) == net' = Send(net, p, (Q \ {p}) \ crashed, <<packet>>)

(* p is told of an update: it is delivered, or waits for the state.         *)
HearUpdate(p) ==
    \E i \in ToHear(p) :
        /\ Member(p)
        /\ events[i].update # 0
        /\ heard' = [heard EXCEPT ![p] = i]
        /\ IF Waits(p)
           THEN /\ buffered' = [buffered EXCEPT ![p] = Append(@, i)]
                /\ UNCHANGED state
           ELSE /\ state' = [state EXCEPT ![p] = Append(@, events[i].update)]
                /\ UNCHANGED buffered
        /\ UNCHANGED <<service, complete, origin, blocks, total, donor, serving, net, foundings>>

(* p is told of a view that it is a member of.  It takes a snapshot if      *)
(* there are joiners; who is gone gets no more from it.                     *)
HearView(p) ==
    \E i \in ToHear(p) : \E view \in {events[i].view} :
        /\ p \notin crashed
        /\ p \in Members(view)
        /\ heard' = [heard EXCEPT ![p] = i]
        /\ pending' = [pending EXCEPT ![p] =
                {x \in @ : Stays(x[2], view)}
                    \cup {<<view.id, j>> : j \in Newcomers(i) \ {p}}]
        /\ asked' = [asked EXCEPT ![p] = {r \in @ : Stays(r.joiner, view)}]
        /\ IF complete[p]
           THEN /\ snapshots' = [snapshots EXCEPT ![p] =
                        Needed(@ \cup {[view |-> view.id, state |-> state[p]]}, pending'[p])]
                /\ UNCHANGED buffered
           ELSE /\ buffered' = [buffered EXCEPT ![p] = Append(@, i)]
                /\ UNCHANGED snapshots
        /\ UNCHANGED <<service, complete, state, origin, blocks, total, donor, net, foundings>>

(* p is told that it is a member no more: it has left, or was excluded.     *)
HearEnd(p) ==
    \E i \in ToHear(p) :
        /\ Member(p)
        /\ events[i].view # NoView
        /\ p \notin Members(events[i].view)
        /\ heard'     = [heard EXCEPT ![p] = i]
        /\ complete'  = [complete EXCEPT ![p] = FALSE]
        /\ state'     = [state EXCEPT ![p] = <<>>]
        /\ buffered'  = [buffered EXCEPT ![p] = <<>>]
        /\ blocks'    = [blocks EXCEPT ![p] = <<>>]
        /\ total'     = [total EXCEPT ![p] = 0]
        /\ donor'     = [donor EXCEPT ![p] = NoProcess]
        /\ snapshots' = [snapshots EXCEPT ![p] = {}]
        /\ pending'   = [pending EXCEPT ![p] = {}]
        /\ asked'     = [asked EXCEPT ![p] = {}]
        /\ UNCHANGED <<service, origin, net, foundings>>

(* A joiner asks the oldest member for the blocks that it has not: step 1.  *)
Ask(p) ==
    /\ Member(p)
    /\ ~ complete[p] /\ ~ AllReceived(p)
    /\ ToAsk(p)
    /\ donor' = [donor EXCEPT ![p] = Oldest(p)]
    /\ SendTo(p, {Oldest(p)}, AskPacket(JoinView(p), Has(p)))
    /\ UNCHANGED <<service, heard, complete, state, origin, buffered, blocks, total, serving, foundings>>

(* A packet of this type, from q, arrives at p.  What is about a view of    *)
(* which p was not told yet waits until it is.                              *)
Arrives(p, q, type) ==
    /\ Member(p)
    /\ net[q][p] # <<>>
    /\ net[q][p][1].type = type
    /\ ToldOf(p, net[q][p][1])
    /\ net' = Take(net, q, p, 1)

(* q asks p, who remembers it, and sends when it can.                       *)
ReceiveAsk(p, q) ==
    /\ Arrives(p, q, "ask")
    /\ \E x \in {net[q][p][1]} :
        asked' = [asked EXCEPT ![p] =
            IF Finished(p, x.view, q) THEN @
            ELSE {r \in @ : r.joiner # q}
                    \cup {[joiner |-> q, view |-> x.view, next |-> x.number, sent |-> x.number]}]
    /\ UNCHANGED <<service, heard, joining, snapshots, pending, foundings>>

(* p sends j the next block: step 2.                                        *)
SendBlock(p, j) ==
    /\ Member(p)
    /\ \E r \in asked[p] : \E s \in SnapshotFor(p, r.view) :
        /\ r.joiner = j
        /\ MaySend(p, r, s)
        /\ asked' = [asked EXCEPT ![p] = (@ \ {r}) \cup {[r EXCEPT !.sent = NextBlock(r)]}]
        /\ SendTo(p, {j}, BlockPacket(r.view, NextBlock(r), Len(Cut(p, s)),
                                      Cut(p, s)[NextBlock(r)], origin[p]))
    /\ UNCHANGED <<service, heard, joining, snapshots, pending, foundings>>

(* A block comes to the joiner p.  It takes the next one only: what comes   *)
(* again, from an earlier donor, it has.  It acknowledges all but the last. *)
ReceiveBlock(p, q) ==
    /\ Member(p)
    /\ net[q][p] # <<>>
    /\ \E x \in {net[q][p][1]} :
        /\ x.type = "block"
        /\ IF Takes(p, x)
           THEN /\ blocks' = [blocks EXCEPT ![p] = Append(@, x.block)]
                /\ total'  = [total EXCEPT ![p] = x.total]
                /\ origin' = [origin EXCEPT ![p] = x.origin]
                /\ net' = IF x.number = x.total THEN Take(net, q, p, 1)
                          ELSE Send(Take(net, q, p, 1), p, {donor[p]} \ crashed,
                                    <<ReceivedPacket(x.view, Len(blocks'[p]))>>)
           ELSE /\ net' = Take(net, q, p, 1)
                /\ UNCHANGED <<blocks, total, origin>>
    /\ UNCHANGED <<service, heard, complete, state, buffered, donor, serving, foundings>>

ReceiveAcknowledgement(p, q) ==
    /\ Arrives(p, q, "received")
    /\ asked' = [asked EXCEPT ![p] =
            {IF r.joiner = q THEN [r EXCEPT !.next = net[q][p][1].number] ELSE r : r \in @}]
    /\ UNCHANGED <<service, heard, joining, snapshots, pending, foundings>>

(* p has the state s, founded in that view.  It is told, then gets what has *)
(* waited, in order; at a view with joiners it takes its snapshot there.    *)
(* It tells the others that it needs no more.                               *)
Begin(p, s, from) ==
    /\ \E waited \in {[n \in DOMAIN buffered[p] |-> events[buffered[p][n]]]} :
        /\ state' = [state EXCEPT ![p] = s \o Updates(waited)]
        /\ snapshots' = [snapshots EXCEPT ![p] = Needed(
                {[view |-> waited[n].view.id, state |-> StateBefore(s, waited, n)] :
                    n \in {i \in DOMAIN waited : waited[i].view # NoView}}, pending[p])]
    /\ complete' = [complete EXCEPT ![p] = TRUE]
    /\ origin'   = [origin EXCEPT ![p] = from]
    /\ buffered' = [buffered EXCEPT ![p] = <<>>]
    /\ blocks'   = [blocks EXCEPT ![p] = <<>>]
    /\ total'    = [total EXCEPT ![p] = 0]
    /\ donor'    = [donor EXCEPT ![p] = NoProcess]
    /\ SendTo(p, Audience(p), DonePacket(JoinView(p)))
    /\ UNCHANGED <<service, heard, pending, asked>>

(* The joiner has all blocks: step 3.                                       *)
Complete(p) ==
    /\ Member(p)
    /\ ~ complete[p]
    /\ AllReceived(p)
    /\ Begin(p, Assembled(blocks[p]), origin[p])
    /\ UNCHANGED foundings

(* Nobody is left who has the state: the joiner p founds a new one.         *)
Found(p) ==
    /\ Member(p)
    /\ ~ complete[p] /\ ~ AllReceived(p)
    /\ Alone(p)
    /\ Begin(p, <<>>, CurrentView(p).id)
    /\ foundings' = foundings \cup
            {[view |-> CurrentView(p).id, from |-> JoinedAt(p), base |-> <<>>]}

(* The joiner q is done: p forgets what it kept for it.                     *)
ReceiveDone(p, q) ==
    /\ Arrives(p, q, "done")
    /\ pending'   = [pending EXCEPT ![p] = {x \in @ : x[2] # q}]
    /\ snapshots' = [snapshots EXCEPT ![p] = Needed(@, pending'[p])]
    /\ asked'     = [asked EXCEPT ![p] = {r \in @ : r.joiner # q}]
    /\ UNCHANGED <<service, heard, joining, foundings>>

(* A bulk channel to p breaks: what was in it is lost, and p asks again for *)
(* the blocks after the break, or for all if it has not kept those before.  *)
Break(p, kept) ==
    /\ Member(p)
    /\ donor[p] # NoProcess
    /\ \E q \in {donor[p]} :
        LET other(x) == x.type # "block"
        IN  /\ net[q][p] # SelectSeq(net[q][p], other)
            /\ net' = [net EXCEPT ![q][p] = SelectSeq(@, other)]
    /\ donor'  = [donor EXCEPT ![p] = NoProcess]
    /\ blocks' = [blocks EXCEPT ![p] = IF kept THEN @ ELSE <<>>]
    /\ total'  = [total EXCEPT ![p] = IF kept THEN @ ELSE 0]
    /\ UNCHANGED <<service, heard, complete, state, origin, buffered, serving, foundings>>

(****************************************************************************)
(* The environment                                                          *)
(****************************************************************************)

(* The service orders one more event: module Groups, seen from here.        *)
Order(event) ==
    /\ events' = Append(events, event)
    /\ UNCHANGED <<crashed, heard, joining, serving, net, foundings>>

(* p crashes, at any point; others notice by a later view only.             *)
Crash(p) ==
    /\ p \notin crashed
    /\ crashed' = crashed \cup {p}
    /\ net' = Deafened(net, p)
    /\ UNCHANGED <<events, heard, joining, serving, foundings>>

(* The last packet that p sent to q before it crashed was not sent after    *)
(* all.                                                                     *)
Lose(p, q) ==
    /\ p \in crashed
    /\ net[p][q] # <<>>
    /\ net' = Shortened(net, p, q)
    /\ UNCHANGED <<service, heard, joining, serving, foundings>>

(* What a process does on its own account, once it has been told to.        *)
React(p) ==
    \/ HearUpdate(p) \/ HearView(p) \/ HearEnd(p)
    \/ Ask(p) \/ Complete(p) \/ Found(p)
    \/ \E q \in Process :
        \/ ReceiveAsk(p, q)  \/ SendBlock(p, q)
        \/ ReceiveBlock(p, q) \/ ReceiveAcknowledgement(p, q)
        \/ ReceiveDone(p, q)

(****************************************************************************)
(* Guarantees                                                               *)
(****************************************************************************)
LastView == ViewAt(Len(events))

(* A block under way that q has not got in another way meanwhile.           *)
IsNews(q, packet) == packet.type = "block" /\ packet.number > Len(blocks[q])

TransferTypeOK ==
    /\ \A p \in Process :
        /\ heard[p] \in 0..Len(events)
        /\ complete[p] => buffered[p] = <<>> /\ blocks[p] = <<>> /\ donor[p] = NoProcess
        /\ ~ complete[p] => state[p] = <<>> /\ snapshots[p] = {}
        /\ Len(blocks[p]) <= total[p]
        /\ \A r \in asked[p] : \E x \in pending[p] : x = <<r.view, r.joiner>>

(* No more than a window of new blocks is under way to anyone.  (Through a  *)
(* bulk channel the window has no end: what is sent before the donor hears  *)
(* that the channel broke is under way beside what is sent anew.)           *)
WindowInv ==
    \A p, q \in Process :
        Cardinality({n \in DOMAIN net[p][q] : IsNews(q, net[p][q][n])}) <= Window

(* The state of the group after its first n events.                         *)
GroupState(n) ==
    LET last == CHOOSE f \in foundings : \A g \in foundings : g.view <= f.view
    IN  last.base \o Updates(SubSeq(events, last.from + 1, n))

(* State at Join.  A joiner is given the state of the group at the view     *)
(* that admits it, and gets after it just what comes after that view: so    *)
(* all members have what the group has, as far as they have heard.          *)
StateAtJoinInv ==
    \A p \in Members(LastView) :
        complete[p] => state[p] = GroupState(heard[p])

(* What is kept for the joiners of a view is the state of the group there.  *)
SnapshotInv ==
    \A p \in Members(LastView) : \A s \in snapshots[p] : \A i \in DOMAIN events :
        events[i].view.id = s.view => s.state = GroupState(i)

(* A state is founded anew only when nobody in the group has one.           *)
LostOnlyWithAllProp ==
    [][\A p \in Process :
        Found(p) => \A q \in Members(CurrentView(p)) : ~ complete[q]]_vars

(* Those who have the state are older than those who have not.              *)
OldestFirstInv ==
    \A i, j \in DOMAIN LastView.members :
        i < j /\ complete[LastView.members[j]] => complete[LastView.members[i]]

(* At rest: all members have heard all, have their state, and nothing is    *)
(* under way between them.                                                  *)
AtRest ==
    /\ \A p \in Members(LastView) :
        p \notin crashed /\ heard[p] = Len(events) /\ complete[p]
    /\ \A p, q \in Members(LastView) : net[p][q] = <<>>

(* Nothing Left Behind.  When all is at rest, nobody keeps anything for a   *)
(* transfer: not for those who are done, not for those who failed.          *)
NothingLeftBehindInv ==
    AtRest => \A p \in Members(LastView) :
        snapshots[p] = {} /\ pending[p] = {} /\ asked[p] = {}
=============================================================================
