A process would join with wrong credentials

Who joins g has to know the word. 2.1.1 does not, and is refused by the site of the oldest member; nobody sees
a new view, and nothing that is multicast in the group comes to it. 3.1.1 knows the word, and is taken in.

Source: Birman and Joseph 1987, sections 3.2 and 3.10: joins are validated.

---
the system begins with 1.1, 2.1 and 3.1
1.1.1, 2.1.1 and 3.1.1 start
1.1.1 creates g with credentials sesame
run

the story begins
expect never 2.1.1 installs view 2 of g
expect never 2.1.1 delivers m1
2.1.1 joins g with credentials barley
run
expect 2.1.1 is refused g: wrong credentials
expect 1.1 takes Groups!Verify
expect 1.1.1 is in view 1 of g with 1.1.1
3.1.1 joins g with credentials sesame
run
expect 1.1.1 and 3.1.1 are in view 2 of g with 1.1.1 and 3.1.1
1.1.1 multicasts m1 to g
run
expect 1.1.1 and 3.1.1 deliver m1 in view 2 of g
