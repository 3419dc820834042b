"""Providers of promptfoo: an id such as `openai:chat:gpt-4o`, with a configuration.

A key or an address from a file is never used: a lane uses a connection that is set up here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from backend.compare.suite.promptfoo import templates
from backend.types import JSON
from backend.untrusted import Object, fields, items, string

OF_OTHERS = "only models behind chat completions are taken (openai:chat:..., openrouter:..., aimlapi:...)"
ADDRESS = "keys and addresses of a file are never used; choose the connection here"
_ID = re.compile(r"(?:openai|openrouter|aimlapi)(?::chat)?:([^\s:{}][^\s{}]{0,199})")
_OTHER_KINDS = (
    "completion:",
    "embedding",
    "responses:",
    "assistant:",
    "image:",
    "realtime:",
    "moderation:",
    "agents:",
)
_PLACES = re.compile(r"key|url|host|base|header|organization|token$|secret|envar", re.I)
_TAKEN = {"id", "label", "config"}


@dataclass(frozen=True)
class Provider:
    """`tools` as in the file, None if absent; `prompts`: labels of its prompts, empty for all; `left_out`: (name,
    reason).
    """

    model: str
    parameters: Mapping[str, JSON] = field(default_factory=dict)
    tools: JSON = None
    prompts: Sequence[JSON] = ()
    left_out: Sequence[tuple[str, str]] = ()


def read(value: JSON) -> Provider | str:
    """One provider, or the reason why it is not imported."""
    id_, item = _parts(value)
    if templates.problem(id_):
        return templates.problem(id_)
    match = _ID.fullmatch(id_)
    if match is None or match[1].startswith(_OTHER_KINDS):
        return OF_OTHERS
    config = fields(item.get("config"))
    left_out = [(name, "it is not known here") for name in item if name not in _TAKEN and name != "prompts"]
    left_out += [(f"config.{name}", ADDRESS) for name in config if _PLACES.search(name)]
    given = {**fields(config.get("passthrough")), **config}
    parameters = {
        name: one
        for name, one in given.items()
        if name not in ("tools", "passthrough", "apiKeyRequired") and not _PLACES.search(name)
    }
    return Provider(match[1], parameters, config.get("tools"), items(item.get("prompts")), left_out)


def _parts(value: JSON) -> tuple[str, Object]:
    """The id and the options: of a text, of {id: ...}, or of {"openai:chat:gpt-4o": {...}}."""
    item = fields(value)
    if "id" not in item and len(item) == 1:
        ((id_, rest),) = item.items()
        return id_, fields(rest)
    return string(value) or string(item.get("id")), item


def provider_config(
    model: str, label: str, parameters: Mapping[str, JSON], tools: JSON, base_url: str
) -> dict[str, JSON]:
    """A provider for promptfoo. It reads its key from the environment."""
    config: dict[str, JSON] = {"apiBaseUrl": base_url, "apiKeyEnvar": "AIMLAPI_API_KEY"} if base_url else {}
    direct = {name: parameters[name] for name in ("temperature", "max_tokens") if name in parameters}
    passed = {name: value for name, value in parameters.items() if name not in direct}
    config |= direct
    if passed:
        config["passthrough"] = passed
    if tools:
        config["tools"] = tools
    return {"id": f"openai:chat:{model}", "label": label, "config": config}
