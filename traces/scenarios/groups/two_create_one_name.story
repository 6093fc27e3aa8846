Two processes create groups of one name

1.1.1 and 2.1.1 found a group of the name g at the same time, at sites that know nothing of each other's
request. Both requests are made at the end of one epoch, in the same order at all sites: one group comes into
being, and the other founder is refused.

Source: Birman and Joseph 1987, section 3.2: groups have symbolic names; section 2.4: all see the same events
in one order.

---
the system begins with 1.1, 2.1 and 3.1
1.1.1, 2.1.1 and 3.1.1 start

the story begins
expect never 2.1.1 installs view 1 of g
1.1.1 creates g
2.1.1 creates g
expect 1.1 and 2.1 take Gbcast!MulticastAlone
run
expect 1.1.1 is in view 1 of g with 1.1.1
expect 2.1.1 is refused g: there is a group of this name
3.1.1 joins g
run
expect 1.1.1 and 3.1.1 are in view 2 of g with 1.1.1 and 3.1.1
