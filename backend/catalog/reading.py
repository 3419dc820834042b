"""A server's own list of models, read: any JSON in, ModelInfos out. Nothing in it is trusted.

Two dialects: AI/ML API's list with prices, capabilities and modalities, and the bare list of all other servers
(Ollama, vLLM, llama.cpp, LM Studio), of which only ids, names and context lengths are believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from backend.catalog.model import ModelInfo
from backend.catalog.pricing import UnitPrice, other_prices, prices, unit_prices
from backend.types import JSON, WireFormat
from backend.untrusted import Object, fields, items, line, numeral, string, text

ID_LIMIT = 200  # characters of a model id that are shown and sent
LIST_LIMIT = 2_000  # models offered by one server that are listed
_NAME_LIMIT = 100
_WORDS_LIMIT = 50  # aliases or capabilities of one model
_TOKENS_LIMIT = 10**9
_CONTEXT = ("context_length", "max_model_len", "context_window", "max_context_length")
# A word in the type of a row -> the endpoint that answers for it.
_ENDPOINTS: dict[str, WireFormat] = {"chat": "chat", "anthropic/messages": "messages", "responses": "responses"}
_WORD = re.compile(r"[a-z0-9_]{1,40}")
# The list's words for what the documents call otherwise.
_SAME = {"file_input": "file", "image_input": "vision", "function_calling": "tools"}


def bare(body: JSON) -> tuple[ModelInfo, ...]:
    """The models of a bare list. Whether a model can chat is not said there: everything is offered."""
    models: dict[str, ModelInfo] = {}
    for row in _rows(body):
        model_id = _id(row.get("id"))
        if model_id and model_id not in models:
            context = next(filter(None, (_tokens(row.get(name)) for name in _CONTEXT)), None)
            models[model_id] = ModelInfo(model_id, name=line(row.get("name"), _NAME_LIMIT), context_length=context)
        if len(models) == LIST_LIMIT:
            break
    return tuple(models.values())


def rich(body: JSON) -> tuple[ModelInfo, ...]:
    """The models of AI/ML API's list: one per id, as chat model where it is one."""
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
    """What one picture, second, character ... of the models costs that are not for chat: by id and alias, in lower
    case."""
    by_name: dict[str, tuple[UnitPrice, ...]] = {}
    for row in islice(_rows(body), LIST_LIMIT):
        if not any(word in string(row.get("type")) for word in _ENDPOINTS):
            prices_ = unit_prices(row.get("pricing"))
            for name in filter(None, map(_id, (row.get("id"), *items(row.get("aliases"), _WORDS_LIMIT)))):
                by_name.setdefault(name.lower(), prices_)
    return by_name


def _better(model: ModelInfo, earlier: ModelInfo) -> bool:
    """Of two rows of one model: the one that can be asked, best on the endpoint that all tools know."""
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
        _tokens(info.get("contextLength")),
        chat=endpoint is not None or not isinstance(kind, str),
        answers_on=endpoint or "chat",
        capabilities=capabilities,
        inputs=inputs,
        confirmed=capabilities is not None,
        price_in=price_in,
        price_out=price_out,
        price_varies=price_varies,
        other_prices=other_prices(row.get("pricing")),
        max_output=_tokens(info.get("outputMax")),
    )


# ---- pieces ---------------------------------------------------------------------------------------------


def _rows(body: JSON) -> Iterator[Object]:
    """The rows of a list in any of its shapes; a bare id is a row with nothing else."""
    rows = fields(body).get("data") if isinstance(body, dict) else body
    if isinstance(rows, dict) and "id" not in rows:  # by their ids
        rows = [_named(name, row) for name, row in rows.items()]
    for row in [rows] if isinstance(rows, dict) else items(rows):
        if isinstance(row, str):
            yield {"id": row}
        elif isinstance(row, dict):
            yield row


def _named(name: str, row: JSON) -> JSON:
    """A row under its name; a number is none."""
    return {"id": name, **row} if isinstance(row, dict) and not name.isdecimal() else row


def _id(value: JSON) -> str:
    """An id as it can be sent and shown, "" for what is none."""
    model_id = text(value, 2 * ID_LIMIT).strip()[:ID_LIMIT]
    return model_id if model_id.isprintable() else ""


def _words(value: JSON) -> frozenset[str] | None:
    """Capabilities or modalities; None when there are none."""
    words = (word.lower() for word in items(value, _WORDS_LIMIT) if isinstance(word, str))
    names = frozenset(_SAME.get(word, word) for word in words if _WORD.fullmatch(word))
    return names or None


def _tokens(value: JSON) -> int | None:
    count = numeral(value)
    return int(count) if count is not None and 1 <= count <= _TOKENS_LIMIT else None
