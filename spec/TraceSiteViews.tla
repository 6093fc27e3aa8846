----------------------------- MODULE TraceSiteViews -----------------------------
(****************************************************************************)
(* Judges recorded protocol events of SiteViews, many traces in one run: is *)
(* each recorded step a step of the specification, taken with those         *)
(* arguments, and has it left the variables of its site as recorded?        *)
(*                                                                          *)
(* Python: src/vsync/check/recorded/site_views.py writes the traces         *)
(* down, in place of the module RecordedTraces.                             *)
(****************************************************************************)
EXTENDS SiteViews, RecordedTraces, TLC

CONSTANT
    Telling        \* whether to tell how far each trace goes, and why no further

VARIABLES
    trace,         \* the number of the trace that is judged
    line           \* how many of its lines have been judged

(* Each trace has founders of its own: TraceInit.                           *)
NoFounders == <<>>

TraceInit ==
    /\ trace \in DOMAIN Traces
    /\ line = 0
    /\ crashed  = {}
    /\ known    = [s \in Site |-> IF s \in Range(Traces[trace].founders)
                                  THEN <<SiteView(1, Traces[trace].founders, 0, <<>>)>>
                                  ELSE <<>>]
    /\ wanted   = [s \in Site |-> {}]
    /\ promised = [s \in Site |-> FirstBallot]
    /\ accepted = [s \in Site |-> NoProposal]
    /\ found    = [s \in Site |-> NoProposal]
    /\ replies  = [s \in Site |-> {}]
    /\ net      = Quiet(Site)
    /\ decided  = {}
    /\ history  = [s \in Site |-> <<>>]

(* The recorded step, by its name and arguments.                            *)
Step(e) ==
    CASE e.action = "SiteViews!Suspect"  -> Suspect(e.s, e.q)
      [] e.action = "SiteViews!Trust"    -> Trust(e.s, e.q)
      [] e.action = "SiteViews!Ask"      -> Ask(e.s, e.change)
      [] e.action = "SiteViews!Propose"  -> Propose(e.s, e.view)
      [] e.action = "SiteViews!TakeOver" -> TakeOver(e.s)
      [] e.action = "SiteViews!Commit"   -> Commit(e.s)
      [] e.action = "SiteViews!ReceiveReport"   -> ReceiveReport(e.s, e.q)
      [] e.action = "SiteViews!Respond"         -> Respond(e.s, e.q)
      [] e.action = "SiteViews!ReceiveResponse" -> ReceiveResponse(e.s, e.q)
      [] e.action = "SiteViews!Acknowledge"     -> Acknowledge(e.s, e.q)
      [] e.action = "SiteViews!ReceiveAcknowledgement" ->
            ReceiveAcknowledgement(e.s, e.q)
      [] e.action = "SiteViews!Refuse"          -> Refuse(e.s, e.q)
      [] e.action = "SiteViews!ReceiveRefusal"  -> ReceiveRefusal(e.s, e.q)
      [] e.action = "SiteViews!Install"         -> Install(e.s, e.q)
      [] e.action = "SiteViews!Inform"          -> Inform(e.s, e.q)
      [] e.action = "SiteViews!Discard"         -> Discard(e.s, e.q)
      [] e.action = "SiteViews!Cease"           -> Cease(e.s, e.q)
      [] e.action = "SiteViews!Crash"           -> Crash(e.s)

(* The variables that the step has left otherwise than recorded.            *)
Differing(e) ==
    IF e.action = "SiteViews!Crash" THEN {}
    ELSE {x \in {<<"known",    IF e.known = NoSiteView THEN known'[e.s] = <<>>
                               ELSE known'[e.s] # <<>> /\ Last(known'[e.s]) = e.known>>,
                 <<"wanted",   wanted'[e.s]   = e.wanted>>,
                 <<"promised", promised'[e.s] = e.promised>>,
                 <<"accepted", accepted'[e.s] = e.accepted>>,
                 <<"found",    found'[e.s]    = e.found>>,
                 <<"replies",  replies'[e.s]  = e.replies>>} : ~ x[2]}

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
