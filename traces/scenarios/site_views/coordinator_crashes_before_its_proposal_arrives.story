The coordinator crashes before its proposal reaches anyone

5.1 has crashed, and the oldest site, 1.1, proposes the view without it; but it crashes before a single
Propounded arrives. 2.1 takes over, asks the others, and finds nothing that was accepted: so it is free to
propose a view of its own, in which both that have crashed are missing.

Source: Ricciardi and Birman 1991; Birman and Joseph 1987, section 2.4.

---
the system begins with 1.1, 2.1, 3.1, 4.1 and 5.1
5.1 crashes
1.1, 2.1, 3.1 and 4.1 suspect 5.1
expect 1.1 sends Propounded to 2.1
1.1 crashes losing Propounded to 2.1, 3.1 and 4.1

2.1, 3.1 and 4.1 suspect 1.1
run
expect 2.1 takes SiteViews!TakeOver
expect 3.1 sends Response to 2.1
expect 2.1 sends Propounded to 4.1
expect 2.1, 3.1 and 4.1 are in view 2 of sites with 2.1, 3.1 and 4.1
