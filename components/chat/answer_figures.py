"""The figures below an answer: one quiet line, and the rest in a tooltip.

Unknown figures are left out; a failure has its own message. Every figure is in the inspector as well.
"""

from __future__ import annotations

from collections import Counter

from backend.answer import cost
from backend.answer.usage import reported
from backend.protocol import wire
from backend.protocol.order import steps
from backend.tokens import tokens
from backend.types import Message, Usage
from components import notices
from components.chat import words


def line(message: Message, name: str, *, pending: bool = False) -> str:
    """The model's `name`, the time, the cost; and how it ended, if it is incomplete."""
    if message.state == "failed":
        return ""
    ending = notices.ending(message)
    parts = [name, _seconds(message.timing.total), cost.words(message, pending=pending)]
    return _join_figures(*parts, "" if ending == notices.COMPLETE else ending)


def details(message: Message, *, simple: bool = False) -> str:
    """The other figures, one per line, in `simple` words or in API terms. An estimate is marked "~"."""
    templates = words.SIMPLE_FIGURES if simple else words.FIGURES
    rows = [_join_figures(*(templates[id_].format(value=value) for id_, value in row)) for row in _figures(message)]
    return "" if message.state == "failed" else "\n".join(filter(None, [message.model or "", *rows]))


def terms(message: Message) -> tuple[str, ...]:
    """The terms in the line and in the tooltip that are in the glossary, by their ids."""
    if message.state == "failed":
        return ()
    figures = [id_ for row in _figures(message) for id_, _ in row]
    first = [*(["cost"] if cost.words(message) else []), *(["token"] if "tokens_out" in figures else [])]
    return (*first, *figures)


def _figures(message: Message) -> list[list[tuple[str, str]]]:
    """The known figures: ids of the glossary, each with its value as text."""
    usage, tokens, (out, known) = message.usage or Usage(), reported(message.usage), cost.counted(message)
    about = "" if known else "~"
    speed = cost.speed(message)
    rows = (
        [
            ("tokens_in", _count(tokens.into)),
            ("tokens_cached", _count(tokens.cached or None)),
        ],
        [("tokens_out", _count(out, about)), ("tokens_reasoning", _reasoning(message, usage))],
        [
            ("first_token", _seconds(message.timing.first_token)),
            ("speed", "" if speed is None else f"{about}{speed:.0f}"),
        ],
        [("steps", _steps(message))],
        [("finish_reason", message.finish_reason or "")],
        [("request_id", message.request_id)],
        [("by_hand", "yes" if message.by_hand else "")],
    )
    return [[(id_, value) for id_, value in row if value] for row in rows]


def _steps(message: Message) -> str:
    """The provider's own steps: web_search 2 times, code_execution."""
    counts = Counter(name[:40] for name in steps(message))
    return ", ".join(
        words.STEPS_OF_A_KIND.format(name=name, count=n) if n > 1 else name for name, n in counts.most_common(5)
    )


def _join_figures(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def _count(count: int | None, about: str = "") -> str:
    return "" if count is None else f"{about}{count:,}"


def _reasoning(message: Message, usage: Usage) -> str:
    if usage.reasoning_tokens:
        return _count(usage.reasoning_tokens)
    thought = wire.thinking(message)[0]
    return _count(tokens(thought), "~") if thought else ""


def _seconds(value: float | None) -> str:
    """Format seconds: 5.7 s, 0.28 s."""
    return "" if value is None else words.SECONDS.format(seconds=f"{value:.{1 if value >= 1 else 2}f}")
