The sender of a GBCAST crashes before all have heard of it

1.1.1 multicasts the GBCAST x, and its site crashes when 2.1 alone has heard that the epoch is being closed.
2.1 tells what it holds, and so 3.1 hears of x, but nobody can know all that 1.1 held; m2, which 2.1.1
multicasts now, waits. The flush of the next view does the rest: both survivors deliver x as the last message
of the old view, and m2 in the new one.

Source: Birman and Joseph 1987, sections 2.4 and 3.1: all operational destinations receive a multicast, or
none.

---
the system begins with 1.1, 2.1 and 3.1
1.1.1, 2.1.1 and 3.1.1 start
1.1.1 creates g
run
2.1.1 and 3.1.1 join g
run

the story begins
3.1.1 multicasts m1 to g
1.1.1 multicasts x to g by GBCAST
Close from 1.1 arrives at 2.1
1.1 crashes losing Close to 3.1
2.1.1 multicasts m2 to g
run
expect 2.1 takes Gbcast!Settle
expect not 3.1 takes Gbcast!Settle
expect x comes to 3.1 by Close from 2.1
expect not 2.1.1 delivers x
expect not 2.1.1 delivers m2

2.1 and 3.1 suspect 1.1
run
expect 2.1.1 and 3.1.1 deliver m1 before x
expect 2.1.1 and 3.1.1 deliver x in view 3 of g
expect 2.1.1 and 3.1.1 deliver m2 in view 4 of g
