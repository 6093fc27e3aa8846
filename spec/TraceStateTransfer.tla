--------------------------- MODULE TraceStateTransfer ---------------------------
(****************************************************************************)
(* Judges recorded protocol events of StateTransfer, many traces in one     *)
(* run: is each recorded step a step of the specification, taken with those *)
(* arguments, and has it left the variables of its process as recorded?     *)
(*                                                                          *)
(* The specification is of one group: the steps of each group of a run are  *)
(* a trace of their own here.  A process that waits for its state in one    *)
(* group has what comes in its other groups wait too.  Each group by itself *)
(* sees nothing of that: a process hears the events of the group in their   *)
(* order, and when it sends what it took at a view is up to it.  A process  *)
(* that leaves and joins again is another one here.                         *)
(*                                                                          *)
(* The order of events is read from the trace: the views, of those members  *)
(* who share the state, and after each as many updates as those heard who   *)
(* went on to the next.  Members may hear the updates of a view in          *)
(* different orders: the n-th is the n-th of each.  That they are the same, *)
(* the guarantee VirtualSynchrony judges, on service events.  What only     *)
(* those heard who then crashed comes at the end of its view, is lost, and  *)
(* all others pass over it.                                                 *)
(*                                                                          *)
(* The network is the specification's own, also between processes of one    *)
(* site.  Three things are otherwise in a run.  Who is done tells each site *)
(* once: a member that it does not know hears of it too, and does nothing   *)
(* (Stray).  Blocks in a bulk channel do not wait for what was sent before  *)
(* in another (Overtake).  And all blocks for such a channel are sent in    *)
(* one step, which is written down as one step for each.                    *)
(*                                                                          *)
(* Applications cut a state as they like.  Into how many blocks is recorded *)
(* (`snapshots`), and all who keep it have to agree: it is cut here into as *)
(* many.  What is in a block is not recorded, nor is `state`, which the     *)
(* application has: they are followed here, so that who hears an update too *)
(* many, or misses one, does not come far; but whether the application's    *)
(* state is right, only the guarantee StateAtJoin judges, on service        *)
(* events.  Of `buffered` the views are compared, and the number of updates *)
(* between them.  If the bulk channel of an earlier donor breaks before the *)
(* next donor has sent anything, the joiner asks again; Break is about the  *)
(* channel of the donor, and such a step is rejected here.                  *)
(*                                                                          *)
(* Python: src/vsync/check/recorded/state_transfer.py writes the traces     *)
(* down, in place of the module RecordedTraces.                             *)
(****************************************************************************)
EXTENDS StateTransfer, RecordedTraces, TLC

CONSTANT
    Telling        \* whether to tell how far each trace goes, and why no further

VARIABLES
    trace,         \* the number of the trace that is judged
    line           \* how many of its steps have been judged

(* Each group has a founder of its own: TraceInit.  Of windows, each step   *)
(* that sends says which it has.                                            *)
NoFounders == <<>>
NoUpdates  == <<>>
Nobody     == 0
WithoutEnd == 1000000

(****************************************************************************)
(* In place of definitions of the specification                             *)
(****************************************************************************)

(* The event that p is told of next; lost ones it may pass over.            *)
ToHearOfKept(p) ==
    IF heard[p] = 0 THEN {i \in DOMAIN events : p \in Newcomers(i)}
    ELSE {i \in DOMAIN events :
            /\ i > heard[p]
            /\ \A j \in (heard[p] + 1)..(i - 1) : j \in Traces[trace].lost}

(* Into how many blocks the state at view k is cut, founded in that view.   *)
Total(from, k) ==
    LET recorded == {x \in Traces[trace].totals : x[1] = from /\ x[2] = k}
    IN  IF recorded = {} THEN 1 ELSE (CHOOSE x \in recorded : TRUE)[3]

(* A state in that many blocks, all that is left over in the last.          *)
CutAsRecorded(p, s) ==
    LET n == Total(origin[p], s.view)
    IN  [i \in 1..n |-> IF i = n THEN SubSeq(s.state, n, Len(s.state))
                        ELSE IF i \in DOMAIN s.state THEN <<s.state[i]>>
                        ELSE <<>>]

Joined(bs) ==
    LET first[i \in 0..Len(bs)] == IF i = 0 THEN <<>> ELSE first[i - 1] \o bs[i]
    IN  first[Len(bs)]

TraceInit ==
    /\ trace \in DOMAIN Traces
    /\ line = 0
    /\ events    = Traces[trace].events
    /\ crashed   = {}
    /\ heard     = [p \in Process |-> 0]
    /\ complete  = [p \in Process |-> events[1].view.id = 1 /\ p \in Members(events[1].view)]
    /\ state     = [p \in Process |-> <<>>]
    /\ origin    = [p \in Process |-> 0]
    /\ buffered  = [p \in Process |-> <<>>]
    /\ blocks    = [p \in Process |-> <<>>]
    /\ total     = [p \in Process |-> 0]
    /\ donor     = [p \in Process |-> NoProcess]
    /\ snapshots = [p \in Process |-> {}]
    /\ pending   = [p \in Process |-> {}]
    /\ asked     = [p \in Process |-> {}]
    /\ net       = Quiet(Process)
    /\ foundings = {[view |-> 0, from |-> 1, base |-> <<>>]}

(****************************************************************************)
(* The recorded step, by its name and arguments.                            *)
(****************************************************************************)

(* What has arrived.                                                        *)
Came(e) == net[e.q][e.p][1]

(* The event that the step is about, after it.                              *)
Told(e) == events[heard'[e.p]]

(* A block may come through a channel of its own, and so before what was    *)
(* sent earlier by another.                                                 *)
Overtake(e) ==
    /\ \/ UNCHANGED net
       \/ \E q \in Process : \E i \in DOMAIN net[q][e.p] :
            /\ i > 1
            /\ net[q][e.p][i].type = "block"
            /\ net[q][e.p][i].number = e.block[2]
            /\ net' = [net EXCEPT ![q][e.p] = <<@[i]>> \o Removed(@, i)]
    /\ UNCHANGED <<service, heard, joining, serving, foundings>>

(* What was not for p, who knows nothing of q or nothing any more.          *)
Stray(p, q) ==
    /\ Member(p)
    /\ \A x \in pending[p] : x[2] # q
    /\ \A i \in DOMAIN net[q][p] : net[q][p][i].type # "done"
    /\ UNCHANGED vars

Step(e) ==
    CASE e.action = "StateTransfer!HearUpdate" -> HearUpdate(e.p)
      [] e.action = "StateTransfer!HearView" ->
            /\ HearView(e.p)
            /\ Told(e).view = e.view
            /\ Newcomers(heard'[e.p]) \ {e.p} = e.newcomers
      [] e.action = "StateTransfer!HearEnd"  -> HearEnd(e.p) /\ Told(e).view.id = e.k
      [] e.action = "StateTransfer!Ask"      -> Ask(e.p)
      [] e.action = "StateTransfer!ReceiveAsk" ->
            ReceiveAsk(e.p, e.q) /\ Came(e).view = e.k /\ Came(e).number = e.number
      [] e.action = "StateTransfer!SendBlock" ->
            /\ e.window > 0 =>
                \A r \in asked[e.p] : r.joiner = e.q => NextBlock(r) <= r.next + e.window
            /\ SendBlock(e.p, e.q)
      [] e.action = "StateTransfer!ReceiveBlock" ->
            \E q \in Process :
                /\ ReceiveBlock(e.p, q)
                /\ e.block = <<net[q][e.p][1].view, net[q][e.p][1].number,
                               net[q][e.p][1].total, net[q][e.p][1].origin>>
      [] e.action = "StateTransfer!ReceiveAcknowledgement" ->
            ReceiveAcknowledgement(e.p, e.q) /\ Came(e).number = e.number
      [] e.action = "StateTransfer!Complete" -> Complete(e.p)
      [] e.action = "StateTransfer!Found"    -> Found(e.p)
      [] e.action = "StateTransfer!ReceiveDone" -> ReceiveDone(e.p, e.q) \/ Stray(e.p, e.q)
      [] e.action = "StateTransfer!Break"    -> Break(e.p, e.kept)
      [] e.action = "overtake"               -> Overtake(e)
      [] e.action = "crash"                  -> Crash(e.p)

(****************************************************************************)
(* The variables that the step has left otherwise than recorded.            *)
(****************************************************************************)
Counts(e) == \A x \in e.cuts : x[2] = Total(origin'[e.p], x[1])

Differing(e) ==
    IF ~ e.shown THEN {}
    ELSE {x \in {<<"complete",  complete'[e.p] = e.complete>>,
                 <<"origin",    origin'[e.p]   = e.origin>>,
                 <<"buffered",  [n \in DOMAIN buffered'[e.p] |-> events[buffered'[e.p][n]].view.id]
                                    = e.buffered>>,
                 <<"blocks",    Len(blocks'[e.p]) = e.blocks>>,
                 <<"total",     total'[e.p]    = e.total>>,
                 <<"donor",     donor'[e.p]    = e.donor>>,
                 <<"snapshots", {s.view : s \in snapshots'[e.p]} = e.snapshots /\ Counts(e)>>,
                 <<"pending",   pending'[e.p]  = e.pending>>,
                 <<"asked",     asked'[e.p]    = e.asked>>} : ~ x[2]}

Judge ==
    /\ line < Len(Traces[trace].lines)
    /\ \E e \in {Traces[trace].lines[line + 1]} :
        /\ Step(e)
        /\ \E wrong \in {Differing(e)} :
            \/ /\ wrong = {}
               /\ line' = line + 1
               /\ Telling => PrintT(<<"passed", trace, line'>>)
            \/ /\ wrong # {}
               /\ Telling
               /\ PrintT(<<"differs", trace, line + 1, {x[1] : x \in wrong}>>)
               /\ FALSE
    /\ UNCHANGED trace

Accept ==
    /\ line = Len(Traces[trace].lines)
    /\ PrintT(<<"accepted", trace>>)
    /\ line' = line + 1
    /\ UNCHANGED <<trace, vars>>

TraceSpec == TraceInit /\ [][Judge \/ Accept]_<<trace, line, vars>>
=============================================================================
