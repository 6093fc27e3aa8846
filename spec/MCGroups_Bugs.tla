---------------------------- MODULE MCGroups_Bugs ----------------------------
(****************************************************************************)
(* Planted bugs: what goes wrong with Groups if one of its decisions is     *)
(* wrong.  Each is put in place of a definition by a configuration,         *)
(* MCGroups_<Bug>.cfg, and must be found there.                             *)
(****************************************************************************)
EXTENDS MCGroupsLive

(* MCGroups_KeepsTheDead: the install of a site view leaves the directory   *)
(* as it was.                                                               *)
KeepsTheDead(s, view) == directory[s]

(* MCGroups_StaleCache: a multicast goes to the sites to which it would     *)
(* have gone when it was asked for, not when it begins.                     *)
StaleCache(s, to) ==
    {SiteOf[p] : p \in (to \cap Process) \cup UNION {Members(Standing[x]) : x \in to \cap Group}}

(* MCGroups_LaterDirectory: a message may be delivered after a change, and  *)
(* by the directory of then.                                                *)
Always(s) == TRUE
AnyEpoch(s, m) == m.epoch <= applied[s]

(* MCGroups_AcceptsAnyone: nobody verifies the credentials.                 *)
AcceptsAnyone(request) == TRUE

(* MCGroups_OldestOnly: only the site that decides keeps a request.         *)
OldestOnly(s, request) == Decides(s, request.group)

(* MCGroups_AsksOnce: who comes into the group later is not asked.          *)
AsksOnce(s, p, x) == FALSE

(* MCGroups_AddsTwice: who is a member already is added once more.          *)
AddsTwice(view, gone, joiners) ==
    LET new == Without(view.members, gone) \o joiners
    IN  IF view.members = <<>> \/ new = view.members THEN view ELSE View(view.id + 1, new)

(* MCGroups_JoinsEmpty: one is added as the last of the others leave, in    *)
(* the same view.                                                           *)
JoinsEmpty(view, gone, joiners) == AddsTwice(view, gone, Without(joiners, Members(view)))

(* MCGroups_KeepsNumber: a view of which someone has gone keeps its number. *)
KeepsNumber(view, gone, joiners) ==
    View(IF Without(joiners, Members(view)) = <<>> THEN view.id ELSE view.id + 1,
         Without(view.members, gone) \o Without(joiners, Members(view)))

(* MCGroups_DeliversToAll: a site delivers to each of its processes.        *)
DeliversToAll(s, to) == Local(s) \ failed

(* MCGroups_TellsLate: a newcomer is told the directory as it is when it is *)
(* told, which may be that of after a change that it has still to make.     *)
TellsLate(m) == directory[m.from]

(* MCGroups_TellsEarly: a newcomer does not wait for the directory of its   *)
(* epoch, and gets that of before a change.                                 *)
NotForDirectory(s) ==
    \A m \in inflight : s \in m.awaited /\ m.kind # "directory" => m.epoch # applied[s]
ForDirectoryAny(s, m) == m.epoch = applied[s] \/ (m.kind = "directory" /\ m.epoch < applied[s])

(* MCGroups_YoungestInforms: the youngest site tells the directory, whether *)
(* it knows it or not.                                                      *)
YoungestInforms(s) ==
    /\ s = sites[s].members[Len(sites[s].members)]
    /\ ~ (Members(sites[s]) \subseteq informed[s])

(* MCGroups_OwnOrder: one site makes the changes in another order.          *)
OwnOrder(s, changes) ==
    Changed(directory[s],
            IF s = s2 THEN [i \in DOMAIN changes |-> changes[Len(changes) + 1 - i]] ELSE changes,
            Members(sites[s]))

(* MCGroups_FailsInOne: a process that fails is taken out of one group only. *)
FailsInOne(changes, x) ==
    {y.process : y \in {z \in Range(changes) :
        \/ z.change = "fail" /\ x \in {NoGroup, GroupList[1]}
        \/ z.change = "leave" /\ z.group = x}}

(* MCGroups_ForgetsFailed: a process that failed after it had asked to join *)
(* is added for good.                                                       *)
ForgetsFailed(s, known, next) == {}

(* MCGroups_SpeaksForFailed: what a process had asked for is multicast even *)
(* after it has failed.                                                     *)
SpeaksForFailed(s, p) == p \in Local(s)
=============================================================================
