"""Saves answers while they grow: one thread for all turns of the process.

It reads each turn's newest state and queues nothing, so a slow database or a fast answer does not increase its
memory, and neither the turn nor the page ever waits for it.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field, replace

from backend import logs
from backend.answer.exchange_record import record_of
from backend.answer.turn import Turn
from backend.conversation.tree import Node, NodeId
from backend.store.errors import StoreError
from backend.store.exchanges import KeptExchanges
from backend.store.pending import size
from backend.store.store import Store

LOOK = 0.05  # seconds between checks of the turns
EVERY = 1.0  # seconds after which an answer that has grown is written
GROWTH = 2048  # characters after which it is written sooner
SOONEST = 0.1  # seconds between two writes of one answer, or ten times the duration of the last one
HEARTBEAT = 10.0  # seconds after which a silent answer is written again, as a heartbeat of its writer
log = logging.getLogger(__name__)


@dataclass
class _Followed:
    """A turn that is being saved."""

    owner: str
    conversation: str
    node: NodeId
    parent: NodeId | None
    turn: Turn
    events: int = 0
    size: int = 0
    written: float = field(default_factory=time.monotonic)
    took: float = 0.0


class Recorder:
    """`follow` a turn once its message is in the store, still empty; its end is always written."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._exchanges = KeptExchanges(store)
        self._followed: list[_Followed] = []
        self._changed = threading.Condition()
        self._working = threading.Lock()
        self._closed = False
        self._thread: threading.Thread | None = None

    def follow(self, owner: str, conversation: str, node: NodeId, parent: NodeId | None, turn: Turn) -> None:
        """Save checkpoints of `turn` as message `node` until it ends. Returns at once."""
        with self._changed:
            self._followed.append(_Followed(owner, conversation, node, parent, turn))
            if self._thread is None:
                self._begin()
            self._changed.notify()

    def _begin(self) -> None:
        """Start the thread; where the system has none left, the next answer tries it again."""
        thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        try:
            thread.start()
        except RuntimeError as fault:
            logs.fault(log, "fault", fault)
        else:
            self._thread = thread

    def followed_answers(self, owner: str, conversation: str) -> list[tuple[NodeId, Turn]]:
        """The answers of a conversation whose end is not in the store yet, the newest last."""
        with self._changed:
            return [
                (one.node, one.turn)
                for one in self._followed
                if (one.owner, one.conversation) == (owner, conversation)
            ]

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until every answer that has ended is written. False if that took too long."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            with self._changed:
                if all(followed.turn.running for followed in self._followed):
                    return True
            time.sleep(LOOK / 2)
        return False

    def close(self) -> None:
        """Write every answer as interrupted when the process ends."""
        with self._changed:
            self._closed = True
            unfinished, self._followed = self._followed, []
            self._changed.notify()
        with self._working:
            for followed in unfinished:
                self._write(followed, closing=True)
                self._keep(followed)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._followed and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                followed = list(self._followed)
            for one in followed:
                self._look(one)
            time.sleep(LOOK)

    def _look(self, one: _Followed) -> None:
        with self._working:
            ended = not one.turn.running
            if (ended or self._due(one)) and not self._closed:
                self._write(one)
                if ended:
                    self._keep(one)
            if ended:
                with self._changed:
                    self._followed = [other for other in self._followed if other is not one]

    def _due(self, one: _Followed) -> bool:
        since = time.monotonic() - one.written
        if since < max(SOONEST, min(EVERY, 10 * one.took)):
            return False
        if one.turn.wait(one.events, timeout=0) == one.events:
            return since >= HEARTBEAT
        return since >= EVERY or size(one.turn.message) - one.size >= GROWTH

    def _write(self, one: _Followed, closing: bool = False) -> None:
        began = time.monotonic()
        events = one.turn.wait(-1, timeout=0)
        message = one.turn.message
        if closing and message.state == "running":
            message = replace(message, state="interrupted")
        try:
            self._store.save(one.owner, one.conversation, Node(one.node, one.parent, message))
        except StoreError:  # deleted while it was being answered: there is nothing to write to
            logs.event(log, logging.INFO, "answer of no conversation")
        except Exception as error:  # noqa: BLE001  (the thread serves the others too)
            logs.fault(log, "answer not written", error)
        one.events, one.size, one.written = events, size(message), time.monotonic()
        one.took = one.written - began

    def _keep(self, one: _Followed) -> None:
        """Store the exchange of an answer that has ended, or that the end of the process interrupts."""
        try:
            record = record_of(one.turn)
            if record.state == "running":
                record = replace(record, state="interrupted")
            self._exchanges.keep(one.owner, one.conversation, one.node, record)
        except StoreError as error:
            logs.event(log, logging.INFO, "exchange not kept", error=type(error).__name__)
        except Exception as error:  # noqa: BLE001  (the thread serves the others too)
            logs.fault(log, "exchange not kept", error)
