--------------------------- MODULE FlushEnvironment ---------------------------
(****************************************************************************)
(* The environment of Flush and of what is built on it, bounded for model   *)
(* checking: which views are agreed on, who crashes, what a crash loses.    *)
(* Bounds limit the choices of the environment, never a reaction to them.   *)
(****************************************************************************)
EXTENDS Flush

CONSTANTS
    \* @type: Set(PROCESS);
    Joiners,           \* those who may join
    \* @type: Int;
    MaxViews,          \* how many views are agreed on at most
    \* @type: Int;
    MaxCrashes,        \* how many processes crash at most
    \* @type: Int;
    MaxSuspicions,     \* how many are excluded at most although they work
    \* @type: Set(PROCESS);
    Talkers,           \* those who may multicast
    \* @type: Int;
    MaxMulticasts      \* how many messages are multicast at most

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

(* The next message of p, if it may still multicast: its number.            *)
NextNumber(p) ==
    IF p \in Talkers /\ Cardinality(Happened("multicast")) < MaxMulticasts
    THEN {Cardinality(Places(p, "multicast")) + 1}
    ELSE {}

CrashSome ==
    \E p \in Process :
        /\ Cardinality(crashed) < MaxCrashes
        /\ known[p] > 0
        /\ Crash(p)

(* The same, where only those crash who multicast.                          *)
CrashOfTalker ==
    \E p \in Talkers :
        /\ Cardinality(crashed) < MaxCrashes
        /\ known[p] > 0
        /\ Crash(p)

(* A fault of the network: only where its guarantee is weak enough.  At     *)
(* most two packets are in a channel after it.                              *)
Fault ==
    /\ net' \in {faulty \in Faulty(net) :
                    \A p, q \in Process : Len(faulty[p][q]) <= 2}
    /\ UNCHANGED <<world, flushing, history>>

Environment ==
    \/ Fault
    \/ AgreeOnNext
    \/ CrashSome
    \/ \E p, q \in Process : Lose(p, q)
=============================================================================
