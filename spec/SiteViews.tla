------------------------------ MODULE SiteViews ------------------------------
(****************************************************************************)
(* Site views: the sites agree on one sequence of views, in which a site    *)
(* that fails at any point, the coordinator too, is replaced; and a part of *)
(* the system that has lost the majority blocks.                            *)
(*                                                                          *)
(* All start from view 1.  Who comes after view k is decided by the sites   *)
(* of view k, a majority of them, once and for all; then the same is done   *)
(* for view k + 1.  The oldest site coordinates, in two phases:             *)
(*                                                                          *)
(*   1  it applies the changes that are wanted to its view, and sends the   *)
(*      result as Proposal(k + 1) to the sites of view k; they accept it    *)
(*      and send an Acknowledgement;                                        *)
(*   2  when a majority of them has acknowledged, it sends Commit(k + 1) to *)
(*      the sites of both views, and they install it.                       *)
(*                                                                          *)
(* If the coordinator is suspected, then the oldest site that is not takes  *)
(* over, and there is a phase before these two:                             *)
(*                                                                          *)
(*   0  it sends an Interrogation to the sites of view k; they answer with  *)
(*      the proposal that they last accepted, and promise to accept none    *)
(*      of an earlier coordinator any more.  When a majority has answered,  *)
(*      the new coordinator proposes what it found, for that may have been  *)
(*      committed; only if it found nothing, it proposes what it wants.     *)
(*                                                                          *)
(* What orders the coordinators is the ballot.  Ballot b belongs to the     *)
(* site of rank b, counted round and round; ballot 1, that of the oldest    *)
(* site, is promised by all as they install the view, so that the usual     *)
(* case has two phases and not three.                                       *)
(*                                                                          *)
(* Every packet carries the views that its sender knows.  Who receives one  *)
(* installs first what it lacks; and who asks something on the ground of an *)
(* old view is answered with the newer ones.  So a site that remains a      *)
(* member misses no view, and one that is excluded learns it and ceases: it *)
(* may come back only as another site, a new incarnation.                   *)
(*                                                                          *)
(* Unlike Ricciardi and Birman 1991:                                        *)
(*   a proposal is accepted only under the highest ballot promised, and     *)
(*     a proposal that was found is chosen by its ballot (as in Lamport,    *)
(*     The Part-Time Parliament, 1998), because the rules there, by rank    *)
(*     and version, leave open which of two proposals may have been         *)
(*     committed when several coordinators failed one after the other;      *)
(*   a suspicion may be withdrawn, as long as it is not committed, because  *)
(*     a suspicion is a time-out and no failure (there it is for ever);     *)
(*   a view may bring several changes, also joins and what happens to the   *)
(*     processes of the sites, because one round then serves all of them.   *)
(*                                                                          *)
(* Source: Birman and Joseph 1987, sections 2.1, 2.4 and 3.2; Ricciardi and *)
(* Birman, Using Process Groups to Implement Failure Detection in           *)
(* Asynchronous Environments, PODC 1991.                                    *)
(* Refines: VirtualSynchrony, its members being the sites.                  *)
(* Needs: FIFO channels to make progress; it is safe over any network.      *)
(* Python: src/vsync/site_views.py                                          *)
(****************************************************************************)
EXTENDS VSProperties, Network

CONSTANTS
    \* @type: Seq(PROCESS);
    Founders,      \* the sites of view 1, oldest first
    \* @type: PROCESS -> PROCESS;
    SiteOf         \* the site of each process that may be in the group

VARIABLES
    \* @type: Set(PROCESS);
    crashed,       \* the sites that have stopped
    \* @type: PROCESS -> Seq($siteView);
    known,         \* the views that the site knows, from view 1 to its current one
    \* @type: PROCESS -> Set($change);
    wanted,        \* the changes it wants; suspicion is to want a failure
    \* @type: PROCESS -> Int;
    promised,      \* it accepts no proposal of a ballot before this one
    \* @type: PROCESS -> $proposal;
    accepted,      \* the last proposal that it accepted, for its next view
    \* @type: PROCESS -> $proposal;
    found,         \* as coordinator: the latest proposal it heard of
    \* @type: PROCESS -> Set(PROCESS);
    replies,       \* as coordinator: who has answered in this phase
    \* @type: PROCESS -> (PROCESS -> Seq($sitePacket));
    net,           \* the packets in flight
    \* @type: Set($siteView);
    decided        \* every view that was ever committed: seen by no site

voting == <<promised, accepted, found, replies>>
sites  == <<known, wanted, voting>>
vars   == <<crashed, sites, net, decided, history>>

(* The sites are the processes of the service: the histories that are       *)
(* judged here are theirs.  Those of SiteOf are their clients.              *)
Site == Process

(* A site view: its number; its sites, oldest first; and the view of the    *)
(* group, which has a number of its own, as it changes less often.          *)
\* @typeAlias: siteView = { id: Int, sites: Seq(PROCESS), group: Int, members: Seq(PROCESS) };
\* @typeAlias: change = { change: Str, who: PROCESS };
\* @typeAlias: proposal = { ballot: Int, view: $siteView };
(* @typeAlias: sitePacket = {
       type: Str, views: Seq($siteView), ballot: Int, proposal: $proposal,
       wanted: Set($change)
   };                                                                       *)
SiteViewsAliases == TRUE

\* @type: (Int, Seq(PROCESS), Int, Seq(PROCESS)) => $siteView;
SiteView(id, list, group, members) ==
    [id |-> id, sites |-> list, group |-> group, members |-> members]

NoSiteView == SiteView(0, <<>>, 0, <<>>)
FirstView  == SiteView(1, Founders, 0, <<>>)
\* @type: $siteView => Set(PROCESS);
Sites(view) == Range(view.sites)

(* The same view as the service shows it: of sites only.                    *)
\* @type: $siteView => $view;
Shown(view) == View(view.id, view.sites)

(* A change that is wanted: a site fails or joins; a process starts, that   *)
(* is joins the group, or stops, for which its own site vouches.            *)
Change(change, who) == [change |-> change, who |-> who]
Fail(t)  == Change("fail", t)
Join(t)  == Change("join", t)
Start(x) == Change("start", x)
Stop(x)  == Change("stop", x)

(* A proposal: a view, and the ballot under which it was proposed.          *)
Proposal(ballot, view) == [ballot |-> ballot, view |-> view]
NoProposal == Proposal(0, NoSiteView)

FirstBallot == 1

(* What travels.                                                            *)
SitePacket(type, views, ballot, proposal, changes) ==
    [type |-> type, views |-> views, ballot |-> ballot,
     proposal |-> proposal, wanted |-> changes]

Report(views, changes)        == SitePacket("report", views, 0, NoProposal, changes)
Interrogation(views, b)       == SitePacket("interrogation", views, b, NoProposal, {})
Response(views, b, proposal)  == SitePacket("response", views, b, proposal, {})
Propounded(views, proposal)   == SitePacket("proposal", views, proposal.ballot, proposal, {})
Acknowledgement(views, b)     == SitePacket("acknowledgement", views, b, NoProposal, {})
Refusal(views, b)             == SitePacket("refusal", views, b, NoProposal, {})
Commitment(views)             == SitePacket("commit", views, 0, NoProposal, {})

(****************************************************************************)
(* Decisions                                                                *)
(****************************************************************************)
Last(views) == views[Len(views)]

(* The view that s has installed last; only for sites that have one.        *)
Current(s) == Last(known[s])

(* s runs and has a view.  A coordinator that has sent Commit takes it up   *)
(* itself before it does anything else: what it sends to itself comes first.*)
Working(s) == s \notin crashed /\ known[s] # <<>> /\ net[s][s] = <<>>

(* t was never in a view; x never in the group.                             *)
NewSite(views, t)    == \A i \in DOMAIN views : t \notin Sites(views[i])
NewProcess(views, x) == \A i \in DOMAIN views : x \notin Members(views[i])

(* The change can still be made, after these views.  A process that stops   *)
(* before it was seen to start is seen to do both, one after the other.     *)
\* @type: (Seq($siteView), $change) => Bool;
Open(views, c) ==
    CASE c.change = "fail"  -> c.who \in Sites(Last(views))
      [] c.change = "join"  -> NewSite(views, c.who)
      [] c.change = "start" -> /\ SiteOf[c.who] \in Sites(Last(views))
                               /\ NewProcess(views, c.who)
      [] c.change = "stop"  -> /\ SiteOf[c.who] \in Sites(Last(views))
                               /\ \/ c.who \in Members(Last(views))
                                  \/ NewProcess(views, c.who)

StillOpen(views, changes) == {c \in changes : Open(views, c)}

Whom(changes, kind) == {c.who : c \in {d \in changes : d.change = kind}}

(* The list after a change: who stays keeps the order, who is new is        *)
(* younger.                                                                 *)
Aged(list, gone, new) == Without(list, gone) \o new

(* The views that may come of these changes: the order among those who come *)
(* together is left open.  (In Python it is that of arrival.)  If no member *)
(* stays then nobody starts: the total failure of the group takes a view of *)
(* its own, with no members, so that two views in succession always share a *)
(* member if both have some (Primary Component Membership).                 *)
Successors(view, changes) ==
    LET failed  == Whom(changes, "fail")
        gone    == {x \in Members(view) : \/ x \in Whom(changes, "stop")
                                          \/ SiteOf[x] \in failed}
        failing == Members(view) # {} /\ gone = Members(view)
        started == {x \in Whom(changes, "start") : SiteOf[x] \notin failed /\ ~ failing}
        group   == IF gone = {} /\ started = {} THEN view.group ELSE view.group + 1
    IN  {SiteView(view.id + 1, Aged(view.sites, failed, list),
                  group, Aged(view.members, gone, members)) :
            list \in Orders(Whom(changes, "join")), members \in Orders(started)}

(* The site that coordinates, in the eyes of one that wants these changes:  *)
(* the oldest that it does not suspect.                                     *)
Coordinator(view, changes) == Without(view.sites, Whom(changes, "fail"))[1]

Suspects(s) == Whom(wanted[s], "fail")

(* The owner of a ballot, by rank.                                          *)
Owner(view, ballot) == view.sites[((ballot - 1) % Len(view.sites)) + 1]

(* The next ballot that s owns.                                             *)
NextBallot(s) ==
    CHOOSE b \in (promised[s] + 1)..(promised[s] + Len(Current(s).sites)) :
        Owner(Current(s), b) = s

(* s has promised its own ballot: it leads, until it promises another.      *)
Leads(s) == Owner(Current(s), promised[s]) = s

(* A site that leads has made its proposal, if it has accepted it itself.   *)
Proposing(s) == Leads(s) /\ accepted[s].ballot = promised[s]

(* These are a majority of the sites of the view, and may decide what comes *)
(* after it.                                                                *)
Enough(Q, view) == Majority(Q, Sites(view))

(* A view may be followed by one that keeps the majority of its sites; so a *)
(* minority, which would leave out the others, blocks instead (Birman and   *)
(* Joseph 1987, section 2.1).                                               *)
KeepsMajority(view, next) == Majority(Sites(next), Sites(view))

(* Of two proposals the one that binds the coordinator: the later one.      *)
\* @type: ($proposal, $proposal) => $proposal;
Later(a, b) == IF b.ballot > a.ballot THEN b ELSE a

(* A site accepts a proposal unless it has promised a later ballot.         *)
MayAccept(s, ballot) == promised[s] <= ballot

(* What s may propose: the proposal that it found, or else what it wants.   *)
Proposals(s) ==
    IF found[s] # NoProposal
    THEN {found[s].view}
    ELSE {v \in Successors(Current(s), wanted[s]) : KeepsMajority(Current(s), v)}

(* The number of the view that s installs next, of those it is shown: for a *)
(* joiner, the first that it is in.                                         *)
NextOf(s, views) ==
    IF known[s] # <<>> THEN Len(known[s]) + 1
    ELSE CHOOSE k \in DOMAIN views :
            /\ s \in Sites(views[k])
            /\ \A j \in 1..(k - 1) : s \notin Sites(views[j])

(****************************************************************************)
(* Packets                                                                  *)
(****************************************************************************)

(* Packets to who has crashed are lost at once; that keeps the states few.  *)
SendTo(sent, s, Q, packet) == Send(sent, s, Q \ crashed, <<packet>>)

(* s reports what it wants to the site that it holds for the coordinator.   *)
(* It does so whenever one of the two changes, in the same step: a crash    *)
(* between the two is the same as the loss of the report.                   *)
Reported(sent, s, views, changes) ==
    LET c == Coordinator(Last(views), changes)
    IN  IF changes = {} \/ c = s
        THEN sent
        ELSE SendTo(sent, s, {c}, Report(views, changes))

(* s gives up the ballot that it leads, for a later one, and says so: else  *)
(* the site that coordinates now might wait for it without end.  (No one    *)
(* waits for the first ballot: its owner, unless suspected, coordinates.)   *)
GivenUp(sent, s, ballot) ==
    IF Leads(s) /\ FirstBallot < promised[s] /\ promised[s] < ballot
    THEN SendTo(sent, s, Sites(Current(s)) \ {s}, Refusal(known[s], ballot))
    ELSE sent

(* s passes on a view whose sender q is not in it.  A coordinator may have  *)
(* to complete a proposal that excludes itself; then it ceases, and what it *)
(* sent last may be lost.  A site that misses it would wait without end:    *)
(* the view has no trace of the one that failed, so no change of it would   *)
(* ever be wanted that could show the view to that site.                    *)
PassedOn(sent, s, q, views) ==
    IF q \in Sites(Last(views))
    THEN sent
    ELSE SendTo(sent, s, Sites(Last(views)) \ {s}, Commitment(views))

(* The packet shows s a view that it does not have.                         *)
\* @type: (PROCESS, $sitePacket) => Bool;
News(s, packet) == Len(packet.views) > Len(known[s])

(* A packet of this type comes to s from q, which has the same view.        *)
Arrives(s, q, i, type) ==
    /\ Working(s)
    /\ i \in Arriving(net, q, s)
    /\ net[q][s][i].type = type
    /\ Len(net[q][s][i].views) = Len(known[s])

(* The packet is of no use to s, now and for ever.                          *)
\* @type: (PROCESS, $sitePacket) => Bool;
Stale(s, packet) ==
    LET old == Len(packet.views) < Len(known[s])
    IN  CASE packet.type = "commit"   -> ~ News(s, packet)
          [] packet.type = "response" ->
                ~ News(s, packet) /\ (old \/ packet.ballot # promised[s] \/ Proposing(s))
          [] packet.type = "acknowledgement" ->
                ~ News(s, packet) /\ (old \/ packet.ballot # promised[s])
          [] packet.type = "refusal"  ->
                ~ News(s, packet) /\ (old \/ packet.ballot <= promised[s])
          [] OTHER -> FALSE

(****************************************************************************)
(* Guarantees, and why they hold                                            *)
(****************************************************************************)

(* The proposals that are about: accepted, found, or on the way.            *)
ProposalsAbout ==
    {accepted[s] : s \in Site} \cup {found[s] : s \in Site}
    \cup UNION {{net[c[1]][c[2]][i].proposal : i \in DOMAIN net[c[1]][c[2]]} :
                    c \in Site \X Site}

SiteViewsTypeOK ==
    /\ TypeOK
    /\ crashed \subseteq Site
    /\ \A s \in Site :
        /\ known[s] = <<>> => wanted[s] = {} /\ ~ Working(s)
        /\ known[s] # <<>> =>
            /\ s \in Sites(Current(s))
            /\ CurrentView(s) = Shown(Current(s))
            /\ Fail(s) \notin wanted[s]
            /\ \A c \in wanted[s] : Open(known[s], c)
        /\ accepted[s].ballot <= promised[s] /\ found[s].ballot <= promised[s]
        /\ replies[s] # {} => Leads(s) /\ s \in replies[s]
    /\ \A p \in ProposalsAbout \ {NoProposal} : p.ballot >= FirstBallot /\ p.view.id > 1
    /\ \A v \in decided : Distinct(v.sites) /\ Distinct(v.members)

(* Agreement.  One view is decided for each number.  (Ricciardi and Birman  *)
(* 1991: the system view is unique.)                                        *)
AgreementInv ==
    \A v, w \in decided : v.id = w.id => v = w

(* Majority.  Of two views in succession, the second has a majority of the  *)
(* sites of the first; so there are never two lines of views.               *)
MajorityInv ==
    \A v, w \in decided : w.id = v.id + 1 => Majority(Sites(w), Sites(v))

(* Age.  Who stays keeps the rank among those who stay, who comes is the    *)
(* youngest; and a site that was excluded does not come back.  (Birman and  *)
(* Joseph 1987, section 3.2.)                                               *)
AgeInv ==
    \A v, w \in decided :
        /\ w.id = v.id + 1 => AgeOrdered(Shown(v), Shown(w))
        /\ \A u \in decided : v.id < w.id /\ w.id < u.id =>
                Sites(v) \cap Sites(u) \subseteq Sites(w)

(* Group.  The view of the group has its members on sites of the view, and  *)
(* a new number exactly if they change; and between two groups that have no *)
(* member in common there is a view with no members.                        *)
GroupInv ==
    \A v, w \in decided :
        /\ \A x \in Members(v) : SiteOf[x] \in Sites(v)
        /\ w.id = v.id + 1 =>
            /\ AgeOrdered(v, w)
            /\ w.group = IF w.members = v.members THEN v.group ELSE v.group + 1
            /\ Members(v) \cap Members(w) # {} \/ Members(v) = {} \/ Members(w) = {}

(* Installed.  A site installs decided views only, one after the other from *)
(* its first on, and misses none.                                           *)
InstalledInv ==
    /\ \A s \in Site : \A i \in DOMAIN known[s] :
            known[s][i].id = i /\ known[s][i] \in decided
    /\ \A s \in Site : \A t \in Transitions(s) :
            history[s][t[2]].view.id = history[s][t[1]].view.id + 1

(* One proposal is made under a ballot.  (For the view of one number.)      *)
BallotInv ==
    \E about \in {ProposalsAbout} :
        \A p, q \in about : p.ballot = q.ballot /\ p.view.id = q.view.id => p = q

(* A view that is decided is remembered: a majority of the sites that       *)
(* decided has accepted it last, or has installed it, or has crashed.  So   *)
(* whoever takes over and hears a majority finds it.                        *)
RememberedInv ==
    \A v, w \in decided :
        w.id = v.id + 1 =>
            Majority({s \in Site : \/ s \in crashed
                                   \/ Len(known[s]) >= w.id
                                   \/ accepted[s].view = w}, Sites(v))

(* A site that has accepted a view other than the decided one did so under  *)
(* an earlier ballot than some who accepted that: see RememberedInv.        *)

(* What was decided, as the service has it.                                 *)
Agreed ==
    [i \in {v.id : v \in decided} |-> Shown(CHOOSE v \in decided : v.id = i)]

(* The majority of the last view is lost: too many of its sites have        *)
(* crashed, and left no answer behind that could still count.               *)
LastDecided == CHOOSE v \in decided : \A w \in decided : w.id <= v.id
MajorityLost ==
    LET answered == UNION {replies[s] : s \in Site}
                    \cup {q \in Site : \E s \in Site : net[q][s] # <<>>}
    IN  ~ Majority((Site \ crashed) \cup answered, Sites(LastDecided))

(****************************************************************************)
(* Actions                                                                  *)
(****************************************************************************)
SiteViewsInit ==
    /\ crashed  = {}
    /\ known    = [s \in Site |-> IF s \in Range(Founders) THEN <<FirstView>> ELSE <<>>]
    /\ wanted   = [s \in Site |-> {}]
    /\ promised = [s \in Site |-> FirstBallot]
    /\ accepted = [s \in Site |-> NoProposal]
    /\ found    = [s \in Site |-> NoProposal]
    /\ replies  = [s \in Site |-> {}]
    /\ net      = Quiet(Site)
    /\ decided  = {FirstView}
    /\ history  = [s \in Site |->
            IF s \in Range(Founders)
            THEN <<Event("install", Shown(FirstView), NoMessage, {})>>
            ELSE <<>>]

(* s stands before its next view as one who has not voted.                  *)
Unvoted(s) ==
    /\ promised' = [promised EXCEPT ![s] = FirstBallot]
    /\ accepted' = [accepted EXCEPT ![s] = NoProposal]
    /\ found'    = [found EXCEPT ![s] = NoProposal]
    /\ replies'  = [replies EXCEPT ![s] = {}]

(* s follows this ballot, which is another's, and leads no longer.          *)
Follow(s, ballot) ==
    /\ promised' = [promised EXCEPT ![s] = ballot]
    /\ found'    = [found EXCEPT ![s] = NoProposal]
    /\ replies'  = [replies EXCEPT ![s] = {}]

Want(s, c) ==
    /\ Working(s)
    /\ c \notin wanted[s]
    /\ Open(known[s], c)
    /\ wanted' = [wanted EXCEPT ![s] = @ \cup {c}]
    /\ net' = Reported(net, s, known[s], wanted[s] \cup {c})
    /\ UNCHANGED <<crashed, known, voting, decided, history>>

(* The failure detector of s suspects t, rightly or wrongly.                *)
Suspect(s, t) == s # t /\ Want(s, Fail(t))

(* It withdraws the suspicion, which has not been committed yet.            *)
Trust(s, t) ==
    /\ Working(s)
    /\ Fail(t) \in wanted[s]
    /\ wanted' = [wanted EXCEPT ![s] = @ \ {Fail(t)}]
    /\ net' = Reported(net, s, known[s], wanted[s] \ {Fail(t)})
    /\ UNCHANGED <<crashed, known, voting, decided, history>>

(* s is asked for a change: by a site that would join, or by a process of   *)
(* its own that starts, or that leaves or has crashed after it had started. *)
Ask(s, c) ==
    /\ c.change # "fail"
    /\ Working(s)
    /\ c.change = "stop" => \/ Start(c.who) \in wanted[s]
                            \/ c.who \in Members(Current(s))
    /\ Want(s, c)

ReceiveReport(s, q) ==
    \E i \in DOMAIN net[q][s] :
        /\ Arrives(s, q, i, "report")
        /\ wanted' = [wanted EXCEPT ![s] = @ \cup net[q][s][i].wanted]
        /\ net' = Take(net, q, s, i)
        /\ UNCHANGED <<crashed, known, voting, decided, history>>

(* s proposes a view: step 1.  It does so under the first ballot as soon as *)
(* it wants a change, under a later one when a majority has told it what    *)
(* they had accepted.                                                       *)
Propose(s, view) ==
    /\ Working(s)
    /\ Leads(s)
    /\ ~ Proposing(s)
    /\ \/ promised[s] = FirstBallot /\ wanted[s] # {}
       \/ promised[s] > FirstBallot /\ Enough(replies[s], Current(s))
    /\ view \in Proposals(s)
    /\ accepted' = [accepted EXCEPT ![s] = Proposal(promised[s], view)]
    /\ found'    = [found EXCEPT ![s] = NoProposal]
    /\ replies'  = [replies EXCEPT ![s] = {s}]
    /\ net' = SendTo(net, s, Sites(Current(s)) \ {s},
                     Propounded(known[s], Proposal(promised[s], view)))
    /\ UNCHANGED <<crashed, known, wanted, promised, decided, history>>

(* s takes over: step 0.  It is the oldest that it does not suspect, and it *)
(* suspects the one that leads.  A younger one that leads and works is left *)
(* to finish.                                                               *)
TakeOver(s) ==
    /\ Working(s)
    /\ Coordinator(Current(s), wanted[s]) = s
    /\ Owner(Current(s), promised[s]) \in Suspects(s)
    /\ promised' = [promised EXCEPT ![s] = NextBallot(s)]
    /\ found'    = [found EXCEPT ![s] = accepted[s]]
    /\ replies'  = [replies EXCEPT ![s] = {s}]
    /\ net' = SendTo(net, s, Sites(Current(s)) \ {s},
                     Interrogation(known[s], NextBallot(s)))
    /\ UNCHANGED <<crashed, known, wanted, accepted, decided, history>>

(* s answers a coordinator that takes over, and promises to follow it.      *)
Respond(s, q) ==
    \E i \in DOMAIN net[q][s] :
        LET b == net[q][s][i].ballot
        IN  /\ Arrives(s, q, i, "interrogation")
            /\ MayAccept(s, b)
            /\ Follow(s, b)
            /\ net' = SendTo(GivenUp(Take(net, q, s, i), s, b), s, {q},
                             Response(known[s], b, accepted[s]))
            /\ UNCHANGED <<crashed, known, wanted, accepted, decided, history>>

ReceiveResponse(s, q) ==
    \E i \in DOMAIN net[q][s] :
        /\ Arrives(s, q, i, "response")
        /\ ~ Stale(s, net[q][s][i])
        /\ found'   = [found EXCEPT ![s] = Later(@, net[q][s][i].proposal)]
        /\ replies' = [replies EXCEPT ![s] = @ \cup {q}]
        /\ net' = Take(net, q, s, i)
        /\ UNCHANGED <<crashed, known, wanted, promised, accepted, decided, history>>

(* s accepts a proposal and acknowledges it.                                *)
Acknowledge(s, q) ==
    \E i \in DOMAIN net[q][s] :
        LET b == net[q][s][i].ballot
        IN  /\ Arrives(s, q, i, "proposal")
            /\ MayAccept(s, b)
            /\ Follow(s, b)
            /\ accepted' = [accepted EXCEPT ![s] = net[q][s][i].proposal]
            /\ net' = SendTo(GivenUp(Take(net, q, s, i), s, b), s, {q},
                             Acknowledgement(known[s], b))
            /\ UNCHANGED <<crashed, known, wanted, decided, history>>

ReceiveAcknowledgement(s, q) ==
    \E i \in DOMAIN net[q][s] :
        /\ Arrives(s, q, i, "acknowledgement")
        /\ ~ Stale(s, net[q][s][i])
        /\ replies' = [replies EXCEPT ![s] = @ \cup {q}]
        /\ net' = Take(net, q, s, i)
        /\ UNCHANGED <<crashed, known, wanted, promised, accepted, found, decided, history>>

(* s has promised a later ballot, and tells the coordinator of an earlier.  *)
Refuse(s, q) ==
    \E i \in DOMAIN net[q][s], type \in {"interrogation", "proposal"} :
        /\ Arrives(s, q, i, type)
        /\ ~ MayAccept(s, net[q][s][i].ballot)
        /\ net' = SendTo(Take(net, q, s, i), s, {q}, Refusal(known[s], promised[s]))
        /\ UNCHANGED <<crashed, sites, decided, history>>

(* s hears of a later ballot, and follows it; if its owner has failed then  *)
(* this is how s comes to know that it has to take over once more.          *)
ReceiveRefusal(s, q) ==
    \E i \in DOMAIN net[q][s] :
        LET b == net[q][s][i].ballot
        IN  /\ Arrives(s, q, i, "refusal")
            /\ ~ Stale(s, net[q][s][i])
            /\ Follow(s, b)
            /\ net' = GivenUp(Take(net, q, s, i), s, b)
            /\ UNCHANGED <<crashed, known, wanted, accepted, decided, history>>

(* A majority has accepted the proposal of s: it is decided, and s commits  *)
(* it: step 2.                                                              *)
Commit(s) ==
    /\ Working(s)
    /\ Proposing(s)
    /\ Enough(replies[s], Current(s))
    /\ decided' = decided \cup {accepted[s].view}
    /\ net' = SendTo(net, s, Sites(Current(s)) \cup Sites(accepted[s].view),
                     Commitment(Append(known[s], accepted[s].view)))
    /\ UNCHANGED <<crashed, sites, history>>

(* s installs the next of the views that a packet shows it.  The packet     *)
(* stays, unless that was all it had to say.                                *)
Install(s, q) ==
    \E i \in Arriving(net, q, s) :
        LET packet == net[q][s][i]
            views  == SubSeq(packet.views, 1, NextOf(s, packet.views))
            open   == StillOpen(views, wanted[s])
            rest   == IF packet.type = "commit" /\ Len(views) = Len(packet.views)
                      THEN Take(net, q, s, i)
                      ELSE net
        IN  /\ s \notin crashed
            /\ q = s \/ net[s][s] = <<>>
            /\ News(s, packet)
            /\ s \in Sites(Last(views))
            /\ known'  = [known EXCEPT ![s] = views]
            /\ wanted' = [wanted EXCEPT ![s] = open]
            /\ Unvoted(s)
            /\ net' = Reported(PassedOn(rest, s, q, views), s, views, open)
            /\ history' = [history EXCEPT ![s] = Installed(s, Shown(Last(views)))]
            /\ UNCHANGED <<crashed, decided>>

(* s acts on the ground of a view that is no longer the last: q shows it    *)
(* the newer ones, and s may then ask again.                                *)
Inform(s, q) ==
    \E i \in Arriving(net, q, s) :
        /\ Working(s)
        /\ net[q][s][i].type \in {"report", "interrogation", "proposal"}
        /\ Len(net[q][s][i].views) < Len(known[s])
        /\ net' = SendTo(Take(net, q, s, i), s, {q}, Commitment(known[s]))
        /\ UNCHANGED <<crashed, sites, decided, history>>

Discard(s, q) ==
    \E i \in Arriving(net, q, s) :
        /\ Working(s)
        /\ Stale(s, net[q][s][i])
        /\ net' = Take(net, q, s, i)
        /\ UNCHANGED <<crashed, sites, decided, history>>

(* s stops, and what it knew is gone; as a site recovers as a new one, with *)
(* another name, no one will ask it.                                        *)
Stopped(s) ==
    /\ crashed' = crashed \cup {s}
    /\ known'   = [known EXCEPT ![s] = <<>>]
    /\ wanted'  = [wanted EXCEPT ![s] = {}]
    /\ Unvoted(s)
    /\ net'     = Deafened(net, s)
    /\ history' = [history EXCEPT ![s] = Crashed(s)]
    /\ UNCHANGED decided

(* s learns that it has been excluded, and ceases: whoever is excluded has  *)
(* to go through recovery (Birman and Joseph 1987, section 2.2).            *)
Cease(s, q) ==
    \E i \in Arriving(net, q, s) :
        /\ s \notin crashed
        /\ q = s \/ net[s][s] = <<>>
        /\ known[s] # <<>>
        /\ News(s, net[q][s][i])
        /\ s \notin Sites(net[q][s][i].views[Len(known[s]) + 1])
        /\ Stopped(s)

(****************************************************************************)
(* The environment                                                          *)
(****************************************************************************)

(* s crashes, at any point.                                                 *)
Crash(s) == s \notin crashed /\ Stopped(s)

(* The last packet that s sent to q before it crashed was not sent after    *)
(* all: so a crash can strike between any two packets of one step.          *)
Lose(s, q) ==
    /\ s \in crashed
    /\ net[s][q] # <<>>
    /\ net' = Shortened(net, s, q)
    /\ UNCHANGED <<crashed, sites, decided, history>>

(* What s does with a packet from q.                                        *)
Handle(s, q) ==
    \/ Install(s, q)          \/ Cease(s, q)
    \/ ReceiveReport(s, q)    \/ Inform(s, q)
    \/ Respond(s, q)          \/ Acknowledge(s, q)    \/ Refuse(s, q)
    \/ ReceiveResponse(s, q)  \/ ReceiveAcknowledgement(s, q)
    \/ ReceiveRefusal(s, q)   \/ Discard(s, q)

(* What s does as coordinator.                                              *)
Coordinate(s) ==
    \/ TakeOver(s)
    \/ Working(s) /\ Leads(s) /\ \E view \in Proposals(s) : Propose(s, view)
    \/ Commit(s)

(* What a site does on its own account.                                     *)
React(s) == Coordinate(s) \/ \E q \in Site : Handle(s, q)

(****************************************************************************)
(* Progress                                                                 *)
(****************************************************************************)

(* A site that can go on does so in the end.                                *)
Fairness == \A s \in Site : WF_vars(React(s))

Live == {s \in Site \ crashed : known[s] # <<>>}

(* The assumption, without which agreement is impossible (Fischer, Lynch,   *)
(* Paterson 1985): each site suspects those who have crashed, and no one    *)
(* else; and a majority works, of the last view and of each view in which a *)
(* site of the last one still is.                                           *)
SuspicionsRight ==
    \A s \in Live : Suspects(s) = Sites(Current(s)) \cap crashed
MajorityWorks ==
    /\ Majority(Site \ crashed, Sites(LastDecided))
    /\ \A s \in Live \cap Sites(LastDecided) :
            Majority(Site \ crashed, Sites(Current(s)))

(* The last view has been installed by all its sites, none of them has      *)
(* crashed, and there is no change that one of them wants.                  *)
Precise ==
    \A s \in Sites(LastDecided) :
        s \in Live /\ Current(s) = LastDecided /\ wanted[s] = {}

(* Settled.  The same as a state formula: when all has been said and no     *)
(* coordinator can go on, then the view is what is the case.  As no site    *)
(* can go on for ever unless it suspects or is asked anew, Membership       *)
(* Precision follows; and this is far easier to check.                      *)
SettledInv ==
    /\ net = Quiet(Site)
    /\ SuspicionsRight
    /\ MajorityWorks
    /\ \A s \in Live : ~ ENABLED Coordinate(s)
    => Precise

(* Membership Precision.  If from some time on the suspicions are right and *)
(* a majority works, then from some time on the view is what is the case.   *)
(* So a part that was cut off from the majority, or was wrongly thought to  *)
(* be, resumes when it is not suspected any more.                           *)
MembershipPrecisionProp ==
    <>[](SuspicionsRight /\ MajorityWorks) => <>[]Precise
=============================================================================
