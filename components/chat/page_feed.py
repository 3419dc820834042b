"""Feeds a running answer to the view through hidden elements of the page, until the browser reads the route.

That takes a moment, and behind a host that blocks the route it never happens: then the whole answer is fed.
Of several updates of one element Streamlit may send only the newest. So an element always holds the text
since its own offset, and when that has grown long a new element begins: nothing can be lost, and what is sent again
stays short (measured at 400 tokens/s in a browser slowed 6 times: 20,774 characters, none missing). The view joins
the pieces: components/view/src/transcript/feed.js.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from backend.answer.relay import growing_calls
from backend.answer.turn import Turn
from backend.conversation.tree import NodeId
from backend.keys.endpoint import is_near
from backend.protocol import wire
from backend.transport.client import RETRIES
from backend.types import Preparing, Retrying
from components.chat import words
from components.elements.page_runs import PAGE_RUNS
from components.session.tab import breathe

TICK = 0.05  # seconds to wait for news before Streamlit may interrupt
FASTEST = 0.05  # seconds between two pieces
SHARE = 8  # multiple of an update's duration to pause after it: with 50 readers it takes 50 times as long
LOADING = 10  # seconds of silence after which a local server may be loading the model
PIECE = 2_000  # characters in an element before a new one begins


def follow(turns: Mapping[NodeId, Turn], enough: Callable[[], bool]) -> bool:
    """Feed running answers until one has ended, or until `enough` is true. True if one has ended.

    Interrupted by a rerun or a page change, the next run continues.
    """
    area = st.container(key="feed")
    feeds, seen = {node: _Feed(node, area) for node in turns}, -1
    first = next(iter(turns.values()))
    PAGE_RUNS.end()
    while True:
        running = [node for node, turn in turns.items() if turn.running]
        for node, turn in turns.items():
            feeds[node].write(turn, final=node not in running)
        if len(running) < len(turns):
            return True
        if enough():
            return False
        seen = first.wait(seen, TICK)
        breathe()
        for node, turn in turns.items():
            feeds[node].pace(turn)


class _Feed:
    """The hidden elements of one answer."""

    def __init__(self, node: NodeId, area: DeltaGenerator) -> None:
        names = ("reasoning", "text", "said", "state", "calls")
        self._parts = {part: _Part(area, str(node), part) for part in names}
        self._due = 0.0

    def write(self, turn: Turn, *, final: bool) -> None:
        """Send what is new. Skipped if it is too soon, unless it is the last."""
        began = time.monotonic()
        if began < self._due and not final:
            return
        message = turn.message
        reasoning, text, turned = wire.parts(message, ended=final)
        self._parts["reasoning"].grow(reasoning)
        if turned:
            self._parts["said"].begin()
        self._parts["said" if turned else "text"].grow(text)
        self._parts["state"].put(waiting(turn))
        self._parts["calls"].put(growing_calls(message))
        now = time.monotonic()
        self._due = now + max(FASTEST, SHARE * (now - began))

    def pace(self, turn: Turn) -> None:
        """Sleep until the next piece is due, so that a fast model costs no more than a slow one."""
        while turn.running and (left := self._due - time.monotonic()) > 0:
            time.sleep(min(left, TICK))
            breathe()


class _Part:
    """One growing text of an answer."""

    def __init__(self, area: DeltaGenerator, answer: str, name: str) -> None:
        self._area = area
        self._answer = answer
        self._name = name
        self._place: DeltaGenerator | None = None
        self._offset = 0  # offset of the element's text
        self._sent = ""

    def begin(self) -> None:
        """Announce that it begins, even if it is still empty."""
        if self._place is None and not self._offset:
            self._send("")

    def grow(self, text: str) -> None:
        """Send the new end of this text, which begins with what was sent before."""
        while len(text) - self._offset > PIECE:
            self._send(text[self._offset : self._offset + PIECE])
            self._offset += PIECE
            self._place = None
        if text != self._sent:
            self._send(text[self._offset :])
            self._sent = text

    def put(self, text: str) -> None:
        """Send a text that replaces the previous one."""
        if text != self._sent:
            self._sent = text
            self._send(text)

    def _send(self, text: str) -> None:
        if self._place is None:
            self._place = self._area.empty()
        self._place.text(json.dumps([self._answer, self._name, self._offset, text], ensure_ascii=False))


def waiting(turn: Turn) -> str:
    """What a turn without output is doing, in words."""
    notice = turn.notice
    if isinstance(notice, Retrying):
        left = max(0, round(notice.after - turn.since_last))
        return words.RETRYING.format(reason=notice.reason, seconds=left, attempt=notice.attempt, tries=RETRIES)
    if isinstance(notice, Preparing):
        if notice.fraction is None:
            return words.PREPARING.format(text=notice.text)
        return words.PREPARING_SHARE.format(text=notice.text, share=notice.fraction)
    waited = int(turn.elapsed)
    if waited < 3:
        return words.WAITING
    asked = turn.call.exchanges[-1:]
    loading = waited >= LOADING and any(is_near(exchange.url) for exchange in asked)
    return (words.LOADING if loading else words.WAITING_FOR).format(seconds=waited)
