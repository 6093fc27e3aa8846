------------------------------ MODULE TraceGbcast ------------------------------
(****************************************************************************)
(* Judges recorded protocol events of Gbcast and of what it stands on       *)
(* (Abcast, CbcastLists, Flush), many traces in one run: is each recorded   *)
(* step a step of the specification, taken with those arguments, and has it *)
(* left the variables of its site as recorded?                              *)
(*                                                                          *)
(* Those who multicast are the sites.  The network is the specification's   *)
(* own, so that a step that receives what was never sent, or in another     *)
(* order, is not possible.  What a crash has lost is in its channels for    *)
(* ever, and never arrives.  The views that the sites agreed on are read    *)
(* from the trace; TraceSiteViews judges how they came about.               *)
(*                                                                          *)
(* A line has `now`, which is the variables that the step has left with     *)
(* another value than that recorded for the site before; all others must be *)
(* as they were.                                                            *)
(*                                                                          *)
(* Histories are not recorded and decide nothing, but for the view that a   *)
(* site is in.  The configuration therefore has InView in place of          *)
(* CurrentView, and lets histories be: Unwritten, in place of what writes   *)
(* them.  And it has quicker definitions of the same, in place of Number,   *)
(* NextByNumber, NextOfRest and InTurn.                                     *)
(*                                                                          *)
(* Python: src/vsync/check/recorded/gbcast.py writes the traces             *)
(* down, in place of the module RecordedTraces.                             *)
(****************************************************************************)
EXTENDS Gbcast, RecordedTraces, TLC

CONSTANT
    Telling        \* whether to tell how far each trace goes, and why no further

VARIABLES
    trace,         \* the number of the trace that is judged
    line,          \* how many of its lines have been judged
    begun          \* how many multicasts of each site have begun

(* Nobody founds the system in a trace: all join it.                        *)
NoFounders == <<>>

(* What tells the states apart: a step leaves no choice.                    *)
Position == <<trace, line>>

InView(p) == IF current[p] = 0 THEN NoView ELSE views[current[p]]
Unwritten(p)          == history[p]
UnwrittenOf(p, which) == history[p]

(* All who know a number of a message know the same one.                    *)
NumberFound(p, id) ==
    IF \E m \in received[p] : m.id = id /\ m.time.number > 0
    THEN (CHOOSE m \in received[p] : m.id = id /\ m.time.number > 0).time.number
    ELSE Max({0} \cup {y.number : y \in UNION {{z \in x.time.after : z.id = id} :
                                                x \in received[p]}})

(* The first of these places, if any.                                       *)
First(places) ==
    {m \in DOMAIN places : \A x \in DOMAIN places : x # m => Precedes(places[m], places[x])}

FirstByNumber(p) ==
    {m \in UNION {First([x \in queue |-> OwnPlace(p, x)]) : queue \in {Queue(p)}} :
        /\ m.time.number > 0
        /\ m.time.kind = "uniform" => m.id \in released[p]
        /\ Deliverable(p, m, time[p])}

FirstOfRest(p) ==
    UNION {First([x \in queue |-> FinalPlace(p, x)]) :
            queue \in {{m \in Queue(p) : Deliverable(p, m, time[p])}}}

InTurnByPlace(p) ==
    LET mine  == {m \in Gbcasts(p) : p \in m.to}
        older(m) == {x \in mine : Precedes(Place(p, 0, 0, x), Place(p, 0, 0, m))}
    IN  [i \in 1..Cardinality(mine) |-> CHOOSE m \in mine : Cardinality(older(m)) = i - 1]

TraceInit ==
    /\ trace \in DOMAIN Traces
    /\ line = 0
    /\ begun = [p \in Process |-> 0]
    /\ views = Traces[trace].views
    /\ crashed = {}
    /\ known     = [p \in Process |-> 0]
    /\ current   = [p \in Process |-> 0]
    /\ received  = [p \in Process |-> {}]
    /\ flushes   = [p \in Process |-> {}]
    /\ readies   = [p \in Process |-> {}]
    /\ net       = Quiet(Process)
    /\ history   = [p \in Process |-> <<>>]
    /\ time      = [p \in Process |-> Nothing]
    /\ context   = [p \in Process |-> {}]
    /\ heard     = [p \in Process |-> [q \in Process |-> Nothing]]
    /\ epoch     = [p \in Process |-> 0]
    /\ closing   = [p \in Process |-> FALSE]
    /\ clock     = [p \in Process |-> 0]
    /\ proposals = [p \in Process |-> {}]
    /\ noted     = [p \in Process |-> {}]
    /\ released  = [p \in Process |-> {}]
    /\ closes    = [p \in Process |-> {}]
    /\ settles   = [p \in Process |-> {}]

(****************************************************************************)
(* The recorded step, by its name and arguments.                            *)
(****************************************************************************)
Ids(messages) == {m.id : m \in messages}

(* A count for each site; those that are not recorded are 0.                *)
Counts(recorded) ==
    [q \in Process |-> IF q \in DOMAIN recorded THEN recorded[q] ELSE 0]

(* What has arrived.                                                        *)
Came(e) == net[e.q][e.p][1]

Held(e) == {m \in received[e.p] : m.id = e.m}

FlushStep(e) ==
    CASE e.action = "Flush!Receive" ->
            Receive(e.p, e.q) /\ Ids(Came(e).messages) = e.ids
      [] e.action = "Flush!ReceiveFlush" ->
            ReceiveFlush(e.p, e.q) /\ Came(e).view = e.k /\ Ids(Came(e).messages) = e.ids
      [] e.action = "Flush!ReceiveReady" ->
            ReceiveReady(e.p, e.q) /\ Came(e).view = e.k
      [] e.action = "Flush!Discard" -> Discard(e.p, e.q)
      [] e.action = "Flush!Confirm" -> e.k \in DOMAIN views /\ Confirm(e.p, e.k)
      [] e.action = "Flush!Forward" ->
            /\ e.k \in ToldNext(e.p)
            /\ views[e.k].members = e.members
            /\ Continuing(e.k) = e.continuing
            /\ Forward(e.p)
      [] e.action = "Flush!Crash"   -> Crash(e.p)

CbcastStep(e) ==
    CASE e.action = "CbcastLists!Acknowledge" -> Acknowledge(e.p)
      [] e.action = "CbcastLists!ReceiveAcknowledgement" ->
            /\ ReceiveAcknowledgement(e.p, e.q)
            /\ Came(e).view = e.k /\ Came(e).time = Counts(e.time)
      [] e.action = "CbcastLists!Forget" -> Forget(e.p)

AbcastStep(e) ==
    CASE e.action = "Abcast!MulticastAtOnce" -> MulticastAtOnce(e.p, e.n, e.to)
      [] e.action = "Abcast!MulticastInOrder" ->
            e.kind \in Abcasts /\ MulticastInOrder(e.p, e.n, e.to, e.kind)
      [] e.action = "Abcast!DeliverAtOnce"  -> \E m \in Held(e) : DeliverAtOnce(e.p, m)
      [] e.action = "Abcast!DeliverInOrder" -> \E m \in Held(e) : DeliverInOrder(e.p, m)
      [] e.action = "Abcast!Propose"        -> \E m \in Held(e) : Propose(e.p, m)
      [] e.action = "Abcast!Order"          -> \E m \in Held(e) : Order(e.p, m)
      [] e.action = "Abcast!Release"        -> \E m \in Held(e) : Release(e.p, m)
      [] e.action = "Abcast!ReceiveProposal" ->
            ReceiveProposal(e.p, e.q) /\ Came(e).view = e.k /\ Came(e).time = <<e.m, e.number>>
      [] e.action = "Abcast!ReceiveOrder" ->
            ReceiveOrder(e.p, e.q) /\ Came(e).time = <<e.m, e.number>>
      [] e.action = "Abcast!ReceiveNoted" ->
            ReceiveNoted(e.p, e.q) /\ Came(e).view = e.k /\ Came(e).time[1] = e.m
      [] e.action = "Abcast!ReceiveRelease" ->
            ReceiveRelease(e.p, e.q) /\ Came(e).view = e.k /\ Came(e).time[1] = e.m

GbcastStep(e) ==
    CASE e.action = "Gbcast!MulticastAlone" -> MulticastAlone(e.p, e.n, e.to)
      [] e.action = "Gbcast!Close"  -> Close(e.p)
      [] e.action = "Gbcast!Settle" -> Settle(e.p)
      [] e.action = "Gbcast!End"    -> End(e.p)
      [] e.action = "Gbcast!InstallNext" -> InstallNext(e.p)
      [] e.action = "Gbcast!DeliverRest" -> \E m \in Held(e) : DeliverRest(e.p, m)
      [] e.action = "Gbcast!ReceiveClose" ->
            /\ ReceiveClose(e.p, e.q)
            /\ Came(e).view = e.k /\ Came(e).time = <<e.e>> /\ Ids(Came(e).messages) = e.ids
      [] e.action = "Gbcast!ReceiveSettle" ->
            ReceiveSettle(e.p, e.q) /\ Came(e).view = e.k /\ Came(e).time = <<e.e>>

Step(e) ==
    CASE e.module = "Flush"       -> FlushStep(e)  /\ UNCHANGED <<ordering, numbering, closure>>
      [] e.module = "CbcastLists" -> CbcastStep(e) /\ UNCHANGED <<numbering, closure>>
      [] e.module = "Abcast"      -> AbcastStep(e) /\ UNCHANGED closure
      [] e.module = "Gbcast"      -> GbcastStep(e)

(* The n-th multicast of a site comes after those before it.                *)
Counted(e) ==
    IF e.n = 0 THEN begun' = begun
               ELSE e.n = begun[e.p] + 1 /\ begun' = [begun EXCEPT ![e.p] = e.n]

(****************************************************************************)
(* The variables that the step has left otherwise than recorded.            *)
(****************************************************************************)

(* What is held, each with its number: a copy that came without does not    *)
(* count.                                                                   *)
Shown(held) ==
    UNION {UNION {{x \in pairs : x[2] > 0 \/ x[1] \notin numbered} :
                    numbered \in {{x[1] : x \in {y \in pairs : y[2] > 0}}}} :
            pairs \in {{<<m.id, m.time.number>> : m \in held}}}

ShownAs(e) ==
    IF "received" \in DOMAIN e.now THEN Shown(received'[e.p]) = e.now.received
    ELSE received'[e.p] = received[e.p] \/ Shown(received'[e.p]) = Shown(received[e.p])

(* The rows of `heard` that are recorded; the empty ones are as they were.  *)
HeardAs(e) ==
    IF "heard" \in DOMAIN e.now
    THEN \A q \in Process : heard'[e.p][q] =
            IF q \in DOMAIN e.now.heard /\ e.now.heard[q] # <<>>
            THEN Counts(e.now.heard[q]) ELSE heard[e.p][q]
    ELSE heard'[e.p] = heard[e.p]

Differing(e) ==
    LET as(name, after, before) ==
            IF name \in DOMAIN e.now THEN after = e.now[name] ELSE after = before
    IN  {x \in {<<"known",     as("known",     known'[e.p],     known[e.p])>>,
                <<"current",   as("current",   current'[e.p],   current[e.p])>>,
                <<"received",  ShownAs(e)>>,
                <<"flushes",   as("flushes",   flushes'[e.p],   flushes[e.p])>>,
                <<"readies",   as("readies",   readies'[e.p],   readies[e.p])>>,
                <<"time",      IF "time" \in DOMAIN e.now THEN time'[e.p] = Counts(e.now.time)
                                                          ELSE time'[e.p] = time[e.p]>>,
                <<"context",   as("context",   context'[e.p],   context[e.p])>>,
                <<"heard",     HeardAs(e)>>,
                <<"epoch",     as("epoch",     epoch'[e.p],     epoch[e.p])>>,
                <<"closing",   as("closing",   closing'[e.p],   closing[e.p])>>,
                <<"clock",     as("clock",     clock'[e.p],     clock[e.p])>>,
                <<"proposals", as("proposals", proposals'[e.p], proposals[e.p])>>,
                <<"noted",     as("noted",     noted'[e.p],     noted[e.p])>>,
                <<"released",  as("released",  released'[e.p],  released[e.p])>>,
                <<"closes",    as("closes",    closes'[e.p],    closes[e.p])>>,
                <<"settles",   as("settles",   settles'[e.p],   settles[e.p])>>} : ~ x[2]}

Judge ==
    /\ line < Len(Traces[trace].lines)
    /\ \E e \in {Traces[trace].lines[line + 1]} :
        /\ Counted(e)
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

all == <<vars, ordering, numbering, closure>>

Accept ==
    /\ line = Len(Traces[trace].lines)
    /\ PrintT(<<"accepted", trace>>)
    /\ line' = line + 1
    /\ UNCHANGED <<trace, begun, all>>

TraceSpec == TraceInit /\ [][Judge \/ Accept]_<<trace, line, begun, all>>
=============================================================================
