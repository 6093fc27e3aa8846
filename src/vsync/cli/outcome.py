"""How a command ends: its verdict, the exit code that stands for it, and what it tells other programs.

With `--json` each command writes one object to standard output, whatever happened:

    {"command": "check",            # which one
     "version": "0.1.0",            # of this program
     "verdict": "holds",            # "holds", "violated" or "not judged"
     "exit_code": 0,                # 0, 1 or 2, in this order
     "error": null,                 # why nothing could be judged, in a sentence
     ...}                           # and what the head of the command's module describes

Spec: none. Paper: none.
"""

import enum
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import attrs


class Exit(enum.IntEnum):
    """The exit code of a command. Of several, the highest counts: what was not judged may be violated."""

    HOLDS = 0
    VIOLATED = 1
    NOT_JUDGED = 2

    @property
    def verdict(self) -> str:
        """The exit code as a word."""
        return ("holds", "violated", "not judged")[self]

    @classmethod
    def worst(cls, exits: Iterable["Exit"]) -> "Exit":
        """Returns the exit code for all of them together."""
        return max(exits, default=cls.HOLDS)


@attrs.frozen(kw_only=True)
class Outcome:
    """The end of a command: its exit code, and the fields that it adds to the JSON object."""

    exit: Exit
    fields: Mapping[str, Any] = attrs.field(factory=dict)
    error: str | None = None

    def as_json(self, command: str) -> dict[str, Any]:
        """Returns the JSON object of the command."""
        return {
            "command": command,
            "version": package_version(),
            "verdict": self.exit.verdict,
            "exit_code": int(self.exit),
            "error": self.error,
            **self.fields,
        }


def package_version() -> str:
    """Returns the version of the installed distribution; "unknown" where the package only lies there."""
    try:
        return version("virtual-synchrony")
    except PackageNotFoundError:
        return "unknown"
