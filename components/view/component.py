"""Hands messages to the browser, where the bundle in static/ draws them. Data only: no HTML, no code.

Streamlit sends a message of over 10 kB again only when it has changed, so a segment of a conversation that is as it
was costs a reference. That is why the data is bytes made here, the same for the same messages.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import streamlit as st

from backend import glossary
from components.view import words

_MEANS = re.compile(r"[!-/:-@\[-`{-~]")
_ID = re.compile(r"[0-9]{1,19}")
_MARK = re.compile(r"[0-9a-f]{1,8}\.[0-9]{1,9}")
_TOLD = 20  # texts of which one event tells: the view names 12
BUNDLE = Path(__file__).parents[2] / "static" / "view.js"
_WORDS = {
    "actions": words.ACTIONS,
    "copied": words.COPIED,
    "more": words.MORE_ACTIONS,
    "raw": words.SHOW_RAW,
    "rendered": words.SHOW_RENDERED,
    "previous": words.PREVIOUS,
    "next": words.NEXT,
    "reasoning": words.REASONING,
    "reasoningArrives": words.REASONING_ARRIVES,
    "sources": words.SOURCES,
    "tool": words.TOOL,
    "arriving": words.ARRIVING,
    "showAll": words.SHOW_ALL,
    "showLess": words.SHOW_LESS,
    "end": words.TO_THE_END,
    "answering": words.ANSWERING,
    "answered": words.ANSWERED,
}
_TERMS = {
    term.id: [term.word, term.means]
    for term in glossary.terms().values()
    if term.section == "answer" or term.id == "token"
}


@dataclass(frozen=True)
class Notice:
    """A line under a message. `text` is Markdown of ours, with whatever comes from outside escaped."""

    kind: Literal["info", "warning", "good", "bad"]
    text: str


@dataclass(frozen=True)
class Source:
    """A web page that an answer points to."""

    title: str
    url: str


@dataclass(frozen=True)
class Branch:
    """Which of several messages at one place this is, and the ids of those beside it."""

    label: str
    previous: str
    next: str


@dataclass(frozen=True)
class Stream:
    """Where a running answer can be read: the id of its relay (backend/answer/relay.py), and its place there."""

    id: str
    place: int


@dataclass(frozen=True)
class Footer:
    """What stands under a message. `details` are shown to whoever points at the quiet line, and whoever opens them
    reads what the words in them mean: `terms`, by their ids in backend/glossary.py.

    `copied` goes to the clipboard, None: the text; `when` in milliseconds.
    """

    actions: tuple[str, ...] = ()
    menu: tuple[str, ...] = ()
    quiet: str = ""
    details: str = ""
    terms: tuple[str, ...] = ()
    when: int | None = None
    branch: Branch | None = None
    copied: str | None = None


@dataclass(frozen=True)
class Item:
    """A message as it is drawn. `text` is Markdown in an answer, and as it was typed elsewhere.

    `part`: a message with elements of Streamlit's in its middle is drawn as a "head" above and a "foot" below them.
    `calls` are the tool calls of a running answer: JSON, a list of [name, arguments so far].
    `turned`: what its text was first has turned out to be a thought (backend.protocol.wire.Parts).
    A running answer comes by `stream`, without one by what the page feeds (components/chat/page_feed.py).
    `fold` is the title of a fold around the text, `ending` what a screen reader is told when it has ended.
    """

    id: str
    role: str
    label: str
    text: str = ""
    by: str = ""
    reasoning: str = ""
    fold: str = ""
    running: bool = False
    turned: bool = False
    stream: Stream | None = None
    state: str = ""
    calls: str = ""
    ending: str | None = None
    part: Literal["whole", "head", "foot"] = "whole"
    notices: tuple[Notice, ...] = ()
    sources: tuple[Source, ...] = ()
    footer: Footer | None = None


@dataclass(frozen=True)
class Ahead:
    """What the next message costs, for the browser to add what is being typed to: it counts by the `table` of
    backend/tokens.py.

    `spent` is told before it. `tokens` go out in any case, for `usd`; what is typed goes out in `copies`, one for
    each lane of a race, and a million tokens of it cost `price` US dollars in all, 0: not known. The others are the
    words: {tokens} alone, {tokens} with the {amount}, and both with a file, or a {count} of them, of which the
    browser cannot say how many tokens they are.

    `room`: so many tokens may be added until a model has more than its `limit`; None: nobody knows. `over` says
    that of {tokens} in all.
    """

    spent: str
    tokens: int
    usd: float
    copies: int
    price: float
    unpriced: str
    priced: str
    file: str
    files: str
    room: int | None = None
    limit: int = 0
    over: str = ""
    table: Mapping[str, object] = field(default_factory=dict, hash=False)


@cache
def _component() -> Callable[..., object]:
    """The component, registered once in a process; the address of the bundle changes with its content."""
    version = hashlib.sha256(BUNDLE.read_bytes()).hexdigest()[:12]
    stub = (BUNDLE.parent / "stub.js").read_text().replace("VERSION", version)
    return st.components.v2.component("conversation", js=stub, isolate_styles=False)


def draw(
    items: Sequence[Item],
    key: str,
    on_act: Callable[[], None],
    *,
    conversation: str,
    held: Mapping[str, str] = MappingProxyType({}),
    arrived: bool = False,
    hit: str = "",
    still: bool = False,
) -> None:
    """Draw messages, one after the other, as one element.

    `on_act` is called for a click on an action; `acted` says which. `conversation` is the same for all of its
    messages. `held`: the marks of texts that the view has, by their messages. `arrived`: a question among them was
    sent just now, in this tab. `hit`: the id of the one that is scrolled to and marked, a full stop, and a number
    that is another one each time it is to be scrolled to.
    `still`: they are a part of a page that is no conversation, which is not scrolled to their end. There the words
    around them come with them; elsewhere `tell` has them.
    """
    data: Mapping[str, object] = {
        **({"still": True, "words": _WORDS} if still else {}),
        "items": [_sent(item, held.get(item.id)) for item in items],
        "conversation": conversation,
        "arrived": arrived,
        **({"hit": hit} if hit else {}),
    }
    content = json.dumps(data, ensure_ascii=False).encode()
    _component()(key=key, data=content, on_act_change=on_act)


def _sent(item: Item, held: str | None) -> dict[str, object]:
    """An item as it goes out. Of one whose very text the view holds the mark goes, in place of the text."""
    item = _once(item)
    if held and not item.running and held == mark(item.reasoning, item.text):
        return {**_told(replace(item, text="", reasoning="")), "held": held}
    return _told(item)


def _told(item: Item) -> dict[str, object]:
    """What the view does not know by itself: the rest it fills in, from components/view/src/transcript/item.js."""
    fields = _unusual(item)
    return {**fields, "footer": _unusual(item.footer)} if item.footer else fields


def _unusual(drawn: Item | Footer) -> dict[str, object]:
    """The fields that are not as the class has them anyhow."""
    usual = {each.name: each.default for each in fields(drawn)}
    return {name: content for name, content in asdict(drawn).items() if content != usual[name]}


def mark(reasoning: str, text: str) -> str:
    """Says that two have the same words, as components/view/src/transcript/kept.js says it: CRC-32 and bytes."""
    content = f"{reasoning}\0{text}".encode("utf-8", "surrogatepass")  # one half of a pair is no text in a browser
    return f"{zlib.crc32(content):x}.{len(content)}"


def _once(item: Item) -> Item:
    """The same, with what is copied left out where it is the text: a long answer would go out twice."""
    if item.footer is None or item.footer.copied != item.text:
        return item
    return replace(item, footer=replace(item.footer, copied=None))


def tell(key: str, table: Mapping[str, object]) -> None:
    """An element that shows nothing, and is the same in every run, so that a tab is sent it once: the words around
    messages, what those of figures mean, and the `table` of `Ahead`.
    """
    data = json.dumps({"terms": _TERMS, "words": _WORDS, "table": table}).encode()
    _component()(key=key, data=data, on_act_change=lambda: None)


def load(key: str, on_act: Callable[[], None], relay: str, ahead: Ahead) -> None:
    """An element that shows nothing, behind that of `tell`. By it the view asks for the page anew.

    The view listens at `relay`, "" for none, so that the next answer is heard of before the page is drawn.
    Below the message box it tells what is `ahead`. `acted` is "over" when an answer has ended, "again" or "lost"
    when it has to be had in another way, "lacks" when the view has not the text that was named to it.
    """
    data = json.dumps({"relay": relay, "ahead": asdict(replace(ahead, table={}))}).encode()
    _component()(key=key, data=data, on_act_change=on_act)


def escaped(text: str) -> str:
    """Words from outside for the Markdown of a notice: on one line, and nothing but words to the view."""
    return _MEANS.sub(lambda mark: f"&#{ord(mark[0])};", " ".join(text.split()))


def acted(value: object) -> tuple[str, int] | None:
    """The action and the message of a click, from what the element holds; None where it holds no such thing."""
    event = value.get("act") if isinstance(value, Mapping) else None
    if not isinstance(event, Mapping):
        return None
    action, message = event.get("action"), event.get("message")
    if not isinstance(action, str) or not isinstance(message, str) or not _ID.fullmatch(message):
        return None
    return action, int(message)


def holds(value: object) -> dict[str, str]:
    """The marks of texts that the view says it holds, by the ids of their messages."""
    event = value.get("act") if isinstance(value, Mapping) else None
    reported = event.get("holds") if isinstance(event, Mapping) else None
    if not isinstance(reported, Mapping) or len(reported) > _TOLD:
        return {}
    pairs = [(id_, mark) for id_, mark in reported.items() if isinstance(id_, str) and isinstance(mark, str)]
    return {id_: mark for id_, mark in pairs if _ID.fullmatch(id_) and _MARK.fullmatch(mark)}
