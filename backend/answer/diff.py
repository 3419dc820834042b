"""What changed between two requests, field by field, and between two answers, word by word.

Made for display: fast for 200 kB of text; where there is too much to compare, the result is coarse, never wrong.
Values and paths are as hostile as the requests they come from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby, islice
from typing import Literal

from backend.protocol import wire
from backend.types import JSON, ChatRequest

Kind = Literal["same", "removed", "added"]
Segment = tuple[Kind, str]
CHANGES = 500  # no more are listed
DEEPEST = 60  # levels of a body that are compared; a deeper change is one of the whole value
TOKENS = 6_000  # words, sentences or lines that are compared at once
LONG = 400_000  # characters; of a longer text only lines are compared
_ALONE = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff"  # Thai, kana, Han: no spaces, so each character is a word
_WORDS = re.compile(rf"\s+|[{_ALONE}]|[^\W{_ALONE}]+|[^\w\s]|.", re.S)
_SENTENCES = re.compile(r"\s+|[^\s.!?。！？][^.!?。！？\n]*[.!?。！？]*|[.!?。！？]+")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_LEVELS = (_WORDS, _SENTENCES, _LINES)  # from fine to coarse
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Change:
    """One difference between two bodies. `before` is None if added, `after` if removed; JSON's null is None too."""

    kind: Literal["added", "removed", "changed"]
    path: str
    before: JSON
    after: JSON


# ---- requests -------------------------------------------------------------------------------------------


def differences(before: ChatRequest, after: ChatRequest) -> list[Change]:
    """The fields that differ, at most CHANGES of them, by path: `temperature`, `messages[2].content`.

    An index in a path is that of the later request; for a removed item, that of the earlier one.
    """
    return list(islice(_object("", wire.payload(before), wire.payload(after), DEEPEST), CHANGES))


def _value(path: str, before: JSON, after: JSON, depth: int) -> Iterator[Change]:
    if depth and isinstance(before, dict) and isinstance(after, dict):
        yield from _object(path, before, after, depth - 1)
    elif depth and isinstance(before, list) and isinstance(after, list):
        yield from _list(path, before, after, depth - 1)
    elif before != after or isinstance(before, bool) != isinstance(after, bool):  # True == 1
        yield Change("changed", path, before, after)


def _object(path: str, before: Mapping[str, JSON], after: Mapping[str, JSON], depth: int) -> Iterator[Change]:
    for name in {**before, **after}:
        here = _member(path, name)
        if name not in before:
            yield Change("added", here, None, after[name])
        elif name not in after:
            yield Change("removed", here, before[name], None)
        else:
            yield from _value(here, before[name], after[name], depth)


def _list(path: str, before: list[JSON], after: list[JSON], depth: int) -> Iterator[Change]:
    """Compare two lists: items that did not change are matched even if others were inserted or removed before
    them.
    """
    for old, new in _differing_ranges(
        *([json.dumps(item, sort_keys=True) for item in side] for side in (before, after))
    ):
        pairs = min(len(old), len(new))
        for was, now in zip(old, new, strict=False):
            yield from _value(f"{path}[{now}]", before[was], after[now], depth)
        yield from (Change("removed", f"{path}[{place}]", before[place], None) for place in old[pairs:])
        yield from (Change("added", f"{path}[{place}]", None, after[place]) for place in new[pairs:])


def _member(path: str, name: str) -> str:
    if not _IDENTIFIER.fullmatch(name):
        return f"{path}[{json.dumps(name, ensure_ascii=False)}]"
    return f"{path}.{name}" if path else name


# ---- texts ----------------------------------------------------------------------------------------------


def text_differences(before: str, after: str) -> list[Segment]:
    """Both texts as one row of segments: `before` is all but the added ones, `after` all but the removed ones."""
    levels = _LEVELS if max(len(before), len(after)) <= LONG else (_LINES,)
    segments = groupby(_segments(before, after, levels), key=lambda segment: segment[0])
    joined = ((kind, "".join(text for _, text in run)) for kind, run in segments)
    return [(kind, text) for kind, text in joined if text]


def _segments(before: str, after: str, levels: Sequence[re.Pattern[str]]) -> Iterator[Segment]:
    """Compare at the finest level that is affordable, and compare what differs there at the finer levels."""
    for place, level in enumerate(levels):
        old, new = level.findall(before), level.findall(after)
        start, end = _common_ends(old, new)
        if max(len(old), len(new)) - start - end <= TOKENS:
            yield "same", "".join(old[:start])
            yield from _middle(old[start : len(old) - end], new[start : len(new) - end], levels[:place])
            yield "same", "".join(old[len(old) - end :])
            return
    yield "removed", before
    yield "added", after


def _middle(old: list[str], new: list[str], finer: Sequence[re.Pattern[str]]) -> Iterator[Segment]:
    position = 0
    for removed, added in _differing_ranges(old, new):
        yield "same", "".join(old[position : removed.start])
        was, now = "".join(old[removed.start : removed.stop]), "".join(new[added.start : added.stop])
        yield from _segments(was, now, finer)
        position = removed.stop
    yield "same", "".join(old[position:])


def _differing_ranges(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[range, range]]:
    """The ranges in which two sequences differ. Shared spaces alone do not split a range."""
    start, end = _common_ends(old, new)
    middle = old[start : len(old) - end], new[start : len(new) - end]
    if max(map(len, middle)) > TOKENS:
        yield range(start, len(old) - end), range(start, len(new) - end)
        return
    for tag, was, was_end, now, now_end in SequenceMatcher(str.isspace, *middle).get_opcodes():
        if tag != "equal":
            yield range(start + was, start + was_end), range(start + now, start + now_end)


def _common_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """The length of the common prefix, and of the common suffix of what remains."""
    shortest = min(len(old), len(new))
    start = next((place for place in range(shortest) if old[place] != new[place]), shortest)
    left = range(shortest - start)
    end = next((place for place in left if old[-1 - place] != new[-1 - place]), shortest - start)
    return start, end
