"""Rounds of calls that are unfinished, for all tabs of the process.

A tab that is reloaded while one call has run and another one waits takes its round up: nothing runs twice. After a
restart of the process nothing is known of a round, and its calls may have run.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from backend.conversation.tree import Conversation, NodeId
from backend.tools.calls import CallOutcome, capped
from backend.tools.steps import Step
from backend.types import ToolCall

MOST = 500  # unfinished rounds that are remembered


@dataclass(frozen=True)
class Round:
    """The steps of one answer. `known`: they began in this process, so what has run is among them."""

    steps: list[Step]
    known: bool = True


class OpenRounds:
    """The unfinished rounds of one owner, from every tab; without an owner, of one chat alone."""

    def __init__(self, owner: str | None = None) -> None:
        self._owner = owner or ""
        self._rounds = OrderedDict[tuple[str, NodeId], Round]() if owner is None else _of_all

    def find(self, node: NodeId, calls: Sequence[ToolCall]) -> Round | None:
        """The round of an answer, if it has these calls."""
        with _changing:
            found = self._rounds.get((self._owner, node))
        return found if found and [step.call for step in found.steps] == list(calls) else None

    def add(self, node: NodeId, round_: Round) -> None:
        with _changing:
            self._rounds[self._owner, node] = round_
            while len(self._rounds) > MOST:
                self._rounds.popitem(last=False)

    def end(self, node: NodeId) -> None:
        with _changing:
            self._rounds.pop((self._owner, node), None)


def results_of_calls(conversation: Conversation, node: NodeId) -> dict[str, CallOutcome]:
    """The results that a conversation has for the calls of an answer, by their ids."""
    found: dict[str, CallOutcome] = {}
    for message in conversation.after(node):
        if message.role != "tool":
            break
        ok = not message.content.startswith("Error:")
        found.setdefault(message.tool_call_id or "", capped(message.content, ok=ok))
    return found


_of_all = OrderedDict[tuple[str, NodeId], Round]()
_changing = threading.Lock()
