"""A list of models and what can be asked of it: who is this, who replaces it, who can do that instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from backend.catalog.model import ModelInfo
from backend.types import MediaKind

# Developers offered first when the chosen model cannot read an attachment: names that visitors know.
_WELL_KNOWN = ("Google", "OpenAI")
# Words of a name that say nothing about what the model is like.
_NO_KINSHIP = frozenset({"preview", "exp", "latest", "instruct", "chat", "hf", "it"})


@dataclass(frozen=True)
class Listing:
    """Models in the order in which they are offered. `known` also holds those that are not offered."""

    known: tuple[ModelInfo, ...] = ()

    @cached_property
    def models(self) -> tuple[ModelInfo, ...]:
        """Those on offer for chat."""
        return tuple(model for model in self.known if model.chat and not model.unlisted)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids of `models`."""
        return tuple(model.id for model in self.models)

    @cached_property
    def _by_name(self) -> dict[str, ModelInfo]:
        """Every name in lower case. An id goes before an alias, an alias before a name of old documents."""
        by_name: dict[str, ModelInfo] = {}
        for model in self.known:
            by_name.setdefault(model.id.lower(), model)
        for names in ("aliases", "documented_as"):
            for model in self.known:
                for name in getattr(model, names):
                    by_name.setdefault(name.lower(), model)
        return by_name

    def find(self, model_id: str) -> ModelInfo:
        """What is known about an id or alias, in any spelling; an unknown id is itself and nothing more."""
        return self._by_name.get(model_id.lower()) or ModelInfo(model_id)

    def successor(self, model: ModelInfo) -> ModelInfo | None:
        """The living model of the same developer whose name is nearest, to offer in place of a retired one."""
        words = _words(model)
        living = [other for other in self._living() if other.developer == model.developer and other.id != model.id]
        return max(living, key=lambda other: _likeness(words, _words(other)), default=None)

    def able(self, kind: MediaKind) -> ModelInfo | None:
        """A living, well-known model that takes pictures, sounds or documents: its own schema says so."""
        able = [model for model in self._living() if model.takes(kind)]
        return min(able, key=lambda model: (model.generic, _rank(model.developer)), default=None)

    def _living(self) -> Iterator[ModelInfo]:
        return (model for model in self.models if not model.retired)


def _rank(developer: str) -> int:
    return _WELL_KNOWN.index(developer) if developer in _WELL_KNOWN else len(_WELL_KNOWN)


def _words(model: ModelInfo) -> list[str]:
    return [word for word in re.split(r"[-_:\s]+", model.short_name.lower()) if word]


def _likeness(words: list[str], other: list[str]) -> tuple[bool, int, int]:
    """The same family first, then the most words in common, then the shortest name.

    A version counts half of a word, a date nothing.
    """
    shared = {word for word in set(words) & set(other) - _NO_KINSHIP if not re.fullmatch(r"\d{4,}", word)}
    weight = sum(1 if re.fullmatch(r"[\d.]+", word) else 2 for word in shared)
    return bool(words and other and words[0] == other[0]), weight, -len(other)
