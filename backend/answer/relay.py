"""The running answers of one tab as server-sent events: what a browser reads while no page runs.

An event is [place, part, offset, text]: a part of the answer at that place from an offset on. One that goes on
where the one before it ended is its text alone: a five-letter word takes 15 bytes instead of 31. Parts are
"begin" with the id of its message, "reasoning", "text", "said" (replaces the text once that has
turned out to be reasoning), "state" (what is being waited for), "calls" (see `growing_calls`), and "over" with the
final state of the answer. Once a second an id says how much of every answer was sent: a browser that lost its
connection resumes from there; what it received after that id is sent again.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from weakref import WeakSet

from backend.answer.relay_pace import pace
from backend.answer.turn import Turn
from backend.protocol.wire import Parts, parts
from backend.types import Message

LONG = 0.004  # seconds that a batch may occupy the event loop
SHARE = 8  # multiple of an event's own duration to pause after it: a long answer must not hog the processor
ALIVE = 15.0  # seconds of silence after which a comment is sent: proxies close idle connections
LOOK = 1.0  # seconds between two checks of what is being waited for
NAMED = 1.0  # seconds between two ids: an id on every event was an eighth of the traffic (bench)
LATE = 10.0  # seconds after the end of the last answer in which it may still be read
LONGEST = 200_000  # characters in one event
ARGUMENTS = 4_000  # characters of a call's arguments that are shown while they grow


IN_PROCESS = WeakSet[Turn]()  # the running answers of all relays


@dataclass
class _Sent:
    """How much of one answer a browser has received."""

    reasoning: int = 0
    text: int = 0
    said: int = 0
    turned: bool = False
    state: str = ""
    calls: str = ""
    begun: bool = False
    over: bool = False

    @property
    def growing_size(self) -> int:
        """Characters of the parts that grow with each token."""
        return self.reasoning + self.text + self.said + len(self.calls)


@dataclass
class _Written:
    """The end of the last event that was written to one browser."""

    place: int = -1
    part: str = "here"
    end: int = 0

    def event(self, place: int, part: str, offset: int, text: str) -> str:
        goes_on = (place, part, offset) == (self.place, self.part, self.end)
        self.place, self.part, self.end = place, part, offset + len(text)
        content = text if goes_on else [place, part, offset, text]
        return f"data: {json.dumps(content, ensure_ascii=False, separators=(',', ':'))}\n\n"


class Relay:
    """Streams the answers of one tab. `id` is all that is needed to read them, so only that tab gets it.

    It can be read before there is an answer, as long as the tab `is_open`, and is finished when all answers are.
    `waiting` says what a turn that shows nothing yet is doing.
    """

    def __init__(self, waiting: Callable[[Turn], str], is_open: Callable[[], bool] = lambda: False) -> None:
        self.id = secrets.token_urlsafe(18)
        self.readers = 0
        self._waiting = waiting
        self._is_open = is_open
        self._turns: list[Turn] = []
        self._messages: dict[int, str] = {}  # by place
        self._loops: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._lock = threading.Lock()

    def place(self, turn: Turn, message: str = "") -> int:
        """The index of this answer among those that are streamed; a new one is added.

        Given the id of its message, a browser shows it before the page is drawn.
        """
        with self._lock:
            if turn in self._turns:
                return self._turns.index(turn)
            if message:
                self._messages[len(self._turns)] = message
            self._turns.append(turn)
        turn.news.watch(self._tell)
        IN_PROCESS.add(turn)
        turn.when_ended(lambda: IN_PROCESS.discard(turn))
        self._tell()
        return len(self._turns) - 1

    @property
    def running(self) -> bool:
        return any(turn.running for turn in self._turns)

    @property
    def alive(self) -> bool:
        """Whether an answer runs, or the tab waits for its first one."""
        return self.running or (not self._turns and self._is_open())

    @property
    def _tokens(self) -> int:
        """The number of tokens of all answers so far."""
        return sum(len(turn.received) for turn in list(self._turns))

    def stop(self, place: int) -> None:
        """Stop the answer at this index."""
        for turn in self._turns[place : place + 1] if place >= 0 else []:
            turn.stop()

    def _tell(self) -> None:
        with self._lock:
            waiting = list(self._loops.items())
        for event, loop in waiting:
            # it is awake already: a wake-up for each token of 50 answers was half of the work
            if not event.is_set():
                with suppress(RuntimeError):  # the server is shutting down
                    loop.call_soon_threadsafe(event.set)

    async def events(self, last: str = "") -> AsyncIterator[str]:
        """All events, past and future, until every answer has ended. `last`: the id of the last event received.

        It also ends when the tab is closed: a server that shuts down waits for its streams. A browser
        that only lost its websocket reconnects and resumes.
        """
        news, sent, silent, took = asyncio.Event(), _read(last), time.monotonic(), 0.0
        written = _Written()
        looked, tokens, named = silent, self._tokens, silent
        with self._lock:
            self._loops[news] = asyncio.get_running_loop()
        self.readers += 1
        grown, here = 0, self._is_open()
        try:
            # a browser that receives nothing is served by the page
            yield 'retry: 500\ndata: [-1, "here", 0, ""]\n\n'
            while True:
                news.clear()
                over, began = not self.alive or (here and not self._is_open()), time.monotonic()
                if took > LONG:  # a very long answer must not block the shared event loop
                    batch = await asyncio.to_thread(self._batch, sent, written)
                else:
                    batch = self._batch(sent, written)
                now = time.monotonic()
                took = now - began
                if batch:
                    silent = now
                    yield batch
                    if now - named > NAMED:
                        named = now
                        yield f"id: {_id(sent)}\n\n"
                elif now - silent > ALIVE:
                    silent = now
                    yield ": still here\n\n"
                if over:
                    return
                before, grown = grown, sum(answer.growing_size for answer in sent)
                rate = (self._tokens - tokens) / max(now - looked, 0.001)
                looked, tokens = now, self._tokens
                # The first words do not wait for what came before them.
                running = sum(turn.running for turn in self._turns)
                wait = pace(rate, running, len(IN_PROCESS)) if grown != before else 0
                await asyncio.sleep(max(wait, SHARE * took))
                await _wait(news, LOOK)
        finally:
            self.readers -= 1
            with self._lock:
                self._loops.pop(news, None)

    def _batch(self, sent: list[_Sent], written: _Written) -> str:
        return "".join(self._events(sent, written))

    def _events(self, sent: list[_Sent], written: _Written) -> Iterator[str]:
        """The events that a browser has not received yet."""
        turns = list(self._turns)
        sent += [_Sent() for _ in turns[len(sent) :]]
        for place, turn in enumerate(turns):
            for part, offset, text in self._news(turn, sent[place], self._messages.get(place, "")):
                yield written.event(place, part, offset, text)

    def _news(self, turn: Turn, sent: _Sent, message_id: str) -> Iterator[tuple[str, int, str]]:
        """The new parts of an answer; updates `sent`."""
        if sent.over:
            return
        if message_id and not sent.begun:
            yield "begin", 0, message_id
        sent.begun = True
        running, message = turn.running, turn.message
        yield from _words(parts(message, ended=not running), sent)
        state = self._waiting(turn) if running and not (sent.said if sent.turned else sent.text) else sent.state
        if state != sent.state:
            sent.state = state
            yield "state", 0, state
        if (calls := growing_calls(message)) != sent.calls:
            sent.calls = calls
            yield "calls", 0, calls
        if not running:
            sent.over = True
            yield "over", 0, turn.state


def _words(answer: Parts, sent: _Sent) -> Iterator[tuple[str, int, str]]:
    """The new parts of its reasoning and its text."""
    for at in range(sent.reasoning, len(answer.reasoning), LONGEST):
        sent.reasoning = min(at + LONGEST, len(answer.reasoning))
        yield "reasoning", at, answer.reasoning[at : sent.reasoning]
    if answer.turned and not sent.turned:
        sent.turned = True
        yield "said", 0, ""  # the text so far is withdrawn, even if nothing follows it
    part, had = ("said", sent.said) if answer.turned else ("text", sent.text)
    for at in range(had, len(answer.text), LONGEST):
        end = min(at + LONGEST, len(answer.text))
        setattr(sent, part, end)
        yield part, at, answer.text[at:end]


def growing_calls(message: Message) -> str:
    """The unfinished tool calls of an answer as JSON: a list of [name, the end of its arguments]."""
    calls = [[call.name, call.arguments[-ARGUMENTS:]] for call in message.tool_calls]
    return json.dumps(calls, ensure_ascii=False) if calls else ""


def _id(sent: list[_Sent]) -> str:
    return ",".join(f"{one.reasoning}.{one.text}.{one.said}" for one in sent)


def _read(last: str) -> list[_Sent]:
    """How much a browser has received, by the id of its last event; an invalid id counts as nothing."""
    try:
        numbers = [tuple(map(int, one.split("."))) for one in last.split(",") if one]
        return [_Sent(max(0, reasoning), max(0, text), max(0, said)) for reasoning, text, said in numbers][:64]
    except ValueError:
        return []


async def _wait(news: asyncio.Event, seconds: float) -> None:
    """Wait for news, at most this long. Unlike `wait_for`, it creates no task for each token."""
    timer = asyncio.get_running_loop().call_later(seconds, news.set)
    try:
        await news.wait()
    finally:
        timer.cancel()


class Relays:
    """The relays of a process by id. A relay is removed shortly after its last answer has ended."""

    def __init__(self) -> None:
        self._relays: dict[str, Relay] = {}
        self._ended: dict[str, float] = {}
        self._lock = threading.Lock()

    def add(self, relay: Relay) -> Relay:
        with self._lock:
            self._sweep()
            self._relays[relay.id] = relay
        return relay

    def find(self, id_: str) -> Relay | None:
        """The relay with this id; None if there is none, or all of its answers have ended."""
        with self._lock:
            self._sweep()
            return self._relays.get(id_)

    def _sweep(self) -> None:
        now = time.monotonic()
        for id_, relay in list(self._relays.items()):
            if relay.alive:
                self._ended.pop(id_, None)
            elif now - self._ended.setdefault(id_, now) > LATE:
                del self._relays[id_], self._ended[id_]
