A process leaves while messages are in flight

3.1.1 leaves the group while m1, which 1.1.1 has multicast to it, is still on its way to 3.1. The leave takes
effect at the end of an epoch, and so after m1: 3.1.1 delivers m1, and then is out. What is multicast in the
next view, m2, it never gets.

Source: Birman and Joseph 1987, sections 2.4 and 3.1: membership changes are ordered against all multicasts.

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
3.1.1 leaves g
run
expect m1 comes to 3.1 by Close from 2.1
expect not 3.1.1 is out of g
release
run
expect 1.1.1, 2.1.1 and 3.1.1 deliver m1 in view 3 of g
expect 3.1.1 is out of g
expect 1.1.1 and 2.1.1 are in view 4 of g with 1.1.1 and 2.1.1
expect never 3.1.1 delivers m2
1.1.1 multicasts m2 to g
run
expect 1.1.1 and 2.1.1 deliver m2 in view 4 of g
