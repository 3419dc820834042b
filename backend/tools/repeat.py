"""Asks the same question several times at once: which tools does a model choose, with which arguments?

The answers are compared and shown, never written into the conversation. Five runs show a tendency only.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from backend.tools.calls import BadArguments, arguments
from backend.types import Message, ToolCall

TIMES = 5


@dataclass(frozen=True)
class Chosen:
    """A choice, and the number of runs that made it. `arguments` are normalised."""

    what: str
    arguments: str
    runs: int


def tally(answers: Iterable[Message]) -> list[Chosen]:
    """The choices of the runs, the most frequent first. A run counts once for each different call in it."""
    counted = Counter(choice for answer in answers for choice in _choices(answer))
    return [Chosen(name, spelling, runs) for (name, spelling), runs in counted.most_common()]


def _choices(answer: Message) -> set[tuple[str, str]]:
    if answer.state in ("stopped", "failed"):
        return {("(no answer)", answer.failure.title if answer.failure else "stopped")}
    return {(call.name, canonical_arguments(call)) for call in answer.tool_calls} or {("(answered in words)", "")}


def canonical_arguments(call: ToolCall) -> str:
    """The arguments with sorted names; unchanged if they are no JSON object."""
    try:
        return json.dumps(arguments(call.arguments), ensure_ascii=False, sort_keys=True)
    except BadArguments:
        return call.arguments
