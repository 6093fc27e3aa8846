"""A Hypothesis state machine for an application: its requests, and the faults of its environment, are the rules.

Derive from it, say what the application is and which calls its users make, and what must hold of the replicas::

    class TestCars(ApplicationMachine):
        application = Cars
        calls = st.builds(Call, payload=..., kind=st.just("abcast"))

        def consistent(self, group):
            assert ...

    test_cars = TestCars.TestCase

The judge is live in every step, and states are compared at every view: see `vsync.testing.group`. In the end the
environment is kind, and all has to come to rest with the same state everywhere. A run that fails is written as a
trace, where the error says.

Spec: none. Paper: Birman and Joseph 1987, section 2.1.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from vsync.testing import faults
from vsync.testing.application import Application, Call
from vsync.testing.group import SimulatedGroup

TRACES = Path(".hypothesis") / "vsync"
"""Where the traces of runs go that fail, seen from where the tests run."""


class ApplicationMachine(RuleBasedStateMachine):
    """A search for a run in which an application is not what it should be.

    `application` makes one for a process, `calls` are what its users ask for, `sites` is how many found the system.
    """

    application: ClassVar[Callable[..., Application]]
    calls: ClassVar[st.SearchStrategy[Call]]
    sites: ClassVar[int] = 3

    group: SimulatedGroup
    ask: ClassVar[Callable[..., None]]

    def consistent(self, group: SimulatedGroup) -> None:
        """Assert what must hold after every step; `group.replicas()` are the applications."""

    def at_rest(self, group: SimulatedGroup) -> None:
        """Assert what must hold in the end, when all has been delivered."""

    def __init_subclass__(cls, **arguments: Any) -> None:
        """The calls of a machine are one of its rules."""
        super().__init_subclass__(**arguments)
        if "calls" in vars(cls):

            def ask(self: ApplicationMachine, step: faults.Step) -> None:
                self._take(step)

            ask.__doc__ = "A member makes a call."
            cls.ask = rule(step=faults.asks(cls.calls))(ask)

    # -- Rules ----------------------------------------------------------------------------------

    @initialize()
    def found(self) -> None:
        """Sites found the system, and a process at each of them joins the group."""
        self.over = False
        self.group = SimulatedGroup(type(self).application, sites=self.sites)

    @rule(step=faults.arrivals())
    def arrive(self, step: faults.Step) -> None:
        """Packets arrive."""
        self._take(step)

    @rule(step=faults.arrivals())
    def arrive_more(self, step: faults.Step) -> None:
        """Packets arrive: so that most of what is drawn gets somewhere."""
        self._take(step)

    @rule(step=faults.changes())
    def change(self, step: faults.Step) -> None:
        """A process joins or leaves."""
        self._take(step)

    @rule(step=faults.crashes())
    def crash(self, step: faults.Step) -> None:
        """Something crashes, or comes back."""
        self._take(step)

    @rule(step=faults.suspicions())
    def suspect(self, step: faults.Step) -> None:
        """A site suspects another, or trusts it again."""
        self._take(step)

    def teardown(self) -> None:
        """Calm down; then ask whether all is as it should be."""
        if hasattr(self, "group") and not self.over:
            self._attempt(self._come_to_rest)

    # -- Helpers --------------------------------------------------------------------------------

    def _take(self, step: faults.Step) -> None:
        self._attempt(lambda: faults.take(self.group, step))

    def _come_to_rest(self) -> None:
        self.group.settle()
        self.at_rest(self.group)

    def _attempt(self, what: Callable[[], None]) -> None:
        """Do it, and ask for consistency; an error says where the run is written down."""
        try:
            what()
            self.consistent(self.group)
        except Exception as error:
            self.over = True
            TRACES.mkdir(parents=True, exist_ok=True)
            path = TRACES / f"{type(self).__name__}.jsonl"
            self.group.write(path)
            error.add_note(f"The run is written down in {path}: see vsync show {path} -o page.html")
            raise
