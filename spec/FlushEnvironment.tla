--------------------------- MODULE FlushEnvironment ---------------------------
(****************************************************************************)
(* The environment of Flush and of what is built on it, bounded for model   *)
(* checking: which views are agreed on, who crashes, what a crash loses.    *)
(* Bounds limit the choices of the environment, never a reaction to them.   *)
(****************************************************************************)
EXTENDS Flush

CONSTANTS
    Joiners,           \* those who may join
    MaxViews,          \* how many views are agreed on at most
    MaxCrashes,        \* how many processes crash at most
    MaxSuspicions      \* how many are excluded at most although they work

(* Those who are excluded although they work.                               *)
WronglyExcluded ==
    {p \in Process \ crashed : /\ \E i \in DOMAIN views : p \in Members(views[i])
                               /\ p \notin Members(views[Len(views)])}

(* The next view loses one member, who has crashed or is suspected wrongly, *)
(* or takes on one joiner, or both.                                         *)
AgreeOnNext ==
    LET last == views[Len(views)]
        lost(p) == p \in crashed \/ Cardinality(WronglyExcluded) < MaxSuspicions
        new(p)  == p \notin crashed /\ \A i \in DOMAIN views : p \notin Members(views[i])
    IN  /\ Len(views) < MaxViews
        /\ \E gone \in SUBSET Members(last), joiner \in SUBSET Joiners :
            /\ Cardinality(gone) <= 1 /\ Cardinality(joiner) <= 1
            /\ gone \cup joiner # {}
            /\ gone # Members(last)
            /\ \A p \in gone : lost(p)
            /\ \A p \in joiner : new(p)
            /\ \E order \in Orders(joiner) :
                Agree(View(last.id + 1, Without(last.members, gone) \o order))

CrashSome ==
    \E p \in Process :
        /\ Cardinality(crashed) < MaxCrashes
        /\ known[p] > 0
        /\ Crash(p)

Environment ==
    \/ AgreeOnNext
    \/ CrashSome
    \/ \E p, q \in Process : Lose(p, q)
=============================================================================
