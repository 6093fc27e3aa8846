------------------------------- MODULE MCFlush -------------------------------
(****************************************************************************)
(* Bounds for model checking Flush: how many views, multicasts, crashes,    *)
(* joins and wrong suspicions the environment may bring.                    *)
(****************************************************************************)
EXTENDS Flush

CONSTANTS p1, p2, p3, Joiners, MaxViews, MaxMulticasts, MaxCrashes, MaxSuspicions

MCFounders == <<p1, p2, p3>>

Multicasts == Cardinality(Happened("multicast"))

(* The members of the last view who are gone from it although they work.    *)
WronglyExcluded ==
    {p \in Process \ crashed : /\ \E i \in DOMAIN views : p \in Members(views[i])
                               /\ p \notin Members(views[Len(views)])}

(* The next view either loses one member or takes on one joiner.  Who is    *)
(* lost has crashed, or is suspected wrongly.                               *)
AgreeOnNext ==
    LET last == views[Len(views)]
        next(members) == View(Len(views) + 1, members)
    IN  /\ Len(views) < MaxViews
        /\ \/ \E p \in Members(last) :
                /\ Len(last.members) > 1
                /\ p \in crashed \/ Cardinality(WronglyExcluded) < MaxSuspicions
                /\ Agree(next(Without(last.members, {p})))
           \/ \E p \in Joiners \ crashed :
                /\ \A i \in DOMAIN views : p \notin Members(views[i])
                /\ Agree(next(Append(last.members, p)))

CrashSome ==
    \E p \in Process :
        /\ Cardinality(crashed) < MaxCrashes
        /\ known[p] > 0
        /\ Crash(p)

Environment ==
    \/ AgreeOnNext
    \/ CrashSome
    \/ \E p, q \in Process : Lose(p, q)

MulticastSome(p) ==
    /\ Multicasts < MaxMulticasts
    /\ Multicast(p, Cardinality(Places(p, "multicast")) + 1)

Next ==
    \/ Environment
    \/ \E p \in Process :
        \/ MulticastSome(p)
        \/ React(p)
        \/ \E m \in received[p] : Deliver(p, m)
        \/ Install(p)

Spec == FlushInit /\ [][Next]_vars

(* Refinement: what Flush does is what the service allows.                  *)
Service == INSTANCE VirtualSynchrony WITH Order <- "none"
ServiceProp == Service!Spec
GuaranteesInv == Service!GuaranteesInv
=============================================================================
