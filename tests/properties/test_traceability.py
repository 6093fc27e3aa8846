"""The names on both sides: what the specification has as an action, the code has as a method, and back.

A step, or a guarantee, cannot exist on one side only.  (The names of the guarantees are held against
each other in test_guarantees.py.)
"""

from __future__ import annotations

import re

import pytest

import vsync.cbcast
import vsync.gbcast
import vsync.groups
import vsync.link
import vsync.site
import vsync.state_transfer  # noqa: F401  (imports every machine, which registers its actions)
from vsync.actions import ACTIONS
from vsync.check.protocol import WRITERS, judge_protocol_with_tlc
from vsync.errors import InputError
from vsync.locate import spec_directory
from vsync.sim.world import ENVIRONMENT_ACTIONS

#: Definitions that change variables and are no steps of their own, each with what it is instead.
PARTS = {
    "Flush": {
        "SendTo": "a part of several actions",
        "Disseminate": "the part of Cbcast!Multicast that Flush does",
        "Arrives": "the guard of the receiving actions",
        "DeliverHeld": "the part of Cbcast!Deliver that Flush does",
        "Advance": "the part of Cbcast!Install that Flush does",
        "Agree": "what SiteViews does, seen from Flush; a trace has it as the steps of SiteViews",
        "Lose": "a packet lost in a crash leaves no line: it just never arrives",
    },
    "Cbcast": {},
    "CbcastLists": {
        "Begin": "what multicasts of all kinds have in common",
        "Complete": "what deliveries of all kinds have in common",
    },
    "Abcast": {
        "After": "a part of the deliveries",
        "Below": "what CbcastLists and Flush do",
    },
    "Gbcast": {
        "TellAll": "a part of MulticastAlone and Close",
        "Unclosed": "what Gbcast leaves alone",
    },
    "SiteViews": {
        "Unvoted": "a part of Install and Cease",
        "Follow": "a part of several actions",
        "Want": "what Suspect and Ask have in common",
        "Stopped": "what Crash and Cease have in common",
        "Lose": "a packet lost in a crash leaves no line: it just never arrives",
    },
    "Groups": {
        "Record": "a part of several actions",
        "Unseen": "a part of several actions",
        "Propose": "a part of several actions",
        "SendTo": "a part of several actions",
        "Handed": "a part of the receiving actions",
        "GoOn": "what ApplyChanges and ApplySites have in common",
        "Crash": "what SiteViews does, seen from Groups; a trace has it as a step of SiteViews",
        "Lose": "a packet lost in a crash leaves no line: it just never arrives",
        "AgreeOnChanges": "what Gbcast does, seen from Groups",
        "AgreeOnSites": "what SiteViews does, seen from Groups",
    },
    "Link": {
        "Dropping": "a part of Crash, Meet and Forget",
        "SendTo": "a part of several actions",
        "Arrives": "a part of Receive and Discard",
        "Begin": "a Links is made, for a new incarnation",
        "Crash": "a Links is no more",
        "Fault": "what the network does to a datagram leaves no line",
    },
    "StateTransfer": {
        "SendTo": "a part of several actions",
        "Arrives": "the guard of the receiving actions",
        "Begin": "what Complete and Found have in common",
        "Order": "what Groups does, seen from StateTransfer",
        "Crash": "a process that has crashed is a member of nothing; a trace has it as a service event",
        "Lose": "a packet lost in a crash leaves no line: it just never arrives",
    },
    "FailureDetector": {
        "OverloadProp": "a guarantee, of steps",
        "OwnHeartbeatProp": "a guarantee, of steps",
        "Keep": "a part of Watch and Crash",
        "Arrives": "the guard of Hear, Trust and Discard",
        "Broken": "a part of Hear and Trust",
        "Tick": "what time it is comes with each input",
        "Pause": "a site that is held up does nothing; how long, it sees by its own timer",
        "Crash": "a site that has crashed has no detector",
    },
}
#: Actions that are made of other definitions, and name no variable themselves.
DERIVED = {"SiteViews": {"Suspect", "Ask", "Crash", "Cease"}, "CbcastLists": {"Multicast", "Deliver"}}
#: The modules that a module extends, and whose variables it shows too.
EXTENDED = {
    "Cbcast": ("Flush",),
    "CbcastLists": ("Flush",),
    "Abcast": ("CbcastLists", "Flush"),
    "Gbcast": ("Abcast", "CbcastLists", "Flush"),
}
#: Modules all of whose actions TLC does not judge in a trace, and why.
UNJUDGED_MODULES = {
    "FailureDetector": "not recorded, as heartbeats would fill the traces; what comes of them is recorded, and judged, "
    "as SiteViews!Suspect and SiteViews!Trust",
    "Link": "there is no TraceLink; a Link belongs to two sites, and is judged by its models and its stateful tests",
}
#: The actions of other modules that TLC does not judge.  A trace that has one is refused, with its line.
UNJUDGED = {
    "CbcastLists!Multicast": "a site takes Abcast!MulticastAtOnce instead",
    "CbcastLists!Deliver": "a site delivers by Abcast!DeliverAtOnce, which is made of it",
    "CbcastLists!Install": "a site installs by Gbcast!InstallNext, which is made of Abcast!InstallInOrder",
    "Abcast!InstallInOrder": "a site installs by Gbcast!InstallNext, which is made of it",
}
TRACE_MODULES = {
    "Flush": "TraceCbcast",
    "Cbcast": "TraceCbcast",
    "SiteViews": "TraceSiteViews",
    "Groups": "TraceGroups",
}


def definitions(module: str) -> dict[str, str]:
    """The operators that a module defines, with their bodies, comments left out."""
    text = (spec_directory() / f"{module}.tla").read_text(encoding="utf-8")
    text = re.sub(r"\(\*.*?\*\)", "", text, flags=re.DOTALL)
    text = re.sub(r"\\\*.*", "", text)
    pieces = re.split(r"^(\w+)(?:\([^)]*\))? ==", text, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def steps(module: str) -> set[str]:
    """The definitions of a module that change variables, and are not parts of others or environment."""
    bodies = definitions(module)
    changing = {name for name, body in bodies.items() if re.search(r"\w'|UNCHANGED", body)}
    derived = DERIVED.get(module, set())
    combined = {"Attend", "React", "FlushReact", "CbcastReact", "Handle", "Coordinate"}
    combined |= {"GroupsReact", "AbcastReact", "AbcastReactInEpoch", "GbcastReact"}
    return (changing | (derived & bodies.keys())) - combined - PARTS[module].keys()


@pytest.mark.parametrize("module", sorted(PARTS))
def test_each_action_of_the_specification_is_a_method_and_back(module: str) -> None:
    """The actions of a module are those that the machine of that name registers, no more, no less."""
    registered = {name.partition("!")[2] for name in (*ACTIONS, *ENVIRONMENT_ACTIONS) if name.startswith(f"{module}!")}
    assert steps(module) == registered


@pytest.mark.parametrize("module", sorted(PARTS))
def test_what_is_called_a_part_exists_and_is_no_action(module: str) -> None:
    """The list of exceptions names nothing that is gone, and nothing that a machine registers."""
    assert PARTS[module].keys() <= definitions(module).keys()
    assert not {f"{module}!{name}" for name in PARTS[module]} & ACTIONS.keys()


@pytest.mark.parametrize("module", sorted(TRACE_MODULES))
def test_each_action_can_be_judged_in_a_trace(module: str) -> None:
    """The Trace module knows each registered action by its name, and no other of that module."""
    text = (spec_directory() / f"{TRACE_MODULES[module]}.tla").read_text(encoding="utf-8")
    judged = set(re.findall(rf'"({module}!\w+)"', text))
    assert judged == {name for name in (*ACTIONS, *ENVIRONMENT_ACTIONS) if name.startswith(f"{module}!")}


def judged_actions() -> set[str]:
    """The actions that some Trace module of the second judge knows by name."""
    texts = ((spec_directory() / f"{writer.module}.tla").read_text(encoding="utf-8") for writer in WRITERS)
    return {name for text in texts for name in re.findall(r'"(\w+!\w+)"', text)}


def test_each_action_is_judged_by_a_trace_module_or_listed_with_the_reason() -> None:
    """No registered action goes without TLC's judgement unseen, and no judged one is listed as going without."""
    registered = {*ACTIONS, *ENVIRONMENT_ACTIONS}
    unjudged = registered - judged_actions()
    assert {name for name in unjudged if name.partition("!")[0] not in UNJUDGED_MODULES} == UNJUDGED.keys()
    assert {name.partition("!")[0] for name in judged_actions()}.isdisjoint(UNJUDGED_MODULES)
    assert {name.partition("!")[0] for name in registered} >= UNJUDGED_MODULES.keys()


@pytest.mark.parametrize("action", sorted(UNJUDGED))
def test_an_action_that_no_trace_module_knows_is_refused_with_its_line(action: str) -> None:
    """A step that cannot be judged is not passed over: the message says in which line it is."""
    step = {"action": action, "site": "1.1", "arguments": {}, "variables": {}}
    with pytest.raises(InputError, match="line 3"):
        judge_protocol_with_tlc([[{"move": "found", "sites": ["1.1"]}, step]])


def test_trace_modules_judge_only_actions_that_there_are() -> None:
    """A name in a Trace module is one that a machine, or the environment of a run, registers."""
    assert judged_actions() <= {*ACTIONS, *ENVIRONMENT_ACTIONS}


@pytest.mark.parametrize("module", sorted(PARTS))
def test_the_variables_of_a_snapshot_bear_the_names_of_the_specification(module: str) -> None:
    """What a trace records of a process or a site are variables of the module, by their TLA+ names."""
    from vsync.abcast import AbcastMachine
    from vsync.cbcast import CbcastMachine
    from vsync.cbcast_lists import CbcastListsMachine
    from vsync.failure_detector import FailureDetectorMachine
    from vsync.gbcast import GbcastMachine
    from vsync.groups import GroupsMachine
    from vsync.link import LinkMachine, Links
    from vsync.site_views import SiteViewsMachine
    from vsync.state_transfer import Limits, MemberMachine
    from vsync.types import Address, Kind, View

    site = Address.of_site(1)
    layered = CbcastMachine(site.process(1))
    group, first = Address(1, 1, 1, Kind.GROUP), View(id=1, members=(site.process(1),))
    snapshots = {
        "Flush": layered.below.snapshot(),
        "Cbcast": layered.snapshot(),
        "CbcastLists": CbcastListsMachine(site).snapshot(),
        "Abcast": AbcastMachine(site).snapshot(),
        "Gbcast": GbcastMachine(site).snapshot(),
        "SiteViews": SiteViewsMachine(site).snapshot(),
        "Groups": GroupsMachine(site).snapshot(),
        "StateTransfer": MemberMachine(site.process(1), group, first, Limits(), complete=True).snapshot(),
        "Link": Links(site).snapshot() | LinkMachine(site, Address.of_site(2)).snapshot(),
        "FailureDetector": FailureDetectorMachine(site).snapshot(),
    }
    text = (spec_directory() / f"{module}.tla").read_text(encoding="utf-8")
    for below in EXTENDED.get(module, ()):
        text += (spec_directory() / f"{below}.tla").read_text(encoding="utf-8")
    declared = set(re.findall(r"^    (\w+),? +\\\*", text, flags=re.MULTILINE))
    assert snapshots[module].keys() <= declared
