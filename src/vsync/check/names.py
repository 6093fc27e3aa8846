"""Sets of numbers, and of the names of messages, that stay small when they are filled in order.

Whoever forgets messages has to notice when one comes back, so their names must be known for ever. Most systems
number what they multicast: names that end in a number are kept as intervals, and cost nothing more when the
next number comes. Other names are kept one by one.

Spec: none. Paper: none.
"""

from array import array
from bisect import bisect_right
from typing import Final

from vsync.check.groups import MessageKey

DIGITS_MAX: Final = 18
"""A name that ends in more digits than these is kept as it is."""


class Numbers:
    """A set of integers that only grows, as intervals."""

    def __init__(self) -> None:
        self._bounds = array("q")
        """First, last + 1, first, last + 1, ... of the intervals, increasing."""

    def add(self, number: int) -> None:
        """Adds a number."""
        bounds = self._bounds
        if bounds and bounds[-1] == number:
            bounds[-1] += 1
        elif number not in self:
            place = bisect_right(bounds, number)
            joins_before = place > 0 and bounds[place - 1] == number
            joins_after = place < len(bounds) and bounds[place] == number + 1
            new = [*(() if joins_before else (number,)), *(() if joins_after else (number + 1,))]
            bounds[place - joins_before : place + joins_after] = array("q", new)

    def update(self, others: "Numbers") -> None:
        """Adds all numbers of another set."""
        for first, end in zip(others._bounds[::2], others._bounds[1::2], strict=True):
            for number in range(first, end):
                self.add(number)

    def __contains__(self, number: int) -> bool:
        bounds = self._bounds
        return bool(bounds) and bounds[0] <= number < bounds[-1] and bisect_right(bounds, number) % 2 == 1


Destinations = tuple[str, ...]
"""The list of destinations of a message; empty if it has none."""


Name = tuple[MessageKey, int]
"""The name of a message, as its group and stem, and the number at its end; -1 if it does not end in one."""


def split(key: MessageKey) -> Name:
    """Returns the name of a message in parts that give it back."""
    group, name = key
    stem = name.rstrip("0123456789")
    digits = name[len(stem) :]
    if not digits or len(digits) > DIGITS_MAX or (digits[0] == "0" and digits != "0"):
        return key, -1
    return (group, stem), int(digits)


class Names:
    """A set of messages that only grows; of those with a list of destinations it is known, too."""

    def __init__(self) -> None:
        self._by_stem: dict[MessageKey, Numbers] = {}
        self._lists: dict[MessageKey, dict[Destinations, Numbers]] = {}

    def add(self, name: Name, to: Destinations = ()) -> None:
        """Adds a message."""
        stem, number = name
        numbers = self._by_stem.get(stem)
        if numbers is None:
            numbers = self._by_stem[stem] = Numbers()
        numbers.add(number)
        if to:
            self._lists.setdefault(stem, {}).setdefault(to, Numbers()).add(number)

    def update(self, others: "Names") -> None:
        """Adds all messages of another set, without their lists."""
        for stem, numbers in others._by_stem.items():
            self._by_stem.setdefault(stem, Numbers()).update(numbers)

    def destinations(self, name: Name) -> Destinations | None:
        """Returns the list of destinations of a message, empty if it has none; None if it is not in the set."""
        if name not in self:
            return None
        stem, number = name
        return next((to for to, numbers in self._lists.get(stem, {}).items() if number in numbers), ())

    def __contains__(self, name: Name) -> bool:
        stem, number = name
        numbers = self._by_stem.get(stem)
        return numbers is not None and number in numbers
