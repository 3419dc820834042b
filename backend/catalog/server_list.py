"""Parses a server's own list of models: any JSON in, ModelInfos out. Nothing in it is trusted.

Two formats: AI/ML API's list with prices, capabilities and modalities, and the plain list of all other servers
(Ollama, vLLM, llama.cpp, LM Studio, OpenRouter), of which ids and names are used, what a model is for
(purposes.py), and its sizes, prices and abilities (row_facts.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from backend.catalog import row_facts
from backend.catalog.model import ModelInfo
from backend.catalog.pricing import UnitPrice, other_prices, prices, unit_prices
from backend.catalog.purposes import chats, inputs, sounds_like_chat
from backend.types import JSON, WireFormat
from backend.untrusted import Object, fields, items, line, string, text

ID_LIMIT = 200  # characters of a model id that are shown and sent
LIST_LIMIT = 2_000  # models of one server that are listed
_NAME_LIMIT = 100
_WORDS_LIMIT = 50  # aliases or capabilities of one model
# A word in the type of a row -> its endpoint.
_ENDPOINTS: dict[str, WireFormat] = {"chat": "chat", "anthropic/messages": "messages", "responses": "responses"}
_WORD = re.compile(r"[a-z0-9_]{1,40}")
# The list's terms for the documentation's.
_SAME = {"file_input": "file", "image_input": "vision", "function_calling": "tools"}


def bare(body: JSON) -> tuple[ModelInfo, ...]:
    """The models of a plain list. Everything is offered unless a row itself says that it cannot chat. Most lists
    do not say: names like those of embedding or picture models come last, so that the first one can chat.
    """
    models: dict[str, ModelInfo] = {}
    for row in _rows(body):
        model_id = _name(row)
        if model_id and model_id not in models:
            models[model_id] = _bare(model_id, row)
        if len(models) == LIST_LIMIT:
            break
    names = Counter(model.name for model in models.values())
    told_apart = (replace(model, name="") if names[model.name] > 1 else model for model in models.values())
    return tuple(sorted(told_apart, key=lambda model: not sounds_like_chat(model.id)))


def _bare(model_id: str, row: Object) -> ModelInfo:
    name = next(filter(None, (line(row.get(name), _NAME_LIMIT) for name in ("display_name", "name"))), "")
    prices_ = row_facts.token_prices(row)
    return ModelInfo(
        model_id,
        name=name,
        context_length=row_facts.context_length(row),
        chat=chats(row),
        inputs=_words(inputs(row)),
        capabilities=row_facts.abilities(row),
        price_in=prices_.into,
        price_out=prices_.out,
        price_varies=prices_.varies,
        other_prices=prices_.others,
        max_output=row_facts.longest_answer(row),
    )


def rich(body: JSON) -> tuple[ModelInfo, ...]:
    """The models of AI/ML API's list: one per id, preferably as a chat model."""
    models: dict[str, ModelInfo] = {}
    for row in _rows(body):
        model = _rich(row)
        earlier = models.get(model.id.lower())
        if model.id and (earlier is None or _better(model, earlier)):
            models[model.id.lower()] = model
        if len(models) == LIST_LIMIT:
            break
    return tuple(models.values())


def unit_prices_by_name(body: JSON) -> dict[str, tuple[UnitPrice, ...]]:
    """The unit prices of non-chat models (picture, second, character ...): by id and alias, in lower case."""
    by_name: dict[str, tuple[UnitPrice, ...]] = {}
    for row in islice(_rows(body), LIST_LIMIT):
        if not any(word in string(row.get("type")) for word in _ENDPOINTS):
            prices_ = unit_prices(row.get("pricing"))
            for name in filter(None, map(_id, (row.get("id"), *items(row.get("aliases"), _WORDS_LIMIT)))):
                by_name.setdefault(name.lower(), prices_)
    return by_name


def _better(model: ModelInfo, earlier: ModelInfo) -> bool:
    """The better of two rows of one model: one that is callable, preferably on the endpoint that all tools know."""
    return (model.chat, model.answers_on == "chat") > (earlier.chat, earlier.answers_on == "chat")


def _rich(row: Object) -> ModelInfo:
    info = fields(row.get("info"))
    inputs = _words(fields(row.get("modalities")).get("input"))
    capabilities = _words(row.get("capabilities"))
    price_in, price_out, price_varies = prices(row.get("pricing"))
    kind = row.get("type")
    endpoint = next((name for word, name in _ENDPOINTS.items() if word in string(kind)), None)
    return ModelInfo(
        _id(row.get("id")),
        tuple(filter(None, map(_id, items(row.get("aliases"), _WORDS_LIMIT)))),
        line(info.get("name"), _NAME_LIMIT),
        line(info.get("developer"), _NAME_LIMIT),
        row_facts.tokens(info.get("contextLength")),
        chat=endpoint is not None or not isinstance(kind, str),
        answers_on=endpoint or "chat",
        capabilities=capabilities,
        inputs=inputs,
        confirmed=capabilities is not None,
        price_in=price_in,
        price_out=price_out,
        price_varies=price_varies,
        other_prices=other_prices(row.get("pricing")),
        max_output=row_facts.tokens(info.get("outputMax")),
    )


# ---- pieces ---------------------------------------------------------------------------------------------


def _rows(body: JSON) -> Iterator[Object]:
    """The rows of a list in any format; a plain id is a row with nothing else. Cohere and Ollama's own list have
    them as `models`.
    """
    rows = body
    if isinstance(body, dict):
        rows = body.get("models") if body.get("data") is None else body["data"]
    if isinstance(rows, dict) and "id" not in rows:  # keyed by their ids
        rows = [_with_id(name, row) for name, row in rows.items()]
    for row in [rows] if isinstance(rows, dict) else items(rows):
        if isinstance(row, str):
            yield {"id": row}
        elif isinstance(row, dict):
            yield row


def _name(row: Object) -> str:
    """The name to request a model by: its id. GitHub's ids are addresses in a registry, and its chat uses names;
    Google's have a folder that not all of its endpoints accept; rows of Cohere and Ollama have a name only.
    """
    model_id = _id(row.get("id"))
    if row.get("owned_by") == "google":
        model_id = model_id.removeprefix("models/")
    if model_id.startswith("azureml://") or (not model_id and row.get("id") is None):
        return _id(row.get("name")) or model_id
    return model_id


def _with_id(name: str, row: JSON) -> JSON:
    """A row with its key as id, unless that is numeric."""
    return {"id": name, **row} if isinstance(row, dict) and not name.isdecimal() else row


def _id(value: JSON) -> str:
    """A valid id, "" otherwise."""
    model_id = text(value, 2 * ID_LIMIT).strip()[:ID_LIMIT]
    return model_id if model_id.isprintable() else ""


def _words(value: JSON) -> frozenset[str] | None:
    """Capabilities or modalities; None if there are none."""
    words = (word.lower() for word in items(value, _WORDS_LIMIT) if isinstance(word, str))
    names = frozenset(_SAME.get(word, word) for word in words if _WORD.fullmatch(word))
    return names or None
