"""Adapts messages between the SDK and servers that do not quite follow the protocol.

The SDK rejects a whole list for one invalid tool, and a whole result for one part of an unknown kind. Such
a part becomes a text that says so, such a tool is left out and counted. Servers that reject a
newer protocol version are offered an older one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import mcp_types as types
from mcp.shared.message import SessionMessage
from pydantic import TypeAdapter, ValidationError

from backend.mcp.bounds import UNREADABLE
from backend.types import JSON
from backend.untrusted import Object, fields, items, line, string, text

LEFT_OUT = "llm-playground/left-out"  # in the meta of a list: the number of rows left out
_BLOCK: TypeAdapter[Any] = TypeAdapter(types.ContentBlock)
_HELLO: TypeAdapter[Any] = TypeAdapter(types.InitializeResult)
_OF_A_CALL = {"content", "structuredContent", "isError"}
# By list: the kind of its rows, and their required fields.
_ROWS: dict[str, tuple[TypeAdapter[Any], tuple[str, ...]]] = {
    "tools": (TypeAdapter(types.Tool), ("name", "description", "inputSchema")),
    "resources": (TypeAdapter(types.Resource), ("uri", "name", "description", "mimeType")),
    "prompts": (TypeAdapter(types.Prompt), ("name", "description", "arguments")),
}
# fields of a content that are kept
_NEEDED = ("type", "text", "data", "mimeType", "uri", "name", "title", "description")
_OF_A_RESOURCE = ("uri", "mimeType", "text", "blob")
_LITTLE = 2_000  # characters of a content of an unknown kind that are shown
_CAPABILITIES = ("tools", "resources", "prompts", "logging", "completions")
_NOT: tuple[object, ...] = (None, False, [])  # values that mean "absent"
_NAME = 200  # characters
_MANY = 5_000  # rows that are read


class Asked:
    """The unanswered requests to a server. `requests_alone`: only requests are answered, as over HTTP; elsewhere
    an error may refer to a notification.
    """

    def __init__(self, *, requests_alone: bool) -> None:
        self._requests_alone = requests_alone
        self._open: dict[str, tuple[str | int, str]] = {}  # by id as text: the id and the method

    def note_sent(self, item: SessionMessage) -> None:
        """Record a message to the server."""
        message = item.message
        if isinstance(message, types.JSONRPCRequest):
            self._open[str(message.id)] = message.id, message.method
        elif isinstance(message, types.JSONRPCNotification) and message.method == "notifications/cancelled":
            self._open.pop(str(fields(message.params).get("requestId")), None)
        if len(self._open) > _MANY:
            del self._open[next(iter(self._open))]

    def match_reply(self, item: SessionMessage | Exception) -> tuple[SessionMessage | Exception, str]:
        """A received message, and the method of its request, "" for none. Some servers name no request in an
        error: it belongs to the only open one, which would otherwise wait in vain.
        """
        if isinstance(item, Exception) or not isinstance(item.message, types.JSONRPCResponse | types.JSONRPCError):
            return item, ""
        message = item.message
        if message.id is None and self._requests_alone and len(self._open) == 1:
            ((number, _),) = self._open.values()
            message = message.model_copy(update={"id": number})
            item = SessionMessage(message, item.metadata)
        return item, self._open.pop(str(message.id), ("", ""))[1]


def tolerable(item: SessionMessage | Exception, method: str = "") -> SessionMessage | Exception:
    """The message reduced to what the SDK can parse. `method`: that of its request, "" if unknown."""
    if isinstance(item, Exception) or not isinstance(item.message, types.JSONRPCResponse):
        return item
    result = item.message.result
    changed = _read(result, method)
    if changed is result:
        return item
    return SessionMessage(item.message.model_copy(update={"result": changed}), item.metadata)


def in_version(item: SessionMessage, version: str) -> SessionMessage:
    """The handshake in an older protocol version, "" for the SDK's own; any other message unchanged."""
    message = item.message
    if not version or not isinstance(message, types.JSONRPCRequest) or message.method != "initialize":
        return item
    params = {**(message.params or {}), "protocolVersion": version}
    return SessionMessage(message.model_copy(update={"params": params}), item.metadata)


def unreadable(id_: str | int) -> SessionMessage:
    """An error in place of a response that cannot be parsed, so that the caller need not wait for ever."""
    error = types.ErrorData(code=types.PARSE_ERROR, message=UNREADABLE)
    return SessionMessage(types.JSONRPCError(jsonrpc="2.0", id=id_, error=error))


def _read(result: Object, method: str) -> Object:
    """Adapt a result by its content: a handshake, a call, a prompt, a resource, a question, a list."""
    if "protocolVersion" in result:
        return _with_capabilities(result)
    if result.keys() & _OF_A_CALL or (method == "tools/call" and "resultType" not in result):
        return _with_blocks(result)
    if isinstance(messages := result.get("messages"), list):
        return {**result, "messages": list(_messages(messages[:_MANY]))}
    if isinstance(contents := result.get("contents"), list):
        return {**result, "contents": [{"uri": "", **fields(part)} for part in contents[:_MANY]]}
    return _with_rows(result)


def _messages(rows: list[JSON]) -> Iterator[JSON]:
    """The messages of a prompt: each has one content, where some servers send a text or several."""
    for row in rows:
        given = fields(row).get("content")
        for block in _blocks(given if isinstance(given, list) else [given]):
            yield {**fields(row), "content": block}


def _blocks(given: list[JSON]) -> list[JSON]:
    """The contents in valid form."""
    return [_block({"type": "text", "text": block} if isinstance(block, str) else block) for block in given[:_MANY]]


def _block(block: JSON) -> JSON:
    """A content without its invalid optional fields. Anything else becomes a text."""
    given = fields(block)
    bare: dict[str, JSON] = {word: value for word in _NEEDED if (value := given.get(word)) is not None}
    if given.get("type") == "text":
        bare["text"] = given["text"] if isinstance(given.get("text"), str) else json.dumps(given.get("text"))
    if "mime_type" in given:
        bare.setdefault("mimeType", given["mime_type"])
    if resource := fields(given.get("resource")):
        bare["resource"] = {"uri": "", **{word: resource[word] for word in _OF_A_RESOURCE if word in resource}}
    fitting = (one for one in (block, bare) if _fits(_BLOCK, one))
    replacement: JSON = {"type": "text", "text": _unknown(block)}
    return next(fitting, replacement)


def _unknown(block: object) -> str:
    """A text about a content of an unknown kind: its type, and its data if that is short."""
    kind = line(fields(block).get("type"), 40) or "?"
    dumped = json.dumps(block, ensure_ascii=False)
    words = f"[something of the kind {kind} that this app does not know, or cannot read]"
    return f"{words}\n{dumped}" if len(dumped) <= _LITTLE else words


def _with_blocks(result: Object) -> Object:
    """A result whose content is a list: some servers omit it beside `structuredContent`, or send a single item.
    Structured content is an object.
    """
    given = result.get("content")
    if not isinstance(given, list | str | dict | None):
        return result
    listed: list[JSON] = given if isinstance(given, list) else [] if given is None else [given]
    present = {name: value for name, value in result.items() if value is not None}
    if not isinstance(present.get("_meta", {}), dict):
        del present["_meta"]
    if not isinstance(structured := present.get("structuredContent", {}), dict):
        present["structuredContent"] = {"result": structured}
    blocks = _blocks(listed)
    return result if blocks == given and present == result else {**present, "content": blocks}


def _with_capabilities(result: Object) -> Object:
    """A handshake with valid capabilities (PHP writes an empty object as a list) and server info."""
    if _fits(_HELLO, result):
        return result
    has, who = fields(result.get("capabilities")), fields(result.get("serverInfo"))
    named = {
        name: value for name, value in who.items() if name in ("name", "title", "version") and value is not None
    }
    return {
        "protocolVersion": result["protocolVersion"],
        "capabilities": {name: _flags(has[name]) for name in _CAPABILITIES if has.get(name) not in (None, False)},
        "serverInfo": {"name": "", "version": "", **{name: str(value)[:_NAME] for name, value in named.items()}},
        "instructions": text(result.get("instructions")) or None,
    }


def _flags(value: object) -> dict[str, JSON]:
    """The details of a capability."""
    return {name: flag for name, flag in fields(value).items() if isinstance(flag, bool)}


def _with_rows(result: Object) -> Object:
    """A list with its valid rows."""
    name = next((name for name in _ROWS if isinstance(result.get(name), list)), "")
    if not name:
        return result
    rows = items(result[name])
    kept: list[JSON] = [row for each in rows[:_MANY] if (row := _row(name, each)) is not None]
    if kept == rows:
        return result
    return {**result, name: kept, "_meta": {**fields(result.get("_meta")), LEFT_OUT: len(rows) - len(kept)}}


def _row(name: str, row: JSON) -> JSON:
    """A row without its invalid optional fields. A tool without a schema takes no arguments, and a resource
    without a name is named by its address.
    """
    kind, needed = _ROWS[name]
    given = fields(row)
    bare = {word: given[word] for word in needed if given.get(word) not in _NOT}
    if name == "tools":
        bare.setdefault("inputSchema", {"type": "object"})
    if name == "resources":
        bare.setdefault("name", string(given.get("uri")))
    return next((one for one in (row, bare) if _fits(kind, one)), None)


def _fits(kind: TypeAdapter[Any], value: object) -> bool:
    try:
        kind.validate_python(value, by_name=False)
    except ValidationError:
        return False
    return True
