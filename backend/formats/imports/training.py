"""Rows of training and evaluation data -> conversations: a question and its answer, or a better and a worse one.

Alpaca's `instruction`, `input`, `output`, pairs of `prompt` and `completion`, preferences (`chosen`, `rejected`),
also as OpenAI's fine-tuning takes them. The answer that is not preferred is another branch.
"""

from __future__ import annotations

from dataclasses import replace

from backend.conversation.tree import Conversation, Node
from backend.formats.archive import Record
from backend.formats.imports import openai
from backend.formats.imports.reading import ImportReader
from backend.types import JSON
from backend.untrusted import Object, fields, items, string, text

_QUESTIONS = ("instruction", "prompt", "question")
_ANSWERS = ("preferred_output", "chosen", "output", "completion", "response", "answer")
_WORSE = ("non_preferred_output", "rejected")


def is_row(item: Object) -> bool:
    """Whether it has an answer, and a question unless the answer is a whole conversation."""
    answer = _first(item, _ANSWERS)
    asked = isinstance(_first(item, _QUESTIONS), str) or "messages" in fields(item.get("input"))
    return (asked and isinstance(answer, str | list)) or (isinstance(answer, list) and "rejected" in item)


def record(item: Object, here: ImportReader) -> Record:
    """The conversation of a row."""
    before = openai.record({"messages": _question(item), "system": item.get("system")}, here)
    nodes = list(before.conversation.nodes())
    last = nodes[-1].id if nodes else None
    view: dict[int | None, int | None] = {}
    for names in (_ANSWERS, _WORSE):
        parent = last
        for message in openai.read(_messages("assistant", _first(item, names)), here):
            nodes.append(Node(len(nodes) + 1, parent, message))
            view.setdefault(parent, len(nodes))
            parent = len(nodes)
    return replace(before, conversation=Conversation.of(nodes, view))


def _first(item: Object, names: tuple[str, ...]) -> JSON:
    return next((item[name] for name in names if item.get(name)), None)


def _question(item: Object) -> list[JSON]:
    earlier: list[JSON] = []
    for pair in items(item.get("history")):
        for role, words in zip(("user", "assistant"), items(pair), strict=False):
            earlier += _messages(role, words)
    given = fields(item.get("input")).get("messages")
    words = "\n\n".join(filter(None, (string(_first(item, _QUESTIONS)), text(item.get("input")))))
    return [*earlier, *(items(given) or _messages("user", words))]


def _messages(role: str, said: JSON) -> list[JSON]:
    """A text or a list of messages, as messages."""
    return items(said) or ([{"role": role, "content": said}] if said else [])
