"""Messages and tools in a link, both directions: text and calls only. Read as untrusted, like the rest of a
link.
"""

from __future__ import annotations

from backend.formats import links
from backend.formats.link_fields import id_of, list_of, object_of, string_of, unknown_fields
from backend.protocol.wire.known_fields import MESSAGE_FIELDS
from backend.types import ROLES, Message, Tool, ToolCall
from backend.untrusted import Unreadable, clean_json, fields, one_of

TOOLS = 128


def as_json(message: Message) -> dict[str, object]:
    """A message as it goes into a link: only its text and calls."""
    calls = [
        {
            "id": call.id,
            "name": call.name,
            "arguments": call.arguments,
            **({"extra": dict(call.extra)} if call.extra else {}),
        }
        for call in message.tool_calls
    ]
    members = {
        "content": message.content,
        "name": message.name,
        "tool_call_id": message.tool_call_id,
        "tool_calls": calls,
        "extra": dict(message.extra),
    }
    return {"role": message.role, **{name: value for name, value in members.items() if value}}


def message(entry: object) -> Message:
    """The message that `as_json` made. Raises Unreadable."""
    item = object_of(entry)
    role = one_of(item.get("role"), ROLES)
    if role is None:
        raise Unreadable(links.ODD)
    return Message(
        role=role,
        content=string_of(item.get("content", "")),
        name=id_of(item.get("name", "")) or None,
        tool_calls=tuple(_call(call) for call in list_of(item.get("tool_calls", []), TOOLS)),
        tool_call_id=id_of(item.get("tool_call_id", "")) or None,
        extra=unknown_fields(item, MESSAGE_FIELDS),
    )


def _call(entry: object) -> ToolCall:
    item = object_of(entry)
    return ToolCall(
        id_of(item.get("id", "")),
        id_of(item.get("name", "")),
        string_of(item.get("arguments", "")),
        unknown_fields(item, ("index", "id", "type")),
    )


def tool(entry: object) -> Tool:
    """The definition of a tool. Raises Unreadable."""
    item = object_of(entry)
    schema = fields(clean_json(object_of(item.get("parameters", {}))))
    return Tool(id_of(item.get("name", "")), string_of(item.get("description", "")), schema)
