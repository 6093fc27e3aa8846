A wrongly suspected site returns

3.1 works, but its packets are slow, and the others exclude it. What was under way from it arrives too late:
m1 is dropped by those that were told of its exclusion. 3.1 learns of it, and stops with its processes. It
comes back as another incarnation, 3.2, with a new process, which joins the group anew and is its youngest
member.

Source: Birman and Joseph 1987, section 2.4: who is wrongly suspected must go through recovery.

---
the system begins with 1.1, 2.1 and 3.1
1.1.1, 2.1.1 and 3.1.1 start
3.1.1 creates g
run
1.1.1 and 2.1.1 join g
run
expect 1.1.1, 2.1.1 and 3.1.1 are in view 3 of g with 3.1.1, 1.1.1 and 2.1.1

the story begins
hold everything from 3.1
3.1.1 multicasts m1 to g
hold Commitment from 1.1 to 3.1
1.1 suspects 3.1
run
expect 1.1 and 2.1 are in view 2 of sites with 1.1 and 2.1
expect not 3.1 is no more
expect never 1.1.1 delivers m1
expect never 2.1.1 delivers m1
release
run
expect 1.1 and 2.1 take Flush!Discard
expect 3.1 takes SiteViews!Cease
expect 3.1 is no more
expect 3.1.1 is no more

3.2 starts
run
3.2.1 starts
3.2.1 joins g
run
expect 1.1, 2.1 and 3.2 are in view 3 of sites with 1.1, 2.1 and 3.2
expect 1.1.1, 2.1.1 and 3.2.1 are in view 5 of g with 1.1.1, 2.1.1 and 3.2.1
3.2.1 multicasts m2 to g
run
expect 1.1.1, 2.1.1 and 3.2.1 deliver m2 in view 5 of g
