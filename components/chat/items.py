"""A message as data for the view: its text, notices, actions, and the figures below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from backend.answer.relay import growing_calls
from backend.answer.turn import Turn
from backend.conversation.chat import Chat
from backend.conversation.transcript import is_empty_failure
from backend.conversation.tree import Node, when
from backend.demos.playing import PlayedChat
from backend.protocol import wire
from backend.tools.agent import Agent
from backend.types import JSON, Message
from components import notices
from components.chat import answer_figures, words
from components.session.chains import has_several_texts
from components.view import component
from components.view.component import Branch, Footer, Item, Notice, Source, Stream

_TOLD = 1_577_836_800  # 2020: an earlier time is not that of a message
Name = Callable[[str], str]
_LONG_WORD = 30  # average letters between spaces, from which on the text has no word spaces
_MENU = ("add", "delete", "delete below")
_OF_LANE = ("explain", "colours", "ask colours")  # actions that insert or remove no message
_OF_PLAYED = ("copy", "speak", "inspect")  # a recording cannot be changed


def item(
    chat: Chat,
    node: Node,
    wanted_format: JSON = None,
    name: Name = str,
    *,
    simple: bool = False,
    colours: bool = False,
    chains: Sequence[str] = (),
) -> Item:
    """A message that has ended. `wanted_format`: the response format of its request, to check the last answer.
    `name` returns the display name of a model. `simple`: use plain words instead of API terms. `colours`: the model
    can return token probabilities. `chains`: the Studio families that an answer can be sent to.
    """
    message = node.message
    if message.role == "assistant":
        return _answer(
            chat, node, wanted_format, footer(chat, node, name, simple=simple, colours=colours, chains=chains)
        )
    tool = message.role == "tool"
    by = "" if message.role in ("user", "tool") and not message.name else f"{message.role} {message.name or ''}"
    return Item(
        str(node.id),
        message.role,
        words.LABELS.get(message.role, message.role),
        message.content,
        by="" if tool else by.strip(),
        fold=words.TOOL_RESULT.format(tool=message.name or words.THE_TOOL) if tool else "",
        footer=footer(chat, node, name),
    )


def _answer(chat: Chat, node: Node, wanted_format: JSON, footer: Footer) -> Item:
    message = node.message
    reasoning, text = wire.thinking(message)
    last = chat.conversation.leaf == node.id
    lines = [Notice("info", component.escaped(message.refusal))] if message.refusal else []
    lines += notices.answer_format(message, wanted_format) if last else []
    offered = [tool.name for tool in chat.tools] if isinstance(chat, Agent) else ()
    # Qwen on llama.cpp writes its calls into the reasoning.
    written = notices.written_call(message, text or reasoning, offered)
    lines += written or notices.empty_answer(message)
    lines += notices.holes(message)
    return Item(
        str(node.id),
        message.role,
        words.LABELS[message.role],
        text,
        reasoning=reasoning,
        ending=announcement(message, text),
        notices=tuple(lines),
        sources=tuple(Source(cited.title or cited.url, cited.url) for cited in message.citations),
        footer=footer,
    )


def announcement(message: Message, text: str) -> str:
    """The announcement for screen readers when an answer has ended: how, and how long it is.

    A failure is an alert by itself (components/chat/failure.py), and is not announced twice.
    """
    if message.failure and not text.strip():
        return ""
    ending, count = notices.ending(message), len(text.split())
    if count * _LONG_WORD < len(text):  # a script without spaces
        return words.ENDED_CHARACTERS.format(ending=ending, count=len(text))
    return (words.ENDED_WORD if count == 1 else words.ENDED_WORDS if count else words.ENDED).format(
        ending=ending, count=count
    )


def running(node: Node, turn: Turn, state: str, stream: Stream | None) -> Item:
    """An answer that is still being written; further content arrives by the stream, or is fed."""
    reasoning, text, turned = wire.parts(turn.message, ended=False)
    return Item(
        str(node.id),
        "assistant",
        words.LABELS["assistant"],
        text,
        reasoning=reasoning,
        running=True,
        turned=turned,
        stream=stream,
        state=state,
        calls=growing_calls(turn.message),
    )


# ---- under a message ------------------------------------------------------------------------------------


def footer(
    chat: Chat,
    node: Node,
    name: Name = str,
    *,
    simple: bool = False,
    colours: bool = False,
    chains: Sequence[str] = (),
) -> Footer:
    """The actions of a message and, for an answer, its figures."""
    message = node.message
    answer = message.role == "assistant"
    played = isinstance(chat, PlayedChat)
    turn = chat.recent.get(node.id)
    pending = turn is not None and turn.pending
    text = message.content if answer and not played else ""
    made = [chain for chain in chains if text.strip() and (chain != "vectors" or has_several_texts(text))]
    return Footer(
        actions=(
            *(("answer",) if _without_answer(chat, node) and not played else ()),
            *(action for action in _suitable(message) if not played or action in _OF_PLAYED),
        ),
        menu=(
            *(_about(message, colours=colours and not played) if answer else ()),
            *made,
            *(() if played else _MENU),
        ),
        quiet=answer_figures.line(message, name(message.model or ""), pending=pending) if answer else "",
        details=answer_figures.details(message, simple=simple) if answer else "",
        terms=answer_figures.terms(message) if answer else (),
        when=_when(node),
        branch=_branch(chat, node),
        copied=(wire.thinking(message)[1] or message.refusal) if answer else None,
    )


def _without_answer(chat: Chat, node: Node) -> bool:
    """The last message is a question without an answer: imported, from a link, or its answer was deleted."""
    return node.message.role == "user" and chat.conversation.child_in_view(node.id) is None and not chat.running


def in_menu(footer: Footer) -> Footer:
    """The footer of an earlier round of tool calls: one menu, and the branch switcher."""
    actions = [action for action in footer.actions if action != "copy"]
    return Footer(menu=(*actions, "round", *footer.menu), branch=footer.branch)


def of_lane(footer: Footer | None) -> Footer | None:
    """The footer in a lane of a race: messages cannot be inserted or deleted there."""
    return replace(footer, menu=tuple(action for action in footer.menu if action in _OF_LANE)) if footer else None


def _about(message: Message, *, colours: bool) -> list[str]:
    """The actions that tell more about an answer. Its tokens are coloured if it has probabilities; if it has
    text without them, and the model supports `colours`, it can be asked again with them.
    """
    if message.logprobs:
        return ["explain", "colours"]
    said = colours and bool(message.content.strip()) and not message.tool_calls
    return ["explain", "ask colours"] if said else ["explain"]


def on_stage(item: Item, node: Node, *, costs: bool) -> Item:
    """For an audience: the text without actions; with `costs` the figures. A failure shows no details."""
    failed = node.message.state == "failed"
    quiet = item.footer.quiet if item.footer and costs else ""
    told = (*item.notices, Notice("info", words.NO_ANSWER)) if failed else item.notices
    return replace(item, notices=told, footer=Footer(quiet=quiet) if quiet else None)


def _when(node: Node) -> int | None:
    """The time of a message in milliseconds; None if it cannot be told from the ids of an imported file."""
    seconds = when(node.id)
    return round(seconds * 1000) if seconds > _TOLD else None


def _suitable(message: Message) -> list[str]:
    """The actions that suit this message, besides those of every menu."""
    answer = message.role == "assistant"
    fits = {
        "copy": not message.empty,
        "speak": answer and bool(message.content.strip()) and message.state != "failed",
        "regenerate": answer and message.state != "failed",  # a failure has its own button beside its message
        "continue": answer and resumable(message),
        "edit": not is_empty_failure(message),
        "inspect": answer,
    }
    return [action for action, fit in fits.items() if fit]


def resumable(message: Message) -> bool:
    """Whether an answer ended before it was complete, with something to continue from."""
    if wire.is_paused(message):
        return True
    cut = message.state in ("stopped", "failed", "interrupted") or notices.is_at_limit(message)
    return cut and bool(message.content.strip()) and not message.tool_calls


def _branch(chat: Chat, node: Node) -> Branch | None:
    """The branch switcher: nothing regenerated is lost."""
    siblings = chat.conversation.siblings(node.id)
    if len(siblings) < 2:
        return None
    at = siblings.index(node.id)
    return Branch(
        words.BRANCH.format(number=at + 1, count=len(siblings)),
        previous=str(siblings[at - 1]),
        next=str(siblings[(at + 1) % len(siblings)]),
    )
