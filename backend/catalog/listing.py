"""A list of models and what can be asked of it: who is this, who replaces it, who can do that instead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from backend.catalog.model import ModelInfo
from backend.catalog.pricing import UnitPrice
from backend.types import MediaKind

# Developers offered first when the chosen model cannot read an attachment: names that visitors know.
_WELL_KNOWN = ("Google", "OpenAI")
# Words of a name that say nothing about what the model is like.
_NO_KINSHIP = frozenset({"preview", "exp", "latest", "instruct", "chat", "hf", "it"})


@dataclass(frozen=True)
class Listing:
    """Models in the order in which they are offered. `known` also holds those that are not offered."""

    known: tuple[ModelInfo, ...] = ()
    # Of the models that are not for chat, by every name in lower case: what one picture, second ... costs.
    unit_prices: Mapping[str, tuple[UnitPrice, ...]] = field(default_factory=dict, hash=False, compare=False)

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

    @cached_property
    def _by_id(self) -> dict[str, ModelInfo]:
        """Every id as it is spelled: some servers tell `a` from `A`."""
        return {model.id: model for model in reversed(self.known)}

    def find(self, model_id: str) -> ModelInfo:
        """What is known about an id or alias, in any spelling; an unknown id is itself and nothing more."""
        return self._by_id.get(model_id) or self._by_name.get(model_id.lower()) or ModelInfo(model_id)

    def listed_id(self, name: str) -> str:
        """The id under which this list has an id or one of the server's own aliases; the name itself for others."""
        model = self.find(name)
        named = {other.lower() for other in (model.id, *model.listed_as)}
        return model.id if name.lower() in named else name

    def resolve(self, typed: str) -> str:
        """The id to send for what was typed: as this list has it, else as the documents have it, else as typed.

        A model that is retired, or that the server lists under another id now, is asked for as typed: what would
        replace it is offered, and never takes its place by itself.
        """
        listed, model = self.listed_id(typed), self.find(typed)
        if listed != typed:
            return listed
        if " " in typed:  # no id has one: a name, as people and menus write it
            return self._named(typed) or model.id
        if model.retired or typed.lower() == model.former_id.lower():
            return typed
        # Without the server's list nothing says that an alias is not taken. A name of old documents never was.
        documented = typed.lower() in (name.lower() for name in model.documented_as)
        return model.id if model.listed_as or documented else typed

    def _named(self, name: str) -> str:
        """The id of the one model on offer with this full name, "" for none or several."""
        ids = [model.id for model in self.models if model.name.lower() == name.lower()]
        return ids[0] if len(ids) == 1 else ""

    def successor(self, model: ModelInfo) -> ModelInfo | None:
        """The living model whose name is nearest, to offer in place of a retired one: of the same developer, or of
        the same family where the developer has none any more."""
        words, living = _words(model), [other for other in self._living() if other.id != model.id]
        own = [other for other in living if other.developer == model.developer]
        family = [other for other in living if words and _words(other)[:1] == words[:1]]
        return max(own or family, key=lambda other: _likeness(words, _words(other)), default=None)

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
