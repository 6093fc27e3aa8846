The coordinator crashes when one site has accepted its proposal

5.1 has crashed, and 1.1 proposes the view without it; the proposal reaches 3.1, which accepts it, and 1.1
crashes. For all that 2.1 knows when it takes over, a majority may have accepted, and a site may be in that
view already. So it completes what it finds, although 1.1 is in it, and excludes 1.1 by the view after that.

Source: Ricciardi and Birman 1991: who takes over completes the proposal that it finds.

---
the system begins with 1.1, 2.1, 3.1, 4.1 and 5.1
5.1 crashes
1.1 suspects 5.1
Propounded from 1.1 arrives at 3.1
1.1 crashes losing Propounded to 2.1 and 4.1
expect 3.1 takes SiteViews!Acknowledge
expect not 2.1 takes SiteViews!Acknowledge

2.1, 3.1 and 4.1 suspect 1.1
run
expect 2.1 takes SiteViews!TakeOver
expect 2.1 takes SiteViews!ReceiveResponse
expect 2.1, 3.1 and 4.1 take SiteViews!Install
expect 2.1, 3.1 and 4.1 are in view 3 of sites with 2.1, 3.1 and 4.1
