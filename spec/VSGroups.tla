------------------------------- MODULE VSGroups -------------------------------
(****************************************************************************)
(* Many groups: what a process saw in all of them, and the history of each  *)
(* group that is in it.                                                     *)
(*                                                                          *)
(* A process may be in several groups, each with views of its own.  What it *)
(* saw is one sequence, its log.  The formulas of VSProperties that are     *)
(* about views speak of one group, and are judged on the projection of the  *)
(* log onto it; those that are about messages alone (DeliveryIntegrity,     *)
(* NoDuplication, SenderIntegrity, FIFO, Causal, StrongTotalOrder) speak of *)
(* the whole, so that a chain of causes may lead through other groups.      *)
(*                                                                          *)
(* A multicast has a list of destinations, groups and processes mixed.  If  *)
(* it has none, it is to the group that it names and comes from a member.   *)
(* With a list, it may come from a client, a process that is no member: it  *)
(* is in no view of that group then, and is left out of its projection.     *)
(*                                                                          *)
(* Source: Birman and Joseph 1987, sections 3.1 and 4 (destination lists).  *)
(* Python: src/vsync/check/groups.py                                        *)
(****************************************************************************)
EXTENDS VSProperties

VARIABLE
    \* @type: PROCESS -> Seq(ENTRY);
    log            \* what each process saw, in all groups, in its own order

(****************************************************************************)
(* An entry of a log is a record with these fields:                         *)
(*   entry   the event, as in VSProperties; its view is that of its group,  *)
(*           the one installed or left, and counts for such events only     *)
(*   group   the group that the event names, or NoGroup: a message that has *)
(*           a list of destinations names none                              *)
(*   to      for an event about a message: the groups and the processes to  *)
(*           which it is addressed                                          *)
(*   views   the view of each group in which the process is                 *)
(****************************************************************************)
NoGroup == 0

ViewsSoFar(p, groups) ==
    IF log[p] = <<>> THEN [g \in groups |-> NoView] ELSE log[p][Len(log[p])].views

(* The views of p after an event that names this group.                     *)
ViewsAfter(p, entry, group, groups) ==
    CASE entry.event = "install" -> [ViewsSoFar(p, groups) EXCEPT ![group] = entry.view]
      [] entry.event = "leave"   -> [ViewsSoFar(p, groups) EXCEPT ![group] = NoView]
      [] OTHER                   -> ViewsSoFar(p, groups)

Logged(p, entry, group, to, groups) ==
    Append(log[p],
        [entry |-> IF entry.event = "leave"
                   THEN [entry EXCEPT !.view = ViewsSoFar(p, groups)[group]] ELSE entry,
         group |-> group,
         to    |-> to,
         views |-> ViewsAfter(p, entry, group, groups)])

(* It was addressed to p neither by name nor as a member.  Each group of    *)
(* the list has it then, as something that happened in no view.             *)
Astray(p, x) == p \notin x.to /\ \A g \in x.to \cap DOMAIN x.views : x.views[g] = NoView

(* The entry x of the log of p is part of the history of group g.           *)
Belongs(p, x, g) ==
    CASE x.entry.event \in {"install", "leave", "state"} -> x.group = g
      [] x.entry.event = "crash" -> TRUE
      [] x.entry.event = "multicast" ->
            g \in x.to /\ (x.group # NoGroup \/ x.views[g] # NoView)
      [] x.entry.event \in {"deliver", "safe"} ->
            g \in x.to /\ (x.group # NoGroup \/ x.views[g] # NoView \/ Astray(p, x))

(* An ABCAST that reaches a member of g in another way: it is no event of   *)
(* g, but has a place in the order.                                         *)
Aside(p, x, g) ==
    x.entry.event = "deliver" /\ x.entry.primitive \in Abcasts /\ ~ Belongs(p, x, g)

InGroup(p, x, g) ==
    [x.entry EXCEPT !.view = IF x.entry.event \in {"install", "leave"} THEN @ ELSE x.views[g],
                    !.event = IF Aside(p, x, g) THEN "aside" ELSE @]

(* The history of p in group g, as far as its first n entries.              *)
Projected(p, n, g) ==
    LET concerns(x) == Belongs(p, x, g) \/ Aside(p, x, g)
    IN  CHOOSE h \in {[i \in DOMAIN kept |-> InGroup(p, kept[i], g)] :
                        kept \in {SelectSeq(SubSeq(log[p], 1, n), concerns)}} : TRUE

(* The same for all groups together.                                        *)
Whole(p, n) == [i \in 1..n |-> log[p][i].entry]
=============================================================================
