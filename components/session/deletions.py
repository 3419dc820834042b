"""The last deletion of this tab, and its undo. One deletion can be undone at a time, for UNDO seconds.

Messages, prompts, presets and tools are deleted from the database at once, and the undo data is in memory only. A
conversation is a hidden row until the store deletes it by itself (backend/store/cleaning.py):
neither a closed tab nor a killed process keeps anything.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from backend.compare.lane import Lane
from backend.compare.race import Race
from backend.conversation import deleting, removal
from backend.conversation.tree import NodeId
from backend.library.prompts import Prompt
from backend.library.saved_documents import Document, SavedDocuments
from backend.library.saved_prompts import SavedPrompts
from backend.store import StoreError
from backend.store.edits import UNDO
from backend.store.legacy_hidden import HiddenMessages
from components.session import services, tab, words
from components.session.chats import Chats

_CHANGED = "deletions"  # number of deletions in this tab
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Deletion:
    """A deletion that can be undone. `until` by `time.monotonic`; `text` says what was deleted."""

    id: str
    text: str
    until: float
    undo: Callable[[], None]
    finish: Callable[[], None]

    @property
    def seconds_left(self) -> float:
        """Seconds in which it can be undone."""
        return max(0.0, self.until - time.monotonic())


class Deletions:
    """The deletions of one tab. Every method that deletes reports a failure in `trouble`."""

    def __init__(self, owner: str, chats: Chats) -> None:
        self._owner = owner
        self._chats = chats
        self._last: Deletion | None = None
        self._lock = threading.Lock()
        self.trouble = ""

    @property
    def undoable(self) -> Deletion | None:
        """The last deletion, as long as it can be undone."""
        last = self._last
        return last if last and last.seconds_left else None

    # ---- deleting ---------------------------------------------------------------------------------------

    def message(self, node: NodeId) -> None:
        """One message of the chat in view; what follows it stays."""
        self._messages([node])

    def below(self, node: NodeId) -> None:
        """Everything after a message of the chat in view, in every branch."""
        self._messages(list(removal.below(self._chats.current.conversation, node)))

    def _messages(self, nodes: Sequence[NodeId]) -> None:
        chat = self._chats.current
        if not nodes:
            return

        def delete() -> Callable[[], None]:
            self._chats.view.leave()
            done = deleting.delete(chat, nodes)
            return lambda: deleting.put_back(chat, done)

        self._delete(_count_text(words.MESSAGE_DELETED, words.MESSAGES_DELETED, len(nodes)), delete)

    def lane(self, race: Race, lane: Lane) -> None:
        """A lane of a race, with its messages."""
        self._delete(words.LANE_REMOVED, lambda: race.remove(lane))

    def conversations(self, ids: Sequence[str], title: str = "") -> None:
        """Saved conversations; `title` names a single one. One that is in view on a page is replaced."""
        store = services.journals().store

        def delete() -> Callable[[], None]:
            store.delete(self._owner, *ids)
            bring_back = self._chats.take_away(ids)

            def undo() -> None:
                store.restore(self._owner, *ids)
                bring_back()

            return undo

        text = words.DELETED.format(name=title) if title else ""
        text = text or _count_text(words.CONVERSATION_DELETED, words.CONVERSATIONS_DELETED, len(ids))
        self._delete(text, delete, lambda: store.purge(self._owner, *ids, deleted=True))

    def experiment(
        self, title: str, delete: Callable[[], Callable[[], None]], finish: Callable[[], None] = lambda: None
    ) -> None:
        """An experiment, the run of a suite, a result of the Studio; `delete` returns the undo function, and
        `finish` is called when it can no longer be undone.
        """
        self._delete(words.DELETED.format(name=title) if title else words.EXPERIMENT_DELETED, delete, finish)

    def hidden(self, kept: HiddenMessages, ids: Sequence[str], count: int) -> None:
        """What an earlier version only hid in these conversations, `count` messages."""

        def delete() -> Callable[[], None]:
            put_back = kept.delete(self._owner, ids)
            self._chats.renew(ids)

            def undo() -> None:
                put_back()
                self._chats.renew(ids)

            return undo

        self._delete(_count_text(words.MESSAGE_DELETED, words.MESSAGES_DELETED, count), delete)

    def prompt(self, saved: SavedPrompts, prompt: Prompt) -> None:
        """One of the visitor's own prompts."""

        def delete() -> Callable[[], None]:
            saved.delete(prompt.id)

            def undo() -> None:
                saved.save(prompt)

            return undo

        self._delete(words.DELETED.format(name=prompt.name), delete)

    def document(
        self, saved: SavedDocuments, document: Document, changed: Callable[[], None] = lambda: None
    ) -> None:
        """A preset or a tool. `changed` is called when it is deleted, and when it is restored."""

        def delete() -> Callable[[], None]:
            saved.delete(document.id)
            changed()

            def undo() -> None:
                saved.save(document)
                changed()

            return undo

        self._delete(words.DELETED.format(name=document.name), delete)

    # ---- undo -------------------------------------------------------------------------------------------

    def undo(self, id_: str) -> None:
        """Undo this deletion; returns why not if it is too late."""
        with self._lock:
            last, self._last = self._last, None
        self.trouble = ""
        if last is None or last.id != id_ or not last.seconds_left:
            self.trouble = words.TOO_LATE
            return
        try:
            last.undo()
        except StoreError as error:
            self.trouble = str(error)

    def _delete(
        self, text: str, delete: Callable[[], Callable[[], None]], finish: Callable[[], None] = lambda: None
    ) -> None:
        """Run a deletion, which returns its undo function; the previous deletion can no longer be undone."""
        self.trouble = ""
        try:
            undo = delete()
        except StoreError as error:
            self.trouble = str(error)
            return
        number = next(_NUMBERS)
        deletion = Deletion(str(number), text, time.monotonic() + UNDO, undo, finish)
        with self._lock:
            before, self._last = self._last, deletion
        if before is not None:
            _try(before.finish)
        timer = threading.Timer(UNDO, self._end, args=(deletion,))
        timer.daemon = True
        timer.start()
        tab.put(_CHANGED, number)

    def _end(self, deletion: Deletion) -> None:
        """End the undo of a deletion: nothing of it stays in memory."""
        with self._lock:
            if self._last is not deletion:
                return
            self._last = None
        _try(deletion.finish)


def _count_text(one: str, several: str, count: int) -> str:
    return one if count == 1 else several.format(count=count)


def _try(work: Callable[[], None]) -> None:
    """Try now; on failure the store does it by itself a little later."""
    with suppress(StoreError):
        work()
