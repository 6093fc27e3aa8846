------------------------------- MODULE PRFlush -------------------------------
(****************************************************************************)
(* The transition system about which src/vsync/prove/flush.py proves:       *)
(* VSProperties!VirtualSynchrony of Flush: members that go on together      *)
(* from a view have delivered the same set in it, for any number of         *)
(* processes, messages and overlapping view changes, and any wrong          *)
(* suspicions. Left out: net (what was ever sent may arrive at any time,    *)
(* any number of times), the order of members, histories but for what was   *)
(* delivered and installed; SiteViews is Agree, in which nobody comes       *)
(* back. Written by `vsync prove --write` from that module; MCProveFlush    *)
(* shows that Flush refines it.                                             *)
(****************************************************************************)
CONSTANTS
    ProcessSort,
    ViewSort,
    MessageSort,
    first,        \* the first view
    before(_, _), \* the first of the two views comes before the second
    founder(_)    \* the process is a member of the first view

VARIABLES
    agreed,     \* the sites have agreed on this view
    member,     \* the process is a member of this view
    continuing, \* it is one, and was one of the view before: Continuing
    crashed,    \* the process has stopped
    known,      \* the process was told of this view, or of a later one
    current,    \* it has installed this view, or a later one
    sent,       \* it has multicast the message, in this view
    received,   \* it holds the message: of its current view, or a later one
    delivered,  \* it has delivered the message
    carried,    \* its Flush for this view carried the message
    flushes,    \* it has got Flush for this view from the second, or is it and sent it
    confirmed,  \* it has sent Ready for this view
    readies,    \* it has got Ready for this view from the second, or is it and sent it
    complete,   \* all who continue into this view have sent Ready for it
    settled     \* some view between the two is complete

variables == <<agreed, member, continuing, crashed, known, current, sent, received, delivered, carried, flushes, confirmed, readies, complete, settled>>

(* What is known of what never changes.                                     *)
Axioms ==
    /\ \* views are in order
       ((\A i \in ViewSort : ~ (before(i, i))) /\ (\A i \in ViewSort, j \in ViewSort, k \in ViewSort : ((before(i, j) /\ before(j, k)) => before(i, k))) /\ (\A i \in ViewSort, j \in ViewSort : (before(i, j) \/ before(j, i) \/ i = j)))
    /\ \* one view is the first
       (\A k \in ViewSort : (k = first \/ before(first, k)))

Init ==
    /\ agreed = {first}
    /\ member = {<<v, p>> \in {first} \X ProcessSort : founder(p)}
    /\ continuing = {}
    /\ crashed = {}
    /\ known = {<<p, v>> \in ProcessSort \X {first} : founder(p)}
    /\ current = {<<p, v>> \in ProcessSort \X {first} : founder(p)}
    /\ sent = {}
    /\ received = {}
    /\ delivered = {}
    /\ carried = {}
    /\ flushes = {}
    /\ confirmed = {}
    /\ readies = {}
    /\ complete = {}
    /\ settled = {}

(* the sites agree on a further view; who was excluded does not come back *)
Agree ==
    \E j \in ViewSort :
        /\ j \in agreed
        /\ \E k \in ViewSort :
               /\ ~ (k \in agreed)
               /\ before(j, k)
               /\ (\A i \in ViewSort : (before(i, k) => (i \in agreed /\ ~ (before(j, i)))))
               /\ \E new \in SUBSET ProcessSort :
                      /\ (\A q \in ProcessSort, i \in ViewSort : ((<<i, q>> \in member /\ q \in new) => <<j, q>> \in member))
                      /\ (\E q \in ProcessSort : (<<j, q>> \in member /\ q \in new))
                      /\ agreed' = agreed \cup {k}
                      /\ member' = member \cup {<<v, p>> \in {k} \X ProcessSort : p \in new}
                      /\ continuing' = continuing \cup {<<v, p>> \in {k} \X ProcessSort : (p \in new /\ <<j, p>> \in member)}
                      /\ UNCHANGED <<crashed, known, current, sent, received, delivered, carried, flushes, confirmed, readies, complete, settled>>

(* p stops, at any point *)
Crash ==
    \E p \in ProcessSort :
        /\ ~ (p \in crashed)
        /\ crashed' = crashed \cup {p}
        /\ UNCHANGED <<agreed, member, continuing, known, current, sent, received, delivered, carried, flushes, confirmed, readies, complete, settled>>

(* p multicasts m in its view, and delivers it to itself at once *)
Disseminate ==
    \E p \in ProcessSort :
        /\ ~ (p \in crashed)
        /\ \E m \in MessageSort :
               /\ (\A q \in ProcessSort, i \in ViewSort : ~ (<<q, m, i>> \in sent))
               /\ \E k \in ViewSort :
                      /\ (<<p, k>> \in current /\ (\A i \in ViewSort : (before(k, i) => ~ (<<p, i>> \in current))))
                      /\ <<k, p>> \in member
                      /\ (\A i \in ViewSort : (before(k, i) => ~ (<<p, i>> \in known)))
                      /\ sent' = sent \cup {<<p, m, k>>}
                      /\ received' = received \cup {<<p, m>>}
                      /\ delivered' = delivered \cup {<<p, m>>}
                      /\ UNCHANGED <<agreed, member, continuing, crashed, known, current, carried, flushes, confirmed, readies, complete, settled>>

(* p receives m from its sender q, to whom it still listens *)
Receive ==
    \E p \in ProcessSort :
        /\ ~ (p \in crashed)
        /\ \E q \in ProcessSort :
               /\ \E m \in MessageSort :
                      /\ \E k \in ViewSort :
                             /\ <<q, m, k>> \in sent
                             /\ <<k, p>> \in member
                             /\ (\A i \in ViewSort : ((<<p, i>> \in known /\ ~ (before(i, k))) => <<i, q>> \in member))
                             /\ received' = received \cup {<<p0, m1>> \in {p} \X {m} : ~ (\E i \in ViewSort : (before(k, i) /\ <<p, i>> \in current))}
                             /\ UNCHANGED <<agreed, member, continuing, crashed, known, current, sent, delivered, carried, flushes, confirmed, readies, complete, settled>>

(* p is told of the next view, and sends all that it holds of earlier ones to those who continue *)
Forward ==
    \E p \in ProcessSort :
        /\ ~ (p \in crashed)
        /\ \E k \in ViewSort :
               /\ k \in agreed
               /\ <<k, p>> \in member
               /\ ~ (<<p, k>> \in known)
               /\ (\A i \in ViewSort : ((before(i, k) /\ <<i, p>> \in member) => <<p, i>> \in known))
               /\ known' = known \cup {<<p0, v>> \in {p} \X ViewSort : ~ (before(k, v))}
               /\ flushes' = flushes \cup {<<p0, p1, v>> \in {p} \X {p} \X {k} : <<k, p>> \in continuing}
               /\ carried' = carried \cup {<<p0, v, m>> \in {p} \X {k} \X MessageSort : (<<k, p>> \in continuing /\ <<p, m>> \in received /\ (\E r \in ProcessSort, j \in ViewSort : (<<r, m, j>> \in sent /\ before(j, k))))}
               /\ UNCHANGED <<agreed, member, continuing, crashed, current, sent, received, delivered, confirmed, readies, complete, settled>>

(* p receives Flush for view k from q, with all that it carries *)
ReceiveFlush ==
    \E p \in ProcessSort :
        /\ ~ (p \in crashed)
        /\ \E q \in ProcessSort :
               /\ \E k \in ViewSort :
                      /\ <<q, k>> \in known
                      /\ <<k, q>> \in continuing
                      /\ <<k, p>> \in continuing
                      /\ (\A i \in ViewSort : ((<<p, i>> \in known /\ ~ (before(i, k))) => <<i, q>> \in member))
                      /\ received' = received \cup {<<p0, m>> \in {p} \X MessageSort : (<<q, k, m>> \in carried /\ (\E r \in ProcessSort, j \in ViewSort : (<<r, m, j>> \in sent /\ ~ (\E i \in ViewSort : (before(j, i) /\ <<p, i>> \in current)))))}
                      /\ flushes' = flushes \cup {<<p0, p1, v>> \in {p} \X {q} \X {k} : ~ (<<p, k>> \in current)}
                      /\ UNCHANGED <<agreed, member, continuing, crashed, known, current, sent, delivered, carried, confirmed, readies, complete, settled>>

(* p has Flush for view k from all who continue into it, and sends Ready *)
Confirm ==
    \E p \in ProcessSort :
        /\ ~ (p \in crashed)
        /\ \E k \in ViewSort :
               /\ <<p, k>> \in known
               /\ <<k, p>> \in continuing
               /\ ~ (<<p, p, k>> \in readies)
               /\ (\A q \in ProcessSort : (<<k, q>> \in continuing => <<p, q, k>> \in flushes))
               /\ confirmed' = confirmed \cup {<<p, k>>}
               /\ readies' = readies \cup {<<p, p, k>>}
               /\ complete' = complete \cup {v \in {k} : (\A q \in ProcessSort : (<<k, q>> \in continuing => (q = p \/ <<q, k>> \in confirmed)))}
               /\ settled' = settled \cup {<<v, v1>> \in ViewSort \X ViewSort : (before(v, k) /\ before(k, v1) /\ (\A q \in ProcessSort : (<<k, q>> \in continuing => (q = p \/ <<q, k>> \in confirmed))))}
               /\ UNCHANGED <<agreed, member, continuing, crashed, known, current, sent, received, delivered, carried, flushes>>

(* p receives Ready for view k from q *)
ReceiveReady ==
    \E p \in ProcessSort :
        /\ ~ (p \in crashed)
        /\ \E q \in ProcessSort :
               /\ \E k \in ViewSort :
                      /\ <<q, k>> \in confirmed
                      /\ <<k, p>> \in member
                      /\ (\A i \in ViewSort : ((<<p, i>> \in known /\ ~ (before(i, k))) => <<i, q>> \in member))
                      /\ readies' = readies \cup {<<p0, p1, v>> \in {p} \X {q} \X {k} : ~ (<<p, k>> \in current)}
                      /\ UNCHANGED <<agreed, member, continuing, crashed, known, current, sent, received, delivered, carried, flushes, confirmed, complete, settled>>

(* p delivers a message that it holds, in the view in which it was multicast *)
DeliverHeld ==
    \E p \in ProcessSort :
        /\ ~ (p \in crashed)
        /\ \E q \in ProcessSort :
               /\ \E m \in MessageSort :
                      /\ <<p, m>> \in received
                      /\ \E k \in ViewSort :
                             /\ <<q, m, k>> \in sent
                             /\ (<<p, k>> \in current /\ (\A i \in ViewSort : (before(k, i) => ~ (<<p, i>> \in current))))
                             /\ <<k, p>> \in member
                             /\ delivered' = delivered \cup {<<p, m>>}
                             /\ UNCHANGED <<agreed, member, continuing, crashed, known, current, sent, received, carried, flushes, confirmed, readies, complete, settled>>

(* p has Ready for some view k from all who continue into it, and installs its next view j *)
Advance ==
    \E p \in ProcessSort :
        /\ ~ (p \in crashed)
        /\ (\A q \in ProcessSort, m \in MessageSort, i \in ViewSort : ((<<p, m>> \in received /\ <<q, m, i>> \in sent /\ (<<p, i>> \in current /\ (\A i1 \in ViewSort : (before(i, i1) => ~ (<<p, i1>> \in current))))) => <<p, m>> \in delivered))
        /\ \E j \in ViewSort :
               /\ <<j, p>> \in member
               /\ <<p, j>> \in known
               /\ ~ (<<p, j>> \in current)
               /\ (\A i \in ViewSort : ((before(i, j) /\ <<i, p>> \in member) => <<p, i>> \in current))
               /\ \E k \in ViewSort :
                      /\ <<p, k>> \in known
                      /\ <<k, p>> \in member
                      /\ ~ (<<p, k>> \in current)
                      /\ (\A q \in ProcessSort : (<<k, q>> \in continuing => <<p, q, k>> \in readies))
                      /\ current' = current \cup {<<p0, v>> \in {p} \X ViewSort : ~ (before(j, v))}
                      /\ received' = {<<p0, m>> \in ProcessSort \X MessageSort : (<<p0, m>> \in received /\ (p0 # p \/ (\E q \in ProcessSort, i \in ViewSort : (<<q, m, i>> \in sent /\ ~ (before(i, j))))))}
                      /\ flushes' = {<<p0, p1, v>> \in ProcessSort \X ProcessSort \X ViewSort : (<<p0, p1, v>> \in flushes /\ (p0 # p \/ before(j, v)))}
                      /\ readies' = {<<p0, p1, v>> \in ProcessSort \X ProcessSort \X ViewSort : (<<p0, p1, v>> \in readies /\ (p0 # p \/ before(j, v)))}
                      /\ UNCHANGED <<agreed, member, continuing, crashed, known, sent, delivered, carried, confirmed, complete, settled>>

Next ==
    \/ Agree
    \/ Crash
    \/ Disseminate
    \/ Receive
    \/ Forward
    \/ ReceiveFlush
    \/ Confirm
    \/ ReceiveReady
    \/ DeliverHeld
    \/ Advance

Spec == Init /\ [][Next]_variables

(* views are agreed on one after the other, and only they have members *)
ViewsInOrderInv ==
    ((\A i \in ViewSort, k \in ViewSort : ((k \in agreed /\ before(i, k)) => i \in agreed)) /\ (\A k \in ViewSort, p \in ProcessSort : (<<k, p>> \in member => k \in agreed)) /\ first \in agreed /\ (\A k \in ViewSort : ((k \in agreed /\ k # first) => (\E q \in ProcessSort : <<k, q>> \in continuing))))

(* who is a member of two views is a member of those between *)
NobodyComesBackInv ==
    (\A i \in ViewSort, j \in ViewSort, k \in ViewSort, p \in ProcessSort : ((before(i, j) /\ before(j, k) /\ <<i, p>> \in member /\ <<k, p>> \in member) => <<j, p>> \in member))

(* who continues into a view is a member; who was a member of an earlier one continues *)
ContinuingInv ==
    ((\A k \in ViewSort, p \in ProcessSort : (<<k, p>> \in continuing => <<k, p>> \in member)) /\ (\A i \in ViewSort, k \in ViewSort, p \in ProcessSort : ((before(i, k) /\ <<i, p>> \in member /\ <<k, p>> \in member) => <<k, p>> \in continuing)))

(* who continues into a view was a member of an earlier one *)
ContinuingFromBeforeInv ==
    (\A k \in ViewSort, p \in ProcessSort : (<<k, p>> \in continuing => (\E i \in ViewSort : (before(i, k) /\ <<i, p>> \in member))))

(* a process was told of all views up to the last that it knows, and installs only what it knows *)
ToldInOrderInv ==
    ((\A p \in ProcessSort, i \in ViewSort, k \in ViewSort : ((<<p, k>> \in known /\ before(i, k)) => <<p, i>> \in known)) /\ (\A p \in ProcessSort, i \in ViewSort, k \in ViewSort : ((<<p, k>> \in current /\ before(i, k)) => <<p, i>> \in current)) /\ (\A p \in ProcessSort, k \in ViewSort : (<<p, k>> \in current => <<p, k>> \in known)) /\ (\A p \in ProcessSort, k \in ViewSort : (<<p, k>> \in known => k \in agreed)))

(* a message is multicast once, by a member of the view, which has delivered it *)
OneSenderInv ==
    ((\A p \in ProcessSort, q \in ProcessSort, m \in MessageSort, j \in ViewSort, k \in ViewSort : ((<<p, m, j>> \in sent /\ <<q, m, k>> \in sent) => (p = q /\ j = k))) /\ (\A p \in ProcessSort, m \in MessageSort, k \in ViewSort : (<<p, m, k>> \in sent => (<<k, p>> \in member /\ <<p, m>> \in delivered /\ <<p, k>> \in current))))

(* what is held, delivered or carried was multicast *)
OnlyWhatWasSentInv ==
    ((\A p \in ProcessSort, m \in MessageSort : ((<<p, m>> \in received \/ <<p, m>> \in delivered) => (\E q \in ProcessSort, k \in ViewSort : <<q, m, k>> \in sent))) /\ (\A p \in ProcessSort, k \in ViewSort, m \in MessageSort : (<<p, k, m>> \in carried => (\E q \in ProcessSort, j \in ViewSort : (<<q, m, j>> \in sent /\ before(j, k))))))

(* a process holds messages of its view and later ones, all that it has delivered there, and none of later ones *)
HeldInTimeInv ==
    ((\A p \in ProcessSort, q \in ProcessSort, m \in MessageSort, k \in ViewSort : ((<<p, m>> \in delivered /\ <<q, m, k>> \in sent) => (<<p, m>> \in received \/ (\E i \in ViewSort : (before(k, i) /\ <<p, i>> \in current))))) /\ (\A p \in ProcessSort, q \in ProcessSort, m \in MessageSort, k \in ViewSort : ((<<p, m>> \in received /\ <<q, m, k>> \in sent) => ~ (\E i \in ViewSort : (before(k, i) /\ <<p, i>> \in current)))) /\ (\A p \in ProcessSort, q \in ProcessSort, m \in MessageSort, k \in ViewSort : ((<<p, m>> \in delivered /\ <<q, m, k>> \in sent) => <<p, k>> \in current)))

(* a message is delivered by members of the view in which it was multicast *)
DeliveredByMembersInv ==
    (\A p \in ProcessSort, q \in ProcessSort, m \in MessageSort, k \in ViewSort : ((<<p, m>> \in delivered /\ <<q, m, k>> \in sent) => <<k, p>> \in member))

(* a process sends its Flush when it is told of the view, to which it continues *)
CarriedByMembersInv ==
    ((\A p \in ProcessSort, k \in ViewSort, m \in MessageSort : (<<p, k, m>> \in carried => (<<p, k>> \in known /\ <<k, p>> \in continuing))) /\ (\A p \in ProcessSort, q \in ProcessSort, k \in ViewSort : (<<p, q, k>> \in flushes => (<<q, k>> \in known /\ <<k, q>> \in continuing))))

(* who has a message is a member of some view; who has carried one has it, or has installed a later view *)
OnlyMembersHoldInv ==
    ((\A p \in ProcessSort, m \in MessageSort : ((<<p, m>> \in received \/ <<p, m>> \in delivered) => (\E i \in ViewSort : <<i, p>> \in member))) /\ (\A p \in ProcessSort, k \in ViewSort, m \in MessageSort, r \in ProcessSort, j \in ViewSort : ((<<p, k, m>> \in carried /\ <<r, m, j>> \in sent) => ((<<p, m>> \in received \/ <<p, m>> \in delivered) \/ (\E i \in ViewSort : (before(j, i) /\ <<p, i>> \in current))))))

(* who has Flush from another has all that it carried, of views in which it was a member itself *)
FlushesHeardInv ==
    (\A p \in ProcessSort, q \in ProcessSort, k \in ViewSort, r \in ProcessSort, m \in MessageSort, j \in ViewSort : ((<<p, q, k>> \in flushes /\ <<q, k, m>> \in carried /\ <<r, m, j>> \in sent /\ <<j, p>> \in member /\ <<k, p>> \in continuing) => (<<p, m>> \in received \/ <<p, m>> \in delivered)))

(* who has said Ready continues, and has all that any Flush carried, of views in which it was a member itself *)
ReadyMeansHeardInv ==
    ((\A p \in ProcessSort, k \in ViewSort : (<<p, k>> \in confirmed => (<<k, p>> \in continuing /\ <<p, k>> \in known))) /\ (\A p \in ProcessSort, q \in ProcessSort, k \in ViewSort : ((<<p, k>> \in confirmed /\ <<k, q>> \in continuing) => <<q, k>> \in known)) /\ (\A p \in ProcessSort, q \in ProcessSort, k \in ViewSort, r \in ProcessSort, m \in MessageSort, j \in ViewSort : ((<<p, k>> \in confirmed /\ <<q, k, m>> \in carried /\ <<r, m, j>> \in sent /\ <<j, p>> \in member) => (<<p, m>> \in received \/ <<p, m>> \in delivered))))

(* a Ready that was received was sent *)
ReadiesSentInv ==
    (\A p \in ProcessSort, q \in ProcessSort, k \in ViewSort : (<<p, q, k>> \in readies => <<q, k>> \in confirmed))

(* a view is complete if and only if all who continue into it have said Ready *)
CompleteInv ==
    ((\A k \in ViewSort : ((k \in agreed /\ k # first /\ (\A q \in ProcessSort : (<<k, q>> \in continuing => <<q, k>> \in confirmed))) => k \in complete)) /\ (\A k \in ViewSort, q \in ProcessSort : ((k \in complete /\ <<k, q>> \in continuing) => <<q, k>> \in confirmed)) /\ (\A k \in ViewSort : (k \in complete => (k \in agreed /\ k # first))))

(* two views have a complete one between them if and only if that is noted *)
SettledInv ==
    ((\A j \in ViewSort, i \in ViewSort, k \in ViewSort : ((i \in complete /\ before(j, i) /\ before(i, k)) => <<j, k>> \in settled)) /\ (\A j \in ViewSort, k \in ViewSort : (<<j, k>> \in settled => (\E i \in ViewSort : (before(j, i) /\ before(i, k) /\ i \in complete)))))

(* who has installed a view was told of a complete one after all before it *)
InstalledWhenCompleteInv ==
    (\A p \in ProcessSort, j \in ViewSort, k \in ViewSort : ((<<p, k>> \in current /\ before(j, k)) => (\E i \in ViewSort : (before(j, i) /\ <<p, i>> \in known /\ <<i, p>> \in member /\ i \in complete))))

(* what one holds that was told of a view, of earlier views, was settled or is told by one who continues *)
FromEachOtherInv ==
    (\A p \in ProcessSort, k \in ViewSort, r \in ProcessSort, m \in MessageSort, j \in ViewSort : (((<<p, m>> \in received \/ <<p, m>> \in delivered) /\ <<r, m, j>> \in sent /\ before(j, k) /\ k \in agreed /\ (<<p, k>> \in known \/ (\A i \in ViewSort : (before(i, k) => ~ (<<i, p>> \in member))))) => (<<j, k>> \in settled \/ (\E y \in ProcessSort : (<<k, y>> \in continuing /\ (<<y, k, m>> \in carried \/ (~ (<<y, k>> \in known) /\ (<<y, m>> \in received \/ <<y, m>> \in delivered))))))))

(* the same holds for what is carried by a Flush for that view or a later one *)
CarriedFromEachOtherInv ==
    (\A p \in ProcessSort, i \in ViewSort, k \in ViewSort, r \in ProcessSort, m \in MessageSort, j \in ViewSort : ((<<p, i, m>> \in carried /\ <<r, m, j>> \in sent /\ before(j, k) /\ (k = i \/ before(k, i))) => (<<j, k>> \in settled \/ (\E y \in ProcessSort : (<<k, y>> \in continuing /\ (<<y, k, m>> \in carried \/ (~ (<<y, k>> \in known) /\ (<<y, m>> \in received \/ <<y, m>> \in delivered))))))))

(* who continues carries again what it carried, unless that was settled *)
CarriedAgainInv ==
    (\A p \in ProcessSort, i \in ViewSort, k \in ViewSort, r \in ProcessSort, m \in MessageSort, j \in ViewSort : ((<<p, i, m>> \in carried /\ <<r, m, j>> \in sent /\ before(i, k) /\ <<k, p>> \in continuing) => (<<j, k>> \in settled \/ (\E y \in ProcessSort : (<<k, y>> \in continuing /\ (<<y, k, m>> \in carried \/ (~ (<<y, k>> \in known) /\ (<<y, m>> \in received \/ <<y, m>> \in delivered))))))))

(* when a view is complete, all who continue have what was carried by a Flush of those who continue, or later *)
CarriedAlikeInv ==
    (\A j \in ViewSort, k \in ViewSort, i \in ViewSort, p \in ProcessSort, q \in ProcessSort, r \in ProcessSort, m \in MessageSort : ((k \in complete /\ before(j, k) /\ <<r, m, j>> \in sent /\ <<p, i, m>> \in carried /\ (k = i \/ before(k, i) \/ <<k, p>> \in continuing) /\ <<k, q>> \in continuing /\ <<j, q>> \in member) => (<<q, m>> \in received \/ <<q, m>> \in delivered)))

(* when a view is complete, all who continue have what any of them has of earlier views that had them *)
AlikeInv ==
    (\A j \in ViewSort, k \in ViewSort, p \in ProcessSort, q \in ProcessSort, r \in ProcessSort, m \in MessageSort : ((k \in complete /\ before(j, k) /\ <<r, m, j>> \in sent /\ (<<p, m>> \in received \/ <<p, m>> \in delivered) /\ (<<p, k>> \in known \/ (\A i \in ViewSort : (before(i, k) => ~ (<<i, p>> \in member)))) /\ <<k, q>> \in continuing /\ <<j, q>> \in member) => (<<q, m>> \in received \/ <<q, m>> \in delivered)))

(* who has delivered a message, and has left the view, has done so as all others who have left it for the next *)
VirtualSynchronyInv ==
    (\A p \in ProcessSort, q \in ProcessSort, r \in ProcessSort, m \in MessageSort, j \in ViewSort, k \in ViewSort : ((before(j, k) /\ <<r, m, j>> \in sent /\ <<j, p>> \in member /\ <<j, q>> \in member /\ <<k, p>> \in member /\ <<k, q>> \in member /\ <<p, k>> \in current /\ <<q, k>> \in current /\ <<p, m>> \in delivered) => <<q, m>> \in delivered))

==============================================================================
