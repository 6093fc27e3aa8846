The donor crashes in mid-transfer

3.1.1 joins the group with its state, of three blocks. The oldest member, 1.1.1, sends them; its site crashes
when one has come. Meanwhile m7 is delivered in the new view; for 3.1.1 it waits. 2.1.1, the next oldest,
sends the rest, from the break on: 3.1.1 gets the state as it was at its join, and then m7.

Source: Birman and Joseph 1987, section 3.2: join_and_xfer is restarted if interrupted; section 3.8.

---
the system begins with 1.1, 2.1 and 3.1
1.1.1, 2.1.1 and 3.1.1 start
1.1.1 creates g
run
2.1.1 joins g with its state
run
1.1.1 multicasts m1 to g
1.1.1 multicasts m2 to g
1.1.1 multicasts m3 to g
1.1.1 multicasts m4 to g
1.1.1 multicasts m5 to g
1.1.1 multicasts m6 to g
run with timers

the story begins
hold StateBlock from 1.1
3.1.1 joins g with its state
run
StateBlock from 1.1 arrives at 3.1
expect not 3.1.1 is in view 3 of g
2.1.1 multicasts m7 to g
run
expect 2.1.1 delivers m7 in view 3 of g
expect not 3.1.1 delivers m7
1.1 crashes losing StateBlock to 3.1

2.1 and 3.1 suspect 1.1
run
expect 3.1 sends StateAsked to 2.1
expect 2.1 sends StateBlock to 3.1
expect 3.1.1 has the state of g
expect 3.1.1 delivers m7 in view 3 of g
expect not 3.1.1 delivers m6
expect 2.1.1 and 3.1.1 are in view 4 of g with 2.1.1 and 3.1.1
