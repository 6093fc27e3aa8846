--------------------------- MODULE FailureDetector ---------------------------
(****************************************************************************)
(* Failure detector: each site suspects those of its view of which it has   *)
(* heard nothing for longer than a time-out, and the time-out adapts, so    *)
(* that an overloaded site is not taken for failed.                         *)
(*                                                                          *)
(* The sites of a view send each other heartbeats.  (Any packet counts as   *)
(* one.)  A suspicion may be wrong; the next heartbeat withdraws it.  Until *)
(* then it may have led to the exclusion of a site that works, which has to *)
(* come back as another one, a new incarnation: that is up to SiteViews.    *)
(*                                                                          *)
(* What is promised rests on two facts:                                     *)
(*                                                                          *)
(*   a time-out is longer, by a margin, than any silence that the site has  *)
(*     broken before; so each wrong suspicion is about a longer silence     *)
(*     than the one before it, and if silences have a bound, known or not,  *)
(*     then there are finitely many;                                        *)
(*   a site that has crashed breaks no more silences; and time-outs have a  *)
(*     cap, so its time-out ends.                                           *)
(*                                                                          *)
(* By how much a time-out is longer than it must be is left to an estimator *)
(* (in Python: Jacobson's), on which no promise depends.                    *)
(*                                                                          *)
(* Time is counted in ticks.  Each heartbeat arrives within MaxDelay, and   *)
(* no site is held up for more than MaxPause; the detector knows neither    *)
(* (Dwork, Lynch, Stockmeyer 1988: bounds that exist and are unknown).  A   *)
(* lost heartbeat is as one that comes together with the next, so MaxDelay  *)
(* covers losses too.  A site measures silence by the time in which it ran  *)
(* itself; what has come while it was held up it takes before it goes on.   *)
(*                                                                          *)
(* How it joins SiteViews: its actions Suspect and Trust are the actions of *)
(* that name there, Watch is a part of Install, Doubt of ReceiveReport, and *)
(* Crash is Crash, or Cease.  MCFailureDetectorViews composes the two.      *)
(* The crash of a process is no matter of time-outs: its site vouches for   *)
(* it, exactly (SiteViews, the changes Start and Stop).                     *)
(*                                                                          *)
(* Unlike Jacobson 1988, who forgets old samples, because here a time-out   *)
(* that is too short costs an exclusion and not just a packet sent twice;   *)
(* the price is that the crash of a site that was once slow is found later. *)
(*                                                                          *)
(* Source: Birman and Joseph 1987, sections 2.1 and 2.2; Chandra and Toueg, *)
(* Unreliable Failure Detectors for Reliable Distributed Systems, 1996;     *)
(* Jacobson, Congestion Avoidance and Control, 1988.                        *)
(* Refines: nothing; it brings about what SiteViews assumes.                *)
(* Python: src/vsync/failure_detector.py                                    *)
(****************************************************************************)
EXTENDS VSTypes

CONSTANTS
    \* @type: Set(PROCESS);
    Site,          \* the sites; one that comes back after a crash is another
    \* @type: Int;
    Period,        \* a site sends a heartbeat every so many ticks
    \* @type: Int;
    MaxDelay,      \* a heartbeat is under way for at most so many
    \* @type: Int;
    MaxPause,      \* a site is held up for at most so many
    \* @type: Int;
    Floor,         \* no time-out is shorter than this,
    \* @type: Int;
    Cap,           \* or longer than this
    \* @type: Int;
    Margin         \* by so much a time-out exceeds the silences that were broken

ASSUME 0 < Period /\ 0 < Margin /\ 0 < Floor /\ Floor <= Cap

VARIABLES
    \* @type: Set(PROCESS);
    crashed,       \* the sites that have stopped
    \* @type: PROCESS -> Set(PROCESS);
    view,          \* the sites of the view that it has; before the first, none
    \* @type: PROCESS -> Set(PROCESS);
    suspected,     \* the sites that it suspects
    \* @type: PROCESS -> (PROCESS -> Int);
    silence,       \* for how long, as it has measured, nothing has come from that site
    \* @type: PROCESS -> (PROCESS -> Int);
    longest,       \* the longest silence that that site has broken
    \* @type: PROCESS -> (PROCESS -> Int);
    timeout,       \* the silence at which it suspects that site
    \* @type: PROCESS -> (PROCESS -> Int);
    withdrawn,     \* how many suspicions of its own it has withdrawn: for the proof only
    \* @type: PROCESS -> Int;
    since,         \* the ticks since its last heartbeat
    \* @type: PROCESS -> Int;
    paused,        \* for how many ticks more it is held up
    \* @type: PROCESS -> (PROCESS -> Seq(Int));
    net            \* net[t][s]: the age of each heartbeat under way from t to s

watching == <<suspected, silence, longest, timeout, withdrawn>>
vars     == <<crashed, view, watching, since, paused, net>>

(****************************************************************************)
(* Decisions                                                                *)
(****************************************************************************)
AtMost(x, bound)  == IF x < bound THEN x ELSE bound
AtLeast(x, bound) == IF x > bound THEN x ELSE bound

(* Those whom s watches: the sites of its view, but for itself.             *)
Watched(s) == view[s] \ {s}

(* Those to whom t sends its heartbeats.                                    *)
Targets(t) == view[t] \ {t}

(* The time-out that must be granted to who has broken such a silence.      *)
Least(broken) == AtMost(AtLeast(broken + Margin, Floor), Cap)

(* The time-outs that s may choose, once a silence is broken that lasted    *)
(* for `gap`, the longest of all being `broken`.                            *)
TimeOuts(gap, broken) == Least(broken)..Cap

(* Whom s takes a heartbeat of t for: it counts for t alone, and only while *)
(* t is in the view.                                                        *)
HeardAs(s, t) == {t} \cap Watched(s)

(* s measures silence by the time in which it runs itself.                  *)
Measures(s) == paused[s] = 0

Running(s) == s \notin crashed /\ paused[s] = 0

(* s has heard nothing from t for a time-out.                               *)
Overdue(s, t) == t \in Watched(s) \ suspected[s] /\ silence[s][t] >= timeout[s][t]

(* What a site that runs has to do before time goes on.                     *)
BeatDue(t)       == view[t] # {} /\ since[t] >= Period
ArrivalDue(s, t) == net[t][s] # <<>> /\ Head(net[t][s]) >= MaxDelay
Due(s)           == BeatDue(s) \/ \E t \in Site : ArrivalDue(s, t)

(* The longest silence of a site that works: between two heartbeats it may  *)
(* be held up once, and the second may take longer than the first.          *)
Gap == Period + MaxDelay + MaxPause

(****************************************************************************)
(* Guarantees                                                               *)
(****************************************************************************)
FailureDetectorTypeOK ==
    /\ crashed \subseteq Site
    /\ \A s \in Site :
        /\ view[s] \subseteq Site /\ (view[s] # {} => s \in view[s])
        /\ since[s] \in 0..Period /\ paused[s] \in 0..MaxPause
        /\ s \in crashed => view[s] = {} /\ paused[s] = 0
        /\ \A t \in Site :
            /\ silence[s][t] \in 0..(Cap + 1) /\ longest[s][t] \in 0..(Cap + 1)
            /\ timeout[s][t] \in Floor..Cap
            /\ withdrawn[s][t] >= 0
            /\ \A i \in DOMAIN net[t][s] : net[t][s][i] \in 0..MaxDelay

(* A site that is not watched, or is not watched any more, is nothing to    *)
(* the detector: so no late heartbeat brings back who was excluded.         *)
ExcludedInv ==
    \A s \in Site :
        /\ suspected[s] \subseteq Watched(s)
        /\ \A t \in Site \ Watched(s) :
            silence[s][t] = 0 /\ longest[s][t] = 0 /\ withdrawn[s][t] = 0

(* Overload.  A silence that a site has broken before is not taken for its  *)
(* failure: "the timeout adapts so that an overloaded site is not taken for *)
(* failed".  (Beyond the cap it is.)                                        *)
OverloadInv ==
    \A s \in Site : \A t \in Watched(s) : timeout[s][t] >= Least(longest[s][t])
OverloadProp ==
    [][\A s, t \in Site :
        Overdue(s, t) /\ t \in suspected'[s] =>
            silence[s][t] > longest[s][t] \/ timeout[s][t] = Cap]_vars

(* Each wrong suspicion raises the bound: a site that has been suspected n  *)
(* times, and each time wrongly, has been silent for n margins.             *)
MistakesInv ==
    \A s, t \in Site :
        longest[s][t] + Margin <= Cap => Margin * withdrawn[s][t] <= longest[s][t]

(* So, as silences have a bound and the cap is beyond it, the mistakes are  *)
(* as few as that bound has margins; nobody has to know it.                 *)
FewMistakesInv ==
    \A s, t \in Site :
        /\ longest[s][t] <= Gap
        /\ Gap + Margin <= Cap => Margin * withdrawn[s][t] <= Gap

(* Only a heartbeat of t itself tells s that t works: no other incarnation  *)
(* of that site.                                                            *)
OwnHeartbeatProp ==
    [][\A s \in Site : \A t \in Watched(s) :
        /\ t \in view'[s]
        /\ silence'[s][t] < silence[s][t] \/ t \in suspected[s] \ suspected'[s]
        => Len(net'[t][s]) < Len(net[t][s])]_vars

(* Patience.  If the floor is beyond all silences that come about, then     *)
(* nobody is suspected who works; in particular a site that was held up     *)
(* itself does not suspect the others for what it slept through.            *)
PatientInv ==
    Period + MaxDelay < Floor => \A s \in Site : suspected[s] \subseteq crashed

(****************************************************************************)
(* Actions                                                                  *)
(****************************************************************************)
Each(value) == [s \in Site |-> [t \in Site |-> value]]

FailureDetectorInit(first) ==
    /\ crashed   = {}
    /\ view      = first
    /\ suspected = [s \in Site |-> {}]
    /\ silence   = Each(0)
    /\ longest   = Each(0)
    /\ timeout   = Each(Floor)
    /\ withdrawn = Each(0)
    /\ since     = [s \in Site |-> 0]
    /\ paused    = [s \in Site |-> 0]
    /\ net       = Each(<<>>)

(* s keeps what it knows of the sites Q, and begins anew with all others.   *)
Keep(s, Q) ==
    LET kept(f, begin) == [f EXCEPT ![s] = [t \in Site |-> IF t \in Q THEN @[t] ELSE begin]]
    IN  /\ suspected' = [suspected EXCEPT ![s] = @ \cap Q]
        /\ silence'   = kept(silence, 0)
        /\ longest'   = kept(longest, 0)
        /\ timeout'   = kept(timeout, Floor)
        /\ withdrawn' = kept(withdrawn, 0)

(* s has a new view: it watches the sites Q.                                *)
Watch(s, Q) ==
    /\ s \notin crashed
    /\ s \in Q
    /\ view' = [view EXCEPT ![s] = Q]
    /\ Keep(s, Watched(s) \cap Q)
    /\ UNCHANGED <<crashed, since, paused, net>>

(* s sends a heartbeat to the sites of its view.                            *)
Beat(s) ==
    /\ Running(s)
    /\ BeatDue(s)
    /\ since' = [since EXCEPT ![s] = 0]
    /\ net' = [net EXCEPT ![s] =
            [q \in Site |-> IF q \in Targets(s) \ crashed THEN Append(@[q], 0) ELSE @[q]]]
    /\ UNCHANGED <<crashed, view, watching, paused>>

(* A heartbeat of t comes to s.                                             *)
Arrives(s, t) ==
    /\ Running(s)
    /\ net[t][s] # <<>>
    /\ net' = [net EXCEPT ![t][s] = Tail(@)]

(* The silence of u is broken, and the time-out adapts.                     *)
Broken(s, u) ==
    \E broken \in {AtLeast(longest[s][u], silence[s][u])} :
        /\ longest' = [longest EXCEPT ![s][u] = broken]
        /\ timeout' \in {[timeout EXCEPT ![s][u] = x] : x \in TimeOuts(silence[s][u], broken)}
        /\ silence' = [silence EXCEPT ![s][u] = 0]

(* s hears from one that it does not suspect.                               *)
Hear(s, t) ==
    /\ Arrives(s, t)
    /\ \E u \in HeardAs(s, t) \ suspected[s] : Broken(s, u)
    /\ UNCHANGED <<crashed, view, suspected, withdrawn, since, paused>>

(* s hears from one that it suspects, and withdraws the suspicion.  It was  *)
(* its own if the time-out had passed; else it had it from others.          *)
Trust(s, t) ==
    /\ Arrives(s, t)
    /\ \E u \in HeardAs(s, t) \cap suspected[s] :
        /\ Broken(s, u)
        /\ suspected' = [suspected EXCEPT ![s] = @ \ {u}]
        /\ withdrawn' = [withdrawn EXCEPT ![s][u] =
                IF silence[s][u] >= timeout[s][u] THEN @ + 1 ELSE @]
    /\ UNCHANGED <<crashed, view, since, paused>>

(* A heartbeat of a site that is not in the view means nothing.             *)
Discard(s, t) ==
    /\ Arrives(s, t)
    /\ HeardAs(s, t) = {}
    /\ UNCHANGED <<crashed, view, watching, since, paused>>

(* s has heard nothing from t for a time-out, and suspects it.              *)
Suspect(s, t) ==
    /\ Running(s)
    /\ Overdue(s, t)
    /\ suspected' = [suspected EXCEPT ![s] = @ \cup {t}]
    /\ UNCHANGED <<crashed, view, silence, longest, timeout, withdrawn, since, paused, net>>

(* s is told that another site suspects those in Q, and does so too, until  *)
(* it hears from them: for one site, the coordinator, acts for all.         *)
Doubt(s, Q) ==
    /\ Running(s)
    /\ Q \subseteq Watched(s)
    /\ Q \ suspected[s] # {}
    /\ suspected' = [suspected EXCEPT ![s] = @ \cup Q]
    /\ UNCHANGED <<crashed, view, silence, longest, timeout, withdrawn, since, paused, net>>

(****************************************************************************)
(* The environment                                                          *)
(****************************************************************************)

(* Time goes on, when all is done that was due.                             *)
Tick ==
    /\ \A s \in Site : Running(s) => ~ Due(s)
    /\ silence' = [s \in Site |-> [t \in Site |->
            IF Measures(s) /\ t \in Watched(s)
            THEN AtMost(silence[s][t] + 1, Cap + 1) ELSE silence[s][t]]]
    /\ since'   = [s \in Site |->
            IF view[s] = {} THEN 0 ELSE AtMost(since[s] + 1, Period)]
    /\ paused'  = [s \in Site |-> IF paused[s] = 0 THEN 0 ELSE paused[s] - 1]
    /\ net'     = [t \in Site |-> [s \in Site |->
            [i \in DOMAIN net[t][s] |-> AtMost(net[t][s][i] + 1, MaxDelay)]]]
    /\ UNCHANGED <<crashed, view, suspected, longest, timeout, withdrawn>>

(* s is held up for n ticks: it is overloaded, or was put to sleep.         *)
Pause(s, n) ==
    /\ Running(s)
    /\ ~ Due(s)
    /\ n \in 1..MaxPause
    /\ paused' = [paused EXCEPT ![s] = n]
    /\ UNCHANGED <<crashed, view, watching, since, net>>

(* s stops.  What is under way from it still arrives.                       *)
Crash(s) ==
    /\ s \notin crashed
    /\ crashed' = crashed \cup {s}
    /\ view'    = [view EXCEPT ![s] = {}]
    /\ Keep(s, {})
    /\ since'   = [since EXCEPT ![s] = 0]
    /\ paused'  = [paused EXCEPT ![s] = 0]
    /\ net'     = [t \in Site |-> [net[t] EXCEPT ![s] = <<>>]]

(* What s does with what comes from t, or because nothing comes.            *)
Attend(s, t) == Hear(s, t) \/ Trust(s, t) \/ Discard(s, t)

(****************************************************************************)
(* Progress                                                                 *)
(****************************************************************************)

(* Time goes on, and what is due is done.                                   *)
Fairness ==
    /\ WF_vars(Tick)
    /\ \A s \in Site : WF_vars(Beat(s))
    /\ \A s, t \in Site : WF_vars(Attend(s, t)) /\ WF_vars(Suspect(s, t))

(* Strong Completeness.  A site that has crashed is suspected in the end by *)
(* all who watch it, and remains so.                                        *)
StrongCompletenessProp ==
    \A s, t \in Site : <>[](t \in Watched(s) \cap crashed => t \in suspected[s])

(* Eventual Strong Accuracy.  From some time on no site is suspected that   *)
(* works.  (Chandra and Toueg 1996: with both, the detector is eventually   *)
(* perfect.)  It is so if the cap is longer than the silences that occur.   *)
EventualStrongAccuracyProp ==
    \A s, t \in Site : <>[](t \in suspected[s] => t \in crashed)

(* What SiteViews assumes, as its SuspicionsRight.                          *)
SuspicionsRightProp ==
    <>[](\A s \in Site : suspected[s] = Watched(s) \cap crashed)
=============================================================================
