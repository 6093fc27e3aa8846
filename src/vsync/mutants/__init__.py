"""Mutants: the implementation with one thing broken; what notices each of them, and how soon."""
