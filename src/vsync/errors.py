"""What goes wrong, told to a person: what was expected, what came, and what to do.

Two families. A *protocol error* belongs to the machines: somebody broke the rules of a protocol, and the
machine's state is as it was before the offending input. An *input* or *engine error* belongs to the commands:
the first is corrected by the person who runs the command, the second by repairing the installation or the
machine it runs on.

Suspicion, exclusion and the loss of a majority are not here: they are ordinary outcomes, and machines report
them as effects.
"""

from typing import ClassVar


class VsyncError(Exception):
    """Anything that this package tells a person instead of showing a traceback."""

    exit_code: ClassVar[int] = 1
    """The status with which a command ends when this error reaches it."""


class LocalProtocolError(VsyncError):
    """The caller broke the rules of a machine, for instance by multicasting in a group that it has left."""


class RemoteProtocolError(VsyncError):
    """A peer broke the rules: it sent what no correct process sends in this state."""


class InputError(VsyncError):
    """What was handed to a command cannot be used: no such file, no such name, not of the documented form."""

    exit_code: ClassVar[int] = 2


class EngineError(VsyncError):
    """A checking engine did not do its work, so nothing is known: no Java, no memory, no sense."""

    exit_code: ClassVar[int] = 2


class EngineTimeout(EngineError):
    """A checking engine was stopped because it ran longer than it was allowed to."""


class EngineStopped(EngineError):
    """A checking engine was stopped because its caller no longer wants the answer."""
