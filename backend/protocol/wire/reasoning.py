"""An answer in two parts: what the model thought, and what it says."""

from __future__ import annotations

import re

from backend.text import clean
from backend.types import Message
from backend.untrusted import string

_OPENING, _CLOSING = ("<think>", "<thinking>"), ("</think>", "</thinking>")
_THINK = re.compile(r"^\s*<think(?:ing)?>(.*?)(?:</think(?:ing)?>|\Z)\s*", re.S)


def thinking(message: Message) -> tuple[str, str]:
    """(reasoning, text) for showing: from the reasoning fields, else from `<think>` marks in the content,
    else from the readable parts of `reasoning_details`.
    """
    text, reasoning = message.content, message.reasoning
    if "<think" in text[:200] and (match := _THINK.match(text)):
        reasoning, text = reasoning or match[1].strip(), text[match.end() :]
    if not reasoning and message.reasoning_details:
        # Cleaned after joining: a character may be split over two details.
        details = (string(detail.get("text") or detail.get("summary")) for detail in message.reasoning_details)
        reasoning = clean("".join(details))
    return reasoning, text


def growing(message: Message) -> tuple[str, str]:
    """The same of a message that is being written. Neither part ever loses what it had: what may turn out to be a
    mark is held back.
    """
    reasoning, text = thinking(message)
    begun = message.content.strip()
    if any(mark.startswith(begun) for mark in _OPENING):
        text = ""
    if not text and not message.reasoning:
        reasoning = _without_beginning(reasoning)
    return reasoning, text


def _without_beginning(reasoning: str) -> str:
    """Without an end that may be the beginning of a closing mark."""
    at = reasoning.rfind("<", -len(_CLOSING[-1]))
    end = reasoning[at:] if at >= 0 else ""
    return reasoning[:at].rstrip() if end and any(mark.startswith(end) for mark in _CLOSING) else reasoning
