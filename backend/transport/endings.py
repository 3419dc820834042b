"""Tracks which choices of an answer have begun, which are complete, and whether their finish_reason is final.

Some servers write "stop" into every chunk, and with n > 1 a choice continues when another has ended.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend.types import (
    AudioDelta,
    Event,
    Finished,
    MediaReceived,
    ReasoningDelta,
    ReasoningDetail,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
)

_SAID = (TextDelta, ReasoningDelta, ReasoningDetail, RefusalDelta, ToolCallDelta, MediaReceived, AudioDelta)
# Finish reasons that are failures: OpenRouter and AI/ML API, Zhipu, DeepSeek, vLLM, SGLang and gateways.
_BROKEN_OFF = frozenset(
    (
        "error",
        "network_error",
        "insufficient_system_resource",
        "abort",
        "aborted",
        "cancelled",
        "canceled",
        "timeout",
    )
)


class Endings:
    """The end of an answer as its events tell it; `expected` choices were requested."""

    def __init__(self, expected: int = 1) -> None:
        self._expected = expected
        self._said: set[int] = set()
        self._finished: dict[int, str] = {}
        self._alone: set[int] = set()  # choices that finished in a chunk of their own, after their last text
        self._doubtful = False
        self._thinks = True  # only reasoning so far

    def note(self, events: Iterable[Event]) -> None:
        """Process the events of one chunk."""
        said, finished = set[int](), dict[int, str]()
        for event in events:
            if isinstance(event, Finished):
                finished[event.choice] = event.reason
            elif isinstance(event, _SAID):
                said.add(event.choice)
                self._thinks = self._thinks and isinstance(event, ReasoningDelta | ReasoningDetail)
        self._doubtful = self._doubtful or bool(said & self._finished.keys())
        self._alone |= (finished.keys() & self._said) - said
        self._said |= said
        self._finished |= finished

    @property
    def has_begun(self) -> bool:
        """Whether there was any output, or an end."""
        return bool(self._said)

    @property
    def thinks(self) -> bool:
        """Whether only reasoning has arrived so far."""
        return self.has_begun and self._thinks

    @property
    def complete(self) -> bool:
        """Whether every choice that has begun is complete."""
        return bool(self._finished) and self._said <= self._finished.keys()

    @property
    def final(self) -> bool:
        """Whether it is complete, with only the usage still to come."""
        return self.complete and not self._doubtful and len(self._alone) >= max(self._expected, len(self._said))

    @property
    def over(self) -> bool:
        """Whether an error can tell nothing more of the answer: it is final, or cut at its longest."""
        return self.final or (self.complete and "length" in self._finished.values())

    @property
    def broken_off(self) -> str:
        """The finish_reason that says that the provider aborted the answer, "" for none."""
        return next((reason for reason in self._finished.values() if reason.lower() in _BROKEN_OFF), "")
