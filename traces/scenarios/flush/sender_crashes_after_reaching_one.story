A sender crashes after reaching one member

1.1.1 multicasts m1 to the group and crashes, with its site, when only 2.1 has it. In the flush that comes
with the next view 2.1 passes m1 on, and both survivors deliver it in the view in which it was multicast.

Source: Birman and Joseph 1987, section 3.1: all operational destinations receive a multicast, or none.

---
the system begins with 1.1, 2.1 and 3.1
1.1.1, 2.1.1 and 3.1.1 start
1.1.1 creates g
run
2.1.1 and 3.1.1 join g
run
expect 1.1.1, 2.1.1 and 3.1.1 are in view 3 of g with 1.1.1, 2.1.1 and 3.1.1

the story begins
1.1.1 multicasts m1 to g
Data from 1.1 arrives at 2.1
1.1 crashes losing Data to 3.1
expect 2.1.1 delivers m1
expect not 3.1.1 delivers m1

2.1 and 3.1 suspect 1.1
run
expect m1 comes to 3.1 by Flush from 2.1
expect 2.1.1 and 3.1.1 deliver m1 in view 3 of g
expect 2.1.1 and 3.1.1 are in view 4 of g with 2.1.1 and 3.1.1
