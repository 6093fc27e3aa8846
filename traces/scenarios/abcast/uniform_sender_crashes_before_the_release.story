The sender of a uniform ABCAST crashes before the release

All know the number of m1, and 1.1 knows that they do; but it crashes when its Released has come to nobody.
Nobody else has delivered m1, and nobody may, until the flush shows that all survivors have it: then they
deliver it, in the old view. 1.1.1, which delivered m1 before it crashed, has thus delivered nothing that the
others do not.

Source: Birman and Joseph 1987, section 3.1; the uniform variant: Chockler, Keidar, Vitenberg 2001.

---
the system begins with 1.1, 2.1 and 3.1
1.1.1, 2.1.1 and 3.1.1 start
1.1.1 creates g
run
2.1.1 and 3.1.1 join g
run

the story begins
1.1.1 multicasts m1 to g by uniform ABCAST
hold Released from 1.1
run
expect 2.1 and 3.1 take Abcast!ReceiveOrder
expect 1.1.1 delivers m1
expect not 2.1.1 delivers m1
expect not 3.1.1 delivers m1
expect never 2.1 takes Abcast!ReceiveRelease
1.1 crashes losing Released to 2.1 and 3.1

2.1 and 3.1 suspect 1.1
run until 2.1 takes Flush!Forward
expect not 2.1.1 delivers m1
run
expect 2.1.1 and 3.1.1 deliver m1 in view 3 of g
expect 2.1.1 and 3.1.1 are in view 4 of g with 2.1.1 and 3.1.1
