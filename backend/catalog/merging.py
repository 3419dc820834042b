"""What the documents know and what the server lists now, as one list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from backend.catalog.listing import Listing
from backend.catalog.model import ModelInfo


def plausible(live: Iterable[ModelInfo], former: Listing) -> bool:
    """A list of no models, or of less than a tenth of those there were, is a server's trouble and no news."""
    now = sum(model.chat for model in live)
    before = sum(not model.retired for model in former.models)
    return now > 0 and now * 10 >= before


def merged(base: Listing, live: tuple[ModelInfo, ...]) -> Listing:
    """Live facts over bundled ones. A bundled model keeps its place and has the id of the live list: an id that the
    list lacks is refused. Gone ones are retired.

    Both lists are matched by id and by alias: a model may live on under another name.
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
            *(_added(model, developers, ids) for model in new),
            *(model for model in models if model.retired),
        )
    )


def _pairs(base: Listing, live: tuple[ModelInfo, ...]) -> list[tuple[ModelInfo, ModelInfo | None]]:
    """Each bundled model with its live self. Two that are one model by now become one, which has both names."""
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
    """A bundled model with what the server says about it; retired when the server does not list it."""
    if live is None:
        # What no list ever held and what chat never offered is no loss: it stays as it was.
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


def _added(model: ModelInfo, developers: Mapping[str, str], ids: set[str]) -> ModelInfo:
    """A model that only the server knows, under its developer's name as it is written here."""
    developer = developers.get(_plain(model.developer), model.developer)
    return replace(model, developer=developer, aliases=_aliases(model.aliases, ids), listed_as=model.names)


def _aliases(names: Iterable[str], ids: set[str]) -> tuple[str, ...]:
    """The names that are no model's id."""
    return tuple(name for name in dict.fromkeys(names) if name.lower() not in ids)


def _plain(name: str) -> str:
    """A developer's name without the ways to write it: Open AI is OpenAI."""
    return re.sub(r"\W", "", name).lower()
