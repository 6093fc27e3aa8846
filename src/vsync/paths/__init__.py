"""Tests out of the specification: paths through TLC's state graph as schedules that the machines follow."""
