"""Recognises a tool call that a model has written into its text, because its server did not extract it.

It is only reported, never run: a text may contain an example, or a quotation from a page.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from backend.protocol.wire.marks import earliest, is_quoted
from backend.untrusted import Unreadable, fields, line, parsed, string

# Marks of templates around a call: Qwen and Hermes, Qwen3-Coder, Mistral, Llama, Granite, DeepSeek, Kimi K2,
# Gemma 4, MiniMax M2, Claude, Command A, InternLM, DeepSeek since V3.2.
_MARKS = (
    *("<tool_call>", "<function=", "[TOOL_CALLS]", "<|python_tag|>", "<|tool_call|>"),
    *(
        "<｜tool▁calls▁begin｜>",
        "<|tool_calls_section_begin|>",
        "<|tool_call>",
        "<minimax:tool_call>",
        "<function_calls>",
    ),
    *("<invoke name=", "<|START_ACTION|>", "<tool_calls>", "<function_call>", "<tools>", "<|action_start|>"),
    "<｜DSML｜",
)
_FENCE = re.compile(r"```(?:json|tool_call|tool_code)?\s*\n(.*?)\n?```", re.DOTALL)
_NAME = re.compile(
    r"""(?:"(?:name|tool|function)"\s*:\s*"|<function=|invoke name="|functions\.|\[TOOL_CALLS\]\s*|call:)"""
    r"([\w.-]{1,64})"
)
_MOST = 20_000  # characters of an answer that consists only of a call
_ARGUMENTS = ("arguments", "parameters", "args", "input")


def written_call(text: str, offered: Collection[str] = ()) -> str | None:
    """The name of the tool in a written call, "" if the name is unreadable; None if the text contains no call.

    A text contains a call if a line begins with the mark of one, or if the whole text is the JSON of a call of an
    `offered` tool.
    """
    body = text.strip()
    if (at := _call_position(body)) >= 0:
        name = _NAME.search(body[at : at + _MOST])
        return line(name[1], 64) if name else ""
    if not offered or len(body) > _MOST:
        return None
    if fence := _FENCE.fullmatch(body):
        body = fence[1].strip()
    if not body.startswith(("{", "[")):
        return None
    try:
        value = parsed(body)
    except Unreadable:
        return None
    call = fields(value[0] if isinstance(value, list) and value else value)
    call = fields(call.get("function")) or call
    name_ = next((string(call[key]) for key in ("name", "tool") if string(call.get(key))), "")
    return name_ if name_ in offered and any(key in call for key in _ARGUMENTS) else None


def _call_position(text: str) -> int:
    """The position of a call, -1 for none: text may precede it, but no code."""
    at, mark = earliest(text, _MARKS)
    begins = text[:at].endswith("\n") or not at
    return at if mark and begins and not is_quoted(text, at, at + len(mark)) else -1
