----------------------------- MODULE MCGroupsNames -----------------------------
(****************************************************************************)
(* Groups, with what the other models leave out: two groups of one name are *)
(* created, a group is killed, and one is configured.                       *)
(****************************************************************************)
EXTENDS MCGroups

CONSTANTS
    Kills,         \* pairs <<p, group>>: who may kill which group
    Configures     \* who may configure which

(* All groups have one name.                                                *)
OneName(x) == g

CreatedByBoth == {<<a, g>>, <<b, h>>}
ByB           == {<<b, g>>}
OfAinG        == {<<a, g>>}
None          == With(<<>>, <<>>)

NamesNext ==
    \/ Next
    \/ \E x \in Kills : AskToKill(SiteOf[x[1]], x[1], x[2]) /\ Once(<<"kill", x>>)
    \/ \E x \in Configures : Configure(SiteOf[x[1]], x[1], x[2]) /\ Once(<<"configure", x>>)

NamesSpec == Init /\ [][NamesNext]_mcVars

(* One Group a Name.  No two groups that there are have one name.           *)
OneGroupANameInv ==
    \A s \in Site \ crashed : \A x, y \in Group :
        /\ x # y
        /\ directory[s][x].members # <<>>
        /\ directory[s][y].members # <<>>
        => Named(x) # Named(y)

(* Kill.  Those to whom a kill has come, and who were members of the group, *)
(* have stopped; so when all is done, a group in which nobody joins anew is *)
(* gone.                                                                    *)
KilledInv ==
    AllDone => \A x \in Kills : <<"kill", x>> \in done =>
        \A s \in Site \ crashed : directory[s][x[2]].members = <<>>

(* The group that came later is not created.                                *)
SometimesInVainProp ==
    [][~ \E s \in Site : \E i \in NextElement(s) :
            /\ ApplyChanges(s, agreed[i].changes)
            /\ \E x \in Range(agreed[i].changes) :
                x.change = "create" /\ directory'[s][x.group] = NoView]_mcVars

(****************************************************************************)
(* Planted bugs                                                             *)
(****************************************************************************)

(* MCGroupsNames_TwoOfOneName: nobody looks whether a name is in use.       *)
TwoOfOneName(known, changes, x, S) == FALSE

(* MCGroupsNames_KillsNobody: a kill reaches the processes that it names    *)
(* only, and it names none.                                                 *)
KillsNobody(s, to) == {p \in Local(s) \ failed : p \in to}
=============================================================================
