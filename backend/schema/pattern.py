"""How long a regular expression may run: an upper bound, found without running it.

Python's `re` tries every way to match, which takes exponentially long for `(a+)+$`. Here the ways are counted
first: a quantifier has as many as there are repetitions, a sequence the product of its parts, a choice the sum.
What this reader does not know (look-around, back references) counts as endless: the answer is safe, not complete.
"""

from __future__ import annotations

import re

LONGEST = 200  # characters of a pattern
WAYS = 300_000  # ways to match that are tried: some 30 ms
ENDLESS = WAYS + 1
_REPEAT = re.compile(r"([*+?])|\{(\d*)(,?)(\d*)\}")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.S)


def search(pattern: str, text: str) -> bool | None:
    """Does the pattern match anywhere in the text? None when finding out could take too long."""
    if len(pattern) > LONGEST or _Reader(pattern, len(text)).ways() * (len(text) + 1) > WAYS:
        return None
    try:
        return re.search(pattern, text, re.ASCII) is not None
    except (re.error, RecursionError, OverflowError):
        return None


def known(pattern: str) -> str:
    """What is wrong with a pattern, "" when nothing is."""
    if len(pattern) > LONGEST:
        return f"is longer than {LONGEST} characters and is not checked here."
    try:
        re.compile(pattern, re.ASCII)
    except (re.error, RecursionError, OverflowError) as error:
        return f"is no regular expression: {error}."
    short_enough = _Reader(pattern, 20).ways() * 21 <= WAYS
    return "" if short_enough else "could take too long to match and is not checked here."


class _Reader:
    """Walks over a pattern once and counts the ways to match a text of `length` characters."""

    def __init__(self, pattern: str, length: int) -> None:
        self.pattern, self.length, self.at = pattern, length, 0

    def ways(self) -> int:
        total = self._choice(0)
        return total if self.at == len(self.pattern) else ENDLESS

    def _choice(self, depth: int) -> int:
        total = self._sequence(depth)
        while self.pattern[self.at : self.at + 1] == "|":
            self.at += 1
            total += self._sequence(depth)
        return min(total, ENDLESS)

    def _sequence(self, depth: int) -> int:
        total = 1
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            total = min(total * self._repeated(self._atom(depth)), ENDLESS)
        return total

    def _atom(self, depth: int) -> int:
        """One character, class or group; the place moves behind it."""
        char = self.pattern[self.at]
        if char == "(":
            return self._group(depth)
        if char == "[" and (match := _CLASS.match(self.pattern, self.at)):
            self.at = match.end()
            return 1
        if char == "\\":
            self.at += 2
            return ENDLESS if self.pattern[self.at - 1 : self.at] in tuple("123456789") else 1
        self.at += 1
        return 1

    def _group(self, depth: int) -> int:
        self.at += 3 if self.pattern.startswith("(?:", self.at) else 1
        if depth > 20 or self.pattern[self.at : self.at + 1] == "?":
            return ENDLESS
        inside = self._choice(depth + 1)
        self.at += 1  # the closing bracket; re.compile complains where there is none
        return inside

    def _repeated(self, ways: int) -> int:
        """The ways of an atom with the quantifier behind it, if there is one."""
        match = _REPEAT.match(self.pattern, self.at)
        if match is None or match[0] == "{}":
            return ways
        self.at = match.end()
        if self.pattern[self.at : self.at + 1] in ("?", "+"):  # lazy or possessive: no more ways than greedy
            self.at += 1
        least, most = self._times(match)
        if ways == 1:
            return max(1, most - least + 1)
        return sum(ways**times for times in range(least, most + 1)) if most <= 20 else ENDLESS

    def _times(self, match: re.Match[str]) -> tuple[int, int]:
        if match[1]:
            return {"*": (0, self.length), "+": (1, self.length), "?": (0, 1)}[match[1]]
        least = int(match[2] or 0)
        if not match[3]:
            return least, least
        return least, min(int(match[4]), max(self.length, least)) if match[4] else max(self.length, least)
