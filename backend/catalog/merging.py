"""Merges the documentation's models with the server's current list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from backend.catalog.listing import Listing
from backend.catalog.model import ModelInfo


def plausible(live: Iterable[ModelInfo], former: Listing) -> bool:
    """Whether a list is credible: an empty one, or less than a tenth of the previous one, is a problem of the
    server.
    """
    now = sum(model.chat for model in live)
    before = sum(not model.retired for model in former.models)
    return now > 0 and now * 10 >= before


def merged(base: Listing, live: tuple[ModelInfo, ...]) -> Listing:
    """Current facts override bundled ones. A bundled model keeps its position and gets the id of the live list, as
    an id that the list lacks is rejected. Models that are gone are retired.

    Both lists are matched by id and by alias: a model may continue under another name.
    """
    pairs = _pairs(base, live)
    used = {match.id for _, match in pairs if match}
    new = [model for model in live if model.chat and model.id not in used]
    ids = {model.id.lower() for model in (*(match or model for model, match in pairs), *new)}
    developers = {_plain(model.developer): model.developer for model in base.known}
    models = [_updated(model, match, ids) for model, match in pairs]
    return Listing(
        (
            *(model for model in models if not model.retired),
            *(_server_only_model(model, developers, ids) for model in new),
            *(model for model in models if model.retired),
        )
    )


def _pairs(base: Listing, live: tuple[ModelInfo, ...]) -> list[tuple[ModelInfo, ModelInfo | None]]:
    """Each bundled model with its live entry. Two that have become one model are merged, with both names."""
    by_name = _by_name(live)
    pairs = [(model, _match(model, by_name)) for model in base.known]
    owner: dict[str, str] = {}
    for model, match in pairs:
        if match and (match.id not in owner or model.id.lower() == match.id.lower()):
            owner[match.id] = model.id
    return [(model, match) for model, match in pairs if match is None or owner[match.id] == model.id]


def _by_name(live: tuple[ModelInfo, ...]) -> dict[str, ModelInfo]:
    by_name = {model.id.lower(): model for model in live}
    for model in live:
        for alias in model.aliases:
            by_name.setdefault(alias.lower(), model)
    return by_name


def _match(model: ModelInfo, by_name: Mapping[str, ModelInfo]) -> ModelInfo | None:
    return next(filter(None, (by_name.get(name.lower()) for name in model.names)), None)


def _updated(model: ModelInfo, live: ModelInfo | None, ids: set[str]) -> ModelInfo:
    """A bundled model with the server's facts; retired if the server does not list it."""
    if live is None:
        # A model that was never listed, or never offered for chat, stays unchanged.
        return model if model.unlisted or not model.chat else replace(model, retired=True)
    capabilities = (model.capabilities or frozenset()) | (live.capabilities or frozenset())
    renamed = model.id.lower() not in (name.lower() for name in live.names)
    return replace(
        live,
        aliases=_aliases((*live.aliases, *model.names), ids),
        documented_as=model.documented_as,
        listed_as=live.names,
        former_id=model.id if renamed else "",
        name=live.name or model.name,
        developer=model.developer or live.developer,
        context_length=live.context_length or model.context_length,
        capabilities=capabilities or None,
        parameters=model.parameters,
        parts=model.parts,
        roles=model.roles,
        limits=model.limits,
        default_max_tokens=model.default_max_tokens,
        generic=model.generic,
    )


def _server_only_model(model: ModelInfo, developers: Mapping[str, str], ids: set[str]) -> ModelInfo:
    """A model known only to the server, with the developer's name in this list's spelling."""
    developer = developers.get(_plain(model.developer), model.developer)
    return replace(model, developer=developer, aliases=_aliases(model.aliases, ids), listed_as=model.names)


def _aliases(names: Iterable[str], ids: set[str]) -> tuple[str, ...]:
    """The names that are no model's id."""
    return tuple(name for name in dict.fromkeys(names) if name.lower() not in ids)


def _plain(name: str) -> str:
    """A developer's name in normal form: Open AI is OpenAI."""
    return re.sub(r"\W", "", name).lower()
