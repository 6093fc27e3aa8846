A reply in another group overtakes its request

1.1.1 multicasts a request to the group g. 2.1.1 gets it and multicasts the reply to another group, h. The
reply comes to 3.1, which is in both groups, long before the request does; but there it waits until the
request has been delivered.

Source: Birman and Joseph 1987, section 3.1: order of invocation, also when a chain runs through several
groups.

---
the system begins with 1.1, 2.1 and 3.1
1.1.1, 2.1.1 and 3.1.1 start
1.1.1 creates g
2.1.1 creates h
run
2.1.1 and 3.1.1 join g
3.1.1 joins h
run
expect 3.1.1 is in view 3 of g with 1.1.1, 2.1.1 and 3.1.1
expect 3.1.1 is in view 2 of h with 2.1.1 and 3.1.1

the story begins
hold Data from 1.1 to 3.1
1.1.1 multicasts request to g
Data from 1.1 arrives at 2.1
expect 2.1.1 delivers request
2.1.1 multicasts reply to h
run
expect reply comes to 3.1 by Data from 2.1
expect not 3.1.1 delivers reply
release
run
expect reply comes to 3.1 before request
expect request comes to 3.1 by Data from 1.1
expect 2.1.1 and 3.1.1 deliver request before reply
expect not 1.1.1 delivers reply
