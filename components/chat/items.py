"""A message as the view draws it: its words, the notices, the actions, the quiet line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from backend.answer.relay import growing_calls
from backend.answer.turn import Turn
from backend.conversation.chat import Chat
from backend.conversation.transcript import unanswered
from backend.conversation.tree import Node, when
from backend.demos.playing import PlayedChat
from backend.protocol import wire
from backend.tools.agent import Agent
from backend.types import Message
from components import notices
from components.chat import quiet_line, words
from components.session.chains import has_several_texts
from components.view import component
from components.view.component import Branch, Footer, Item, Notice, Source, Stream

_TOLD = 1_577_836_800  # 2020: seconds before that are no time of a message
Name = Callable[[str], str]
_LONG_WORD = 30  # letters from one space to the next, on average
_MENU = ("add", "delete", "delete below")
_OF_LANE = ("explain", "colours", "ask colours")  # no message is put in or taken out by these
_OF_PLAYED = ("copy", "speak", "inspect")  # of a recording nothing is changed


def item(
    chat: Chat,
    node: Node,
    wanted_format: object = None,
    name: Name = str,
    *,
    simple: bool = False,
    colours: bool = False,
    chains: Sequence[str] = (),
) -> Item:
    """A message that has ended. `wanted_format`: the response format in use, to look at the last answer. `name`
    gives the name that people know a model by. `simple`: in words for people who never saw an API.
    `colours`: the model can be asked for token probabilities. `chains`: what of the studio an answer can go to.
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


def _answer(chat: Chat, node: Node, wanted_format: object, footer: Footer) -> Item:
    message = node.message
    reasoning, text = wire.thinking(message)
    last = chat.conversation.leaf == node.id
    lines = [Notice("info", component.escaped(message.refusal))] if message.refusal else []
    lines += notices.answer_format(message, wanted_format) if last else []
    lines += notices.empty_answer(message)
    lines += notices.holes(message)
    offered = [tool.name for tool in chat.tools] if isinstance(chat, Agent) else ()
    lines += notices.written_call(message, text, offered)
    return Item(
        str(node.id),
        message.role,
        words.LABELS[message.role],
        text,
        reasoning=reasoning,
        ending=told(message, text),
        notices=tuple(lines),
        sources=tuple(Source(cited.title or cited.url, cited.url) for cited in message.citations),
        footer=footer,
    )


def told(message: Message, text: str) -> str:
    """What a screen reader says when an answer has ended: how, and how long it is.

    What failed is an alert by itself (components/chat/failure.py), and is not said twice.
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
    """An answer that is still being written; what comes of it from here on comes by the stream, or is fed."""
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
    """The actions of a message and, for an answer, the quiet line."""
    message = node.message
    answer = message.role == "assistant"
    played = isinstance(chat, PlayedChat)
    turn = chat.recent.get(node.id)
    pending = turn is not None and turn.pending
    text = message.content if answer and not played else ""
    made = [chain for chain in chains if text.strip() and (chain != "vectors" or has_several_texts(text))]
    return Footer(
        actions=tuple(action for action in _suitable(message) if not played or action in _OF_PLAYED),
        menu=(
            *(_about(message, colours=colours and not played) if answer else ()),
            *made,
            *(() if played else _MENU),
        ),
        quiet=quiet_line.line(message, name(message.model or ""), pending=pending) if answer else "",
        details=quiet_line.details(message, simple=simple) if answer else "",
        terms=quiet_line.terms(message) if answer else (),
        when=_when(node),
        branch=_branch(chat, node),
        copied=(wire.thinking(message)[1] or message.refusal) if answer else None,
    )


def in_menu(footer: Footer) -> Footer:
    """The footer of an earlier round of tool calls: one menu, and the way to its other branches."""
    actions = [action for action in footer.actions if action != "copy"]
    return Footer(menu=(*actions, "round", *footer.menu), branch=footer.branch)


def of_lane(footer: Footer | None) -> Footer | None:
    """The footer in a lane of a race: no message is put in or deleted there."""
    return replace(footer, menu=tuple(action for action in footer.menu if action in _OF_LANE)) if footer else None


def _about(message: Message, *, colours: bool) -> list[str]:
    """What tells more about an answer. Its words are coloured where it came with probabilities; where it had words
    and came without, and the model gives `colours`, it can be asked again with them."""
    if message.logprobs:
        return ["explain", "colours"]
    said = colours and bool(message.content.strip()) and not message.tool_calls
    return ["explain", "ask colours"] if said else ["explain"]


def on_stage(item: Item, node: Node, *, costs: bool) -> Item:
    """Before a room: the words and nothing to press; with `costs` the quiet line. A failure tells no details."""
    failed = node.message.state == "failed"
    quiet = item.footer.quiet if item.footer and costs else ""
    told = (*item.notices, Notice("info", words.NO_ANSWER)) if failed else item.notices
    return replace(item, notices=told, footer=Footer(quiet=quiet) if quiet else None)


def _when(node: Node) -> int | None:
    """When it was said, in milliseconds; the ids of an imported file may not tell."""
    seconds = when(node.id)
    return round(seconds * 1000) if seconds > _TOLD else None


def _suitable(message: Message) -> list[str]:
    """What suits this message, besides what every menu has."""
    answer = message.role == "assistant"
    fits = {
        "copy": not message.empty,
        "speak": answer and bool(message.content.strip()) and message.state != "failed",
        "regenerate": answer and message.state != "failed",  # a failure has its own button, beside its words
        "continue": answer and resumable(message),
        "edit": not unanswered(message),
        "inspect": answer,
    }
    return [action for action, fit in fits.items() if fit]


def resumable(message: Message) -> bool:
    """An answer that ended before it was complete, with something to go on from."""
    if wire.is_paused(message):
        return True
    cut = message.state in ("stopped", "failed", "interrupted") or notices.is_at_limit(message)
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
