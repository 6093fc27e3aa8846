--------------------------- MODULE MCProveSiteViews ---------------------------
(****************************************************************************)
(* The tie between SiteViews and what is proved of it for any size: on a    *)
(* small instance, each step of SiteViews is a step of PRSiteViews, the     *)
(* system that `vsync prove site_views` is about.  Below: what each of its  *)
(* relations is, in the terms of SiteViews.  What a site forgets when it    *)
(* goes on, and what it has answered, is noted in a few variables.          *)
(****************************************************************************)
EXTENDS MCSiteViews

VARIABLES
    installed,         \* <<s, v>>: s has installed v
    left,              \* <<s, v, b>>: in v, s has promised a later ballot than b
    acceptedEver,      \* <<s, v, b, w>>: in v, s has accepted w under b
    answered,          \* <<s, v, b, a, w>>: in v, s has answered <<a, w>> to b
    committed,         \* <<v, b, w>>: w was committed under b to follow v
    shown              \* what the other relations of the proof are now

noted == <<installed, left, acceptedEver, answered, committed, shown>>

(* The oldest site wants to exclude the youngest, and is suspected by the   *)
(* next: so a take-over may find its proposal.                              *)
Overtaken == {<<s1, s3>>, <<s2, s1>>}

Ballots == 0..7
Lists == {list \in UNION {[1..n -> Site] : n \in 1..3} : Distinct(list)}
InAge == {list \in Lists : \A i, j \in DOMAIN list :
            i < j => Rank(Shown(FirstView), list[i]) < Rank(Shown(FirstView), list[j])}
SomeViews == {NoSiteView, FirstView} \cup {SiteView(k, list, 0, <<>>) : k \in 2..3, list \in InAge}

Standing == {s \in Site : known'[s] # <<>>}

(* The answers that s gives in a step: to another, in a response; or as it  *)
(* takes over, to itself.                                                   *)
Answers(s) ==
    UNION {{<<s, Last(packet.views), packet.ballot, packet.proposal.ballot, packet.proposal.view>> :
                packet \in {one \in Range(net'[s][q]) : one.type = "response"}} : q \in Site}
    \cup
    (IF /\ known[s] # <<>>
        /\ known'[s] = known[s]
        /\ promised'[s] # promised[s]
        /\ Owner(Current(s), promised'[s]) = s
     THEN {<<s, Current(s), promised'[s], accepted[s].ballot, accepted[s].view>>}
     ELSE {})

Note ==
    /\ installed' = installed \cup {<<s, Last(known'[s])>> : s \in Standing}
    /\ left' = left \cup
        UNION {{<<s, Last(known'[s]), b>> : b \in 0..(promised'[s] - 1)} : s \in Standing}
    /\ acceptedEver' = acceptedEver \cup
        {<<s, Last(known'[s]), accepted'[s].ballot, accepted'[s].view>> : s \in Standing}
    /\ answered' = answered \cup UNION {Answers(s) : s \in Site}
    /\ committed' = committed \cup
        {<<Current(s), accepted[s].ballot, accepted[s].view>> :
            s \in {t \in Site : net[t][t] = <<>> /\ net'[t][t] # <<>>}}

Before(a, b)     == a < b
Follows(v, w)    == v # NoSiteView /\ w.id = v.id + 1
SameNumber(v, w) == v.id = w.id
Owns(v, b, s)    == v # NoSiteView /\ b > 0 /\ Owner(v, b) = s
IsMajority(q, v) == v # NoSiteView /\ Majority(q, Sites(v))
Among(s, q)      == s \in q
IsFounder(s)     == s \in Range(Founders)
CurrentOf        == {<<s, Current(s)>> : s \in {t \in Site : known[t] # <<>>}}
ProposedEver     ==
    {<<a[2], a[3], a[4]>> : a \in {e \in acceptedEver : e[3] > 0 /\ Owner(e[2], e[3]) = e[1]}}

(* All of them, in one variable: so TLC works each out once in a step.      *)
ShownNow ==
    [current |-> CurrentOf,
     accepted |-> acceptedEver,
     proposed |-> ProposedEver]

NotedInit ==
    /\ Init
    /\ installed = {<<s, FirstView>> : s \in Range(Founders)}
    /\ left = {<<s, FirstView, 0>> : s \in Range(Founders)}
    /\ acceptedEver = {<<s, FirstView, 0, NoSiteView>> : s \in Range(Founders)}
    /\ answered = {}
    /\ committed = {}
    /\ shown = ShownNow
NotedSpec == NotedInit /\ [][Next /\ Note /\ shown' = ShownNow']_<<mcVars, noted>>

Proved == INSTANCE PRSiteViews WITH
    SiteSort <- Site, ViewSort <- SomeViews, BallotSort <- Ballots, QuorumSort <- SUBSET Site, no_ballot <- 0, no_view <- NoSiteView, first_view <- FirstView, before <- Before, follows <- Follows, same <- SameNumber, owner <- Owns, majority <- IsMajority, among <- Among, founder <- IsFounder,
    current <- shown.current, accepted <- shown.accepted, proposed <- shown.proposed

ASSUME Proved!Axioms

(* Refinement: what it does is what the proof is about.  (This             *)
(* is Proved!Spec; but TLC looks first whether anything was done.)          *)
AllowedInProof == UNCHANGED Proved!variables \/ Proved!Next
ProvedProp == Proved!Init /\ [][AllowedInProof]_Proved!variables

(* Planted bug: a site answers a take-over with nothing, whatever it has    *)
(* accepted.                                                                *)
AnswersNothing(views, b, proposal) == SitePacket("response", views, b, NoProposal, {})
=============================================================================
