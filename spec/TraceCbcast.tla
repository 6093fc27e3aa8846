------------------------------ MODULE TraceCbcast ------------------------------
(****************************************************************************)
(* Judges recorded protocol events of Cbcast and Flush, many traces in one  *)
(* run: is each recorded step a step of the specification, taken with those *)
(* arguments, and has it left the variables of its process as recorded?     *)
(*                                                                          *)
(* The network is the specification's own, so that a step that receives     *)
(* what was never sent, or in another order, is not possible.  The views    *)
(* that the sites agreed on are read from the trace; TraceSiteViews judges  *)
(* how they came about.                                                     *)
(*                                                                          *)
(* Python: src/vsync/check/recorded/cbcast.py writes the traces             *)
(* down, in place of the module RecordedTraces.                             *)
(****************************************************************************)
EXTENDS Cbcast, RecordedTraces, TLC

CONSTANT
    Telling        \* whether to tell how far each trace goes, and why no further

VARIABLES
    trace,         \* the number of the trace that is judged
    line           \* how many of its lines have been judged

(* Nobody founds the group in a trace: all join it.                         *)
NoFounders == <<>>

TraceInit ==
    /\ trace \in DOMAIN Traces
    /\ line = 0
    /\ views = Traces[trace].views
    /\ crashed = {}
    /\ known    = [p \in Process |-> 0]
    /\ current  = [p \in Process |-> 0]
    /\ received = [p \in Process |-> {}]
    /\ flushes  = [p \in Process |-> {}]
    /\ readies  = [p \in Process |-> {}]
    /\ net      = Quiet(Process)
    /\ history  = [p \in Process |-> <<>>]
    /\ time     = [p \in Process |-> <<>>]
    /\ heard    = [p \in Process |-> [q \in Process |-> <<>>]]

(* The recorded step, by its name and arguments.                            *)
Step(e) ==
    CASE e.action = "Cbcast!Multicast" -> Multicast(e.p, e.n)
      [] e.action = "Cbcast!Deliver" ->
            \E m \in received[e.p] : m.id = e.m /\ Deliver(e.p, m)
      [] e.action = "Cbcast!Install"     -> Install(e.p)
      [] e.action = "Cbcast!Acknowledge" -> Acknowledge(e.p)
      [] e.action = "Cbcast!ReceiveAcknowledgement" ->
            ReceiveAcknowledgement(e.p, e.q)
      [] e.action = "Cbcast!Forget"      -> Forget(e.p)
      [] e.action = "Flush!Receive"      -> Receive(e.p, e.q) /\ UNCHANGED ordering
      [] e.action = "Flush!ReceiveFlush" -> ReceiveFlush(e.p, e.q) /\ UNCHANGED ordering
      [] e.action = "Flush!ReceiveReady" -> ReceiveReady(e.p, e.q) /\ UNCHANGED ordering
      [] e.action = "Flush!Discard"      -> Discard(e.p, e.q) /\ UNCHANGED ordering
      [] e.action = "Flush!Confirm"      -> Confirm(e.p, e.n) /\ UNCHANGED ordering
      [] e.action = "Flush!Forward" ->
            /\ e.n \in ToldNext(e.p)
            /\ views[e.n].members = e.time
            /\ Forward(e.p)
            /\ UNCHANGED ordering
      [] e.action = "Flush!Crash"        -> Crash(e.p) /\ UNCHANGED ordering

(* The variables that the step has left otherwise than recorded.            *)
Heard(e) ==
    [q \in Process |-> IF \E x \in e.heard : x[1] = q
                       THEN (CHOOSE x \in e.heard : x[1] = q)[2]
                       ELSE [rank \in DOMAIN e.after |-> 0]]

Differing(e) ==
    IF e.action = "Flush!Crash" THEN {}
    ELSE {x \in {<<"known",    known'[e.p]    = e.known>>,
                 <<"current",  current'[e.p]  = e.current>>,
                 <<"received", {m.id : m \in received'[e.p]} = e.received>>,
                 <<"flushes",  flushes'[e.p]  = e.flushes>>,
                 <<"readies",  readies'[e.p]  = e.readies>>,
                 <<"time",     e.layered => time'[e.p]  = e.after>>,
                 <<"heard",    e.layered => heard'[e.p] = Heard(e)>>} : ~ x[2]}

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
    /\ UNCHANGED <<trace, vars, ordering>>

TraceSpec ==
    TraceInit /\ [][Judge \/ Accept]_<<trace, line, vars, ordering>>
=============================================================================
