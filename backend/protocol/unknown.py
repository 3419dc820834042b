"""Unknown fields of an answer or of a call, kept unchanged: the provider may require them back.

Some reject the next request of a tool loop without them (Gemini 3 without its thought signature: 400).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from backend.types import JSON
from backend.untrusted import clean_json

FIELD_LIMIT = 200_000  # characters of JSON of one field; a thought signature has a few thousand
FIELDS_LIMIT = 16
_LONGEST_NAME = 200
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
        size = len(json.dumps(value, ensure_ascii=False))
        if isinstance(value, list | dict):
            size += self._sizes.get(name, 0)
        if size <= FIELD_LIMIT:
            self._sizes[name] = size
            self.fields[name] = merged(self.fields.get(name), value)

    def _tear(self, name: str) -> None:
        if len(self._torn) < FIELDS_LIMIT:
            self._torn.add(name)
        self.fields.pop(name, None)
        self._sizes.pop(name, None)

    @property
    def size(self) -> int:
        """The approximate characters."""
        return sum(self._sizes.values())


def merged(old: JSON, new: JSON) -> JSON:
    """Merge two versions of one value: objects field by field, lists are appended unless repeated, and an empty
    value overwrites nothing.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{name: merged(old.get(name), value) for name, value in new.items()}}
    if isinstance(old, list) and isinstance(new, list):
        return new if new[: len(old)] == old else old + new
    return old if new in _NOTHING else new
