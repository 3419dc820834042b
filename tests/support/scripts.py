"""A source of answers that plays a test's script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from backend.transport.call import Call
from backend.types import ChatRequest, Event

Step = Event | Exception | Callable[[], Any]


class Script:
    """A source that plays events; a function among them is called, so that a test can hold the answer."""

    def __init__(self, *steps: Step) -> None:
        self.steps = steps

    def chat(self, request: ChatRequest, call: Call | None = None) -> Iterator[Event]:
        for step in self.steps:
            if isinstance(step, Exception):
                raise step
            if callable(step):
                step()
            else:
                yield step
