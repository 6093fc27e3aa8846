------------------------------ MODULE PRAbcast -------------------------------
(****************************************************************************)
(* The transition system about which src/vsync/prove/total_order.py         *)
(* proves: StrongTotalOrder of Abcast within a view, before a flush: two    *)
(* ABCASTs are delivered in the same order at all common destinations, and  *)
(* none for them is left out between; for any number of processes,          *)
(* messages and lists. Left out: net, who knows which proposals (the        *)
(* sender orders when all are made), causality and the third phase (they    *)
(* make deliveries fewer), what a flush completes. Written by `vsync prove  *)
(* --write` from that module; MCProveAbcast shows that Abcast refines it.   *)
(****************************************************************************)
CONSTANTS
    ProcessSort,
    MessageSort,
    NumberSort,
    zero,             \* the number from which all clocks start
    before(_, _),     \* the first number is smaller
    tie_before(_, _)  \* with the same number, the first message comes first

VARIABLES
    crashed,   \* the process has stopped
    sent,      \* it has multicast the message
    to,        \* the process is a destination of the message
    clock,     \* its clock shows this number or a greater one
    proposed,  \* it has proposed this number for the message
    number,    \* the sender has given this number to the message
    delivered, \* it has delivered the message
    first      \* it has delivered the first of these messages, and then the second

variables == <<crashed, sent, to, clock, proposed, number, delivered, first>>

(* What is known of what never changes.                                     *)
Axioms ==
    /\ \* numbers are in order
       ((\A i \in NumberSort : ~ (before(i, i))) /\ (\A i \in NumberSort, j \in NumberSort, k \in NumberSort : ((before(i, j) /\ before(j, k)) => before(i, k))) /\ (\A i \in NumberSort, j \in NumberSort : (before(i, j) \/ before(j, i) \/ i = j)))
    /\ \* zero is the smallest number
       (\A n \in NumberSort : (n = zero \/ before(zero, n)))
    /\ \* messages of the same number are in order
       ((\A i \in MessageSort : ~ (tie_before(i, i))) /\ (\A i \in MessageSort, j \in MessageSort, k \in MessageSort : ((tie_before(i, j) /\ tie_before(j, k)) => tie_before(i, k))) /\ (\A i \in MessageSort, j \in MessageSort : (tie_before(i, j) \/ tie_before(j, i) \/ i = j)))

Init ==
    /\ crashed = {}
    /\ sent = {}
    /\ to = {}
    /\ clock = {<<p, n>> \in ProcessSort \X {zero} : TRUE}
    /\ proposed = {}
    /\ number = {}
    /\ delivered = {}
    /\ first = {}

(* p multicasts m to these: the first phase; as a destination it proposes n itself *)
MulticastInOrder ==
    \E p \in ProcessSort :
        /\ ~ (p \in crashed)
        /\ \E m \in MessageSort :
               /\ (\A q \in ProcessSort : ~ (<<q, m>> \in sent))
               /\ \E n \in NumberSort :
                      /\ ~ (<<p, n>> \in clock)
                      /\ \E dest \in SUBSET ProcessSort :
                             /\ sent' = sent \cup {<<p, m>>}
                             /\ to' = to \cup {<<m0, p1>> \in {m} \X ProcessSort : p1 \in dest}
                             /\ clock' = clock \cup {<<p0, n1>> \in {p} \X NumberSort : ~ (before(n, n1))}
                             /\ proposed' = proposed \cup {<<p0, m1, n2>> \in {p} \X {m} \X {n} : p \in dest}
                             /\ UNCHANGED <<crashed, number, delivered, first>>

(* p proposes n, greater than all that it has seen, for a message that it has received *)
Propose ==
    \E p \in ProcessSort :
        /\ ~ (p \in crashed)
        /\ \E q \in ProcessSort :
               /\ \E m \in MessageSort :
                      /\ <<q, m>> \in sent
                      /\ <<m, p>> \in to
                      /\ (\A k \in NumberSort : ~ (<<p, m, k>> \in proposed))
                      /\ \E n \in NumberSort :
                             /\ ~ (<<p, n>> \in clock)
                             /\ clock' = clock \cup {<<p0, n1>> \in {p} \X NumberSort : ~ (before(n, n1))}
                             /\ proposed' = proposed \cup {<<p, m, n>>}
                             /\ UNCHANGED <<crashed, sent, to, number, delivered, first>>

(* the sender p gives m the number n, no less than any that was proposed: the second phase *)
Order ==
    \E p \in ProcessSort :
        /\ ~ (p \in crashed)
        /\ \E m \in MessageSort :
               /\ <<p, m>> \in sent
               /\ (\A k \in NumberSort : ~ (<<m, k>> \in number))
               /\ \E n \in NumberSort :
                      /\ (\A q \in ProcessSort : (<<m, q>> \in to => (\E k \in NumberSort : (<<q, m, k>> \in proposed /\ ~ (before(n, k))))))
                      /\ number' = number \cup {<<m, n>>}
                      /\ clock' = clock \cup {<<p0, n1>> \in {p} \X NumberSort : ~ (before(n, n1))}
                      /\ UNCHANGED <<crashed, sent, to, proposed, delivered, first>>

(* p learns the number of a message *)
ReceiveOrder ==
    \E p \in ProcessSort :
        /\ ~ (p \in crashed)
        /\ \E m \in MessageSort :
               /\ \E n \in NumberSort :
                      /\ <<m, n>> \in number
                      /\ clock' = clock \cup {<<p0, n1>> \in {p} \X NumberSort : ~ (before(n, n1))}
                      /\ UNCHANGED <<crashed, sent, to, proposed, number, delivered, first>>

(* p delivers the message of the smallest place *)
DeliverInOrder ==
    \E p \in ProcessSort :
        /\ ~ (p \in crashed)
        /\ \E m \in MessageSort :
               /\ <<m, p>> \in to
               /\ ~ (<<p, m>> \in delivered)
               /\ \E n \in NumberSort :
                      /\ <<m, n>> \in number
                      /\ <<p, n>> \in clock
                      /\ (\A x \in MessageSort, k \in NumberSort : ((<<p, x, k>> \in proposed /\ x # m /\ <<x, p>> \in to /\ ~ (<<p, x>> \in delivered)) => ((before(n, k) \/ (n = k /\ tie_before(m, x))) \/ (\E j \in NumberSort : (<<x, j>> \in number /\ (before(n, j) \/ (n = j /\ tie_before(m, x))))))))
                      /\ delivered' = delivered \cup {<<p, m>>}
                      /\ first' = first \cup {<<p0, m1, m2>> \in {p} \X MessageSort \X {m} : <<p, m1>> \in delivered}
                      /\ UNCHANGED <<crashed, sent, to, clock, proposed, number>>

(* the clock of p goes on by another message: a CBCAST is delivered *)
MulticastAtOnce ==
    \E p \in ProcessSort :
        /\ ~ (p \in crashed)
        /\ \E n \in NumberSort :
               /\ clock' = clock \cup {<<p0, n1>> \in {p} \X NumberSort : ~ (before(n, n1))}
               /\ UNCHANGED <<crashed, sent, to, proposed, number, delivered, first>>

(* p stops, at any point *)
Crash ==
    \E p \in ProcessSort :
        /\ ~ (p \in crashed)
        /\ crashed' = crashed \cup {p}
        /\ UNCHANGED <<sent, to, clock, proposed, number, delivered, first>>

Next ==
    \/ MulticastInOrder
    \/ Propose
    \/ Order
    \/ ReceiveOrder
    \/ DeliverInOrder
    \/ MulticastAtOnce
    \/ Crash

Spec == Init /\ [][Next]_variables

(* a clock that shows a number has shown all smaller ones *)
ClockGoesOnInv ==
    (\A p \in ProcessSort, n \in NumberSort, k \in NumberSort : ((<<p, n>> \in clock /\ before(k, n)) => <<p, k>> \in clock))

(* what has destinations, proposals or a number was multicast *)
OnlyWhatWasSentInv ==
    ((\A m \in MessageSort, p \in ProcessSort : (<<m, p>> \in to => (\E q \in ProcessSort : <<q, m>> \in sent))) /\ (\A m \in MessageSort, n \in NumberSort : (<<m, n>> \in number => (\E q \in ProcessSort : <<q, m>> \in sent))) /\ (\A p \in ProcessSort, m \in MessageSort, n \in NumberSort : (<<p, m, n>> \in proposed => <<m, p>> \in to)))

(* a message has one number, and one proposal of each destination, which the clock there has passed *)
OneNumberInv ==
    ((\A m \in MessageSort, n \in NumberSort, k \in NumberSort : ((<<m, n>> \in number /\ <<m, k>> \in number) => n = k)) /\ (\A p \in ProcessSort, m \in MessageSort, n \in NumberSort, k \in NumberSort : ((<<p, m, n>> \in proposed /\ <<p, m, k>> \in proposed) => n = k)) /\ (\A p \in ProcessSort, m \in MessageSort, n \in NumberSort : (<<p, m, n>> \in proposed => <<p, n>> \in clock)))

(* the number of a message is no less than what any of its destinations has proposed; all have *)
NumberOfAllProposalsInv ==
    ((\A p \in ProcessSort, m \in MessageSort, n \in NumberSort, k \in NumberSort : ((<<m, n>> \in number /\ <<p, m, k>> \in proposed) => ~ (before(n, k)))) /\ (\A p \in ProcessSort, m \in MessageSort, n \in NumberSort : ((<<m, n>> \in number /\ <<m, p>> \in to) => (\E k \in NumberSort : <<p, m, k>> \in proposed))))

(* who has delivered a message is a destination, and its clock has passed the message's number *)
DeliveredByNumberInv ==
    (\A p \in ProcessSort, m \in MessageSort : (<<p, m>> \in delivered => (<<m, p>> \in to /\ (\E n \in NumberSort : (<<m, n>> \in number /\ <<p, n>> \in clock)))))

(* what a process has not delivered has its proposal, or its number, behind all that it has delivered *)
ProposedBehindInv ==
    (\A p \in ProcessSort, m \in MessageSort, n \in NumberSort, x \in MessageSort, k \in NumberSort : ((<<p, m>> \in delivered /\ <<m, n>> \in number /\ <<p, x, k>> \in proposed /\ ~ (<<p, x>> \in delivered)) => ((before(n, k) \/ (n = k /\ tie_before(m, x))) \/ (\E j \in NumberSort : (<<x, j>> \in number /\ (before(n, j) \/ (n = j /\ tie_before(m, x))))))))

(* who has delivered a message has delivered all for it that have an earlier place *)
NoGapInv ==
    (\A p \in ProcessSort, m \in MessageSort, n \in NumberSort, x \in MessageSort, k \in NumberSort : ((<<p, m>> \in delivered /\ <<m, n>> \in number /\ <<x, k>> \in number /\ <<x, p>> \in to /\ (before(k, n) \/ (k = n /\ tie_before(x, m)))) => <<p, x>> \in delivered))

(* what is delivered first has the earlier place *)
ByPlaceInv ==
    ((\A p \in ProcessSort, m \in MessageSort, x \in MessageSort : (<<p, m, x>> \in first => (<<p, m>> \in delivered /\ <<p, x>> \in delivered /\ m # x))) /\ (\A p \in ProcessSort, m \in MessageSort, n \in NumberSort, x \in MessageSort, k \in NumberSort : ((<<p, m, x>> \in first /\ <<m, n>> \in number /\ <<x, k>> \in number) => (before(n, k) \/ (n = k /\ tie_before(m, x))))))

(* no two processes deliver two messages in different orders *)
TotalOrderInv ==
    (\A p \in ProcessSort, q \in ProcessSort, m \in MessageSort, x \in MessageSort : ~ (<<p, m, x>> \in first /\ <<q, x, m>> \in first))

==============================================================================
