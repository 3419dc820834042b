"""Which lane was fastest and which cheapest, once every lane has ended. Nothing is claimed without data.

Only complete answers count: a lane that failed or was stopped was neither fast nor cheap.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from backend.answer.cost import usd
from backend.protocol import wire
from backend.types import Message

Why = Literal["", "tied", "same", "unknown", "alone", "shared"]
ALIKE = 0.05  # relative difference: closer values count as a tie
# Scripts without word spaces: about two characters make a word.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True)
class Best:
    """The indexes of the best lanes; all that are tied. Empty with a reason: "same" if all are tied, "unknown" if a
    lane has no value, "alone" if there is nothing to compare with, "shared" if one computer did the work of several
    lanes in turn.
    """

    places: tuple[int, ...] = ()
    why: Why = ""


@dataclass(frozen=True)
class Verdict:
    """`first`: the shortest time to the first token; `speed`: the most words per second; `cost`: the cheapest."""

    first: Best
    speed: Best
    cost: Best


def word_count(text: str) -> int:
    """The number of words; in scripts without spaces an estimate."""
    unspaced = len(_UNSPACED.findall(text))
    return len(_UNSPACED.sub(" ", text).split()) + -(-unspaced // 2)


def words_per_second(message: Message) -> float | None:
    """The rate after the first word, reasoning included. None if it arrived all at once, or is not known."""
    first, total = message.timing.first_token, message.timing.total
    reasoning, text = wire.thinking(message)
    count = word_count(text) + word_count(reasoning)
    if first is None or total is None or total - first < 0.001 or count < 2:
        return None
    return count / (total - first)


def verdict(answers: Sequence[Message | None], *, shared: bool = False) -> Verdict | None:
    """The verdict on the last answer of each lane. None while one is running, or if there is nothing to compare.

    `shared`: several lanes ran on one computer and waited for each other, so their times say nothing about models.
    """
    if any(answer is not None and answer.state == "running" for answer in answers):
        return None
    complete = {
        place: answer
        for place, answer in enumerate(answers)
        if answer is not None and answer.state == "done" and not answer.empty
    }
    if not complete:
        return None
    cost = _best({place: usd(answer) for place, answer in complete.items()})
    if shared:
        return Verdict(Best(why="shared"), Best(why="shared"), cost)
    first = {place: answer.timing.first_token for place, answer in complete.items()}
    return Verdict(_best(first), _best({place: _slowness(answer) for place, answer in complete.items()}), cost)


def _slowness(answer: Message) -> float | None:
    """Seconds per word: lower is better, as for the other figures."""
    speed = words_per_second(answer)
    return 1 / speed if speed else None


def _best(values: dict[int, float | None]) -> Best:
    """The lowest value, with all that are nearly as low."""
    known = {place: value for place, value in values.items() if value is not None}
    if len(values) < 2:
        return Best(why="alone")
    if len(known) < len(values):  # the one without a value may be the best
        return Best(why="unknown")
    lowest = min(known.values())
    places = tuple(place for place, value in known.items() if value <= lowest * (1 + ALIKE))
    if len(places) == len(known):
        return Best(why="same")
    return Best(places, "tied" if len(places) > 1 else "")
