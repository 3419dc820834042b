"""Emulates tool calls for models that cannot call tools but can answer by a JSON schema, such as the one on this
machine.

The tools are described in the system message; the answer is `{"tool": ..., "arguments": {...}}` or `{"answer":
...}`,
constrained to the tools' own schemas by `response_format`. One call per round. It does NOT make a small model
choose
well: the schema constrains the form, not the meaning. The page says "emulated".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from backend.answer.turn import Source
from backend.protocol.tool_calls import new_id
from backend.transport.call import Call
from backend.types import JSON, ChatRequest, Event, Message, TextDelta, Tool, ToolCall, ToolCallDelta

# No placeholder words: a small model copies "your text" (measured with 135M).
_ABOUT = """\
You can use these tools:
{tools}

Write JSON only: {{"tool": ..., "arguments": {{...}}}} to use a tool, {{"answer": ...}} to answer the user \
in a sentence. When the result of a tool is there, answer from it."""
_ANSWER = 'Answer the user in a sentence, from the results above, as JSON: {"answer": ...}'
_NOT_SENT = ("parallel_tool_calls", "tool_choice", "tools")
_HEAD = 4_000  # characters within which a call has to begin
_TOOL = re.compile(r'\{\s*"tool"\s*:\s*"([A-Za-z0-9_-]{1,64})"\s*,\s*"arguments"\s*:\s*(.*)', re.S)


def emulated_request(request: ChatRequest) -> ChatRequest:
    """The same question for a model without tools. With choice "none" it can only answer, with "required" only
    call.
    """
    messages = tuple(_plain(request.messages))
    parameters = {name: value for name, value in request.parameters.items() if name not in _NOT_SENT}
    bare = replace(request, messages=messages, tools=(), tool_choice=None, parameters=parameters)
    if not request.tools:
        return bare
    instructions = _ABOUT.format(tools="\n".join(_tool_line(tool) for tool in request.tools))
    instructions = _ANSWER if request.tool_choice == "none" else instructions
    return replace(bare, messages=_with_system(messages, instructions), response_format=_format(request))


def emulated_call(text: str, call_id: str = "") -> ToolCall | str:
    """The meaning of an answer: a call, or text for the user. A call that was cut off keeps its broken JSON."""
    call_id = call_id or new_id()
    try:
        step = json.loads(text)
    except (ValueError, RecursionError):
        cut = _TOOL.match(text.strip())
        return ToolCall(call_id, cut[1], cut[2]) if cut else text
    if isinstance(step, dict) and isinstance(step.get("tool"), str):
        return ToolCall(call_id, step["tool"], json.dumps(step.get("arguments") or {}, ensure_ascii=False))
    if isinstance(step, dict) and isinstance(step.get("answer"), str):
        return str(step["answer"])
    return text


class Emulated:
    """A turn.Source that turns JSON back into calls and text. The pieces of a call are passed on as they arrive."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def chat(self, request: ChatRequest, call: Call | None = None) -> Iterator[Event]:
        reader = _Reader()
        for event in self._source.chat(request, call):
            if isinstance(event, TextDelta):
                yield from reader.read(event.text)
            else:
                yield event
        yield from reader.rest()


class _Reader:
    """A growing answer in JSON. A text answer is passed on when complete, arguments piece by piece."""

    def __init__(self) -> None:
        self._call_id = new_id()
        self._parts: list[str] = []
        self._size = 0
        # end of the arguments that may be the closing brace of the object around them
        self._held: str | None = None

    def read(self, text: str) -> Iterator[Event]:
        self._parts.append(text)
        self._size += len(text)
        name = ""
        if self._held is not None:
            self._held += text
        elif self._size < _HEAD and (match := _TOOL.match("".join(self._parts).lstrip())) and match[2]:
            name, self._held = match[1], match[2]
        if self._held is not None and (arguments := self._held.rstrip("} \t\r\n")) + name:
            self._held = self._held[len(arguments) :]
            yield ToolCallDelta(0, self._call_id, name, arguments)

    def rest(self) -> Iterator[Event]:
        whole = "".join(self._parts)
        parsed = emulated_call(whole, self._call_id) if whole else ""
        if isinstance(parsed, str):
            yield from [TextDelta(parsed)] if parsed else []
        elif self._held is None:
            yield ToolCallDelta(0, parsed.id, parsed.name, parsed.arguments)
        else:
            yield ToolCallDelta(0, parsed.id, "", self._held.rstrip()[:-1] if _is_json(whole) else self._held)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


# ---- out ------------------------------------------------------------------------------------------------


def _tool_line(tool: Tool) -> str:
    """A tool in one line: a small model reads names and types, not a schema."""
    properties = tool.parameters.get("properties")
    required = tool.parameters.get("required")
    names = required if isinstance(required, list) else []
    arguments = (
        f"{name}{'' if name in names else '?'}: {_kind(schema)}"
        for name, schema in (properties.items() if isinstance(properties, Mapping) else ())
    )
    return f"- {tool.name}({', '.join(arguments)}): {tool.description}"


def _kind(schema: JSON) -> str:
    if not isinstance(schema, Mapping):
        return "any"
    options = schema.get("enum")
    if isinstance(options, list) and len(options) <= 10:
        return " or ".join(json.dumps(option, ensure_ascii=False) for option in options)
    kind = schema.get("type")
    return kind if isinstance(kind, str) else "any"


def _format(request: ChatRequest) -> Mapping[str, JSON]:
    """One alternative per tool, so that the arguments are constrained to that tool's schema."""
    choice = request.tool_choice
    steps = [_step(tool) for tool in request.tools if choice in (None, "auto", "required", tool.name)]
    if not steps or choice in (None, "auto"):
        steps.append(_object({"answer": {"type": "string"}}))
    schema: JSON = {"type": "object", "anyOf": steps} if len(steps) > 1 else steps[0]
    return {"type": "json_schema", "json_schema": {"name": "step", "schema": schema}}


def _step(tool: Tool) -> JSON:
    return _object({"tool": {"const": tool.name}, "arguments": dict(tool.parameters)})


def _object(properties: dict[str, JSON]) -> JSON:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _with_system(messages: tuple[Message, ...], instructions: str) -> tuple[Message, ...]:
    if messages and messages[0].role in ("system", "developer"):
        first = replace(messages[0], content=f"{messages[0].content}\n\n{instructions}")
        return (first, *messages[1:])
    return (Message("system", instructions), *messages)


def _plain(messages: Iterable[Message]) -> Iterator[Message]:
    """The transcript without calls: each becomes the JSON that the model would have written, each result a user
    message.
    """
    names: dict[str | None, str] = {}
    for message in messages:
        if message.role == "tool":
            yield Message("user", f"Result of {names.get(message.tool_call_id, 'the tool')}: {message.content}")
        elif message.tool_calls:
            names |= {call.id: call.name for call in message.tool_calls}
            yield Message(
                "assistant", "\n".join(_call_text(call) for call in message.tool_calls), state=message.state
            )
        else:
            yield message


def _call_text(call: ToolCall) -> str:
    return f'{{"tool": {json.dumps(call.name)}, "arguments": {call.arguments.strip() or "{}"}}}'
