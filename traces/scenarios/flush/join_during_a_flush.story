A process joins during a flush

3.1 has crashed, and the two others flush for the view without it, when 2.1.1 asks to join the group. The
request waits until the flush is over. The joiner delivers nothing of what was multicast before its view: m1,
multicast in the old view, is for 1.1.1 alone; m2, multicast after the join, is for both.

Source: Birman and Joseph 1987, section 3.1: a multicast completes before its group takes on a new member.

---
the system begins with 1.1, 2.1 and 3.1
1.1.1, 2.1.1 and 3.1.1 start
1.1.1 creates g
run
3.1.1 joins g
run

the story begins
3.1.1 multicasts m1 to g
3.1 crashes
hold Ready from 1.1 and 2.1
1.1 and 2.1 suspect 3.1
run
expect 1.1 and 2.1 take Flush!Forward
expect 1.1 sends Ready to 2.1
expect Ready is under way from 1.1 to 2.1

2.1.1 joins g
run
expect not 2.1 sends Data
expect not 2.1.1 installs view 3 of g
release
run
expect 1.1.1 delivers m1 in view 2 of g
expect 1.1.1 installs view 3 of g
expect 1.1.1 and 2.1.1 are in view 4 of g with 1.1.1 and 2.1.1

expect never 2.1.1 delivers m1
1.1.1 multicasts m2 to g
run
expect 1.1.1 and 2.1.1 deliver m2 in view 4 of g
