A call of flush waits until all have delivered

1.1.1 multicasts m1 and calls flush, as it must before it writes to stable storage. It has delivered m1
itself, and so has 2.1.1; but flush returns only when 3.1, too, has delivered m1 and has said so.

Source: Birman and Joseph 1987, section 3.4: flush blocks until all asynchronous multicasts are delivered.

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
1.1.1 calls flush
run with timers
expect 2.1.1 delivers m1
expect 2.1 sends Delivered to 1.1
expect not the flush of 1.1.1 returns
release
run
expect 3.1.1 delivers m1
expect not the flush of 1.1.1 returns
the timer acknowledge of 3.1 goes off
Delivered from 3.1 arrives at 1.1
expect the flush of 1.1.1 returns
