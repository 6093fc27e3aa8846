A GBCAST crosses CBCASTs

1.1.1 multicasts m1, of which 3.1 has nothing yet when 2.1.1 makes the GBCAST x. Everyone tells everyone what
it holds, and so 3.1 gets m1 from 2.1. m2, which 3.1.1 would multicast while the epoch is being closed, waits
for the next. At every member m1 comes before x, and m2 after it.

Source: Birman and Joseph 1987, section 3.1: GBCAST is ordered against every other multicast of its group.

---
the system begins with 1.1, 2.1 and 3.1
1.1.1, 2.1.1 and 3.1.1 start
1.1.1 creates g
run
2.1.1 and 3.1.1 join g
run

the story begins
hold Data from 1.1 to 3.1
1.1.1 multicasts m1 to g
Data from 1.1 arrives at 2.1
2.1.1 multicasts x to g by GBCAST
Close from 2.1 arrives at 3.1
3.1.1 multicasts m2 to g
run
expect m1 comes to 3.1 by Close from 2.1
expect not 3.1.1 delivers m2
expect not 3.1.1 delivers x
release
run
expect 1.1.1, 2.1.1 and 3.1.1 deliver m1 before x
expect 1.1.1, 2.1.1 and 3.1.1 deliver x before m2
expect 1.1.1, 2.1.1 and 3.1.1 are in view 3 of g
