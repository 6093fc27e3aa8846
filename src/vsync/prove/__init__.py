"""Proofs of what holds for any number of processes, messages and views, by inductive invariants and z3.

Spec: `spec/PR*.tla`, which are written from these modules. Paper: none.
"""
