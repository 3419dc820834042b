"""`reasoning_details`: a provider's own blocks of reasoning (OpenRouter), some readable, some encrypted.

A stream sends a block in pieces with its index. They are joined again: a provider that requires the blocks in
the next request of a tool loop requires them whole.
Source: https://openrouter.ai/docs/use-cases/reasoning-tokens
"""

from __future__ import annotations

from collections.abc import Mapping

from backend.protocol.growing_text import Text
from backend.types import JSON
from backend.untrusted import string

_GROWING = ("text", "summary")
_SAME = ("type", "index", "id", "format")


class Details:
    """Growing reasoning blocks."""

    def __init__(self) -> None:
        self._blocks: list[tuple[dict[str, JSON], dict[str, Text]]] = []
        self.size = 0

    def __len__(self) -> int:
        return len(self._blocks)

    def add(self, detail: Mapping[str, JSON]) -> None:
        """Append a piece to the previous block if it belongs to that, or begin a new one."""
        self.size += sum(len(value) for value in detail.values() if isinstance(value, str))
        if self._blocks and _goes_on(self._blocks[-1][0], detail):
            self._blocks[-1][0].update({name: value for name, value in detail.items() if value is not None})
        else:
            self._blocks.append((dict(detail), {}))
        texts = self._blocks[-1][1]
        for name in _GROWING if _has_index(detail) else ():
            if piece := string(detail.get(name)):
                texts.setdefault(name, Text()).append(piece)

    def whole(self) -> tuple[Mapping[str, JSON], ...]:
        """The blocks so far."""
        return tuple(
            {**fields, **{name: str(text) for name, text in texts.items()}} for fields, texts in self._blocks
        )


def _goes_on(block: Mapping[str, JSON], detail: Mapping[str, JSON]) -> bool:
    """Whether this is a piece of the same block: readable, and with the same metadata."""
    if not (_has_index(detail) and _has_index(block)) or "data" in detail or "data" in block:
        return False
    common = [name for name in _SAME if detail.get(name) is not None and block.get(name) is not None]
    return all(detail[name] == block[name] for name in common)


def _has_index(detail: Mapping[str, JSON]) -> bool:
    return isinstance(detail.get("index"), int)
