Two coordinators crash, one after the other, in one view change

6.1 asks to be taken in. 1.1 proposes the view with it, and crashes when 3.1 alone has accepted. 2.1 takes
over, learns of the proposal from 3.1, proposes it again under its own ballot, and crashes when 4.1 alone has
accepted. 3.1 takes over in turn, and finds the same view under two ballots. Three of five are left, and
complete it: 6.1 is in view 2, and the two that have crashed are excluded by a later one.

Source: Ricciardi and Birman 1991: take-over, when coordinators fail one after the other.

---
the system begins with 1.1, 2.1, 3.1, 4.1 and 5.1
6.1 starts
JoinRequest from 6.1 arrives at 1.1
expect 1.1 sends Propounded to 3.1
Propounded from 1.1 arrives at 3.1
1.1 crashes losing Propounded to 2.1, 4.1 and 5.1

2.1, 3.1, 4.1 and 5.1 suspect 1.1
expect 2.1 takes SiteViews!TakeOver
run until 2.1 sends Propounded to 4.1
Propounded from 2.1 arrives at 4.1
2.1 crashes losing Propounded to 3.1 and 5.1
expect 4.1 takes SiteViews!Acknowledge

3.1, 4.1 and 5.1 suspect 2.1
run
expect 3.1 takes SiteViews!TakeOver
expect not 2.1 sends Commitment
expect 3.1 sends Commitment to 6.1
expect 3.1, 4.1, 5.1 and 6.1 are in view 3 of sites with 3.1, 4.1, 5.1 and 6.1
