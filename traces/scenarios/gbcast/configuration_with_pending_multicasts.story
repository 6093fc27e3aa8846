A configuration is updated while multicasts are pending

m1, a CBCAST, has not come to 3.1, and m2, an ABCAST, has no number yet, when 2.1.1 changes the configuration
of the group. Every member delivers both before it sees the change; what is multicast later comes after it
everywhere.

Source: Birman and Joseph 1987, section 3.3: updates appear to happen when no multicast to the group is
pending.

---
the system begins with 1.1, 2.1 and 3.1
1.1.1, 2.1.1 and 3.1.1 start
1.1.1 creates g
run
2.1.1 and 3.1.1 join g
run

the story begins
hold Data from 1.1 to 3.1
1.1.1 multicasts m1 to g
1.1.1 multicasts m2 to g by ABCAST
Data from 1.1 arrives at 2.1
Data from 1.1 arrives at 2.1
expect 2.1 takes Abcast!Propose
2.1.1 sets colour=red in g
run
expect m1 comes to 3.1 by Close from 2.1
expect never 1.1 sends NumberGiven
expect not 3.1.1 sees colour=red
release
run
expect 1.1.1, 2.1.1 and 3.1.1 deliver m1 before colour=red
expect 1.1.1, 2.1.1 and 3.1.1 deliver m2 before colour=red
expect 1.1.1, 2.1.1 and 3.1.1 see colour=red
3.1.1 multicasts m3 to g
run
expect 1.1.1, 2.1.1 and 3.1.1 deliver m3
