-------------------------------- MODULE Groups --------------------------------
(****************************************************************************)
(* Process groups over sites.  What multicasts, fails and agrees below is   *)
(* the site; a process group is light: an entry of a directory, which every *)
(* site has and which says for each group who is in it.                     *)
(*                                                                          *)
(* Directories change in two ways, and in no other:                         *)
(*   a GBCAST to all sites brings changes: a process creates a group, is    *)
(*     added, leaves, or has failed.  There may be several in one, and each *)
(*     group that they change gets one further view;                        *)
(*   the install of a site view takes the processes of the sites that have  *)
(*     failed out of all groups, each of which gets one further view.       *)
(* All sites see these in one order, and so the directories agree.          *)
(*                                                                          *)
(* A multicast to groups and processes becomes one to sites when it begins, *)
(* by the directory of its sender's site; each site delivers it to those of *)
(* its processes that are addressed, by its own.  Between two changes there *)
(* is an epoch, and what is begun in an epoch is delivered in it: therefore *)
(* both directories are the same, for members and for clients, however old  *)
(* the idea was that a client had of the group when it asked.               *)
(*                                                                          *)
(* Who wants to join asks the sites of the group, and shows credentials.    *)
(* All of them keep the request; the site of the oldest member verifies it, *)
(* and has the process added, or refuses.  If that site fails, then another *)
(* has the oldest member, and takes over.  A site that comes into the group *)
(* afterwards has not heard of the request: so it is asked then, too.       *)
(*                                                                          *)
(* A site that joins knows no directory, applies no change, and is told     *)
(* the directory by the oldest site of its first view, or if that fails by  *)
(* the oldest of the next.  Whoever is told is told together with the whole *)
(* view.  So those who know are always the oldest sites: if the oldest does *)
(* not know the directory, then nobody does, all groups have failed with    *)
(* those who did, and the directory begins anew, with nothing in it.        *)
(*                                                                          *)
(* A change may come too late, for two sites may have begun the same one:   *)
(* it is ignored if it changes nothing, or if the site of its process has   *)
(* failed.  A process that has failed or left since it asked may be added   *)
(* nevertheless; its site then has it taken out again.                      *)
(*                                                                          *)
(* What the sites do below is not repeated here, but assumed (Flush and     *)
(* Gbcast bring it about): `agreed` is what all of them see in one order,   *)
(* and before a site applies the next element it has delivered what was     *)
(* multicast to it in the epoch that ends; of what a failed site multicast  *)
(* all survivors have it delivered, or none.  In which order the multicasts *)
(* of one epoch are delivered is of no concern here.  A site that is        *)
(* excluded wrongly counts as crashed: nobody goes on together with it.     *)
(*                                                                          *)
(* No two groups have one symbolic name at one time: of two that are        *)
(* created under it the first remains, and the other comes to nothing.      *)
(*                                                                          *)
(* Left out: who of the members shares the state of the group, as nothing   *)
(* here depends on it (StateTransfer); what the configuration of a group    *)
(* says; and that a site does not begin a change that has become pointless. *)
(*                                                                          *)
(* Source: Birman and Joseph 1987, sections 2.1, 2.4, 3.1, 3.2 and 4.       *)
(* Builds on: the guarantees of Gbcast and of SiteViews, as assumptions.    *)
(* Python: src/vsync/groups.py                                              *)
(****************************************************************************)
EXTENDS VSGroups

CONSTANTS
    \* @type: Set(SITE);
    Site,          \* all sites; one that recovers does so as another
    \* @type: Seq(SITE);
    FirstSites,    \* the sites of the first site view, oldest first
    \* @type: PROCESS -> SITE;
    SiteOf,        \* the site of each process
    \* @type: Seq(GROUP);
    GroupList,     \* the groups that may be created, in the order of their addresses
    \* @type: GROUP -> Set(Str);
    Admits         \* the credentials with which one may join a group

VARIABLES
    \* @type: Seq(ELEMENT);
    agreed,        \* what all sites see in this order: changes, and site views
    \* @type: SITE -> Int;
    applied,       \* how many of these it has seen; 0 before its first site view
    \* @type: Set(SITE);
    crashed,       \* the sites that have stopped
    \* @type: Set(PROCESS);
    failed,        \* the processes that have stopped although their site works
    \* @type: SITE -> VIEW;
    sites,         \* the site view that it has installed
    \* @type: SITE -> (GROUP -> VIEW);
    directory,     \* the view of each group, in its eyes
    \* @type: SITE -> Set(SITE);
    informed,      \* those of whom it knows that they know the directory
    \* @type: SITE -> Set(JOINING);
    joining,       \* what its own processes asked for, until there is an answer
    \* @type: SITE -> Set(REQUEST);
    asked,         \* the requests that it may have to decide
    \* @type: SITE -> Seq(CHANGE);
    proposed,      \* the changes for which it has begun a GBCAST
    \* @type: Set(PACKET);
    inflight       \* the multicasts that some site has still to deliver

below == <<agreed, applied, crashed, failed, proposed, inflight>>
own   == <<sites, directory, informed, joining, asked>>
vars  == <<below, own, log, history>>

Group == Range(GroupList)

Local(s) == {p \in Process : SiteOf[p] = s}

(* A change of the directory.  A failure concerns all groups.               *)
Change(change, g, p) == [change |-> change, group |-> g, process |-> p]

(* The symbolic name of a group.  (Each has one of its own, if a            *)
(* configuration does not say otherwise.)                                   *)
Named(g) == g

(* An element of what is agreed on: changes, or a site view.                *)
Changes(list)  == [changes |-> list, view |-> NoView]
SiteView(view) == [changes |-> <<>>, view |-> view]

Request(p, g, credentials) ==
    [process |-> p, group |-> g, credentials |-> credentials]

(* A request, and the sites that have been asked so far.                    *)
Joining(request, S) == [request |-> request, sites |-> S]

(* No group is known.                                                       *)
EmptyDirectory == [g \in Group |-> NoView]

(* A multicast among the sites, of one of these kinds:                      *)
(*   "message"    a multicast of a process, to these groups and processes   *)
(*   "request"    a process asks to join                                    *)
(*   "refusal"    it may not                                                *)
(*   "kill"       the members of this group have to stop                    *)
(*   "directory"  what those who joined in this view have to know           *)
(* It knows which sites have still to deliver it, and which have done so.   *)
Packet(kind, s, S, id, to, request, known) ==
    [kind |-> kind, from |-> s, epoch |-> applied[s], awaited |-> S, had |-> {},
     id |-> id, to |-> to, request |-> request, known |-> known]

GroupsTypeOK ==
    /\ TypeOK
    /\ crashed \subseteq Site /\ failed \subseteq Process
    /\ \A s \in Site :
        /\ applied[s] \in 0..Len(agreed)
        /\ Members(sites[s]) \subseteq Site
        /\ DOMAIN directory[s] = Group
        /\ \A g \in Group : Members(directory[s][g]) \subseteq Process
        /\ informed[s] \subseteq Members(sites[s])
        /\ \A j \in joining[s] : SiteOf[j.request.process] = s
        /\ \A c \in Range(proposed[s]) : c.change \in {"create", "add", "leave", "fail", "configure"}
    /\ \A m \in inflight :
        /\ m.kind \in {"message", "request", "refusal", "kill", "directory"}
        /\ m.awaited # {} /\ m.awaited \cap crashed = {}

(****************************************************************************)
(* Decisions                                                                *)
(****************************************************************************)

(* s works, and is in a view.                                               *)
Working(s) == s \notin crashed /\ applied[s] > 0

(* s knows the directory.                                                   *)
Knows(s) == s \in informed[s]

(* The present epoch has not been closed: s may begin a multicast.          *)
MayBegin(s) == Working(s) /\ applied[s] = Len(agreed)

(* The sites of the members of a group, in the eyes of s.                   *)
SitesOf(s, g) == {SiteOf[p] : p \in Members(directory[s][g])}

(* The processes of s for which a multicast to these addresses is.          *)
Recipients(s, to) ==
    {p \in Local(s) \ failed :
        p \in to \/ \E g \in to \cap Group : p \in Members(directory[s][g])}

(* The sites to which a multicast to these addresses goes.                  *)
Resolved(s, to) ==
    Members(sites[s]) \cap
        ({SiteOf[p] : p \in to \cap Process} \cup UNION {SitesOf(s, g) : g \in to \cap Group})

(* The site of the oldest member decides who may join.                      *)
Decides(s, g) ==
    /\ directory[s][g].members # <<>>
    /\ SiteOf[directory[s][g].members[1]] = s

Accepts(request) == request.credentials \in Admits[request.group]

(* Whoever is oldest informs the others of its view, if there are some who  *)
(* do not know the directory.                                               *)
Informs(s) == s = sites[s].members[1] /\ ~ (Members(sites[s]) \subseteq informed[s])

(* Those whom the changes take out of group g.                              *)
Gone(changes, g) ==
    {c.process : c \in {d \in Range(changes) :
        d.change = "fail" \/ (d.change = "leave" /\ d.group = g)}}

(* Those whom the changes bring into group g, in this order, each once; but *)
(* not who has failed, or whose site has.                                   *)
Brought(change, changes, g, S) ==
    LET first(i) == /\ changes[i].change = change /\ changes[i].group = g
                    /\ SiteOf[changes[i].process] \in S
                    /\ changes[i].process \notin Gone(changes, NoGroup)
                    /\ \A j \in 1..(i - 1) : changes[j] # changes[i]
    IN  [k \in DOMAIN SelectSeq([i \in DOMAIN changes |-> i], first) |->
            changes[SelectSeq([i \in DOMAIN changes |-> i], first)[k]].process]

(* Group g is not created, as there is one of its name, or one is created   *)
(* before it.                                                               *)
InVain(known, changes, g, S) ==
    LET creates(i, h) == changes[i].change = "create" /\ changes[i].group = h
        first(h) == CHOOSE i \in DOMAIN changes :
                        creates(i, h) /\ \A j \in 1..(i - 1) : ~ creates(j, h)
    IN  \E h \in {x \in Group \ {g} : Named(x) = Named(g)} :
            \/ known[h].members # <<>>
            \/ /\ known[h] = NoView /\ Brought("create", changes, h, S) # <<>>
               /\ first(h) < first(g)

(* The view after the given one, if these leave it and these come.  A view  *)
(* whose members all leave is the last but one: the last is empty, nobody   *)
(* joins it, and the group is gone.  So two views in succession share a     *)
(* member, if both have some.                                               *)
NextView(view, gone, joiners) ==
    LET stay == Without(view.members, gone)
        new  == Without(joiners, Members(view))
    IN  IF stay = <<>> /\ view.members # <<>> THEN View(view.id + 1, <<>>)
        ELSE IF view.members = <<>> \/ stay \o new = view.members THEN view
        ELSE View(view.id + 1, stay \o new)

(* The directory after these changes, among the sites S.                    *)
Changed(known, changes, S) ==
    [g \in Group |->
        IF known[g] = NoView
        THEN \* A group is created once; its address is never used again.
             IF Brought("create", changes, g, S) = <<>> \/ InVain(known, changes, g, S) THEN NoView
             ELSE View(1, SubSeq(Brought("create", changes, g, S), 1, 1))
        ELSE NextView(known[g], Gone(changes, g), Brought("add", changes, g, S))]

(* The directory when only the sites S are left.                            *)
Bereft(known, S) ==
    [g \in Group |-> NextView(known[g], {p \in Process : SiteOf[p] \notin S}, <<>>)]

(* The request still waits for an answer, after these changes.              *)
Unanswered(request, known, gone, S) ==
    /\ known[request.group].members # <<>>
    /\ request.process \notin Members(known[request.group]) \cup gone
    /\ SiteOf[request.process] \in S

(* What a process of s has taken upon it that it does not want: it has      *)
(* failed, or it does not wait for it any more.  s vouches for that.        *)
Unwanted(s, known, next) ==
    UNION {{IF p \in failed THEN Change("fail", NoGroup, p) ELSE Change("leave", g, p) :
                p \in {q \in Local(s) \cap (Members(next[g]) \ Members(known[g])) :
                    \A j \in joining[s] : j.request.process # q \/ j.request.group # g}} :
           g \in {h \in Group : known[h] # NoView}}

(* s has delivered all that it has to deliver in its epoch.                 *)
Complete(s) == \A m \in inflight : s \in m.awaited => m.epoch # applied[s]

(* The message belongs to the epoch of s.                                   *)
Present(s, m) == m.epoch = applied[s]

(* What s sees next.                                                        *)
NextElement(s) ==
    IF applied[s] > 0 THEN {applied[s] + 1} \cap DOMAIN agreed
    ELSE {i \in DOMAIN agreed : /\ s \in Members(agreed[i].view)
                                /\ \A j \in 1..(i - 1) : s \notin Members(agreed[j].view)}

(****************************************************************************)
(* What the processes see                                                   *)
(****************************************************************************)

(* All logs grow to these.                                                  *)
Record(logs) ==
    /\ log' = logs
    /\ history' = [p \in Process |-> [i \in DOMAIN logs[p] |-> logs[p][i].entry]]

Unseen == UNCHANGED <<log, history>>

(* The logs when an event without a view has come to the processes P.       *)
AllLogged(P, event, id, to) ==
    [p \in Process |->
        IF p \in P THEN Logged(p, Event(event, NoView, id, {}), NoGroup, to, Group)
                   ELSE log[p]]

(* What p, in these views, sees when its site goes from one directory to    *)
(* the next: the views of those of its groups that change, in the order of  *)
(* their addresses.                                                         *)
Shown(p, views, known, next) ==
    LET concerns(g) == /\ known[g] # next[g]
                       /\ p \in Members(known[g]) \cup Members(next[g])
        list == SelectSeq(GroupList, concerns)
        stays(g) == p \in Members(next[g])
    IN  [k \in DOMAIN list |->
            [entry |-> IF stays(list[k]) THEN Event("install", next[list[k]], NoMessage, {})
                                         ELSE Event("leave", known[list[k]], NoMessage, {}),
             group |-> list[k],
             to    |-> {},
             views |-> [g \in Group |->
                IF \A i \in 1..k : list[i] # g THEN views[g]
                ELSE IF stays(g) THEN next[g] ELSE NoView]]]

AllShown(s, known, next) ==
    [p \in Process |->
        IF p \in Local(s) \ failed
        THEN log[p] \o Shown(p, ViewsSoFar(p, Group), known, next)
        ELSE log[p]]

(****************************************************************************)
(* Actions                                                                  *)
(****************************************************************************)

(* In the beginning these groups are there.                                 *)
GroupsInit(known) ==
    /\ agreed    = <<SiteView(View(1, FirstSites))>>
    /\ applied   = [s \in Site |-> IF s \in Range(FirstSites) THEN 1 ELSE 0]
    /\ crashed   = {}
    /\ failed    = {}
    /\ sites     = [s \in Site |-> IF s \in Range(FirstSites) THEN View(1, FirstSites) ELSE NoView]
    /\ directory = [s \in Site |-> IF s \in Range(FirstSites) THEN known ELSE EmptyDirectory]
    /\ informed  = [s \in Site |-> IF s \in Range(FirstSites) THEN Range(FirstSites) ELSE {}]
    /\ joining   = [s \in Site |-> {}]
    /\ asked     = [s \in Site |-> {}]
    /\ proposed  = [s \in Site |-> <<>>]
    /\ inflight  = {}
    /\ log       = [p \in Process |-> Shown(p, EmptyDirectory, EmptyDirectory, known)]
    /\ history   = [p \in Process |-> [i \in DOMAIN log[p] |-> log[p][i].entry]]

(* s begins a GBCAST with this change.                                      *)
Propose(s, change) == proposed' = [proposed EXCEPT ![s] = Append(@, change)]

(* s multicasts a packet; if it is for nobody, that is all.  (What would go *)
(* to a crashed site is left out at once; that keeps the states few.)       *)
SendTo(packet) == inflight' = IF packet.awaited = {} THEN inflight ELSE inflight \cup {packet}

(* s has delivered m.                                                       *)
Handed(s, m) ==
    /\ m \in inflight
    /\ s \in m.awaited
    /\ Present(s, m)
    /\ \E rest \in {[m EXCEPT !.awaited = @ \ {s}, !.had = @ \cup {s}]} :
        inflight' = (inflight \ {m}) \cup (IF rest.awaited = {} THEN {} ELSE {rest})

(* p creates group g, under an address of its site that is new.             *)
Create(s, p, g) ==
    /\ Working(s) /\ Knows(s)
    /\ p \in Local(s) \ failed
    /\ directory[s][g] = NoView
    /\ Propose(s, Change("create", g, p))
    /\ Unseen
    /\ UNCHANGED <<agreed, applied, crashed, failed, inflight, own>>

(* p asks to join g: its site asks the sites of the group.  (If there are   *)
(* none, the group is gone, and the answer is at hand.)                     *)
AskToJoin(s, p, g, credentials) ==
    /\ MayBegin(s) /\ Knows(s)
    /\ p \in Local(s) \ failed
    /\ directory[s][g].members # <<>>
    /\ p \notin Members(directory[s][g])
    /\ \A j \in joining[s] : j.request.process # p \/ j.request.group # g
    /\ \E request \in {Request(p, g, credentials)}, S \in {SitesOf(s, g)} :
        /\ joining' = [joining EXCEPT ![s] = @ \cup {Joining(request, S)}]
        /\ SendTo(Packet("request", s, S \ crashed, NoMessage, {}, {request}, EmptyDirectory))
    /\ Unseen
    /\ UNCHANGED <<agreed, applied, crashed, failed, proposed, sites, directory, informed, asked>>

(* A site has come into the group that has not heard of the request of p:   *)
(* it is asked, too.                                                        *)
AskAgain(s, p, g) ==
    \E j \in joining[s] : \E S \in {SitesOf(s, g) \ j.sites} :
        /\ MayBegin(s)
        /\ j.request.process = p /\ j.request.group = g
        /\ S # {}
        /\ joining' = [joining EXCEPT ![s] = (@ \ {j}) \cup {Joining(j.request, j.sites \cup S)}]
        /\ SendTo(Packet("request", s, S \ crashed, NoMessage, {}, {j.request}, EmptyDirectory))
        /\ Unseen
        /\ UNCHANGED <<agreed, applied, crashed, failed, proposed, sites, directory, informed, asked>>

(* Every site of the group keeps the request, whether it decides or not.    *)
Keeps(s, request) == request.process \notin Members(directory[s][request.group])

ReceiveRequest(s, m) ==
    /\ m.kind = "request"
    /\ Handed(s, m)
    /\ asked' = [asked EXCEPT ![s] = @ \cup {r \in m.request : Keeps(s, r)}]
    /\ Unseen
    /\ UNCHANGED <<agreed, applied, crashed, failed, proposed, sites, directory, informed, joining>>

(* The site of the oldest member verifies the credentials.  It has the      *)
(* process added; or it says to the sites that know of the request, and to  *)
(* that of the process, that this is not to be.  Should it fail before this *)
(* is done, then the others still have the request.                         *)
Verify(s, p, g) ==
    \E r \in asked[s] :
        /\ MayBegin(s)
        /\ r.process = p /\ r.group = g
        /\ Decides(s, g)
        /\ asked' = [asked EXCEPT ![s] = @ \ {r}]
        /\ \/ /\ Accepts(r)
              /\ Propose(s, Change("add", g, p))
              /\ UNCHANGED inflight
           \/ /\ ~ Accepts(r)
              /\ SendTo(Packet("refusal", s, (SitesOf(s, g) \cup {SiteOf[p]}) \ crashed,
                               NoMessage, {}, {r}, EmptyDirectory))
              /\ UNCHANGED proposed
        /\ Unseen
        /\ UNCHANGED <<agreed, applied, crashed, failed, sites, directory, informed, joining>>

(* (If the process asks anew then, its request comes everywhere after the   *)
(* refusal that caused it.)                                                 *)
ReceiveRefusal(s, m) ==
    /\ m.kind = "refusal"
    /\ Handed(s, m)
    /\ asked' = [asked EXCEPT ![s] = @ \ m.request]
    /\ joining' = [joining EXCEPT ![s] = {j \in @ : j.request \notin m.request}]
    /\ Unseen
    /\ UNCHANGED <<agreed, applied, crashed, failed, proposed, sites, directory, informed>>

Leave(s, p, g) ==
    /\ Working(s)
    /\ p \in Local(s) \ failed
    /\ p \in Members(directory[s][g])
    /\ Propose(s, Change("leave", g, p))
    /\ Unseen
    /\ UNCHANGED <<agreed, applied, crashed, failed, inflight, own>>

(* p sets a part of the configuration of g: a change that changes no view.  *)
Configure(s, p, g) ==
    /\ Working(s) /\ Knows(s)
    /\ p \in Local(s) \ failed
    /\ Propose(s, Change("configure", g, p))
    /\ Unseen
    /\ UNCHANGED <<agreed, applied, crashed, failed, inflight, own>>

(* p, a member or not, has all members of g stop.                           *)
AskToKill(s, p, g) ==
    /\ MayBegin(s) /\ Knows(s)
    /\ p \in Local(s) \ failed
    /\ directory[s][g].members # <<>>
    /\ SendTo(Packet("kill", s, SitesOf(s, g) \ crashed, NoMessage, {g}, {}, EmptyDirectory))
    /\ Unseen
    /\ UNCHANGED <<agreed, applied, crashed, failed, proposed, own>>

(* The members of the group at s stop; s tells the others that they have    *)
(* failed.                                                                  *)
Kill(s, m) ==
    /\ m.kind = "kill"
    /\ Handed(s, m)
    /\ \E P \in {Recipients(s, m.to)} :
        /\ failed' = failed \cup P
        /\ joining' = [joining EXCEPT ![s] = {j \in @ : j.request.process \notin P}]
        /\ \E list \in Orders({Change("fail", NoGroup, p) : p \in P}) :
            proposed' = [proposed EXCEPT ![s] = @ \o list]
        /\ Record(AllLogged(P, "crash", NoMessage, {}))
    /\ UNCHANGED <<agreed, applied, crashed, sites, directory, informed, asked>>

(* p fails; its site knows it for certain, and tells all others.            *)
ProcessFails(s, p) ==
    /\ Working(s)
    /\ p \in Local(s) \ failed
    /\ failed' = failed \cup {p}
    /\ joining' = [joining EXCEPT ![s] = {j \in @ : j.request.process # p}]
    /\ Propose(s, Change("fail", NoGroup, p))
    /\ Record(AllLogged({p}, "crash", NoMessage, {}))
    /\ UNCHANGED <<agreed, applied, crashed, inflight, sites, directory, informed, asked>>

(* s goes on to the i-th element of what is agreed, which leads to this     *)
(* directory, among the sites S.                                            *)
GoOn(s, i, next, gone, S) ==
    /\ applied' = [applied EXCEPT ![s] = i]
    /\ directory' = [directory EXCEPT ![s] = next]
    /\ asked' = [asked EXCEPT ![s] = {r \in @ : Unanswered(r, next, gone, S)}]
    /\ joining' = [joining EXCEPT ![s] = {j \in @ : Unanswered(j.request, next, gone, S)}]
    /\ \E list \in Orders(Unwanted(s, directory[s], next)) :
        proposed' = [proposed EXCEPT ![s] = @ \o list]
    /\ Record(AllShown(s, directory[s], next))
    /\ UNCHANGED <<agreed, crashed, failed, inflight>>

(* The directory after the changes, as s makes them: none, if it does not   *)
(* know what they change.                                                   *)
AfterChanges(s, changes) ==
    IF Knows(s) THEN Changed(directory[s], changes, Members(sites[s])) ELSE directory[s]

(* A GBCAST with these changes has been delivered to s.                     *)
ApplyChanges(s, changes) ==
    \E i \in NextElement(s) :
        /\ Working(s)
        /\ agreed[i].changes = changes /\ changes # <<>>
        /\ Complete(s)
        /\ \E next \in {AfterChanges(s, changes)} :
            GoOn(s, i, next, Gone(changes, NoGroup), Members(sites[s]))
        /\ UNCHANGED <<sites, informed>>

(* The directory after the install of a site view.                          *)
AfterSites(s, view) == Bereft(directory[s], Members(view))

(* s installs a site view.                                                  *)
ApplySites(s, view) ==
    \E i \in NextElement(s) :
        /\ s \notin crashed
        /\ agreed[i].view = view /\ s \in Members(view)
        /\ Complete(s)
        /\ sites' = [sites EXCEPT ![s] = view]
        /\ informed' = [informed EXCEPT ![s] = @ \cap Members(view)]
        /\ \E next \in {AfterSites(s, view)} : GoOn(s, i, next, {}, Members(view))

(* The oldest site of the view tells the directory to all of it, before all *)
(* else; if it does not know it itself, it tells that there is none.        *)
TellDirectory(s) ==
    /\ MayBegin(s)
    /\ Informs(s)
    /\ informed' = [informed EXCEPT ![s] = Members(sites[s])]
    /\ SendTo([Packet("directory", s, Members(sites[s]) \ (crashed \cup {s}),
                      NoMessage, {}, {}, directory[s]) EXCEPT !.had = {s}])
    /\ Unseen
    /\ UNCHANGED <<agreed, applied, crashed, failed, proposed, sites, directory, joining, asked>>

(* What s takes from such a message: the directory of the epoch of both.    *)
Taken(m) == m.known

(* s is told this directory.  If it has one, then it learns only that now   *)
(* all sites of the view have.                                              *)
Inform(s, known) ==
    \E m \in inflight :
        /\ m.kind = "directory" /\ m.known = known
        /\ Handed(s, m)
        /\ directory' = IF Knows(s) THEN directory ELSE [directory EXCEPT ![s] = Taken(m)]
        /\ informed' = [informed EXCEPT ![s] = Members(sites[s])]
        /\ Unseen
        /\ UNCHANGED <<agreed, applied, crashed, failed, proposed, sites, joining, asked>>

(* The process works, and so what it asks for is done.                      *)
MayMulticast(s, p) == p \in Local(s) \ failed

(* The n-th multicast of p, a member or a client, to groups and processes.  *)
(* (A group with no members leaves nothing to do.)                          *)
Multicast(s, p, n, to) ==
    /\ MayBegin(s) /\ Knows(s)
    /\ MayMulticast(s, p)
    /\ \E S \in {Resolved(s, to)} :
        /\ S # {}
        /\ SendTo(Packet("message", s, S \ crashed, <<p, n>>, to, {}, EmptyDirectory))
    /\ Record(AllLogged({p}, "multicast", <<p, n>>, to))
    /\ UNCHANGED <<agreed, applied, crashed, failed, proposed, own>>

(* s delivers a message to those of its processes that are addressed.       *)
Deliver(s, m) ==
    /\ m.kind = "message"
    /\ Handed(s, m)
    /\ Record(AllLogged(Recipients(s, m.to), "deliver", m.id, m.to))
    /\ UNCHANGED <<agreed, applied, crashed, failed, proposed, own>>

(* What s does on its own account.                                          *)
GroupsReact(s) ==
    \/ \E m \in inflight :
        ReceiveRequest(s, m) \/ ReceiveRefusal(s, m) \/ Kill(s, m) \/ Deliver(s, m)
    \/ \E m \in inflight : Inform(s, m.known)
    \/ \E r \in asked[s] : Verify(s, r.process, r.group)
    \/ \E j \in joining[s] : AskAgain(s, j.request.process, j.request.group)
    \/ TellDirectory(s)
    \/ \E i \in NextElement(s) : \/ ApplyChanges(s, agreed[i].changes)
                                 \/ ApplySites(s, agreed[i].view)

(****************************************************************************)
(* The environment                                                          *)
(****************************************************************************)

(* s crashes, and its processes with it; be it before it has installed its  *)
(* first view.  What it knew is gone.                                       *)
Crash(s) ==
    /\ s \notin crashed
    /\ applied[s] > 0 \/ NextElement(s) # {}
    /\ crashed'   = crashed \cup {s}
    /\ directory' = [directory EXCEPT ![s] = EmptyDirectory]
    /\ informed'  = [informed EXCEPT ![s] = {}]
    /\ joining'   = [joining EXCEPT ![s] = {}]
    /\ asked'     = [asked EXCEPT ![s] = {}]
    /\ inflight'  = {x \in {[m EXCEPT !.awaited = @ \ {s}, !.had = @ \ {s}] : m \in inflight} :
                        x.awaited # {}}
    /\ Record(AllLogged(Local(s) \ failed, "crash", NoMessage, {}))
    /\ UNCHANGED <<agreed, applied, failed, proposed, sites>>

(* What a crashed site multicast reaches nobody after all: as long as none  *)
(* that works has it, and none has gone on from its epoch.  For that is     *)
(* possible only when it is settled what all others know of the epoch.      *)
Lose(m) ==
    /\ m \in inflight
    /\ m.from \in crashed
    /\ m.had = {}
    /\ \A s \in Site : applied[s] <= m.epoch
    /\ inflight' = inflight \ {m}
    /\ Unseen
    /\ UNCHANGED <<agreed, applied, crashed, failed, proposed, own>>

(* The last site view that is agreed on.                                    *)
LastSites == agreed[Max({i \in DOMAIN agreed : agreed[i].view # NoView})].view

(* The GBCAST of s with its first n changes ends the epoch: all sites have  *)
(* been in it.                                                              *)
AgreeOnChanges(s, n) ==
    /\ n \in DOMAIN proposed[s]
    /\ \A t \in Members(LastSites) \ crashed : applied[t] = Len(agreed)
    /\ agreed' = Append(agreed, Changes(SubSeq(proposed[s], 1, n)))
    /\ proposed' = [proposed EXCEPT ![s] = SubSeq(@, n + 1, Len(@))]
    /\ Unseen
    /\ UNCHANGED <<applied, crashed, failed, inflight, own>>

(* The next site view: these have failed, and these join, in this order.    *)
(* What the failed had begun will not come any more.                        *)
AgreeOnSites(gone, joiners) ==
    /\ gone \subseteq Members(LastSites) \cap crashed
    /\ Range(joiners) \cap UNION {Members(agreed[i].view) : i \in DOMAIN agreed} = {}
    /\ gone # {} \/ joiners # <<>>
    /\ Without(LastSites.members, gone) # <<>>
    /\ agreed' = Append(agreed,
            SiteView(View(LastSites.id + 1, Without(LastSites.members, gone) \o joiners)))
    /\ proposed' = [s \in Site |-> IF s \in gone THEN <<>> ELSE proposed[s]]
    /\ Unseen
    /\ UNCHANGED <<applied, crashed, failed, inflight, own>>

(****************************************************************************)
(* Guarantees                                                               *)
(****************************************************************************)

(* Directory Agreement.  Sites that know the directory, and have seen the   *)
(* same of what is agreed on, have the same.                                *)
DirectoryAgreementInv ==
    \A s, t \in Site \ crashed :
        Knows(s) /\ Knows(t) /\ applied[s] = applied[t] => directory[s] = directory[t]

(* Membership.  In each view the members are different processes, on sites  *)
(* of the site view.                                                        *)
MembersInv ==
    \A s \in Site \ crashed : \A g \in Group :
        /\ Distinct(directory[s][g].members)
        /\ \A p \in Members(directory[s][g]) : SiteOf[p] \in Members(sites[s])

(* Who knows the directory is older than who does not, and members are on   *)
(* sites that know it.                                                      *)
InformedInv ==
    \A s \in Site \ crashed :
        /\ \A i, j \in DOMAIN sites[s].members :
            i < j /\ sites[s].members[j] \in informed[s] => sites[s].members[i] \in informed[s]
        /\ ~ Knows(s) => \A p \in Local(s), t \in Site, g \in Group :
                p \notin Members(directory[t][g])

(* The deliveries to members of g.                                          *)
DeliveredTo(g) ==
    UNION {{x \in Range(log[p]) :
                x.entry.event = "deliver" /\ g \in x.to /\ x.views[g] # NoView} : p \in Process}

(* Same Membership.  All who deliver a message as members of a group see    *)
(* the same members, in the same order; whoever sent it.  (Birman and       *)
(* Joseph 1987, section 3.1.)                                               *)
SameMembershipInv ==
    \A g \in Group : Cardinality({<<x.entry.message, x.views[g]>> : x \in DeliveredTo(g)})
                   = Cardinality({x.entry.message : x \in DeliveredTo(g)})

(* The history of each process in group g.                                  *)
InGroupOnly(g) == [p \in Process |-> Projected(p, Len(log[p]), g)]
=============================================================================
