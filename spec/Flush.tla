-------------------------------- MODULE Flush --------------------------------
(****************************************************************************)
(* Flush: everything of the old view is made stable among the survivors     *)
(* before the next view is installed, whatever the point of a crash.        *)
(*                                                                          *)
(* The sites have agreed on a sequence of views (module SiteViews); here a  *)
(* process is told of them one after the other.  When it is told of view k: *)
(*                                                                          *)
(*   1  it stops multicasting and sends Flush(k) to the members who         *)
(*      continue into k, with every message that it holds and that may not  *)
(*      have reached them all: "now you have all that I had";               *)
(*   2  when it has Flush(k) from each of them, it sends Ready(k) to the    *)
(*      members of k: "I have all that anyone had";                         *)
(*   3  when it has Ready(k) from each of them, it delivers what is left    *)
(*      and installs the views up to k.                                     *)
(*                                                                          *)
(* Who is excluded from a view that a process has been told of is no longer *)
(* listened to, except through what others forward.  If a further member    *)
(* fails meanwhile then k is not completed, but k + 1 is, which carries     *)
(* everything of k; a process can so install several views at once.         *)
(*                                                                          *)
(* Unlike Birman, Schiper and Stephenson 1991, section 5.3, which installs  *)
(* after step 1, because there a member that was wrongly suspected, and is  *)
(* then excluded by view k + 1, can install k with a message that the       *)
(* others never saw; Ready closes that gap.  The model                      *)
(* MCFlush_InstallAfterFlush shows it.                                      *)
(*                                                                          *)
(* Source: Birman and Joseph 1987, sections 2.4 and 3.1; Birman, Schiper,   *)
(* Stephenson, Lightweight Causal and Atomic Group Multicast, 1991.         *)
(* Refines: VirtualSynchrony.                                               *)
(* Needs: channels that lose nothing, to make progress; it is safe over any *)
(* network (MCFlushUnordered, MCFlushLossy), for a flush carries all that   *)
(* its sender holds, and not only marks the end of it.                      *)
(* Python: src/vsync/flush.py                                               *)
(****************************************************************************)
EXTENDS VSProperties, Network

CONSTANT
    \* @type: Seq(PROCESS);
    Founders       \* the members of view 1, oldest first

VARIABLES
    \* @type: Seq($view);
    views,         \* the views that the sites have agreed on: views[i].id = i
    \* @type: Set(PROCESS);
    crashed,       \* the processes that have stopped
    \* @type: PROCESS -> Int;
    known,         \* the number of the last view that the process was told of
    \* @type: PROCESS -> Int;
    current,       \* the number of the view that it has installed
    \* @type: PROCESS -> Set($message);
    received,      \* the messages it holds: of its current view, or a later one
    \* @type: PROCESS -> Set(<<PROCESS, Int>>);
    flushes,       \* <<q, k>>: it has got Flush(k) from q, or is q and sent it
    \* @type: PROCESS -> Set(<<PROCESS, Int>>);
    readies,       \* <<q, k>>: it has got Ready(k) from q, or is q and sent it
    \* @type: PROCESS -> (PROCESS -> Seq($packet));
    net            \* the packets in flight

flushing == <<known, current, received, flushes, readies>>
world    == <<views, crashed>>
vars     == <<world, flushing, net, history>>

(* A message carries the view in which it was multicast, and the members of *)
(* this view to whom it goes; what a protocol above adds for its order goes *)
(* into `time` (see Cbcast).                                                *)
\* @typeAlias: message = { id: $messageId, view: Int, to: Set(PROCESS), time: Seq(Int) };
\* @typeAlias: packet = { type: Str, view: Int, messages: Set($message), time: Seq(Int) };
FlushAliases == TRUE

\* @type: ($messageId, Int, Set(PROCESS), Seq(Int)) => $message;
Message(id, view, to, time) ==
    [id |-> id, view |-> view, to |-> to, time |-> time]

(* What travels.  A flush carries all that its sender holds.                *)
\* @type: (Str, Int, Set($message), Seq(Int)) => $packet;
Packet(type, view, messages, time) ==
    [type |-> type, view |-> view, messages |-> messages, time |-> time]

DataPacket(m, carried)   == Packet("data",  m.view, {m} \cup carried, <<>>)
FlushPacket(k, unstable) == Packet("flush", k,      unstable, <<>>)
ReadyPacket(k)           == Packet("ready", k,      {},       <<>>)

FlushTypeOK ==
    /\ TypeOK
    /\ \A i \in DOMAIN views : views[i].id = i
    /\ \A p \in Process :
        /\ current[p] <= known[p] /\ known[p] <= Len(views)
        /\ CurrentView(p) = IF current[p] = 0 THEN NoView ELSE views[current[p]]
        /\ \A m \in received[p] : m.view >= current[p]
        /\ flushes[p] \subseteq Process \X (1..Len(views))
        /\ readies[p] \subseteq Process \X (1..Len(views))

(****************************************************************************)
(* Decisions                                                                *)
(****************************************************************************)

(* Those who take part in the change from view k - 1 to view k: its members *)
(* but for the joiners, who have nothing of the old view.                   *)
Continuing(k) ==
    IF k = 1 THEN {} ELSE Members(views[k]) \cap Members(views[k - 1])

(* The view that p will be told of next: for a joiner, its first.           *)
ToldNext(p) ==
    LET mine == {k \in DOMAIN views : p \in Members(views[k])}
    IN  IF known[p] = 0 THEN {k \in mine : \A j \in mine : k <= j}
                        ELSE {known[p] + 1} \cap mine

(* The view that p installs next.  A process is told of all views from its  *)
(* first on, and installs all of them.                                      *)
NextView(p) ==
    IF current[p] > 0 THEN current[p] + 1
    ELSE CHOOSE k \in 1..known[p] :
            /\ p \in Members(views[k])
            /\ \A j \in 1..(k - 1) : p \notin Members(views[j])

(* p has been told that the sender q of this packet is excluded.  (A sender *)
(* that is not a member yet, as far as p was told, writes of later views.)  *)
\* @type: (PROCESS, PROCESS, $packet) => Bool;
FromExcluded(p, q, packet) ==
    /\ packet.view <= known[p]
    /\ q \notin Members(views[known[p]])

(* No multicast may begin while a view is on its way: it would have to be   *)
(* delivered in the view in which it began, and that one is being closed.   *)
Blocked(p) == current[p] = 0 \/ current[p] < known[p]

HasFlushes(p, k) == \A q \in Continuing(k) : <<q, k>> \in flushes[p]
HasReadies(p, k) == \A q \in Continuing(k) : <<q, k>> \in readies[p]

(* The marks that concern a view after view k; others are of no more use.   *)
\* @type: (Set(<<PROCESS, Int>>), Int) => Set(<<PROCESS, Int>>);
Later(marks, k) == {x \in marks : x[2] > k}

(* p may leave its view: the change to some later view is complete.  (A     *)
(* joiner waits for one of its own views: into view 1, in which it is not,  *)
(* nobody continues.)                                                       *)
MayInstall(p) ==
    \E k \in (current[p] + 1)..known[p] : p \in Members(views[k]) /\ HasReadies(p, k)

(****************************************************************************)
(* Actions                                                                  *)
(****************************************************************************)
FlushInit ==
    /\ views = <<View(1, Founders)>>
    /\ crashed = {}
    /\ known    = [p \in Process |-> IF p \in Range(Founders) THEN 1 ELSE 0]
    /\ current  = known
    /\ received = [p \in Process |-> {}]
    /\ flushes  = [p \in Process |-> {}]
    /\ readies  = [p \in Process |-> {}]
    /\ net      = Quiet(Process)
    /\ history  = [p \in Process |->
            IF p \in Range(Founders)
            THEN <<Event("install", View(1, Founders), NoMessage, {})>>
            ELSE <<>>]

(* Packets to who has crashed are lost at once; that keeps the states few.  *)
\* @type: (PROCESS, Set(PROCESS), $packet) => Bool;
SendTo(p, Q, packet) == net' = Send(net, p, (Q \ {p}) \ crashed, <<packet>>)

(* p multicasts m in its view; `carried` is what it sends along, and `seen` *)
(* its history with what it sees of this itself.                            *)
Disseminate(p, m, carried, seen) ==
    /\ p \notin crashed
    /\ ~ Blocked(p)
    /\ m.view = current[p]
    /\ received' = [received EXCEPT ![p] = @ \cup {m}]
    /\ SendTo(p, m.to, DataPacket(m, carried))
    /\ history' = [history EXCEPT ![p] = seen]
    /\ UNCHANGED <<world, known, current, flushes, readies>>

(* What p has seen when it has multicast m and delivered it to itself at    *)
(* once: "the caller may behave as if delivery were instantaneous" (Birman  *)
(* and Joseph 1987, section 3.4).                                           *)
AtOnce(p, m) == Append(Multicasted(p, m), Event("deliver", CurrentView(p), m, {}))

(* p multicasts m to its whole view.                                        *)
DisseminateToAll(p, m) == Disseminate(p, m, {}, AtOnce(p, m.id))

(* A packet of this type, from q, arrives at p, which still listens to q.   *)
Arrives(p, q, i, type) ==
    /\ p \notin crashed
    /\ i \in Arriving(net, q, p)
    /\ net[q][p][i].type = type
    /\ ~ FromExcluded(p, q, net[q][p][i])
    /\ net' = Take(net, q, p, i)

(* What p holds when messages have come: those of views that it has left    *)
(* are known to it already.                                                 *)
Holding(p, messages) ==
    [received EXCEPT ![p] = @ \cup {m \in messages : m.view >= current[p]}]

(* p receives a message from its sender.                                    *)
Receive(p, q) ==
    \E i \in DOMAIN net[q][p] :
        /\ Arrives(p, q, i, "data")
        /\ received' = Holding(p, net[q][p][i].messages)
        /\ UNCHANGED <<world, known, current, flushes, readies, history>>

(* The site of p tells it of the next view.  p stops multicasting and       *)
(* forwards all that it holds of earlier views: step 1.                     *)
Forward(p) ==
    \E k \in ToldNext(p) :
        /\ p \notin crashed
        /\ known' = [known EXCEPT ![p] = k]
        /\ IF p \in Continuing(k)
           THEN /\ flushes' = [flushes EXCEPT ![p] = @ \cup {<<p, k>>}]
                /\ SendTo(p, Continuing(k),
                          FlushPacket(k, {m \in received[p] : m.view < k}))
           ELSE UNCHANGED <<flushes, net>>
        /\ UNCHANGED <<world, current, received, readies, history>>

(* p receives Flush(k) from q, and with it all that q held.                 *)
ReceiveFlush(p, q) ==
    \E i \in DOMAIN net[q][p] :
        /\ Arrives(p, q, i, "flush")
        /\ received' = Holding(p, net[q][p][i].messages)
        /\ flushes' = [flushes EXCEPT ![p] = Later(@ \cup {<<q, net[q][p][i].view>>}, current[p])]
        /\ UNCHANGED <<world, known, current, readies, history>>

(* p has Flush(k) from all who continue into k, and says so: step 2.        *)
Confirm(p, k) ==
    /\ p \notin crashed
    /\ k <= known[p]
    /\ p \in Continuing(k)
    /\ <<p, k>> \notin readies[p]
    /\ HasFlushes(p, k)
    /\ readies' = [readies EXCEPT ![p] = @ \cup {<<p, k>>}]
    /\ SendTo(p, Members(views[k]), ReadyPacket(k))
    /\ UNCHANGED <<world, known, current, received, flushes, history>>

ReceiveReady(p, q) ==
    \E i \in DOMAIN net[q][p] :
        /\ Arrives(p, q, i, "ready")
        /\ readies' = [readies EXCEPT ![p] = Later(@ \cup {<<q, net[q][p][i].view>>}, current[p])]
        /\ UNCHANGED <<world, known, current, received, flushes, history>>

(* Failures are clean: nothing is taken from a process whose failure has    *)
(* been observed (Birman and Joseph 1987, section 2.2).                     *)
Discard(p, q) ==
    /\ p \notin crashed
    /\ \E i \in Arriving(net, q, p) :
        /\ FromExcluded(p, q, net[q][p][i])
        /\ net' = Take(net, q, p, i)
    /\ UNCHANGED <<world, flushing, history>>

(* p delivers a message that it holds, in the view in which it was          *)
(* multicast.  Which one, the protocol above decides; it says how the       *)
(* message was multicast, too.                                              *)
\* @type: (PROCESS, $message, Str) => Bool;
DeliverHeld(p, m, primitive) ==
    /\ p \notin crashed
    /\ m \in received[p]
    /\ m.view = current[p]
    /\ history' = [history EXCEPT ![p] = DeliveredAs(p, m.id, primitive)]
    /\ UNCHANGED <<world, flushing, net>>

(* p installs its next view: step 3.  All of the old view is stable now, so *)
(* that p can forget it.  The protocol above has delivered what it could.   *)
Advance(p) ==
    /\ p \notin crashed
    /\ MayInstall(p)
    /\ \E k \in {NextView(p)} :
        /\ current'  = [current EXCEPT ![p] = k]
        /\ received' = [received EXCEPT ![p] = {m \in @ : m.view >= k}]
        /\ flushes'  = [flushes EXCEPT ![p] = Later(@, k)]
        /\ readies'  = [readies EXCEPT ![p] = Later(@, k)]
        /\ history'  = [history EXCEPT ![p] = Installed(p, views[k])]
    /\ UNCHANGED <<world, known, net>>

(****************************************************************************)
(* The environment                                                          *)
(****************************************************************************)

(* The sites agree on a further view: module SiteViews, seen from here.     *)
Agree(view) ==
    /\ views' = Append(views, view)
    /\ UNCHANGED <<crashed, flushing, net, history>>

(* p crashes, at any point; the site of p notices at once, others only by a *)
(* later view.                                                              *)
Crash(p) ==
    /\ p \notin crashed
    /\ crashed' = crashed \cup {p}
    /\ net' = Deafened(net, p)
    /\ history' = [history EXCEPT ![p] = Crashed(p)]
    /\ UNCHANGED <<views, flushing>>

(* The last packet that p sent to q before it crashed was not sent after    *)
(* all: so a crash can strike between any two packets of one multicast.     *)
Lose(p, q) ==
    /\ p \in crashed
    /\ net[p][q] # <<>>
    /\ net' = Shortened(net, p, q)
    /\ UNCHANGED <<world, flushing, history>>

(* What a process does on its own account, once it has been told to.        *)
React(p) ==
    \/ Forward(p)
    \/ \E k \in DOMAIN views : Confirm(p, k)
    \/ \E q \in Process :
            Receive(p, q) \/ ReceiveFlush(p, q) \/ ReceiveReady(p, q) \/ Discard(p, q)
=============================================================================
