"""Statistics over the answers of one cell: similarity, length, speed, cost, and how many match the schema.

Every number covers the complete answers unless it says otherwise; None if there is no data.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from backend.compare.verdict import word_count
from backend.formats import archive
from backend.jobs.job import JobStep
from backend.protocol import wire
from backend.schema import answer as schema_faults
from backend.types import JSON, Message

PAIRS = 1_000  # distinct texts that are compared; of more, a random but reproducible sample
LETTERS = 2_000  # characters of a text that are compared: the rest would change little and take long
CHECKED = 400  # answers that are checked against a schema


@dataclass(frozen=True)
class Group:
    """Answers with the same text; `places` are the indexes of their steps."""

    text: str
    places: tuple[int, ...]


@dataclass(frozen=True)
class Spread:
    """The distribution of a number: the median, `p90`, the minimum `low` and the maximum `high`."""

    low: float
    p50: float
    p90: float
    high: float


@dataclass(frozen=True)
class Figures:
    """One cell. Shares are 0..1; `similarity` is the mean over all pairs, 1 where all texts are the same.

    `agreement` is the share of the largest group. `in_schema` is None if no schema was requested.
    """

    asked: int = 0
    complete: int = 0
    failed: int = 0
    unknown: int = 0
    groups: tuple[Group, ...] = ()
    agreement: float | None = None
    similarity: float | None = None
    words: Spread | None = None
    in_schema: float | None = None
    refused: float | None = None
    cut: float | None = None
    first: Spread | None = None
    total: Spread | None = None
    cost: Spread | None = None
    unpriced: int = 0
    calls: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # tool -> arguments -> count

    @property
    def distinct(self) -> int | None:
        return len(self.groups) if self.complete else None


def message(step: JobStep) -> Message | None:
    """The answer in the result of a step."""
    kept = step.result.get("message")
    return archive.message(kept) if isinstance(kept, dict) else None


def figures(steps: Sequence[JobStep], schema: Mapping[str, JSON] | None = None) -> Figures:
    """The statistics of the steps of one cell."""
    answers = [(step, found) for step in steps if step.state == "done" and (found := message(step))]
    texts = [(step.place, text(found)) for step, found in answers]
    groups = _groups(texts)
    states = Counter(step.state for step in steps)
    count = len(answers)
    refusals = sum(bool(found.refusal) or found.finish_reason == "content_filter" for _, found in answers)
    filtered = sum(_filtered(step) for step in steps)
    ended = count + filtered
    return Figures(
        asked=len(steps),
        complete=count,
        failed=states["failed"],
        unknown=states["unknown"],
        groups=groups,
        agreement=len(groups[0].places) / count if groups else None,
        similarity=similarity([(group.text, len(group.places)) for group in groups]),
        words=spread(word_count(words) for _, words in texts),
        in_schema=_share(_fits_schema(words, schema) for _, words in texts[:CHECKED])
        if schema is not None
        else None,
        refused=(refusals + filtered) / ended if ended else None,
        cut=_share(found.finish_reason == "length" for _, found in answers),
        first=spread(found.timing.first_token for _, found in answers),
        total=spread(found.timing.total for _, found in answers),
        cost=spread(step.usd for step, _ in answers),
        unpriced=sum(step.usd is None for step, _ in answers),
        calls=_calls([found for _, found in answers]),
    )


def text(answer: Message) -> str:
    """The text of an answer without its reasoning; for one that refuses, the refusal."""
    return wire.thinking(answer)[1].strip() or answer.refusal.strip()


def _filtered(step: JobStep) -> bool:
    """Whether the provider's filter stopped the request itself."""
    found = message(step) if step.state == "failed" else None
    return bool(found and found.failure and found.failure.kind == "ContentFiltered")


def _groups(said: Iterable[tuple[int, str]]) -> tuple[Group, ...]:
    """By identical text, the largest first."""
    places: dict[str, list[int]] = {}
    for place, words in said:
        places.setdefault(words, []).append(place)
    groups = [Group(words, tuple(found)) for words, found in places.items()]
    return tuple(sorted(groups, key=lambda group: -len(group.places)))


def similarity(texts: Sequence[tuple[str, int]]) -> float | None:
    """The mean similarity of all pairs of texts, each given with its count. None for fewer than two."""
    total = sum(count for _, count in texts)
    pairs = total * (total - 1) / 2
    if not pairs:
        return None
    alike = sum(count * (count - 1) / 2 for _, count in texts)
    weighted = [(one, other, n * m) for (one, n), (other, m) in itertools.combinations(texts, 2)]
    if len(weighted) > PAIRS:
        weighted = random.Random(0).sample(weighted, PAIRS)
    weights = sum(weight for _, _, weight in weighted)
    mean = sum(ratio(one, other) * weight for one, other, weight in weighted) / weights if weights else 0.0
    return (alike + mean * (pairs - alike)) / pairs


def ratio(one: str, other: str) -> float:
    """How similar two texts are, 0..1, by the characters that they share (rapidfuzz's ratio)."""
    return fuzz.ratio(one[:LETTERS], other[:LETTERS]) / 100


def spread(values: Iterable[float | None]) -> Spread | None:
    """The distribution of the known values; percentiles are interpolated as numpy does."""
    known = sorted(value for value in values if value is not None)
    return Spread(known[0], _percentile(known, 0.5), _percentile(known, 0.9), known[-1]) if known else None


def _percentile(known: Sequence[float], share: float) -> float:
    place = share * (len(known) - 1)
    below = int(place)
    above = min(below + 1, len(known) - 1)
    return known[below] + (known[above] - known[below]) * (place - below)


def _share(values: Iterable[bool]) -> float | None:
    found = list(values)
    return sum(found) / len(found) if found else None


def _fits_schema(words: str, schema: Mapping[str, JSON]) -> bool:
    return not schema_faults(words, schema)


def _calls(answers: Iterable[Message]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for answer in answers:
        for call in answer.tool_calls:
            arguments = counts.setdefault(call.name, {})
            arguments[call.arguments] = arguments.get(call.arguments, 0) + 1
    return counts
