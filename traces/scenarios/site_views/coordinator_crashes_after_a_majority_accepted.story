The coordinator crashes when a majority has accepted its proposal

5.1 has crashed, and 1.1 proposes the view without it. 2.1 and 3.1 accept: with 1.1 they are three of five.
But 1.1 learns of 2.1 only, and crashes before it commits. 2.1 takes over and completes the proposal: it must,
since with one more packet 1.1 would have installed that view.

Source: Ricciardi and Birman 1991: who takes over completes the proposal that it finds.

---
the system begins with 1.1, 2.1, 3.1, 4.1 and 5.1
5.1 crashes
1.1 suspects 5.1
Propounded from 1.1 arrives at 2.1 and 3.1
Accepted from 2.1 arrives at 1.1
expect Accepted is under way from 3.1 to 1.1
expect not 1.1 takes SiteViews!Commit
1.1 crashes losing Propounded to 4.1

2.1, 3.1 and 4.1 suspect 1.1
run
expect 2.1 takes SiteViews!TakeOver
expect not 1.1 sends Commitment
expect 2.1 sends Commitment to 4.1
expect 2.1, 3.1 and 4.1 are in view 3 of sites with 2.1, 3.1 and 4.1
