The joiner crashes in mid-transfer

2.1.1 joins the group with its state, of three blocks, and crashes when one of them has come. The group goes
on without it. 3.1.1 joins then, from the beginning, and gets the whole state.

Source: Birman and Joseph 1987, section 3.2: the old members keep serving while a joiner gets the state.

---
the system begins with 1.1, 2.1 and 3.1
1.1.1, 2.1.1 and 3.1.1 start
1.1.1 creates g
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
2.1.1 joins g with its state
run
StateBlock from 1.1 arrives at 2.1
expect never 2.1.1 has the state of g
1.1.1 multicasts m7 to g
expect 1.1.1 delivers m7 in view 2 of g
2.1.1 crashes
release
run
expect 1.1.1 is in view 3 of g with 1.1.1
expect never 2.1.1 delivers m7

3.1.1 joins g with its state
run
expect 1.1 sends StateBlock to 3.1
expect 3.1.1 has the state of g
expect 1.1.1 and 3.1.1 are in view 4 of g with 1.1.1 and 3.1.1
expect not 3.1.1 delivers m7
1.1.1 multicasts m8 to g
run
expect 1.1.1 and 3.1.1 deliver m8 in view 4 of g
