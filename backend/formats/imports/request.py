"""The fields of a request body besides its messages: settings of a conversation, or of a preset.

Known parameters go to their controls, `tools` to the Tools page, and every other field into the extra JSON, so that
the same body is sent again. It goes to the server in use, and must not point that server to another one: a field
that contains an address, a key or a hosted tool, at any depth, is left out whole.
"""

from __future__ import annotations

import json
import re

from backend.keys import scanner
from backend.parameters import PARAMETERS, VALUE, merged
from backend.types import JSON
from backend.untrusted import Object, Unreadable, clean_json, fields, items, objects, text

# Settings outside the table of parameters.
BROUGHT = ("page", "streaming", "tools", "ticked_tools", "tool_choice", "extra")
TOOLS = 128
ROOM = 90_000  # characters of tools, and of fields that have no control here
_ELSEWHERE = {"model", "messages", "stream", "tools", "tool_choice", "functions", "function_call"}
_REPLY_OR_CHAT = {"id", "title", "object", "created", "choices", "usage"}  # an object with these is no request
_USUAL = {"stream_options": {"include_usage": True}}  # sent with every stream
_LONGEST_NAME = 60  # characters of the name of an omitted field
_NAMES = 20  # omitted fields that are named
_ADDRESS_OR_KEY = re.compile(
    r"api[_-]?key|base[_-]?(key|url)|^(key|connection)$|(url|uri|header|cookie)s?$|endpoint|host|webhook|proxy|^mcp|"
    r"^plugins?$|authorization|bearer|secret|password|(access|private)[_-]?key|credential|"
    r"(^|access|api|auth|id|refresh|session)[_-]?token$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\s*[a-z][a-z\d+.-]{0,20}://", re.IGNORECASE)


def is_request(item: Object) -> bool:
    """Whether this is a request body: not a conversation of some program, a reply or a line of training data."""
    named = isinstance(item.get("model"), str) and isinstance(item.get("messages"), list)
    return named and not _REPLY_OR_CHAT & set(item)


def settings(item: Object) -> dict[str, JSON]:
    """The unvalidated settings in a body with `messages`; `imported_setting` and the parameters validate them."""
    known = item if is_request(item) else {}
    extra = {name: value for name, value in known.items() if _has_no_control(name, value)}
    plain = {name: value for name, value in item.items() if name not in extra and _USUAL.get(name) != value}
    found: dict[str, JSON] = {"model": item.get("model"), "parameters": plain}
    if tools := _tools(item):
        found |= {"tools": tools, "tool_choice": _choice(item), "page": "Tools"}
    if is_request(item):
        found["streaming"] = item.get("stream") is True
        found["extra"] = extra
    return found


def _tools(item: Object) -> list[JSON]:
    """`tools`, or the older `functions`."""
    tools: list[JSON] = [dict(tool) for tool in objects(item.get("tools"))]
    return tools or [{"type": "function", "function": dict(one)} for one in objects(item.get("functions"))]


def _choice(item: Object) -> JSON:
    """`tool_choice` as one word, also in Anthropic's form: auto, none, required, or the name of a tool."""
    choice = item.get("tool_choice", item.get("function_call"))
    if isinstance(choice, str):
        return choice
    inner = fields(choice)
    name = text(fields(inner.get("function")).get("name")) or text(inner.get("name"))
    return name or {"any": "required"}.get(text(inner.get("type")), text(inner.get("type")))


def _has_no_control(name: str, value: JSON) -> bool:
    if name in _ELSEWHERE or value is None or _USUAL.get(name) == value:
        return False
    if name == "system" and isinstance(value, str):  # Anthropic's field for the system prompt
        return False
    written: JSON = None
    for parameter in (parameter for parameter in PARAMETERS if parameter.field == name):
        try:
            found = parameter.found_in({name: value})
        except ValueError:
            continue  # this control cannot hold it; it is sent unchanged
        if found is not None and parameter.template == VALUE:
            return False
        written = merged(written, parameter.to_wire(found)) if found is not None else written
    return written != value  # a part of it, or all of it, has no control


# ---- validation ------------------------------------------------------------------------------------------


def imported_setting(name: str, value: JSON) -> JSON:
    """A validated setting; None if it is not accepted. Raises Unreadable if it is too large."""
    if name == "page":
        return "Tools" if value == "Tools" else None
    if name == "streaming":
        return None if value is not False else False
    if name == "tool_choice":
        return text(value, 64) or None
    if name == "ticked_tools":  # in this app's own files: names of tools that are stored elsewhere
        return [text(tool, 64) for tool in items(value, TOOLS)] if isinstance(value, list) else None
    if name == "tools":
        return _within([clean_json(tool) for tool in objects(value, TOOLS) if _is_function(tool)], "tools") or None
    if name == "extra":
        allowed = {key: each for key, each in fields(clean_json(value)).items() if _is_allowed(key, each)}
        return _within(allowed, "fields that have no control here") or None
    return None


def left_out(settings: Object) -> tuple[str, ...]:
    """Names of the settings that `imported_setting` does not accept, as in the file."""
    names = [name for name, value in fields(settings.get("extra")).items() if not _is_allowed(name, value)]
    tools = [tool for tool in objects(settings.get("tools"), TOOLS) if not _is_function(tool)]
    names += [f"tools: {text(tool.get('type'), _LONGEST_NAME) or '?'}" for tool in tools]
    return tuple(name[:_LONGEST_NAME] for name in names[:_NAMES])


def _is_allowed(name: str, value: JSON) -> bool:
    return not _leads_elsewhere(name, value) and not scanner.keys_in(json.dumps({name: value}))


def _leads_elsewhere(name: str, value: JSON) -> bool:
    """Whether a field contains, at any depth, an address, a key, or a tool that the provider or a third party
    runs.
    """
    if _ADDRESS_OR_KEY.search(name) or (name == "tools" and not all(map(_is_function, objects(value)))):
        return True
    if isinstance(value, str):
        return bool(_ADDRESS.match(value))
    inner = fields(value).items() or (("", each) for each in items(value))
    return any(_leads_elsewhere(part, each) for part, each in inner)


def _is_function(tool: Object) -> bool:
    """Whether this is a function that is run here, in OpenAI's or Anthropic's form; not `mcp`, `web_search` and the
    like.
    """
    return tool.get("type") in (None, "function", "custom") and not {"function", "name"}.isdisjoint(tool)


def _within(value: JSON, what: str) -> JSON:
    if len(json.dumps(value, ensure_ascii=False)) > ROOM:
        raise Unreadable(f"The request has more than {ROOM:,} characters of {what}.")
    return value
