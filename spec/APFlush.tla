-------------------------------- MODULE APFlush --------------------------------
(****************************************************************************)
(* Flush for Apalache: the constants have values of the right types, and    *)
(* definitions that it would not accept are replaced by others that say the *)
(* same within these bounds.  Apalache takes what is called OVERRIDE_... in *)
(* place of the definition of that name; TLC is told to do the same by      *)
(* MCAPFlush.cfg, and comes to as many states as it does for MCFlushSmall.  *)
(* There is no fairness, and no temporal formula.                           *)
(*                                                                          *)
(* Expected verdicts: apalache.toml.                                        *)
(****************************************************************************)
EXTENDS FlushEnvironment

ProcessValue  == {"p1_OF_PROCESS", "p2_OF_PROCESS", "p3_OF_PROCESS"}
FoundersValue == <<"p1_OF_PROCESS", "p2_OF_PROCESS", "p3_OF_PROCESS">>
TalkersValue  == {"p1_OF_PROCESS"}
\* @type: Set(PROCESS);
NobodyValue   == {}

CInit ==
    /\ Process = ProcessValue
    /\ Founders = FoundersValue
    /\ Talkers = TalkersValue
    /\ Joiners = NobodyValue
    /\ Guarantee = "fifo"
    /\ MaxViews = 3
    /\ MaxMulticasts = 1
    /\ MaxCrashes = 1
    /\ MaxSuspicions = 1

(* A message and a state are pairs; so what stands in their place is a pair *)
(* as well.                                                                 *)
\* @type: $messageId;
OVERRIDE_NoMessage == <<"none_OF_PROCESS", 0>>
\* @type: <<Int, Str>>;
OVERRIDE_NoState == <<0, "none">>

(* A function on 1..n is no sequence, for the types; here at most one joins. *)
\* @type: Set(PROCESS) => Set(Seq(PROCESS));
OVERRIDE_Orders(S) == IF S = {} THEN {<<>>} ELSE {<<x>> : x \in S}

(* The next view without CHOOSE: those before the first that has p, and one. *)
\* @type: PROCESS => Int;
OVERRIDE_NextView(p) ==
    IF current[p] > 0 THEN current[p] + 1
    ELSE 1 + Cardinality({j \in DOMAIN views : \A i \in DOMAIN views :
                                i <= j => p \notin Members(views[i])})

(* Flush by itself, as in MCFlush.                                          *)
\* @type: PROCESS => Set($message);
Waiting(p) ==
    LET done == {history[p][i].message : i \in Places(p, "deliver")}
    IN  {m \in received[p] : m.view = current[p] /\ m.id \notin done}

Multicast(p) ==
    \E n \in NextNumber(p) :
        DisseminateToAll(p, Message(<<p, n>>, current[p], Members(CurrentView(p)), <<>>))

Deliver(p, m) == m \in Waiting(p) /\ DeliverHeld(p, m, "cbcast")

(* Everything but the installs, which a planted bug changes.                *)
Other ==
    \/ Environment
    \/ \E p \in Process :
        \/ Multicast(p)
        \/ React(p)
        \/ \E m \in received[p] : Deliver(p, m)
    \/ UNCHANGED vars

Init == FlushInit

Next ==
    \/ Other
    \/ \E p \in Process : Waiting(p) = {} /\ Advance(p)

(* Planted bug, as in MCFlush_InstallsAfterFlush: a process installs as     *)
(* soon as it has Flush from all, and does not wait for Ready.              *)
AdvanceAfterFlush(p) ==
    /\ p \notin crashed
    /\ \E k \in DOMAIN views : current[p] < k /\ k <= known[p] /\ HasFlushes(p, k)
    /\ \E k \in {NextView(p)} :
        /\ current'  = [current EXCEPT ![p] = k]
        /\ received' = [received EXCEPT ![p] = {m \in @ : m.view >= k}]
        /\ flushes'  = [flushes EXCEPT ![p] = Later(@, k)]
        /\ readies'  = [readies EXCEPT ![p] = Later(@, k)]
        /\ history'  = [history EXCEPT ![p] = Installed(p, views[k])]
    /\ UNCHANGED <<world, known, net>>

NextInstallsAfterFlush ==
    \/ Other
    \/ \E p \in Process : Waiting(p) = {} /\ AdvanceAfterFlush(p)
=============================================================================
