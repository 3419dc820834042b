"""Who was fastest and who was cheapest, once every lane has ended. Nothing is claimed that is not known.

A lane takes part with a complete answer: one that failed or was stopped was neither fast nor cheap.
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
ALIKE = 0.05  # of the better of two: what is closer than this is chance, and counts as tied
# Scripts that are written without spaces: about two characters make a word.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True)
class Best:
    """The places of the lanes that were best; of several, all that are tied. Empty where nobody was better:
    "same" where all are tied, "unknown" where a lane does not tell, "alone" where there is nothing to compare with,
    "shared" where one computer had to do the work of several lanes, one after the other.
    """

    places: tuple[int, ...] = ()
    why: Why = ""


@dataclass(frozen=True)
class Verdict:
    """`first`: who began first; `speed`: who wrote the most words a second; `cost`: who was cheapest."""

    first: Best
    speed: Best
    cost: Best


def word_count(text: str) -> int:
    """Words of a text, in scripts without spaces about so many."""
    unspaced = len(_UNSPACED.findall(text))
    return len(_UNSPACED.sub(" ", text).split()) + -(-unspaced // 2)


def words_per_second(message: Message) -> float | None:
    """From the first word on, thoughts included. None where it came at once, or is not known."""
    first, total = message.timing.first_token, message.timing.total
    reasoning, text = wire.thinking(message)
    count = word_count(text) + word_count(reasoning)
    if first is None or total is None or total - first < 0.001 or count < 2:
        return None
    return count / (total - first)


def verdict(answers: Sequence[Message | None], *, shared: bool = False) -> Verdict | None:
    """Of the last answer of each lane. None while one still runs, or where there is nothing to compare.

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
    """Seconds a word: the less, the better, as with the others."""
    speed = words_per_second(answer)
    return 1 / speed if speed else None


def _best(values: dict[int, float | None]) -> Best:
    """The lowest value, with all that are nearly as low."""
    known = {place: value for place, value in values.items() if value is not None}
    if len(values) < 2:
        return Best(why="alone")
    if len(known) < len(values):  # the one that does not tell may be the best
        return Best(why="unknown")
    lowest = min(known.values())
    places = tuple(place for place, value in known.items() if value <= lowest * (1 + ALIKE))
    if len(places) == len(known):
        return Best(why="same")
    return Best(places, "tied" if len(places) > 1 else "")
