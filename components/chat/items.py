"""A message as the view draws it: its words, the notices, the actions, the quiet line."""

from __future__ import annotations

from backend.answer import cost
from backend.answer.relay import growing_calls
from backend.answer.turn import Turn
from backend.conversation.chat import Chat
from backend.conversation.transcript import unanswered
from backend.conversation.tree import Node, when
from backend.protocol import wire
from backend.types import Message, Usage
from components import notices
from components.chat import words
from components.view import component
from components.view.component import Branch, Footer, Item, Notice, Source, Stream

_TOLD = 1_577_836_800  # 2020: seconds before that are no time of a message
_LONG_WORD = 30  # letters from one space to the next, on average
_MENU = ("add", "delete", "delete below")


def item(chat: Chat, node: Node, wanted_format: object = None) -> Item:
    """A message that has ended. `wanted_format`: the response format in use, to look at the last answer."""
    message = node.message
    if message.role == "assistant":
        return _answer(chat, node, wanted_format)
    tool = message.role == "tool"
    by = "" if message.role in ("user", "tool") and not message.name else f"{message.role} {message.name or ''}"
    return Item(
        str(node.id),
        message.role,
        words.LABELS.get(message.role, message.role),
        message.content,
        by="" if tool else by.strip(),
        fold=words.TOOL_RESULT.format(tool=message.name or words.THE_TOOL) if tool else "",
        footer=footer(chat, node),
    )


def _answer(chat: Chat, node: Node, wanted_format: object) -> Item:
    message = node.message
    reasoning, text = wire.thinking(message)
    last = chat.conversation.leaf == node.id
    lines = [Notice("info", component.escaped(message.refusal))] if message.refusal else []
    lines += notices.answer_format(message, wanted_format) if last else []
    lines += notices.empty_answer(message)
    lines += notices.holes(message)
    return Item(
        str(node.id),
        message.role,
        words.LABELS[message.role],
        text,
        reasoning=reasoning,
        ending=told(message, text),
        notices=tuple(lines),
        sources=tuple(Source(cited.title or cited.url, cited.url) for cited in message.citations),
        footer=footer(chat, node),
    )


def told(message: Message, text: str) -> str:
    """What a screen reader says when an answer has ended: how, and how long it is, or what failed."""
    if message.failure and not text.strip():
        return words.ENDED_FAILED.format(title=message.failure.title)
    ending, count = notices.ending(message), len(text.split())
    if message.failure:
        ending = f"{ending}: {message.failure.title.rstrip('.')}"
    if count * _LONG_WORD < len(text):  # a script without spaces
        return words.ENDED_CHARACTERS.format(ending=ending, count=len(text))
    return (words.ENDED_WORD if count == 1 else words.ENDED_WORDS if count else words.ENDED).format(
        ending=ending, count=count
    )


def running(node: Node, turn: Turn, state: str, stream: Stream | None) -> Item:
    """An answer that is still being written; what comes of it from here on comes by the stream, or is fed."""
    reasoning, text = wire.growing(turn.message)
    return Item(
        str(node.id),
        "assistant",
        words.LABELS["assistant"],
        text,
        reasoning=reasoning,
        running=True,
        stream=stream,
        state=state,
        calls=growing_calls(turn.message),
    )


# ---- under a message ------------------------------------------------------------------------------------


def footer(chat: Chat, node: Node) -> Footer:
    """The actions of a message and, for an answer, the quiet line."""
    message = node.message
    answer = message.role == "assistant"
    turn = chat.recent.get(node.id)
    return Footer(
        actions=tuple(_suitable(message)),
        menu=_MENU,
        quiet=quiet_line(message, pending=turn is not None and turn.pending) if answer else "",
        when=_when(node),
        branch=_branch(chat, node),
        copied=(wire.thinking(message)[1] or message.refusal) if answer else None,
    )


def _when(node: Node) -> int | None:
    """When it was said, in milliseconds; the ids of an imported file may not tell."""
    seconds = when(node.id)
    return round(seconds * 1000) if seconds > _TOLD else None


def _suitable(message: Message) -> list[str]:
    """What suits this message, besides what every menu has."""
    answer = message.role == "assistant"
    fits = {
        "copy": not message.empty,
        "regenerate": answer and message.state != "failed",  # a failure has its own button, beside its words
        "continue": answer and resumable(message),
        "edit": not unanswered(message),
        "inspect": answer,
    }
    return [action for action, fit in fits.items() if fit]


def resumable(message: Message) -> bool:
    """An answer that ended before it was complete, with something to go on from."""
    cut = message.state in ("stopped", "failed", "interrupted") or message.finish_reason == "length"
    return cut and bool(message.content.strip()) and not message.tool_calls


def _branch(chat: Chat, node: Node) -> Branch | None:
    """The way to the other messages that were given here; nothing regenerated is lost."""
    siblings = chat.conversation.siblings(node.id)
    if len(siblings) < 2:
        return None
    at = siblings.index(node.id)
    return Branch(
        words.BRANCH.format(number=at + 1, count=len(siblings)),
        previous=str(siblings[at - 1]),
        next=str(siblings[(at + 1) % len(siblings)]),
    )


def quiet_line(message: Message, *, pending: bool = False) -> str:
    """Model, tokens, speed, cost and ending of an answer. An estimate is marked "~", the unknown is "-"."""
    timing = message.timing
    out, known = cost.counted(message)
    speed = timing.tokens_per_second(out)
    parts = [message.model or "", _tokens(message)]
    if timing.total is None:
        parts.append(words.NO_TIME)
    else:
        parts.append(words.TIME_TO_FIRST.format(time=_seconds(timing.first_token, 2)))
        if speed is not None:
            parts.append(words.SPEED.format(speed=f"{'' if known else '~'}{speed:.0f}"))
        parts.append(_seconds(timing.total, 1 if timing.total >= 1 else 2))
    parts.append(cost.words(message, pending=pending))
    parts.append(notices.ending(message))
    if message.by_hand:
        parts.append(words.EDITED_BY_HAND)
    return " · ".join(part for part in parts if part)


def _tokens(message: Message) -> str:
    """12 in, 34 out (20 reasoning)."""
    usage, (out, known) = message.usage or Usage(), cost.counted(message)
    prompt = "-" if usage.prompt_tokens is None else f"{usage.prompt_tokens:,}"
    answer = "-" if out is None else f"{out:,}" if known else f"~{out:,}"
    if reasoning := _reasoning(message, usage):
        return words.TOKENS_REASONING.format(prompt=prompt, answer=answer, reasoning=reasoning)
    return words.TOKENS.format(prompt=prompt, answer=answer)


def _reasoning(message: Message, usage: Usage) -> str:
    if usage.reasoning_tokens:
        return f"{usage.reasoning_tokens:,}"
    thought = wire.thinking(message)[0]
    return f"~{cost.tokens(thought):,}" if thought else ""


def _seconds(value: float | None, decimals: int) -> str:
    return "-" if value is None else words.SECONDS.format(seconds=f"{value:.{decimals}f}")
