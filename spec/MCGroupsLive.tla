---------------------------- MODULE MCGroupsLive ----------------------------
(****************************************************************************)
(* Liveness of Groups, under fairness: what a site can do it does at last,  *)
(* what it proposes is agreed on, and who has crashed is excluded.          *)
(****************************************************************************)
EXTENDS MCGroups

Fairness ==
    /\ \A s \in Site :
        /\ WF_mcVars(GroupsReact(s) /\ UNCHANGED done)
        /\ WF_mcVars((\E n \in DOMAIN proposed[s] : AgreeOnChanges(s, n)) /\ UNCHANGED done)
    /\ WF_mcVars(AgreeOnSites(crashed \cap Members(LastSites), <<>>) /\ UNCHANGED done)

LiveSpec == Spec /\ Fairness

Waits(p, x) ==
    \E j \in joining[SiteOf[p]] : j.request.process = p /\ j.request.group = x

(* A join that is asked for is answered: the process is added or refused,   *)
(* or the group is gone; unless its own site crashes.                       *)
JoinAnsweredProp ==
    \A x \in Joins : Waits(x[1], x[2]) ~> ~ Waits(x[1], x[2])

(* And it comes about: who asks is in the group at last, if it showed the   *)
(* right credentials, and neither it nor its site nor the group fails.      *)
Admitted(p, x) == p \in Members(directory[SiteOf[p]][x])
JoinAdmittedProp ==
    \A x \in Joins :
        Waits(x[1], x[2]) ~>
            \/ Admitted(x[1], x[2])
            \/ Credentials(x[1]) \notin Admits[x[2]]
            \/ x[1] \in failed \/ SiteOf[x[1]] \in crashed
            \/ directory[SiteOf[x[1]]][x[2]].members = <<>>
=============================================================================
