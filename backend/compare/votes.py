"""A blind vote on answers, as pairs of models: the form in which LMArena publishes its votes.

The best of several lanes has won against each of the others; a tie of all is a tie of each pair.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, get_args

from backend.answer.cost import usd
from backend.compare.lane import Lane
from backend.compare.lane_settings import LaneSettings, Overrides, in_common
from backend.compare.verdict import words_per_second
from backend.types import JSON

Winner = Literal["model_a", "model_b", "tie", "tie (bothbad)"]
WINNERS: tuple[Winner, ...] = get_args(Winner)
TIE, BAD = "tie", "bad"  # outcomes besides the index of the best
NAME = 300  # characters of a model with its differences
_VALUE = 24  # characters of a value in a name


@dataclass(frozen=True)
class Contestant:
    """The model of a lane, with its settings if the same model answers twice."""

    name: str
    cost: float | None = None  # US dollars of its last answer
    speed: float | None = None  # words a second of it


@dataclass(frozen=True)
class Vote:
    """A vote on one pair. `question` is the same for all pairs of one vote; `turn`: the number of questions asked.

    `tstamp` in seconds since 1970, UTC. A cost or a speed is None if unknown.
    """

    question: str
    model_a: str
    model_b: str
    winner: Winner
    turn: int = 1
    language: str = ""
    tstamp: float = 0.0
    cost_a: float | None = None
    cost_b: float | None = None
    speed_a: float | None = None
    speed_b: float | None = None


def votes(question: str, lanes: Sequence[Contestant], outcome: int | str, turn: int, now: float) -> list[Vote]:
    """The pairs of one vote. `outcome`: the index of the best, TIE or BAD. A model is not compared with itself."""
    pairs = [
        (a, b)
        for a, b in combinations(range(len(lanes)), 2)
        if lanes[a].name != lanes[b].name and (isinstance(outcome, str) or outcome in (a, b))
    ]
    return [_vote(question, (lanes[a], lanes[b]), _winner(outcome, a), turn, now) for a, b in pairs]


def _winner(outcome: int | str, a: int) -> Winner:
    if outcome == BAD:
        return "tie (bothbad)"
    return "tie" if outcome == TIE else "model_a" if outcome == a else "model_b"


def _vote(question: str, pair: tuple[Contestant, Contestant], winner: Winner, turn: int, now: float) -> Vote:
    a, b = pair
    return Vote(question, a.name, b.name, winner, turn, "", now, a.cost, b.cost, a.speed, b.speed)


def contestants(lanes: Sequence[Lane], shared: LaneSettings) -> list[Contestant]:
    """The contestants of the lanes, by the names under which they are counted."""
    names = _names([lane.changes for lane in lanes], shared)
    newest = [lane.newest for lane in lanes]
    return [
        Contestant(name, usd(answer) if answer else None, words_per_second(answer) if answer else None)
        for name, answer in zip(names, newest, strict=True)
    ]


def _names(changes: Sequence[Overrides], shared: LaneSettings) -> list[str]:
    """The name of each model; of one that occurs twice, with its differences."""
    models = [own.over(shared).model for own in changes]
    differences = [dict(own.differences(shared)) for own in changes]
    common = in_common([list(own.items()) for own in differences])
    names = []
    for model, own in zip(models, differences, strict=True):
        more = {name: value for name, value in own.items() if name != "model" and (name, value) not in common}
        names.append(
            f"{model} ({_differences_text(more)})"[:NAME] if more and models.count(model) > 1 else model[:NAME]
        )
    return names


def _differences_text(own: Mapping[str, JSON]) -> str:
    """Differences in brief. Nothing of a system prompt: a vote outlives the race that it was about."""
    return ", ".join(f"{name.replace('_', ' ')} {_value(name, value)}" for name, value in own.items())


def _value(name: str, value: JSON) -> str:
    if name == "system_prompt":
        return hashlib.sha256(str(value).encode()).hexdigest()[:6] if value else "none"
    if value is None:
        return "not set"
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))[:_VALUE]
