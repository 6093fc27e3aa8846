A client addresses a group with a stale cache

3.1.1 is in no group; it has looked up g, and believes that its members are 1.1.1 and 2.1.1. Then 2.1.1 leaves
and 4.1.1 joins. What 3.1.1 multicasts to the group goes to those who are members now, and to nobody else; and
3.1.1 is told what the view is.

Source: Birman and Joseph 1987, sections 3.1 and 3.2: a group address stands for the members at delivery.

---
the system begins with 1.1, 2.1, 3.1 and 4.1
1.1.1, 2.1.1, 3.1.1 and 4.1.1 start
1.1.1 creates g
run
2.1.1 joins g
run
3.1.1 looks up g
2.1.1 leaves g
4.1.1 joins g
run
expect 1.1.1 and 4.1.1 are in view 4 of g with 1.1.1 and 4.1.1

the story begins
expect not 3.1.1 is corrected about g
expect never 2.1.1 delivers m1
3.1.1 multicasts m1 to g
expect 3.1.1 is corrected about g
run
expect 1.1.1 and 4.1.1 deliver m1 in view 4 of g
