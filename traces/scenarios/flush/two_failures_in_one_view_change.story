Two failures in one view change

5.1 crashes after its multicast m1 has reached 1.1 alone. While the others flush for the view without it, 1.1
crashes too, when its Flush, and with it m1, has come to 2.1 but to nobody else. That view is never complete;
the next one is, and carries all of it: the three that are left deliver m1, and go on together.

Source: Birman and Joseph 1987, section 2.4: all see one, the same, sequence of failures.

---
the system begins with 1.1, 2.1, 3.1, 4.1 and 5.1
5.1.1 and 2.1.1 start
5.1.1 creates g
run
2.1.1 joins g
run
expect 5.1.1 and 2.1.1 are in view 2 of g with 5.1.1 and 2.1.1
1.1.1 starts
1.1.1 joins g
run

the story begins
5.1.1 multicasts m1 to g
Data from 5.1 arrives at 1.1
5.1 crashes losing Data to 2.1
expect 1.1.1 delivers m1

hold Flush from 1.1
1.1 suspects 5.1
run
expect Flush is under way from 1.1 to 2.1
expect not 2.1.1 delivers m1
Flush from 1.1 arrives at 2.1
1.1 crashes losing Flush to 3.1 and 4.1
expect m1 comes to 2.1 by Flush from 1.1
release

2.1, 3.1 and 4.1 suspect 1.1
run
expect never 3.1 installs view 4 of sites
expect m1 comes to 3.1 by Flush from 2.1
expect 2.1.1 delivers m1 in view 3 of g
expect 2.1, 3.1 and 4.1 install view 2 of sites
expect 2.1, 3.1 and 4.1 are in view 3 of sites with 2.1, 3.1 and 4.1
expect 2.1.1 is in view 5 of g with 2.1.1
