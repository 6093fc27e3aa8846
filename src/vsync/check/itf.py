"""Counterexamples of Apalache: the Informal Trace Format read, and turned into a trace of service events.

ITF is JSON. A trace has the names of its variables, `vars`, and a list of `states`, each of which gives every
variable a value. Values: JSON strings, booleans and integers, `{"#bigint": "7"}`, lists for sequences,
`{"#tup": [...]}`, `{"#set": [...]}`, `{"#map": [[key, value], ...]}` for functions, and objects for records.
Whatever else is there is refused, for a value that is guessed could hide a contradiction.

Here they become Python values: a sequence or a tuple a tuple, a set a frozenset, a function or a record an
`ItfMap`, so that equal values are equal and may be elements of sets.

What of it is judged is the variable `history` of the modules over `VSProperties`: in the last state it holds
what each process saw. The trace has these events, process by process; of their order between processes the
histories say nothing, and the judges find one.

Spec: VSProperties (histories). Paper: none. The format: Apalache's ADR 015.
"""

import json
import re
from collections.abc import Hashable, Iterator, Mapping
from typing import Any, NoReturn

import attrs

from vsync.check.trace import CBCAST, Header
from vsync.errors import InputError


class ItfMap(dict[Hashable, Any]):
    """A function or a record: a mapping that is never changed, and so may be an element of a set."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))


@attrs.frozen(kw_only=True)
class ItfTrace:
    """A run of a TLA+ module: its variables, and their values state by state."""

    variables: tuple[str, ...]
    states: tuple[Mapping[str, Any], ...]


def read_itf(content: bytes, *, name: str) -> ItfTrace:
    """Returns the run that `content` describes; `name` is what errors call it.

    Raises InputError, which says where, for what is not of the format.
    """
    try:
        trace = json.loads(content, parse_constant=_no_number, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name}: expected JSON, came: {error}; use a file that Apalache wrote") from error
    if not isinstance(trace, dict):
        _refuse(name, "an object", trace)
    variables, states = trace.get("vars"), trace.get("states")
    if not isinstance(variables, list) or not all(isinstance(variable, str) for variable in variables):
        _refuse(f"{name}: vars", "a list of names", variables)
    if not isinstance(states, list) or not states:
        _refuse(f"{name}: states", "a list of states, at least one", states)
    return ItfTrace(
        variables=tuple(variables),
        states=tuple(_state(f"{name}: state {number}", variables, state) for number, state in enumerate(states)),
    )


def service_events(trace: ItfTrace, *, name: str) -> Iterator[dict[str, Any]]:
    """Yields what the processes saw, as the fields of service events, process by process.

    Raises InputError if the run has no histories, or an event in them is not one of a single group.
    """
    history = trace.states[-1].get("history")
    if not isinstance(history, ItfMap):
        raise InputError(f"{name}: expected the variable history, a function; only a module over VSProperties has it")
    for process in sorted(history, key=_named):
        events = history[process]
        if not isinstance(events, tuple):
            _refuse(f"{name}: history of {_named(process)}", "a sequence", events)
        for place, event in enumerate(events, 1):
            yield _service_event(f"{name}: history of {_named(process)}, event {place}", process, event)


def trace_header(trace: ItfTrace, *, source: str) -> Header:
    """Returns the header of the trace of service events: all who have a history may have events."""
    history = trace.states[-1].get("history")
    processes = sorted(map(_named, history)) if isinstance(history, ItfMap) else None
    return Header(source=source, processes=None if processes is None else tuple(processes))


# ---------------------------------------------------------------------------------------------------- values


def _state(where: str, variables: list[str], state: object) -> dict[str, Any]:
    if not isinstance(state, dict):
        _refuse(where, "an object", state)
    given = {key for key in state if key != "#meta"}
    if given != set(variables):
        odd = sorted(given ^ set(variables))
        raise InputError(f"{where}: expected a value for each of vars and for nothing else; look at {', '.join(odd)}")
    return {variable: _value(f"{where}: {variable}", state[variable]) for variable in variables}


def _value(where: str, value: Any) -> Any:
    """Returns the Python value of an expression."""
    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, list):
        return tuple(_value(where, element) for element in value)
    if not isinstance(value, dict):
        _refuse(where, "a string, an integer, a boolean, a list or an object", value)
    special = [key for key in value if key.startswith("#")]
    if not special:
        return ItfMap({key: _value(f"{where}.{key}", element) for key, element in value.items()})
    if len(value) > 1:
        _refuse(where, f"{special[0]} alone in its object", value)
    return _special(where, special[0], value[special[0]])


def _special(where: str, key: str, content: Any) -> Any:
    """Returns the Python value of an object with one key that begins with #."""
    if key == "#bigint":
        if not isinstance(content, str) or not re.fullmatch(r"-?[0-9]{1,1000}", content):
            _refuse(where, "the digits of an integer in #bigint", content)
        return int(content)
    if key not in ("#tup", "#set", "#map"):
        _refuse(where, "#bigint, #tup, #set or #map", key)
    if not isinstance(content, list):
        _refuse(where, f"a list in {key}", content)
    if key == "#map":
        return _function(where, content)
    elements = [_value(where, element) for element in content]
    return tuple(elements) if key == "#tup" else frozenset(elements)


def _function(where: str, pairs: list[Any]) -> ItfMap:
    result = ItfMap()
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2:
            _refuse(where, "pairs of argument and value in #map", pair)
        argument, value = (_value(where, part) for part in pair)
        if argument in result:
            _refuse(where, "each argument once in #map", pair[0])
        result[argument] = value
    return result


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Returns a JSON object; one with the same key twice could mean either."""
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError(f"an object with the same key twice, among {', '.join(key for key, _ in pairs)}"[:200])
    return result


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word}, which is no number of JSON")


def _refuse(where: str, expected: str, came: object) -> NoReturn:
    raise InputError(f"{where}: expected {expected}, came {repr(came)[:100]}; use a file that Apalache wrote")


# ---------------------------------------------------------------------------------------------------- events


def _named(value: Any) -> str:
    """Returns the name of a process, without the type that Apalache's constants carry: p1 for p1_OF_PROCESS."""
    return re.sub(r"_OF_[A-Z_0-9]+$", "", str(value))


def _message(where: str, message: Any) -> str:
    """Returns the name of a message: its sender, and its number."""
    if not isinstance(message, tuple) or len(message) != 2 or not isinstance(message[1], int):
        _refuse(where, "a message <<sender, number>>", message)
    return f"{_named(message[0])}-{message[1]}"


def _service_event(where: str, process: Any, event: Any) -> dict[str, Any]:
    """Returns the fields of the service event that an event of a history stands for."""
    missing = {"event", "view", "message", "primitive", "sender", "state"} - (
        event.keys() if isinstance(event, ItfMap) else set()
    )
    if missing:
        _refuse(where, f"a record of VSProperties, with {', '.join(sorted(missing))}", event)
    fields = {"event": event["event"], "process": _named(process)}
    match event["event"]:
        case "install":
            return {**fields, "view": _view(where, event["view"])}
        case "multicast":
            plain = event["primitive"] == CBCAST
            extra = {} if plain else {"primitive": event["primitive"]}
            return {**fields, "message": _message(where, event["message"]), **extra}
        case "deliver":
            told = [_named(sender) for sender in event["sender"]]
            return {**fields, "message": _message(where, event["message"]), **({"sender": told[0]} if told else {})}
        case "safe":
            return {**fields, "message": _message(where, event["message"])}
        case "state":
            return {**fields, "view": event["state"][0], "state": str(event["state"][1])}
        case "leave" | "crash":
            return fields
        case other:
            _refuse(where, "an event of a single group", other)


def _view(where: str, view: Any) -> dict[str, Any]:
    known = view.keys() if isinstance(view, ItfMap) else set()
    if not {"id", "members"} <= known or not isinstance(view["members"], tuple):
        _refuse(where, "a view, with id and members", view)
    return {"id": view["id"], "members": [_named(member) for member in view["members"]]}
