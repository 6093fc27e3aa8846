------------------------------ MODULE APSiteViews ------------------------------
(****************************************************************************)
(* SiteViews for Apalache: the constants have values of the right types,    *)
(* and definitions that it would not accept are replaced by others that say *)
(* the same within these bounds.  Apalache takes what is called             *)
(* OVERRIDE_... in place of the definition of that name; TLC is told to do  *)
(* the same by MCAPSiteViews.cfg.                                           *)
(*                                                                          *)
(* Nobody joins, no process starts and no site crashes; of the first two    *)
(* sites one may come to suspect the other, or both each other.             *)
(* There is no fairness, and no formula with ENABLED (SettledInv).          *)
(*                                                                          *)
(* Expected verdicts: apalache.toml.                                        *)
(****************************************************************************)
EXTENDS SiteViews

CONSTANT
    \* @type: Int;
    MaxSuspicions      \* how often one site may suspect another, all in all

VARIABLE
    \* @type: Int;
    suspicions         \* how often one has done so

ProcessValue  == {"s1_OF_PROCESS", "s2_OF_PROCESS", "s3_OF_PROCESS"}
FoundersValue == <<"s1_OF_PROCESS", "s2_OF_PROCESS", "s3_OF_PROCESS">>
SiteOfValue   == [x \in {"x_OF_PROCESS"} |-> "s3_OF_PROCESS"]
Doubts == {<<"s1_OF_PROCESS", "s2_OF_PROCESS">>, <<"s2_OF_PROCESS", "s1_OF_PROCESS">>}

CInit ==
    /\ Process = ProcessValue
    /\ Founders = FoundersValue
    /\ SiteOf = SiteOfValue
    /\ Guarantee = "fifo"
    /\ MaxSuspicions = 1

CInitDuel ==
    /\ Process = ProcessValue
    /\ Founders = FoundersValue
    /\ SiteOf = SiteOfValue
    /\ Guarantee = "fifo"
    /\ MaxSuspicions = 2

\* @type: $messageId;
OVERRIDE_NoMessage == <<"none_OF_PROCESS", 0>>
\* @type: <<Int, Str>>;
OVERRIDE_NoState == <<0, "none">>

(* Nobody joins here, so there is nothing to bring into an order.           *)
\* @type: Set(PROCESS) => Set(Seq(PROCESS));
OVERRIDE_Orders(S) == IF S = {} THEN {<<>>} ELSE {<<x>> : x \in S}

(* The next ballot that s owns: each site of the view owns one of as many   *)
(* in a row.                                                                *)
\* @type: PROCESS => Int;
OVERRIDE_NextBallot(s) ==
    promised[s] + 1 + Cardinality({n \in DOMAIN Current(s).sites : \A i \in DOMAIN Current(s).sites :
                                    i <= n => Owner(Current(s), promised[s] + i) # s})

(* Who has no view yet never gets one, as nobody joins.                     *)
\* @type: (PROCESS, Seq($siteView)) => Int;
OVERRIDE_NextOf(s, views) == Len(known[s]) + 1

Environment ==
    \E d \in Doubts :
        /\ suspicions < MaxSuspicions
        /\ Suspect(d[1], d[2])
        /\ suspicions' = suspicions + 1

Init ==
    /\ SiteViewsInit
    /\ suspicions = 0

(* Everything but the commits, which a planted bug changes.                 *)
Other ==
    \/ Environment
    \/ \E s \in Site : /\ \/ TakeOver(s)
                          \/ Working(s) /\ Leads(s) /\ \E view \in Proposals(s) : Propose(s, view)
                          \/ \E q \in Site : Handle(s, q)
                       /\ UNCHANGED suspicions
    \/ UNCHANGED <<vars, suspicions>>

Next ==
    \/ Other
    \/ \E s \in Site : Commit(s) /\ UNCHANGED suspicions

(* Planted bug, as in MCSiteViews_MinorityCommits: one answer is enough,    *)
(* the coordinator's own too.                                               *)
CommitByMinority(s) ==
    /\ Working(s)
    /\ Proposing(s)
    /\ replies[s] # {}
    /\ decided' = decided \cup {accepted[s].view}
    /\ net' = SendTo(net, s, Sites(Current(s)) \cup Sites(accepted[s].view),
                     Commitment(Append(known[s], accepted[s].view)))
    /\ UNCHANGED <<crashed, sites, history>>

NextMinorityCommits ==
    \/ Other
    \/ \E s \in Site : CommitByMinority(s) /\ UNCHANGED suspicions
=============================================================================
