The sender of an ABCAST crashes when one member knows the number

1.1.1 gives m1 its number, which reaches 2.1, where m1 is delivered; then 1.1 crashes. 3.1 holds m1 without a
number, and a message m2 of its own, of which nobody knows the number. In the flush 2.1 tells 3.1 the number
of m1, and what has a number comes first: 3.1 delivers m1 before m2, as 2.1 does.

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
1.1.1 multicasts m1 to g by ABCAST
hold NumberGiven from 1.1 to 3.1
run
expect 2.1.1 delivers m1
expect not 3.1.1 delivers m1
3.1.1 multicasts m2 to g by ABCAST
1.1 crashes losing NumberGiven to 3.1

2.1 and 3.1 suspect 1.1
run
expect 3.1 takes Flush!ReceiveFlush
expect never 3.1 takes Abcast!ReceiveOrder
expect 2.1.1 and 3.1.1 deliver m1 before m2
expect 2.1.1 and 3.1.1 deliver m2 in view 3 of g
