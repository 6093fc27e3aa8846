A group is killed

3.1.1 is in no group, and kills g by an ABCAST, while the ABCAST m1 of 1.1.1 is on its way. m1 is first in the
order, but 2.1 does not know its number: so 2.1.1 goes on until it has delivered m1. All members stop at the
same place of the order. Their sites go on, and so does 2.1.2, which lives where a member lived; the name is
free again.

Source: Birman and Joseph 1987, section 3.2 and Table I: pg_kill is one ABCAST.

---
the system begins with 1.1, 2.1 and 3.1
1.1.1, 2.1.1, 2.1.2 and 3.1.1 start
1.1.1 creates g
run
2.1.1 joins g
run

the story begins
hold NumberGiven from 1.1 to 2.1
1.1.1 multicasts m1 to g by ABCAST
Data from 1.1 arrives at 2.1
3.1.1 kills g
run until 2.1 takes Abcast!ReceiveOrder      # the number of the kill
expect 1.1.1 is no more
expect not 2.1.1 is no more
release
run
expect 1.1.1 and 2.1.1 deliver m1 in view 2 of g
expect 1.1.1 and 2.1.1 are no more
expect not 2.1.2 is no more
expect not 3.1.1 is no more
expect 1.1 and 2.1 take Groups!Kill
2.1.2 creates g
run
expect 2.1.2 is in view 1 of g with 2.1.2
