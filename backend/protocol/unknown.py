"""Unknown fields of an answer or of a call, kept unchanged: the provider may require them back.

Some reject the next request of a tool loop without them (Gemini 3 without its thought signature: 400).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from backend.types import JSON
from backend.untrusted import clean_json, string

FIELD_LIMIT = 200_000  # characters of JSON of one field; a thought signature has a few thousand
FIELDS_LIMIT = 16
_LONGEST_NAME = 200
_THOUGHTS = "thinking_blocks"  # LiteLLM's field for the thoughts of Claude
_AROUND = len(json.dumps({"type": "thinking", "thinking": ""}))
_NOTHING: tuple[JSON, ...] = (None, "", [], {})


class UnknownFields:
    """The unknown fields of one answer or call, merged from its pieces. A field that exceeds the limit keeps
    what it has; a text that came in different pieces is dropped, as the way to join them is unknown.
    """

    def __init__(self) -> None:
        self.fields: dict[str, JSON] = {}
        self._sizes: dict[str, int] = {}
        self._torn: set[str] = set()

    def add(self, fields: Mapping[str, JSON]) -> None:
        """Merge the fields of one piece. An empty one overwrites nothing."""
        for name, value in fields.items():
            if value in _NOTHING or len(name) > _LONGEST_NAME or name in self._torn:
                continue
            if isinstance(value, str) and self.fields.get(name, value) != clean_json(value):
                self._tear(name)
            elif name in self.fields or len(self.fields) < FIELDS_LIMIT:
                self._add(name, clean_json(value))

    def _add(self, name: str, value: JSON) -> None:
        size = _size(value, pieces=name == _THOUGHTS)
        if isinstance(value, list | dict):
            size += self._sizes.get(name, 0)
        if size <= FIELD_LIMIT:
            self._sizes[name] = size
            self.fields[name] = merged(self.fields.get(name), value, name)

    def _tear(self, name: str) -> None:
        if len(self._torn) < FIELDS_LIMIT:
            self._torn.add(name)
        self.fields.pop(name, None)
        self._sizes.pop(name, None)

    @property
    def size(self) -> int:
        """The approximate characters."""
        return sum(self._sizes.values())


def _size(value: JSON, *, pieces: bool) -> int:
    """Its characters of JSON; of a piece of a thought, which is joined with others, those of its words."""
    if pieces and isinstance(value, list):
        sizes = ((_size(piece, pieces=False), _is_open([piece])) for piece in value)
        return sum(max(0, size - _AROUND) if is_open else size for size, is_open in sizes)
    return len(json.dumps(value, ensure_ascii=False))


def merged(old: JSON, new: JSON, name: str = "") -> JSON:
    """Merge two versions of a field's value: objects field by field, lists are appended unless repeated, and an
    empty value overwrites nothing.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: merged(old.get(key), value, key) for key, value in new.items()}}
    if isinstance(old, list) and isinstance(new, list):
        if new[: len(old)] == old and not (name == _THOUGHTS and _is_open(old[-1:])):
            return new
        return _join_thoughts(old, new) if name == _THOUGHTS else old + new
    return old if new in _NOTHING else new


def _join_thoughts(blocks: list[JSON], pieces: list[JSON]) -> list[JSON]:
    """Thoughts of Claude with their pieces, as LiteLLM streams them: the piece with the signature ends one, and has
    no words, or all of them again.
    """
    joined = list(blocks)
    for piece in pieces:
        last = joined[-1] if joined else None
        if (
            isinstance(last, dict)
            and isinstance(piece, dict)
            and _is_open([last])
            and piece.get("type") == "thinking"
        ):
            before, words = string(last.get("thinking")), string(piece.get("thinking"))
            again = bool(piece.get("signature")) and words.startswith(before)
            told = {name: value for name, value in piece.items() if value not in _NOTHING}
            joined[-1] = {**last, **told, "thinking": words if again else before + words}
        else:
            joined.append(piece)
    return joined


def _is_open(last: list[JSON]) -> bool:
    """Whether more of this thought may come: it has no signature yet."""
    return any(
        isinstance(block, dict) and block.get("type") == "thinking" and not block.get("signature") for block in last
    )
