"""Your own application on simulated sites: crashes, joins, wrong suspicions, and the judge live on every step.

Write the application as an `Application`: what one process of a group keeps, and what it does when a view is
installed and when a message is delivered. Then either

- search: derive from `ApplicationMachine`, a Hypothesis state machine whose rules are the requests of your
  application and the faults of its environment; or
- tell a story: the fixture `simulated_group` of `vsync.testing.fixtures`, or a `SimulatedGroup` by itself, and its
  methods; or draw stories from the strategies of `vsync.testing.faults`.

In each case every event is judged by all the guarantees of virtual synchrony as it happens; members of a group must
have the same state at the same view, and in the end; and what you yourself demand of the replicas must hold.
`vsync.testing.cars` is a worked example.

`ApplicationMachine` and the strategies need Hypothesis: `pip install "virtual-synchrony[testing]"`.
"""

from vsync.testing.application import Application, Call
from vsync.testing.group import ReplicasDiffer, SimulatedGroup

__all__ = ["Application", "Call", "ReplicasDiffer", "SimulatedGroup"]
