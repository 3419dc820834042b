"""Deadlines (timeouts): how long the app waits for a connection, the first byte, the next, the whole answer.

The owner sets them as PLAYGROUND_TIMEOUT_<NAME> (backend/settings.py). call.py watches them and ends
the call; client.py waits for the headers, reply.py for the body.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from backend.types import ChatRequest

# Reasoning models that may send nothing for minutes before the first token: OpenAI's on chat completions,
# Google's Pro, and any behind a gateway that sends the headers together with the first token.
_THINKING = (
    *("o[1-9]*", "gpt-[5-9]*", "gpt-oss*", "codex*", "grok-[4-9]*", "qwq*", "deepseek-r*"),
    *("*think*", "*reason*", "*-r1*", "*magistral*", "*deep-research*", "*-pro", "*-pro-*"),
)
_ASKS_TO_THINK = (
    *("reasoning_effort", "reasoning", "reasoning.effort"),
    *("thinking", "thinking_budget", "enable_thinking"),
)


@dataclass(frozen=True)
class Deadlines:
    """Seconds of elapsed time.

    connect     until there is a connection
    headers     from the request to the first byte of the reply, its headers, when it is streamed
    blocking    the same when the reply comes in one piece: servers send headers when the answer is ready
    first_data  from the headers to the first piece of the answer, and between its thoughts
    idle        between two pieces, once its words have begun to arrive
    tail        for usage after finish_reason
    total       for all of it
    abandoned   that a closed tab has to come back, before its answer is stopped
    """

    connect: float = 5.0
    headers: float = 60.0
    blocking: float = 300.0
    first_data: float = 120.0
    idle: float = 60.0
    tail: float = 5.0
    total: float = 900.0
    abandoned: float = 100.0

    def of(self, request: ChatRequest) -> Deadlines:
        """The deadlines of one request: a reasoning model may take as long for its first token as for an answer."""
        if not _may_think(request):
            return self
        first = max(self.first_data, self.blocking)
        return replace(self, headers=max(self.headers, first), first_data=first)


def _may_think(request: ChatRequest) -> bool:
    asked = any(request.parameters.get(name) not in (None, False, 0, "none") for name in _ASKS_TO_THINK)
    name = request.model.lower().rpartition("/")[2]
    return asked or any(fnmatchcase(name, glob) for glob in _THINKING)
