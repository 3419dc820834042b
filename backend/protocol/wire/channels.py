"""Parses the channels of gpt-oss in answers of servers that do not: `<|channel|>analysis<|message|>...<|end|>`.

Source: https://cookbook.openai.com/articles/openai-harmony. Text in `final`, and in `commentary` without a tool
call, is for the reader; everything else is reasoning.
"""

from __future__ import annotations

import re

from backend.protocol.wire.marks import without_beginning

OPENINGS = ("<|channel|>", "<|start|>")
_NAMES = ("start", "channel", "message", "end", "return", "call", "constrain")
_MARKS = tuple(f"<|{name}|>" for name in _NAMES)
_MARK = re.compile(rf"<\|({'|'.join(_NAMES)})\|>")


def read(content: str, *, ended: bool) -> tuple[str, str]:
    """(reasoning, text) of an answer in channels; while it has not `ended`, an end that may be the beginning of
    a mark is held back.
    """
    body = content if ended else without_beginning(content, _MARKS)
    thoughts, texts, header = list[str](), list[str](), ""
    _, *rest = _MARK.split(body)
    for mark, piece in zip(rest[::2], rest[1::2], strict=True):
        if mark in ("start", "channel", "constrain"):
            header = piece if mark == "start" else f"{header} {piece}"
            continue
        if mark == "message":
            (texts if _is_for_the_reader(header) else thoughts).append(piece.strip())
        elif piece.strip():  # no mark names its channel
            texts.append(piece.strip())
        header = ""
    return "\n\n".join(filter(None, thoughts)), "\n\n".join(filter(None, texts))


def _is_for_the_reader(header: str) -> bool:
    return "to=" not in header and "analysis" not in header.split()
