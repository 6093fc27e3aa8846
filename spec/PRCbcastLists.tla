---------------------------- MODULE PRCbcastLists ----------------------------
(****************************************************************************)
(* The transition system about which src/vsync/prove/causal_order.py        *)
(* proves: ReliableCausal within a view of CbcastLists: a destination       *)
(* delivers a message after all for it that are in its causal past, for     *)
(* any number of processes, messages and destination lists. Left out: net   *)
(* and flush (any message may arrive anywhere), time (delivered or not,     *)
(* for each one), views (one); assumed: causes are finitely many, so among  *)
(* messages that cover another there is a last one. Written by `vsync       *)
(* prove --write` from that module; MCProveCbcastLists shows that           *)
(* CbcastLists refines it.                                                  *)
(****************************************************************************)
CONSTANTS
    ProcessSort,
    MessageSort

VARIABLES
    crashed,   \* the process has stopped
    sent,      \* it has multicast the message
    to,        \* the process is a destination of the message
    after,     \* at the process, the first message has to wait for the second
    context,   \* the next multicast of the first process has to wait for the message at the second
    delivered, \* it has delivered the message
    seen,      \* the message is in the causal past of the process: what it sends next may be caused by it
    past       \* the second message is in the causal past of the first

variables == <<crashed, sent, to, after, context, delivered, seen, past>>

(* What is known of what never changes.                                     *)
Axioms ==
    TRUE

Init ==
    /\ crashed = {}
    /\ sent = {}
    /\ to = {}
    /\ after = {}
    /\ context = {}
    /\ delivered = {}
    /\ seen = {}
    /\ past = {}

(* p multicasts m to these; if it is one of them, it delivers m at once *)
Multicast ==
    \E p \in ProcessSort :
        /\ ~ (p \in crashed)
        /\ \E m \in MessageSort :
               /\ (\A q \in ProcessSort : ~ (<<q, m>> \in sent))
               /\ \E dest \in SUBSET ProcessSort :
                      /\ (p \in dest => (\A x \in MessageSort : ~ (<<p, x, p>> \in context)))
                      /\ sent' = sent \cup {<<p, m>>}
                      /\ to' = to \cup {<<m0, p1>> \in {m} \X ProcessSort : p1 \in dest}
                      /\ after' = after \cup {<<m0, m1, p2>> \in {m} \X MessageSort \X ProcessSort : <<p, m1, p2>> \in context}
                      /\ past' = past \cup {<<m0, m1>> \in {m} \X MessageSort : <<p, m1>> \in seen}
                      /\ seen' = seen \cup {<<p, m>>}
                      /\ delivered' = delivered \cup {<<p0, m1>> \in {p} \X {m} : p \in dest}
                      /\ context' = {<<p0, m1, p2>> \in ProcessSort \X MessageSort \X ProcessSort : ((p0 # p /\ <<p0, m1, p2>> \in context) \/ (p0 = p /\ m1 # m /\ <<p, m1, p2>> \in context /\ ~ (p2 \in dest)) \/ (p0 = p /\ m1 = m /\ p2 \in dest /\ p2 # p))}
                      /\ UNCHANGED <<crashed>>

(* p delivers m, as it has delivered all that m waits for there *)
Complete ==
    \E p \in ProcessSort :
        /\ ~ (p \in crashed)
        /\ \E r \in ProcessSort :
               /\ \E m \in MessageSort :
                      /\ <<r, m>> \in sent
                      /\ <<m, p>> \in to
                      /\ ~ (<<p, m>> \in delivered)
                      /\ (\A x \in MessageSort : (<<m, x, p>> \in after => <<p, x>> \in delivered))
                      /\ (\A x \in MessageSort, q \in ProcessSort : ((\E y \in MessageSort : ((<<p, y, q>> \in context \/ ((<<m, y, q>> \in after /\ ~ (<<m, q>> \in to)) \/ (y = m /\ <<m, q>> \in to))) /\ (y = x \/ <<y, x>> \in past))) => (\E y \in MessageSort : ((<<p, y, q>> \in context \/ ((<<m, y, q>> \in after /\ ~ (<<m, q>> \in to)) \/ (y = m /\ <<m, q>> \in to))) /\ (y = x \/ <<y, x>> \in past) /\ (\A z \in MessageSort : (((<<p, z, q>> \in context \/ ((<<m, z, q>> \in after /\ ~ (<<m, q>> \in to)) \/ (z = m /\ <<m, q>> \in to))) /\ (z = x \/ <<z, x>> \in past)) => ~ (<<z, y>> \in past)))))))
                      /\ delivered' = delivered \cup {<<p, m>>}
                      /\ seen' = seen \cup {<<p0, m1>> \in {p} \X MessageSort : (m = m1 \/ <<m, m1>> \in past)}
                      /\ context' = {<<p0, m1, p2>> \in ProcessSort \X MessageSort \X ProcessSort : ((p0 # p /\ <<p0, m1, p2>> \in context) \/ (p0 = p /\ ((<<p, m1, p2>> \in context /\ ((<<m, m1, p2>> \in after /\ ~ (<<m, p2>> \in to)) \/ (m1 = m /\ <<m, p2>> \in to))) \/ (<<p, m1, p2>> \in context /\ (\A r1 \in ProcessSort : ~ ((<<m, m1, r1>> \in after /\ ~ (<<m, r1>> \in to)) \/ (m1 = m /\ <<m, r1>> \in to)))) \/ (((<<m, m1, p2>> \in after /\ ~ (<<m, p2>> \in to)) \/ (m1 = m /\ <<m, p2>> \in to)) /\ (\A r1 \in ProcessSort : ~ (<<p, m1, r1>> \in context)))) /\ ~ (p2 = p /\ (<<p, m1>> \in delivered \/ m1 = m))))}
                      /\ UNCHANGED <<crashed, sent, to, after, past>>

(* p waits no more for a message that has been delivered wherever it had to be *)
Forget ==
    \E p \in ProcessSort :
        /\ ~ (p \in crashed)
        /\ \E m \in MessageSort :
               /\ (\A q \in ProcessSort : (<<m, q>> \in to => <<q, m>> \in delivered))
               /\ context' = {<<p0, m1, p2>> \in ProcessSort \X MessageSort \X ProcessSort : (<<p0, m1, p2>> \in context /\ ~ (p0 = p /\ m1 = m))}
               /\ UNCHANGED <<crashed, sent, to, after, delivered, seen, past>>

(* p stops, at any point *)
Crash ==
    \E p \in ProcessSort :
        /\ ~ (p \in crashed)
        /\ crashed' = crashed \cup {p}
        /\ UNCHANGED <<sent, to, after, context, delivered, seen, past>>

Next ==
    \/ Multicast
    \/ Complete
    \/ Forget
    \/ Crash

Spec == Init /\ [][Next]_variables

(* what is delivered, seen, waited for or addressed was multicast, and by one process *)
OneSenderInv ==
    ((\A p \in ProcessSort, q \in ProcessSort, m \in MessageSort : ((<<p, m>> \in sent /\ <<q, m>> \in sent) => p = q)) /\ (\A p \in ProcessSort, m \in MessageSort : ((<<p, m>> \in delivered \/ <<p, m>> \in seen) => (\E q \in ProcessSort : <<q, m>> \in sent))) /\ (\A m \in MessageSort, p \in ProcessSort : (<<m, p>> \in to => (\E q \in ProcessSort : <<q, m>> \in sent))) /\ (\A m \in MessageSort, x \in MessageSort : (<<m, x>> \in past => (\E q \in ProcessSort : <<q, m>> \in sent))) /\ (\A m \in MessageSort, x \in MessageSort : (<<m, x>> \in past => (\E q \in ProcessSort : <<q, x>> \in sent))) /\ (\A m \in MessageSort, x \in MessageSort, q \in ProcessSort : (<<m, x, q>> \in after => (\E r \in ProcessSort : <<r, m>> \in sent))))

(* who delivers a message, or has multicast it, has seen it; it is delivered by its destinations *)
DeliveredIsSeenInv ==
    ((\A p \in ProcessSort, m \in MessageSort : ((<<p, m>> \in delivered \/ <<p, m>> \in sent) => <<p, m>> \in seen)) /\ (\A p \in ProcessSort, m \in MessageSort : (<<p, m>> \in delivered => <<m, p>> \in to)))

(* who has seen a message has seen all that is in its past, and so have messages *)
SeenWithCausesInv ==
    ((\A p \in ProcessSort, m \in MessageSort, x \in MessageSort : ((<<p, m>> \in seen /\ <<m, x>> \in past) => <<p, x>> \in seen)) /\ (\A m \in MessageSort, x \in MessageSort, y \in MessageSort : ((<<m, x>> \in past /\ <<x, y>> \in past) => <<m, y>> \in past)) /\ (\A m \in MessageSort : ~ (<<m, m>> \in past)))

(* one waits only for what is in one's past, where that goes *)
WaitsForItsPastInv ==
    ((\A p \in ProcessSort, y \in MessageSort, q \in ProcessSort : (<<p, y, q>> \in context => (<<p, y>> \in seen /\ <<y, q>> \in to))) /\ (\A m \in MessageSort, y \in MessageSort, q \in ProcessSort : (<<m, y, q>> \in after => (<<m, y>> \in past /\ <<y, q>> \in to))))

(* what a process has seen was delivered at a destination, or is covered there by what the process waits for *)
CoveredInv ==
    (\A p \in ProcessSort, x \in MessageSort, q \in ProcessSort : ((<<p, x>> \in seen /\ <<x, q>> \in to /\ ~ (<<q, x>> \in delivered)) => (\E y \in MessageSort : (<<p, y, q>> \in context /\ (y = x \/ <<y, x>> \in past)))))

(* what is in the past of a message was delivered at a destination, or is covered by what the message waits for *)
MessageCoveredInv ==
    (\A m \in MessageSort, x \in MessageSort, q \in ProcessSort : ((<<m, x>> \in past /\ <<x, q>> \in to /\ ~ (<<q, x>> \in delivered)) => (\E y \in MessageSort : (<<m, y, q>> \in after /\ (y = x \/ <<y, x>> \in past)))))

(* who has delivered a message has delivered before all messages for it that may have caused it *)
CausalOrderInv ==
    (\A p \in ProcessSort, m \in MessageSort, x \in MessageSort : ((<<p, m>> \in delivered /\ <<m, x>> \in past /\ <<x, p>> \in to) => <<p, x>> \in delivered))

(* no message is delivered before one for the same process that may have caused it *)
CausalInv ==
    (\A p \in ProcessSort, m \in MessageSort, x \in MessageSort : ((<<p, m>> \in delivered /\ <<m, x>> \in past /\ <<x, p>> \in to) => <<p, x>> \in delivered))

==============================================================================
