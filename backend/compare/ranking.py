"""The table of wins: how strong each model is, and how uncertain that is with few votes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from backend.compare.votes import Vote

RANKED = 100  # models at most: those with the most votes
CENTRE, SCALE = 1000.0, 173.7178  # Elo's scale, as LMArena has it: 400 points more are ten wins for each loss


@dataclass(frozen=True)
class Standing:
    """One model. `strength` is on Elo's scale with 1000 for the mean of the table, `low` and `high` its 95 %
    interval; None: not ranked. `compared` counts pairs with another model; "both bad" is none.

    `cost` is the mean in US dollars of an answer, `speed` in words per second; None: not known.
    """

    model: str
    compared: int
    wins: int
    ties: int
    losses: int
    both_bad: int
    strength: float | None = None
    low: float = 0.0
    high: float = 0.0
    cost: float | None = None
    speed: float | None = None


@dataclass(frozen=True)
class Ranking:
    """`ranked`: the strongest first. `apart`: not comparable with those, not even indirectly."""

    questions: int = 0
    ranked: tuple[Standing, ...] = ()
    apart: tuple[Standing, ...] = ()

    @property
    def leader(self) -> Standing | None:
        """The model that is the best beyond chance: its interval is above all others."""
        first, *others = self.ranked or (None,)
        if first is None or any(other is not None and other.high >= first.low for other in others):
            return None
        return first


def ranking(votes: Sequence[Vote]) -> Ranking:
    """The ranking of all votes. "Both bad" does not say who is better: it is counted, but is no comparison."""
    from backend.compare import bradley_terry  # loads NumPy: only if there is something to count

    if not votes:
        return Ranking()
    decided = [vote for vote in votes if vote.winner != "tie (bothbad)"]
    groups = bradley_terry.together((vote.model_a, vote.model_b) for vote in decided)
    times = Counter(model for vote in decided for model in (vote.model_a, vote.model_b))
    named = sorted(groups[0], key=lambda model: -times[model])[:RANKED] if groups else []
    tallies = {standing.model: standing for standing in _tallies(votes)}
    places = {model: place for place, model in enumerate(named)}
    ballots = _ballots(decided, places)
    ranked: list[Standing] = []
    if ballots:
        points = zip(
            named, *(CENTRE + SCALE * part for part in bradley_terry.table(ballots, len(named))), strict=True
        )
        ranked = [
            _with_strength(tallies[model], float(at), float(low), float(high)) for model, at, low, high in points
        ]
    apart = [standing for model, standing in tallies.items() if model not in places]
    return Ranking(
        len({vote.question for vote in votes}),
        tuple(sorted(ranked, key=lambda one: -(one.strength or 0.0))),
        tuple(sorted(apart, key=lambda one: (-one.compared, one.model))),
    )


def _ballots(votes: Iterable[Vote], places: Mapping[str, int]) -> Counter[tuple[tuple[int, int, float], ...]]:
    """What each question says about pairs of models, by index, and the number of identical ones."""
    by_question: defaultdict[str, list[tuple[int, int, float]]] = defaultdict(list)
    for vote in votes:
        if vote.model_a not in places or vote.model_b not in places:
            continue
        a, b = places[vote.model_a], places[vote.model_b]
        won = {"model_a": 1.0, "model_b": 0.0}.get(vote.winner, 0.5)
        by_question[vote.question] += [(a, b, won)] if won else []
        by_question[vote.question] += [(b, a, 1 - won)] if won < 1 else []
    return Counter(tuple(sorted(ballot)) for ballot in by_question.values())


def _with_strength(tally: Standing, strength: float, low: float, high: float) -> Standing:
    return Standing(
        *(tally.model, tally.compared, tally.wins, tally.ties, tally.losses, tally.both_bad),
        *(strength, low, high, tally.cost, tally.speed),
    )


def _tallies(votes: Iterable[Vote]) -> list[Standing]:
    """The counts of each model."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    measured: defaultdict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    for vote in votes:
        sides = (
            (vote.model_a, vote.cost_a, vote.speed_a, "model_a"),
            (vote.model_b, vote.cost_b, vote.speed_b, "model_b"),
        )
        for model, cost, speed, side in sides:
            won = vote.winner if vote.winner.startswith("tie") else "won" if vote.winner == side else "lost"
            counts[model][won] += 1
            for value, values in zip((cost, speed), measured[model], strict=True):
                values += [] if value is None else [value]
    return [
        Standing(
            *(model, count["won"] + count["tie"] + count["lost"], count["won"], count["tie"], count["lost"]),
            count["tie (bothbad)"],
            cost=_mean(measured[model][0]),
            speed=_mean(measured[model][1]),
        )
        for model, count in counts.items()
    ]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
