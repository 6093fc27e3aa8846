The coordinator crashes when its decision has reached one site

5.1 has crashed; 1.1 proposes the view without it, a majority accepts, 1.1 commits, and crashes when the
Commitment has reached 3.1 alone. 3.1 is in view 2. 2.1, still in view 1, takes over there and asks; 3.1
answers with the view that it has, and so 2.1 and 4.1 come to it too. Then they exclude 1.1.

Source: Ricciardi and Birman 1991; Birman and Joseph 1987, section 2.4: one sequence of views, seen by all.

---
the system begins with 1.1, 2.1, 3.1, 4.1 and 5.1
5.1 crashes
1.1 suspects 5.1
Propounded from 1.1 arrives at 2.1, 3.1 and 4.1
Accepted from 2.1 arrives at 1.1
Accepted from 3.1 arrives at 1.1
expect 1.1 takes SiteViews!Commit
Commitment from 1.1 arrives at 3.1
1.1 crashes losing Commitment to 2.1 and 4.1
expect 3.1 takes SiteViews!Install
expect not 2.1 takes SiteViews!Install

2.1 suspects 1.1
expect 2.1 takes SiteViews!TakeOver
run
expect 3.1 takes SiteViews!Inform
expect 2.1 and 4.1 take SiteViews!Install
expect 2.1, 3.1 and 4.1 are in view 3 of sites with 2.1, 3.1 and 4.1
