"""A fast path: nearly every chunk of an answer differs from the previous one only in its text. So a chunk is parsed
once, and of similar ones only the text. Measured with 16,000 tokens in memory: 26 us per token instead of 63.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backend.protocol.wire.known_fields import REASONING_FIELDS
from backend.types import JSON, Event, ReasoningDelta, TextDelta
from backend.untrusted import Object

_HOMES = ("content", *REASONING_FIELDS)
# Fields that may differ in each chunk, and are never read if there are `choices`. `obfuscation` is OpenAI's.
_NEVER_READ = dict.fromkeys(("id", "created", "obfuscation"))


class Familiar:
    """Remembers the last chunk that was only text, and recognises similar ones."""

    def __init__(self) -> None:
        self._like: Object | None = None
        self._event: TextDelta | ReasoningDelta = TextDelta("")

    def event(self, chunk: Object) -> Event | None:
        """The only event in a chunk like the remembered one; None for any other."""
        split = _words_apart(chunk)
        if split is None or split[0] != self._like:
            return None
        return replace(self._event, text=split[1])

    def learn(self, chunk: Object, events: Sequence[Event]) -> None:
        """Remember a chunk if its `events` are only text."""
        match events:
            case [TextDelta() | ReasoningDelta() as event] if split := _words_apart(chunk):
                if event.text == split[1]:
                    self._like, self._event = split[0], event


def _words_apart(chunk: Object) -> tuple[dict[str, JSON], str] | None:
    """A chunk with one text-only choice, without its text, and the text."""
    choices = chunk.get("choices")
    choice = choices[0] if isinstance(choices, list) and len(choices) == 1 else None
    delta = choice.get("delta") if isinstance(choice, dict) else None
    if not (isinstance(choice, dict) and isinstance(delta, dict)):
        return None
    homes = [name for name in _HOMES if delta.get(name)]
    text = delta[homes[0]] if len(homes) == 1 else None
    if not isinstance(text, str):
        return None
    return {**chunk, **_NEVER_READ, "choices": [{**choice, "delta": {**delta, homes[0]: True}}]}, text
