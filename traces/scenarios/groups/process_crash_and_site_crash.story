A process crashes, and a site crashes

The site of 3.1.1 knows for certain that its process has crashed, and says so: the group goes on without it,
and the sites stay in their view. That 2.1 has crashed nobody can know; it is suspected, and the sites change
their view. 2.1.1 and 2.1.2 go with it, in both their groups at once.

Source: Birman and Joseph 1987, section 2.1: a process crash is detected by its own site, a site crash by
time-out.

---
the system begins with 1.1, 2.1 and 3.1
1.1.1, 2.1.1, 2.1.2 and 3.1.1 start
1.1.1 creates g
1.1.1 creates h
run
2.1.1 and 3.1.1 join g
2.1.2 joins h
run
expect 1.1.1 is in view 3 of g with 1.1.1, 2.1.1 and 3.1.1
expect 1.1.1 is in view 2 of h with 1.1.1 and 2.1.2

the story begins
3.1.1 crashes
run
expect 1.1.1 and 2.1.1 are in view 4 of g with 1.1.1 and 2.1.1
expect 1.1, 2.1 and 3.1 are in view 1 of sites
expect not 1.1 takes SiteViews!Propose

2.1 crashes
run
expect 1.1.1 is in view 4 of g
1.1 suspects 2.1
run
expect 1.1 takes SiteViews!Propose
expect 1.1 and 3.1 are in view 2 of sites with 1.1 and 3.1
expect 1.1.1 is in view 5 of g with 1.1.1
expect 1.1.1 is in view 3 of h with 1.1.1
