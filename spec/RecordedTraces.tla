----------------------------- MODULE RecordedTraces -----------------------------
(****************************************************************************)
(* Recorded traces, as the Trace modules read them.  This one holds none;   *)
(* the checkers write a module of this name for each run, and have it found *)
(* first.  (They are a definition and no constant of the configuration, for *)
(* TLC evaluates such a constant anew wherever it is used.)                 *)
(*                                                                          *)
(* Python: src/vsync/check/recorded, src/vsync/check/service.py             *)
(****************************************************************************)
EXTENDS Naturals, Sequences

(* The processes, or sites, of all the traces, as numbers.                  *)
RecordedProcesses == 1..3

(* The site at which each process lives, where the traces tell.             *)
SiteOfRecorded == [p \in {} |-> 0]

(* How many groups a trace has at most.                                     *)
GroupsRecorded == 0

(* How the network keeps order, in all traces.                              *)
FirstInFirstOut == "fifo"

(* The traces: what each of them is, the module that reads it says.         *)
Traces == <<>>
=============================================================================
