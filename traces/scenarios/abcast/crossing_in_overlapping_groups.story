ABCASTs cross in overlapping groups

1.1.1 multicasts m1 to the group g, and 4.1.1 multicasts m2 to the group h. 2.1.1 and 3.1.1 are in both. m1
comes to 2.1 first, m2 comes to 3.1 first; and yet both deliver the two in the same order, which is the order
of the numbers.

Source: Birman and Joseph 1987, section 3.1: one order at all destinations, also across overlapping groups.

---
the system begins with 1.1, 2.1, 3.1 and 4.1
1.1.1, 2.1.1, 3.1.1 and 4.1.1 start
1.1.1 creates g
4.1.1 creates h
run
2.1.1 and 3.1.1 join g
2.1.1 and 3.1.1 join h
run
expect 2.1.1 and 3.1.1 are in view 3 of g with 1.1.1, 2.1.1 and 3.1.1
expect 2.1.1 and 3.1.1 are in view 3 of h with 4.1.1, 2.1.1 and 3.1.1

the story begins
1.1.1 multicasts m1 to g by ABCAST
4.1.1 multicasts m2 to h by ABCAST
Data from 1.1 arrives at 2.1
Data from 4.1 arrives at 3.1
run
expect m1 comes to 2.1 before m2
expect m2 comes to 3.1 before m1
expect 2.1.1 and 3.1.1 deliver m1 and m2 in one order
expect 1.1.1 delivers m1
expect 4.1.1 delivers m2
expect not 1.1.1 delivers m2
