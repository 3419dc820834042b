"""Sends messages to the browser, where the bundle in static/ draws them. Data only: no HTML, no code.

Streamlit sends a message of over 10 kB again only if it has changed, so an unchanged segment of a conversation
costs a reference. That is why the data is serialised here, to equal bytes for equal messages.
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
_TOLD = 20  # texts that one event reports: the view names 12
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
    """A line under a message. `text` is Markdown with untrusted parts escaped."""

    kind: Literal["info", "warning", "good", "bad"]
    text: str


@dataclass(frozen=True)
class Source:
    """A web page that an answer cites."""

    title: str
    url: str


@dataclass(frozen=True)
class Branch:
    """The index of a message among its siblings, and the ids of those beside it."""

    label: str
    previous: str
    next: str


@dataclass(frozen=True)
class Stream:
    """Where a running answer can be read: the id of its relay (backend/answer/relay.py), and its index there."""

    id: str
    place: int


@dataclass(frozen=True)
class Footer:
    """The footer of a message. `details` is the tooltip of the figures, and opening it explains the words in it:
    `terms`, by their ids in backend/glossary.py.

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
    """A message for drawing. `text` is Markdown in an answer, and plain text elsewhere.

    `part`: a message with Streamlit elements within it is drawn as a "head" above and a "foot" below them.
    `calls` are the tool calls of a running answer: JSON, a list of [name, arguments so far].
    `turned`: its first text has turned out to be reasoning (backend.protocol.wire.Parts).
    A running answer arrives by `stream`, or without one by what the page feeds (components/chat/page_feed.py).
    `fold` is the title of an expander around the text, `ending` the announcement for screen readers when it has
    ended.
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
    """The cost of the next message, to which the browser adds what is being typed: it counts by the `table` of
    backend/tokens.py.

    `spent` is shown before it. `tokens` are sent in any case, for `usd`; typed text is sent in `copies`, one for
    each lane of a race, and a million tokens of it cost `price` US dollars in all, 0: not known. The others are the
    texts: {tokens} alone, {tokens} with the {amount}, and both with a file, or a {count} of them, whose tokens the
    browser cannot estimate.

    `room`: the tokens that can be added before a model exceeds its `limit`; None: unknown. `over` is the text
    for exceeding it, with {tokens} in all; `large` that of a file {name} that is too large to go along.
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
    large: str = ""


@cache
def _component() -> Callable[..., object]:
    """The component, registered once per process; the address of the bundle changes with its content."""
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

    `on_act` is called for a click on an action; `action_of` says which. `conversation` is the same for all of its
    messages. `held`: the marks of texts that the view has, by their messages. `arrived`: a question among them was
    sent just now, in this tab. `hit`: the id of the one that is scrolled to and marked, a full stop, and a number
    that is another one each time it is to be scrolled to.
    `still`: they are a part of a page that is no conversation, which is not scrolled to their end. There the words
    around them come with them; elsewhere `shared_texts` has them.
    """
    data: Mapping[str, object] = {
        **({"still": True, "words": _WORDS} if still else {}),
        "items": [_item_data(item, held.get(item.id)) for item in items],
        "conversation": conversation,
        "arrived": arrived,
        **({"hit": hit} if hit else {}),
    }
    content = json.dumps(data, ensure_ascii=False).encode()
    _component()(key=key, data=content, on_act_change=on_act)


def _item_data(item: Item, held: str | None) -> dict[str, object]:
    """An item as it is sent. If the view already has its text, the checksum is sent instead."""
    item = _once(item)
    if held and not item.running and held == mark(item.reasoning, item.text):
        return {**_item_fields(replace(item, text="", reasoning="")), "held": held}
    return _item_fields(item)


def _item_fields(item: Item) -> dict[str, object]:
    """The fields that differ from the defaults, which components/view/src/transcript/item.js fills in."""
    fields = _unusual(item)
    return {**fields, "footer": _unusual(item.footer)} if item.footer else fields


def _unusual(drawn: Item | Footer) -> dict[str, object]:
    """The fields that differ from the class's defaults."""
    usual = {each.name: each.default for each in fields(drawn)}
    return {name: content for name, content in asdict(drawn).items() if content != usual[name]}


def mark(reasoning: str, text: str) -> str:
    """The checksum of a text, as in components/view/src/transcript/kept.js: CRC-32 and length in bytes."""
    content = f"{reasoning}\0{text}".encode("utf-8", "surrogatepass")  # a lone surrogate is no text in a browser
    return f"{zlib.crc32(content):x}.{len(content)}"


def _once(item: Item) -> Item:
    """The same, without the clipboard text if it equals the text: a long answer would be sent twice."""
    if item.footer is None or item.footer.copied != item.text:
        return item
    return replace(item, footer=replace(item.footer, copied=None))


def shared_texts(key: str, table: Mapping[str, object]) -> None:
    """An invisible element that is the same in every run, so that a tab gets it once: the texts around messages,
    the explanations of figures, and the `table` of `Ahead`.
    """
    data = json.dumps({"terms": _TERMS, "words": _WORDS, "table": table}).encode()
    _component()(key=key, data=data, on_act_change=lambda: None)


def load(key: str, on_act: Callable[[], None], relay: str, ahead: Ahead) -> None:
    """An invisible element, after that of `shared_texts`. With it the view requests a rerun of the page.

    The view listens at `relay`, "" for none, so that the next answer is noticed before the page is drawn.
    Below the message box it shows what is `ahead`. `acted` is "over" if an answer has ended, "again" or "lost"
    if it has to be sent in another way, "lacks" if the view lacks a text that was referred to.
    """
    data = json.dumps({"relay": relay, "ahead": asdict(replace(ahead, table={}))}).encode()
    _component()(key=key, data=data, on_act_change=on_act)


def escaped(text: str) -> str:
    """Untrusted text in the Markdown of a notice: on one line, with everything escaped."""
    return _MEANS.sub(lambda mark: f"&#{ord(mark[0])};", " ".join(text.split()))


def action_of(value: object) -> tuple[str, int] | None:
    """The action and the message of a click, from the element's value; None if it is invalid."""
    event = value.get("act") if isinstance(value, Mapping) else None
    if not isinstance(event, Mapping):
        return None
    action, message = event.get("action"), event.get("message")
    if not isinstance(action, str) or not isinstance(message, str) or not _ID.fullmatch(message):
        return None
    return action, int(message)


def reported_marks(value: object) -> dict[str, str]:
    """The checksums of the texts that the view reports to have, by the ids of their messages."""
    event = value.get("act") if isinstance(value, Mapping) else None
    reported = event.get("holds") if isinstance(event, Mapping) else None
    if not isinstance(reported, Mapping) or len(reported) > _TOLD:
        return {}
    pairs = [(id_, mark) for id_, mark in reported.items() if isinstance(id_, str) and isinstance(mark, str)]
    return {id_: mark for id_, mark in pairs if _ID.fullmatch(id_) and _MARK.fullmatch(mark)}
