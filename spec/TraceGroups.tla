------------------------------ MODULE TraceGroups ------------------------------
(****************************************************************************)
(* Judges recorded protocol events of Groups, many traces in one run: is    *)
(* each recorded step a step of the specification, taken with those         *)
(* arguments, and has it left the variables of its site as recorded?        *)
(*                                                                          *)
(* What the sites agreed on is read from the trace: the changes between two *)
(* site views, and the views, each element as the first site that applies   *)
(* it shows it.  TraceSiteViews and TraceGbcast judge how that came about.  *)
(* Agree, a step of its own, adds the next element just before it is first  *)
(* applied, and demands that                                                *)
(*   a change was proposed by some site; GBCASTs of several sites may end   *)
(*     one epoch, and then their changes are in one element;                *)
(*   all sites have applied what was agreed on before changes; but not if a *)
(*     site view follows, for its flush ends all epochs that are not over,  *)
(*     and who is in it begins nothing;                                     *)
(*   a site view is the one after the last, with those that remain in their *)
(*     order, and before those that are new.                                *)
(* Of what has been proposed nothing is taken away, for a site drops what   *)
(* has become pointless; and who failed although it neither was a member    *)
(* nor waited to be one is not told of.                                     *)
(*                                                                          *)
(* A site that is excluded wrongly counts as crashed in the specification.  *)
(* In a trace it goes on for a while, in the epoch in which it was last,    *)
(* and what it multicasts comes to all of those who remain, or to none.     *)
(* The same holds for what a site that crashed had begun.  The              *)
(* configuration therefore has MayBeginHere, HandedHere and CompleteHere in *)
(* place of MayBegin, Handed and Complete; with that there is no Lose.      *)
(*                                                                          *)
(* Names and credentials of the groups are read from the trace: NamedHere   *)
(* and AcceptsHere.  A group that is gone is not recorded; in the           *)
(* specification its last view has no members.  What processes see are      *)
(* service events, which other judges judge: Unwritten, in place of Record. *)
(* In which order a site proposes what it proposes at once is left to it:   *)
(* OneOrder, in place of Orders.                                            *)
(*                                                                          *)
(* A line has `now`, which is the variables that the step has left with     *)
(* another value than that recorded for the site before; all others must be *)
(* as they were.                                                            *)
(*                                                                          *)
(* Python: src/vsync/check/recorded/groups.py writes the traces             *)
(* down, in place of the module RecordedTraces.                             *)
(****************************************************************************)
EXTENDS Groups, RecordedTraces, TLC

CONSTANT
    Telling        \* whether to tell how far each trace goes, and why no further

VARIABLES
    trace,         \* the number of the trace that is judged
    line,          \* how many of its lines have been judged
    begun          \* how many multicasts of each process have begun

(* Each trace has founders of its own: TraceInit.                           *)
NoSites == <<>>

(* Sites are 1, 2, 3, ...; process 4 of site 3 is 3004; groups are beyond.  *)
(* (What the configuration puts in place of a constant is evaluated anew    *)
(* wherever that is used: so it is but the name of another definition.)     *)
FirstGroup     == 1000000
RecordedLocals == DOMAIN SiteOfRecorded
RecordedGroups == [i \in 1..GroupsRecorded |-> FirstGroup + i]
RecordedAt     == [s \in RecordedProcesses |-> {p \in RecordedLocals : SiteOfRecorded[p] = s}]
ProcessHere    == RecordedLocals
GroupListHere  == RecordedGroups
SiteOfHere     == SiteOfRecorded
LocalHere(s)   == RecordedAt[s]
NoCredentials  == [g \in {} |-> {}]

NamedHere(g) ==
    IF g - FirstGroup \in DOMAIN Traces[trace].names THEN Traces[trace].names[g - FirstGroup] ELSE g
AcceptsHere(request) ==
    request.credentials = Traces[trace].credentials[request.group - FirstGroup]

Unwritten(logs) == UNCHANGED <<log, history>>
OneOrder(S) == {CHOOSE list \in [1..Cardinality(S) -> S] : Range(list) = S}

(****************************************************************************)
(* Who remains                                                              *)
(****************************************************************************)

(* The sites that are in the next site view after the i-th element; all, if *)
(* there is none.  A view that is overtaken does not count: when one view   *)
(* follows upon another, then those matter who are in both, for it may be   *)
(* that only the last of them was completed.                                *)
LaterViews(i) ==
    {j \in DOMAIN Traces[trace].agreed : j > i /\ Traces[trace].agreed[j].view # NoView}
ViewFollows(i) == LaterViews(i) # {}
NextViews(i) ==
    {j \in LaterViews(i) :
        \A k \in LaterViews(i) : k < j => \A n \in k..j : n \in LaterViews(i)}
NextMembers(i) ==
    IF ~ ViewFollows(i) THEN Site
    ELSE {s \in Site : \A j \in NextViews(i) : s \in Members(Traces[trace].agreed[j].view)}

Remains(s, i) == s \notin crashed /\ s \in NextMembers(i)

(* s was excluded, and does not know it.                                    *)
Excluded(s) ==
    /\ applied[s] < Len(agreed)
    /\ agreed[applied[s] + 1].view # NoView
    /\ s \notin Members(agreed[applied[s] + 1].view)

MayBeginHere(s) == Working(s) /\ (applied[s] = Len(agreed) \/ Excluded(s))

(* All who remain deliver m, or none: some have gone on without it.         *)
Lost(m) ==
    /\ ~ Remains(m.from, m.epoch)
    /\ \E t \in m.awaited : applied[t] > m.epoch

HandedHere(s, m) ==
    /\ m \in inflight
    /\ s \in m.awaited
    /\ Present(s, m)
    /\ Lost(m) => ~ Remains(s, m.epoch)
    /\ \E rest \in {[m EXCEPT !.awaited = @ \ {s}, !.had = @ \cup {s}]} :
        inflight' = (inflight \ {m}) \cup (IF rest.awaited = {} THEN {} ELSE {rest})

(* Nobody who remains has what s lacks, if its sender does not remain.      *)
CompleteHere(s) ==
    \A m \in inflight :
        s \in m.awaited /\ m.epoch = applied[s] =>
            /\ ~ Remains(m.from, m.epoch)
            /\ m.had \cap NextMembers(m.epoch) = {}

(****************************************************************************)
(* What the sites agree on next                                             *)
(****************************************************************************)
Proposed(c) ==
    \E s \in Site : \E x \in Range(proposed[s]) :
        /\ x.change = c.change /\ x.group = c.group
        /\ x.process = c.process \/ c.change = "configure"

MayAgreeOnChanges(changes) ==
    /\ \A c \in Range(changes) : Proposed(c)
    /\ ~ ViewFollows(Len(agreed)) =>
        \A s \in Members(LastSites) \ crashed : applied[s] = Len(agreed)

MayAgreeOnView(view) ==
    \E last \in {LastSites} :
        \E stay \in {Without(last.members, Members(last) \ Members(view))} :
            /\ view.id = last.id + 1
            /\ Len(view.members) >= Len(stay)
            /\ SubSeq(view.members, 1, Len(stay)) = stay
            /\ \A i \in DOMAIN agreed :
                (Members(view) \ Range(stay)) \cap Members(agreed[i].view) = {}

Agree ==
    \E next \in {Traces[trace].agreed[Len(agreed) + 1]} :
        /\ IF next.view = NoView THEN MayAgreeOnChanges(next.changes) ELSE MayAgreeOnView(next.view)
        /\ agreed' = Append(agreed, next)
        /\ Unseen
        /\ UNCHANGED <<applied, crashed, failed, proposed, inflight, own>>

(****************************************************************************)
(* The recorded step, by its name and arguments.                            *)
(****************************************************************************)

(* The groups that there are, each with its view.                           *)
Listed(known) == {<<g, known[g]>> : g \in {x \in Group : known[x].members # <<>>}}

OfKind(e, kind) == {m \in inflight : m.kind = kind /\ e.s \in m.awaited}

(* A founder begins in the first view.                                      *)
Found(s, view) ==
    /\ applied[s] = 1 /\ sites[s] = view
    /\ UNCHANGED vars

(* s crashes before any site has applied a view that has it.               *)
CrashEarly(s) ==
    /\ applied[s] = 0 /\ NextElement(s) = {}
    /\ crashed' = crashed \cup {s}
    /\ Unseen
    /\ UNCHANGED <<agreed, applied, failed, proposed, inflight, own>>

(* A process fails whose site is in no view yet: it is in no group, and     *)
(* nobody has to be told.  (The specification has no such processes.)       *)
FailsEarly(s, p) ==
    /\ applied[s] = 0 /\ s \notin crashed
    /\ p \in Local(s) \ failed
    /\ failed' = failed \cup {p}
    /\ Unseen
    /\ UNCHANGED <<agreed, applied, crashed, proposed, inflight, own>>

RequestStep(e) ==
    CASE e.action = "Groups!AskToJoin" -> AskToJoin(e.s, e.p, e.g, e.credentials)
      [] e.action = "Groups!AskAgain"  -> AskAgain(e.s, e.p, e.g)
      [] e.action = "Groups!ReceiveRequest" ->
            \E m \in OfKind(e, "request") :
                m.request = {Request(e.p, e.g, e.credentials)} /\ ReceiveRequest(e.s, m)
      [] e.action = "Groups!Verify" -> Verify(e.s, e.p, e.g)
      [] e.action = "Groups!ReceiveRefusal" ->
            \E m \in OfKind(e, "refusal") :
                m.request = {Request(e.p, e.g, e.credentials)} /\ ReceiveRefusal(e.s, m)

ProcessStep(e) ==
    CASE e.action = "Groups!Create" -> Create(e.s, e.p, e.g)
      [] e.action = "Groups!Leave"  -> Leave(e.s, e.p, e.g)
      [] e.action = "Groups!Configure"    -> Configure(e.s, e.p, e.g)
      [] e.action = "Groups!ProcessFails" -> ProcessFails(e.s, e.p) \/ FailsEarly(e.s, e.p)
      [] e.action = "Groups!AskToKill"    -> AskToKill(e.s, e.p, e.g)
      [] e.action = "Groups!Kill" ->
            \E m \in OfKind(e, "kill") : m.to = {e.g} /\ Kill(e.s, m)
      [] e.action = "Groups!Multicast" ->
            e.n = begun[e.p] + 1 /\ Multicast(e.s, e.p, e.n, e.to)
      [] e.action = "Groups!Deliver" ->
            \E m \in OfKind(e, "message") : m.id = <<e.p, e.n>> /\ Deliver(e.s, m)

DirectoryStep(e) ==
    CASE e.action = "Found" -> Found(e.s, e.view)
      [] e.action = "Groups!ApplyChanges"  -> ApplyChanges(e.s, e.changes)
      [] e.action = "Groups!ApplySites"    -> ApplySites(e.s, e.view)
      [] e.action = "Groups!TellDirectory" -> TellDirectory(e.s)
      [] e.action = "Groups!Inform" ->
            \E m \in OfKind(e, "directory") : Listed(m.known) = e.groups /\ Inform(e.s, m.known)
      [] e.action = "Crash" -> Crash(e.s) \/ CrashEarly(e.s)

Step(e) ==
    CASE e.family = "agree"     -> Agree
      [] e.family = "request"   -> RequestStep(e)
      [] e.family = "process"   -> ProcessStep(e)
      [] e.family = "directory" -> DirectoryStep(e)

Counted(e) ==
    IF e.action = "Groups!Multicast" THEN begun' = [begun EXCEPT ![e.p] = e.n]
                                     ELSE begun' = begun

TraceInit ==
    /\ trace \in DOMAIN Traces
    /\ line = 0
    /\ begun = [p \in Process |-> 0]
    /\ agreed = <<SiteView(View(1, Traces[trace].founders))>>
    /\ \E founders \in {Traces[trace].founders} :
        /\ applied   = [s \in Site |-> IF s \in Range(founders) THEN 1 ELSE 0]
        /\ sites     = [s \in Site |-> IF s \in Range(founders) THEN View(1, founders) ELSE NoView]
        /\ informed  = [s \in Site |-> IF s \in Range(founders) THEN Range(founders) ELSE {}]
    /\ crashed   = {}
    /\ failed    = {}
    /\ directory = [s \in Site |-> EmptyDirectory]
    /\ joining   = [s \in Site |-> {}]
    /\ asked     = [s \in Site |-> {}]
    /\ proposed  = [s \in Site |-> <<>>]
    /\ inflight  = {}
    /\ log       = [p \in Process |-> <<>>]
    /\ history   = [p \in Process |-> <<>>]

(****************************************************************************)
(* The variables that the step has left otherwise than recorded.            *)
(****************************************************************************)
Differing(e) ==
    LET as(name, after, before) ==
            IF name \in DOMAIN e.now THEN after = e.now[name] ELSE after = before
    IN  IF e.action \in {"Crash", "Agree"} THEN {}
        ELSE {x \in {<<"sites",     as("sites",    sites'[e.s],    sites[e.s])>>,
                     <<"directory", as("directory", Listed(directory'[e.s]), Listed(directory[e.s]))>>,
                     <<"informed",  as("informed", informed'[e.s], informed[e.s])>>,
                     <<"joining",   as("joining",  joining'[e.s],  joining[e.s])>>,
                     <<"asked",     as("asked",    asked'[e.s],    asked[e.s])>>} : ~ x[2]}

Judge ==
    /\ line < Len(Traces[trace].lines)
    /\ \E e \in {Traces[trace].lines[line + 1]} :
        /\ Step(e)
        /\ Counted(e)
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
    /\ UNCHANGED <<trace, begun, vars>>

TraceSpec == TraceInit /\ [][Judge \/ Accept]_<<trace, line, begun, vars>>
=============================================================================
