The coordinator crashes during the flush that follows its decision

5.1 has crashed, after its multicast m1 has reached 2.1 alone. 1.1 brings about the view without it, and in
the flush 2.1 passes m1 on; but 1.1 crashes too, when its Flush has come to everyone and its Ready to nobody.
View 2 is never complete. The flush for view 3 carries all of it, and both members that are left deliver m1.

Source: Birman, Schiper, Stephenson 1991; Birman and Joseph 1987, section 2.4.

---
the system begins with 1.1, 2.1, 3.1, 4.1 and 5.1
5.1.1, 2.1.1 and 3.1.1 start
5.1.1 creates g
run
2.1.1 and 3.1.1 join g
run

the story begins
5.1.1 multicasts m1 to g
Data from 5.1 arrives at 2.1
5.1 crashes losing Data to 3.1
hold Ready from 1.1
1.1 suspects 5.1
run
expect 1.1 takes SiteViews!Commit
expect m1 comes to 3.1 by Flush from 2.1
expect 2.1, 3.1 and 4.1 take Flush!Confirm
expect not 3.1 installs view 2 of sites
1.1 crashes losing Ready to 2.1, 3.1 and 4.1
release
run
expect not 2.1 installs view 2 of sites

2.1, 3.1 and 4.1 suspect 1.1
run
expect 2.1, 3.1 and 4.1 are in view 3 of sites with 2.1, 3.1 and 4.1
expect 2.1.1 and 3.1.1 deliver m1 in view 3 of g
expect 2.1.1 and 3.1.1 are in view 4 of g with 2.1.1 and 3.1.1
