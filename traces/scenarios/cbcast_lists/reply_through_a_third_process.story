A reply comes through a third process and a second group, and brings its request along

1.1.1 multicasts a request to the group g. 2.1.1 gets it and tells 4.1.1, in the group h, to which the request
did not go; 4.1.1 tells 3.1.1. If 1.1 crashed now, 3.1 could not wait for the request, because nobody would
send it: so the chain carries the request along. 1.1 does crash, and 3.1.1 delivers the request, and then the
reply.

Source: Birman and Joseph 1987, section 3.1: a chain through several processes and several groups.

---
the system begins with 1.1, 2.1, 3.1 and 4.1
1.1.1, 2.1.1, 3.1.1 and 4.1.1 start
1.1.1 creates g
2.1.1 creates h
run
2.1.1 and 3.1.1 join g
4.1.1 joins h
run
expect 3.1.1 is in view 3 of g with 1.1.1, 2.1.1 and 3.1.1
expect 4.1.1 is in view 2 of h with 2.1.1 and 4.1.1

the story begins
1.1.1 multicasts request to g
Data from 1.1 arrives at 2.1
1.1 crashes losing Data to 3.1
2.1.1 multicasts hint to h
Data from 2.1 arrives at 4.1
expect 4.1.1 delivers hint
expect not 4.1.1 delivers request
4.1.1 multicasts reply to 3.1.1
run
expect request comes to 4.1 by Data from 2.1
expect request comes to 3.1 by Data from 4.1
expect 3.1.1 delivers request before reply

2.1, 3.1 and 4.1 suspect 1.1
run
expect 2.1.1 and 3.1.1 deliver request in view 3 of g
expect 2.1.1 and 3.1.1 are in view 4 of g with 2.1.1 and 3.1.1
