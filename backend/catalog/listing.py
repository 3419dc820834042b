"""A list of models and its lookups: what an id refers to, what replaces a retired one, which model has an
ability.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from backend.catalog.model import ModelInfo
from backend.catalog.pricing import UnitPrice
from backend.types import MediaKind

# Developers suggested first if the chosen model cannot read an attachment: well-known names.
_WELL_KNOWN = ("Google", "OpenAI")
# Parts of a name that do not describe the model.
_NO_KINSHIP = frozenset({"preview", "exp", "latest", "instruct", "chat", "hf", "it"})


@dataclass(frozen=True)
class Listing:
    """Models in display order. `known` also contains those that are not offered."""

    known: tuple[ModelInfo, ...] = ()
    # Unit prices of non-chat models, by every name in lower case: of one picture, second ...
    unit_prices: Mapping[str, tuple[UnitPrice, ...]] = field(default_factory=dict, hash=False, compare=False)

    @cached_property
    def models(self) -> tuple[ModelInfo, ...]:
        """The chat models on offer."""
        return tuple(model for model in self.known if model.chat and not model.unlisted)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids of `models`."""
        return tuple(model.id for model in self.models)

    @cached_property
    def _by_name(self) -> dict[str, ModelInfo]:
        """Every name in lower case. Ids have precedence over aliases, and aliases over names in old
        documentation.
        """
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
        """Every id in its own spelling: some servers distinguish `a` from `A`."""
        return {model.id: model for model in reversed(self.known)}

    def find(self, model_id: str) -> ModelInfo:
        """The entry for an id or alias, in any spelling; an unknown id gets an empty entry."""
        return self._by_id.get(model_id) or self._by_name.get(model_id.lower()) or ModelInfo(model_id)

    def listed_id(self, name: str) -> str:
        """The id in this list for an id or one of the server's own aliases; any other name unchanged."""
        model = self.find(name)
        named = {other.lower() for other in (model.id, *model.listed_as)}
        return model.id if name.lower() in named else name

    def resolve(self, typed: str) -> str:
        """The id to send for a typed name: by this list, otherwise by the documentation, otherwise as typed.

        A model that is retired, or that the server lists under another id now, is requested as typed: a
        replacement is suggested, and never used automatically.
        """
        listed, model = self.listed_id(typed), self.find(typed)
        if listed != typed:
            return listed
        if " " in typed:  # no id contains a space: a display name
            return self._id_of_name(typed) or model.id
        if model.retired or typed.lower() == model.former_id.lower():
            return typed
        # Without the server's list an alias may be valid. A name in old documentation never was.
        documented = typed.lower() in (name.lower() for name in model.documented_as)
        return model.id if model.listed_as or documented else typed

    def _id_of_name(self, name: str) -> str:
        """The id of the only model on offer with this full name, "" for none or several."""
        ids = [model.id for model in self.models if model.name.lower() == name.lower()]
        return ids[0] if len(ids) == 1 else ""

    def successor(self, model: ModelInfo) -> ModelInfo | None:
        """The current model with the most similar name, to suggest for a retired one: of the same developer, or
        of the same family if the developer has none any more.
        """
        words, living = _words(model), [other for other in self._living() if other.id != model.id]
        own = [other for other in living if other.developer == model.developer]
        family = [other for other in living if words and _words(other)[:1] == words[:1]]
        return max(own or family, key=lambda other: _likeness(words, _words(other)), default=None)

    def able(self, kind: MediaKind) -> ModelInfo | None:
        """A current, well-known model whose own schema accepts pictures, sounds or documents."""
        able = [model for model in self._living() if model.takes(kind)]
        return min(able, key=lambda model: (model.generic, _rank(model.developer)), default=None)

    def _living(self) -> Iterator[ModelInfo]:
        return (model for model in self.models if not model.retired)


def _rank(developer: str) -> int:
    return _WELL_KNOWN.index(developer) if developer in _WELL_KNOWN else len(_WELL_KNOWN)


def _words(model: ModelInfo) -> list[str]:
    return [word for word in re.split(r"[-_:\s]+", model.short_name.lower()) if word]


def _likeness(words: list[str], other: list[str]) -> tuple[bool, int, int]:
    """The sort key of similarity: the same family first, then the most common words, then the shortest name.

    A version counts as half a word, a date as nothing.
    """
    shared = {word for word in set(words) & set(other) - _NO_KINSHIP if not re.fullmatch(r"\d{4,}", word)}
    weight = sum(1 if re.fullmatch(r"[\d.]+", word) else 2 for word in shared)
    return bool(words and other and words[0] == other[0]), weight, -len(other)
