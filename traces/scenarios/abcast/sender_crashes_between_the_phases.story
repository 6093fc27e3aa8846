The sender of an ABCAST crashes between the phases

1.1.1 multicasts m1, and 2.1.1 multicasts m2, each to all three. Everyone proposes a number for m1, but 1.1
crashes before it gives m1 its number. m2 has its number, and has to wait behind m1, of which 3.1 does not
know yet whether it comes first. The survivors complete m1 in the flush, and deliver both in one order.

Source: Birman and Joseph 1987, section 3.1; Birman and Joseph, Reliable Communication in the Presence of
Failures, 1987.

---
the system begins with 1.1, 2.1 and 3.1
1.1.1, 2.1.1 and 3.1.1 start
1.1.1 creates g
run
2.1.1 and 3.1.1 join g
run

the story begins
hold NumberProposed from 3.1 to 1.1
1.1.1 multicasts m1 to g by ABCAST
run
expect 2.1 and 3.1 take Abcast!Propose
expect NumberProposed is under way from 3.1 to 1.1
2.1.1 multicasts m2 to g by ABCAST
run
expect 2.1 sends NumberGiven to 3.1
expect not 3.1.1 delivers m2

expect never 1.1 sends NumberGiven
1.1 crashes
2.1 and 3.1 suspect 1.1
run
expect 2.1.1 and 3.1.1 deliver m1 in view 3 of g
expect 2.1.1 and 3.1.1 deliver m1 and m2 in one order
expect 2.1.1 and 3.1.1 are in view 4 of g with 2.1.1 and 3.1.1
