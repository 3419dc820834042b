"""What is said of an answer under it: one quiet line, and the rest of the figures for whoever points at it.

What is not known is not written; a failure has words of its own. Every figure is in the inspector as well.
"""

from __future__ import annotations

from collections import Counter

from backend.answer import cost
from backend.protocol import wire
from backend.protocol.order import steps
from backend.types import Message, Usage
from components import notices
from components.chat import words


def line(message: Message, name: str, *, pending: bool = False) -> str:
    """The model by its `name`, the time, the cost; and how it ended, where that is not the end."""
    if message.state == "failed":
        return ""
    ending = notices.ending(message)
    parts = [name, _seconds(message.timing.total), cost.words(message, pending=pending)]
    return _joined(*parts, "" if ending == notices.COMPLETE else ending)


def details(message: Message) -> str:
    """The other figures, one on a line. An estimate is marked "~"."""
    if message.state == "failed":
        return ""
    usage, (out, known) = message.usage or Usage(), cost.counted(message)
    about = "" if known else "~"
    speed = message.timing.tokens_per_second(out)
    lines = (
        message.model or "",
        _joined(
            _told(words.TOKENS_IN, usage.prompt_tokens),
            _told(words.TOKENS_CACHED, usage.cached_tokens or None),
        ),
        _joined(_told(words.TOKENS_OUT, out, about), _reasoning(message, usage)),
        _joined(
            words.TIME_TO_FIRST.format(time=first) if (first := _seconds(message.timing.first_token)) else "",
            words.SPEED.format(speed=f"{about}{speed:.0f}") if speed is not None else "",
        ),
        _steps(message),
        words.FINISH_REASON.format(reason=message.finish_reason) if message.finish_reason else "",
        words.REQUEST.format(id=message.request_id) if message.request_id else "",
        words.EDITED_BY_HAND if message.by_hand else "",
    )
    return "\n".join(filter(None, lines))


def _steps(message: Message) -> str:
    """What the provider did by itself: web_search 2 times, code_execution."""
    counts = Counter(name[:40] for name in steps(message))
    told = [
        words.STEPS_OF_A_KIND.format(name=name, count=n) if n > 1 else name for name, n in counts.most_common(5)
    ]
    return words.STEPS.format(steps=", ".join(told)) if told else ""


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def _told(template: str, count: int | None, about: str = "") -> str:
    return "" if count is None else template.format(count=f"{about}{count:,}")


def _reasoning(message: Message, usage: Usage) -> str:
    if usage.reasoning_tokens:
        return words.TOKENS_REASONING.format(count=f"{usage.reasoning_tokens:,}")
    thought = wire.thinking(message)[0]
    return words.TOKENS_REASONING.format(count=f"~{cost.tokens(thought):,}") if thought else ""


def _seconds(value: float | None) -> str:
    """5.7 s, 0.28 s."""
    return "" if value is None else words.SECONDS.format(seconds=f"{value:.{1 if value >= 1 else 2}f}")
