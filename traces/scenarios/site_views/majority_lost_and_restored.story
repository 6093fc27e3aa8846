The majority is lost and restored

3.1 has crashed, and the line between the two others is cut, so that each of them suspects both. Neither is a
majority, and both block: no view is decided, and m1, an ABCAST that begins meanwhile, is delivered by nobody.
When the line is up again and they trust each other, they decide the view without 3.1, and m1 is delivered.

Source: Birman and Joseph 1987, section 2.1: a partitioned system blocks until communication is restored.

---
the system begins with 1.1, 2.1 and 3.1
1.1.1 and 2.1.1 start
1.1.1 creates g
run
2.1.1 joins g
run

the story begins
hold everything from 1.1 and 2.1      # the line is cut
3.1 crashes
1.1 and 2.1 suspect 3.1
1.1 suspects 2.1
2.1 suspects 1.1
expect 1.1 and 2.1 block
expect 2.1 takes SiteViews!TakeOver
1.1.1 multicasts m1 to g by ABCAST
run with timers
expect not 1.1 sends Commitment
expect not 2.1 sends Commitment
expect not 1.1.1 delivers m1
expect not 2.1.1 delivers m1

1.1 trusts 2.1
2.1 trusts 1.1
release                               # it is up again
run
expect not 1.1 blocks
expect 1.1 and 2.1 are in view 2 of sites with 1.1 and 2.1
expect 1.1.1 and 2.1.1 deliver m1
