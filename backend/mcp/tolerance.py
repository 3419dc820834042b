"""Answers of servers of which a part does not follow the protocol: the rest of them counts all the same.

The SDK refuses a whole list for one tool that is wrong in it, and a whole result for one part of a kind that it
does not know. Such a part becomes a text that says so, such a tool is left out and counted.
"""

from __future__ import annotations

from typing import Any

import mcp_types as types
from mcp.shared.message import SessionMessage
from pydantic import TypeAdapter, ValidationError

from backend.mcp.bounds import UNREADABLE
from backend.untrusted import fields, line

LEFT_OUT = "llm-playground/left-out"  # in the meta of a list of tools: how many of them
_BLOCK: TypeAdapter[Any] = TypeAdapter(types.ContentBlock)
_TOOL: TypeAdapter[Any] = TypeAdapter(types.Tool)
_OF_A_CALL = {"content", "structuredContent", "isError"}
_OF_A_TOOL = ("name", "description", "inputSchema")
_MANY = 5_000  # rows that are looked at


def tolerable(item: SessionMessage | Exception) -> SessionMessage | Exception:
    """The message, with what the SDK can read of it."""
    if isinstance(item, Exception) or not isinstance(item.message, types.JSONRPCResponse):
        return item
    result = item.message.result
    changed = _with_blocks(result) if result.keys() & _OF_A_CALL else _with_tools(result)
    if changed is result:
        return item
    return SessionMessage(item.message.model_copy(update={"result": changed}), item.metadata)


def in_version(item: SessionMessage, version: str) -> SessionMessage:
    """The handshake in an older version of the protocol, "" for the SDK's own; anything else as it is."""
    message = item.message
    if not version or not isinstance(message, types.JSONRPCRequest) or message.method != "initialize":
        return item
    params = {**(message.params or {}), "protocolVersion": version}
    return SessionMessage(message.model_copy(update={"params": params}), item.metadata)


def unreadable(id_: str | int) -> SessionMessage:
    """In the place of an answer that cannot be read: who waits for it need not wait for ever."""
    error = types.ErrorData(code=types.PARSE_ERROR, message=UNREADABLE)
    return SessionMessage(types.JSONRPCError(jsonrpc="2.0", id=id_, error=error))


def _with_blocks(result: dict[str, Any]) -> dict[str, Any]:
    """A result whose content is a list: some servers leave it out beside `structuredContent`, or give the one thing
    that is in it."""
    given = result.get("content")
    if not isinstance(given, list | str | dict | None):
        return result
    listed = given if isinstance(given, list) else [] if given is None else [given]
    blocks = [{"type": "text", "text": block} if isinstance(block, str) else block for block in listed[:_MANY]]
    told = [block if _fits(_BLOCK, block) else {"type": "text", "text": _unknown(block)} for block in blocks]
    said = {name: value for name, value in result.items() if value is not None}
    return result if told == given and said == result else {**said, "content": told}


def _unknown(block: object) -> str:
    kind = line(fields(block).get("type"), 40) or "?"
    return f"[something of the kind {kind} that this app does not know, or cannot read]"


def _with_tools(result: dict[str, Any]) -> dict[str, Any]:
    rows = result.get("tools")
    if not isinstance(rows, list):
        return result
    kept = [tool for row in rows[:_MANY] if (tool := _tool(row)) is not None]
    if kept == rows:
        return result
    return {**result, "tools": kept, "_meta": {**fields(result.get("_meta")), LEFT_OUT: len(rows) - len(kept)}}


def _tool(row: object) -> Any:
    """A tool; without what it says besides, where that is wrong (PHP writes an empty object as a list)."""
    bare = {name: value for name, value in fields(row).items() if name in _OF_A_TOOL}
    return next((tool for tool in (row, bare) if _fits(_TOOL, tool)), None)


def _fits(kind: TypeAdapter[Any], value: object) -> bool:
    try:
        kind.validate_python(value, by_name=False)
    except ValidationError:
        return False
    return True
