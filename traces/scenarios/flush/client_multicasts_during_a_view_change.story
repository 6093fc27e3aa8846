A client multicasts during a view change

3.1.1 is in no group, and multicasts m1 to the group of 1.1.1 and 2.1.1, and m2 while the sites change their
view because 4.1 has crashed. m1 has reached 1.1 alone, and comes to 2.1 in the flush; m2 waits for the new
view. Both members deliver each of them in the same view of the group, and of the sites.

Source: Birman and Joseph 1987, sections 3.1 and 3.2: all recipients see the same membership at delivery.

---
the system begins with 1.1, 2.1, 3.1 and 4.1
1.1.1, 2.1.1, 3.1.1 and 4.1.1 start
1.1.1 creates g
run
2.1.1 and 4.1.1 join g
run
expect 1.1.1, 2.1.1 and 4.1.1 are in view 3 of g with 1.1.1, 2.1.1 and 4.1.1

the story begins
4.1 crashes
3.1.1 multicasts m1 to g
Data from 3.1 arrives at 1.1
hold Data from 3.1
hold Ready from 1.1, 2.1 and 3.1
1.1 suspects 4.1
run
expect m1 comes to 2.1 by Flush from 1.1
expect Ready is under way from 1.1 to 2.1
3.1.1 multicasts m2 to g
expect not Data is under way from 3.1 to 1.1
release
run
expect 1.1.1 and 2.1.1 deliver m1 in view 3 of g
expect 1.1.1 and 2.1.1 deliver m2 in view 4 of g
expect 1.1.1 and 2.1.1 are in view 4 of g with 1.1.1 and 2.1.1
expect not 3.1.1 delivers m2
