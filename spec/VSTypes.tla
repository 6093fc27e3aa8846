------------------------------- MODULE VSTypes -------------------------------
(****************************************************************************)
(* The vocabulary that every module of this specification shares: views,    *)
(* ranks, messages, and the few facts about sequences that they need.       *)
(*                                                                          *)
(* Source: Birman and Joseph 1987, sections 2.1 and 3.2 (membership lists   *)
(* sorted by decreasing age, so that an index is a rank).                   *)
(* Python: src/vsync/types.py                                               *)
(****************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets

(* Types, for checkers that want them.  A process is one of an uninterpreted *)
(* type.                                                                    *)
\* @typeAlias: view = { id: Int, members: Seq(PROCESS) };
\* @typeAlias: messageId = <<PROCESS, Int>>;
VSTypesAliases == TRUE

(* The elements of a sequence.                                              *)
\* @type: Seq(a) => Set(a);
Range(s) == {s[i] : i \in DOMAIN s}

(* The sequence s without the elements that are in the set S.               *)
\* @type: (Seq(a), Set(a)) => Seq(a);
Without(s, S) ==
    LET keep(x) == x \notin S IN SelectSeq(s, keep)

(* No element occurs twice.                                                 *)
\* @type: Seq(a) => Bool;
Distinct(s) == \A i, j \in DOMAIN s : s[i] = s[j] => i = j

(* All orders in which the elements of the finite set S can stand.          *)
\* @type: Set(a) => Set(Seq(a));
Orders(S) == {s \in [1..Cardinality(S) -> S] : Range(s) = S}

(* A view: its number, and its members, oldest first.  The views of a group *)
(* are numbered 1, 2, 3, ...                                                *)
\* @type: (Int, Seq(PROCESS)) => $view;
View(id, members) == [id |-> id, members |-> members]
NoView == View(0, <<>>)
Members(view) == Range(view.members)

(* The rank of a member: 1 is the oldest.                                   *)
Rank(view, p) == CHOOSE i \in DOMAIN view.members : view.members[i] = p

(* More than half of the set S.                                             *)
Majority(Q, S) == 2 * Cardinality(Q \cap S) > Cardinality(S)

(* View w may follow view v: those who stay keep their order, and those who *)
(* are new are younger than all who stay.                                   *)
AgeOrdered(v, w) ==
    LET stay == Without(v.members, Members(v) \ Members(w))
    IN  /\ Distinct(w.members)
        /\ SubSeq(w.members, 1, Len(stay)) = stay

(* A message is known by its identifier, <<sender, number>>; NoMessage      *)
(* stands where an event is not about a message.                            *)
\* @type: $messageId;
NoMessage == <<>>

Max(S) == CHOOSE x \in S : \A y \in S : y <= x
=============================================================================
