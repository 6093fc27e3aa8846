A coordinator crashes while it takes over

6.1 asks to be taken in. 1.1 proposes the view with it, and crashes when 4.1 alone has accepted. 2.1 takes
over and asks; 3.1 answers, and promises to follow; the answer of 4.1, which tells of the proposal, is still
under way when 2.1 crashes too. 3.1 takes over with a ballot of its own, learns of the proposal from 4.1, and
completes it: three of five are left, and a majority.

Source: Ricciardi and Birman 1991: take-over, when coordinators fail one after the other.

---
the system begins with 1.1, 2.1, 3.1, 4.1 and 5.1
6.1 starts
JoinRequest from 6.1 arrives at 1.1
Propounded from 1.1 arrives at 4.1
1.1 crashes losing Propounded to 2.1, 3.1 and 5.1

hold Response from 4.1 and 5.1
2.1, 3.1, 4.1 and 5.1 suspect 1.1
run
expect 2.1 takes SiteViews!TakeOver
expect 3.1 sends Response to 2.1
expect Response is under way from 4.1 to 2.1
expect never 2.1 sends Propounded
2.1 crashes
release

3.1, 4.1 and 5.1 suspect 2.1
run
expect 3.1 takes SiteViews!TakeOver
expect 4.1 sends Response to 3.1
expect 3.1 sends Commitment to 6.1
expect 3.1, 4.1, 5.1 and 6.1 are in view 3 of sites with 3.1, 4.1, 5.1 and 6.1
