"""The store: conversations of many owners in one database, for every page and thread of the process.

A failing database never reaches the chat: what cannot be written is queued in memory, `trouble` says so, and a
thread writes it as soon as possible. The caller passes the owner; this module does NOT authenticate
anybody. Messages and settings must contain no key and no password: they are written as given.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import URL, Connection

from backend import logs
from backend.conversation.tree import Node, NodeId, View
from backend.formats.archive import Record
from backend.store import duplicates, edits, engine, errors, listing, rows
from backend.store.cleaning import Cleaner
from backend.store.database import PAUSES, Database, begin_to_mend
from backend.store.errors import NoSuchConversation, StoreError
from backend.store.listing import Sort, Summary
from backend.store.names import is_id, stored_owner, stored_tags, stored_title
from backend.store.pending import Unsaved
from backend.store.rows import Change
from backend.text import clean
from backend.types import JSON

log = logging.getLogger(__name__)


class Store(Database):
    """The store. Open one per process with `Store.open(url)`."""

    def __init__(self, url: URL | None, limit: int | None = None, pauses: Sequence[float] = PAUSES) -> None:
        super().__init__(url, pauses)
        self._unsaved = Unsaved(limit) if limit else Unsaved()
        self.cleaner = Cleaner(self, edits.UNDO)

    @classmethod
    def open(cls, url: str, *, limit: int | None = None, pauses: Sequence[float] = PAUSES) -> Store:
        """A store at a database URL. Never fails: if the database cannot be used, the store is in trouble."""
        try:
            store = cls(engine.address(url), limit, pauses)
        except errors.BadAddress as error:
            store = cls(None, limit, pauses)
            store._in_trouble(error)
            return store
        try:
            store._connect()
            store.cleaner.begin(store._write(edits.sweep_expired))
        except Exception as error:  # noqa: BLE001  (the chat goes on without a database)
            store._in_trouble(error)
        return store

    def close(self, timeout: float = 5.0) -> None:
        """Make deletions permanent, and write what is queued, if possible."""
        self.cleaner.close()
        super().close(timeout)

    @property
    def trouble(self) -> str:
        """A message for a red notice while conversations cannot be saved; "" if all is well.

        `news` is for a dismissible notice: what happened to the file when it was opened.
        """
        with self._lock:
            if not self._trouble:
                return ""
            lost = (
                f" {self._unsaved.lost} messages did not fit and will not be saved." if self._unsaved.lost else ""
            )
            return f"{self._trouble} {errors.MEANWHILE}{lost}"

    # ---- messages: these never fail because of the database ---------------------------------------------------

    def save(
        self,
        owner: str,
        id_: str,
        nodes: Node | Iterable[Node],
        view: View | None = None,
        settings: Mapping[str, JSON] | None = None,
    ) -> None:
        """Write messages, new and grown ones, in one transaction; on disk when this returns.
        The branches in `view` and the `settings` are those of the tab that wrote last.

        In trouble they are queued in memory. Raises NoSuchConversation if it was deleted for good or is another
        owner's.
        """
        nodes = (nodes,) if isinstance(nodes, Node) else nodes
        # A Node is changed by Conversation.update(); queued ones must not change.
        frozen = tuple(Node(node.id, node.parent, node.message) for node in nodes)
        self._keep(owner, id_, Change(frozen, view, settings))

    def _keep(self, owner: str, id_: str, change: Change) -> None:
        owner = stored_owner(owner)
        if not is_id(id_):
            raise NoSuchConversation
        with self._lock:
            if self._trouble:
                self._unsaved.put(owner, id_, change)
                begin_to_mend(self)
                return
        try:
            self._write(lambda connection: rows.save(connection, owner, id_, change))
        except StoreError:
            raise
        except Exception as error:
            if not errors.passing(error):
                raise
            self._in_trouble(error, lambda: self._unsaved.put(owner, id_, change))

    def load(self, owner: str, id_: str) -> Record | None:
        """A conversation with every branch, queued changes included. None if there is none to be seen."""
        owner = stored_owner(owner)
        if not is_id(id_):
            return None
        record = self.read(lambda connection: rows.load(connection, owner, id_), None)
        with self._lock:
            return self._unsaved.over(owner, id_, record)

    def node_ids(self, owner: str, id_: str) -> set[NodeId]:
        """The ids of all saved messages, whichever tab they came from."""
        owner = stored_owner(owner)
        return self.read(lambda connection: rows.node_ids(connection, owner, id_), set[NodeId]())

    def take(self, owner: str, record: Record, *, again: bool = False) -> tuple[str, bool]:
        """Import a conversation from a file, unless all of it is here: its id, and whether it was written.

        It keeps its id, or gets one derived from owner and content, so that it is recognised when imported
        again. With `again` it is written in any case. Raises Unavailable, and ChangedElsewhere for a million
        messages.
        """
        owner = stored_owner(owner)
        record = replace(record, title=stored_title(record.title), tags=stored_tags(record.tags))
        wanted = [] if again else duplicates.ids(owner, record)
        for id_ in wanted:
            if duplicates.contains(self.load(owner, id_), record):
                return id_, False
        written: list[str] = []

        def write(connection: Connection) -> None:
            written[:] = [duplicates.free(connection, wanted)]
            rows.add(connection, owner, written[0], record)

        self.edit(write)
        return written[0], True

    # ---- the list -------------------------------------------------------------------------------------------

    def conversations(
        self, owner: str, search: str = "", tag: str = "", sort: Sort = "updated", limit: int = 50, offset: int = 0
    ) -> list[Summary]:
        """A page of the owner's conversations, pinned ones first. In trouble, the queued ones come first."""
        owner, tag = stored_owner(owner), clean(tag)
        limit, offset = max(0, min(limit, 1000)), max(0, min(offset, 10**9))
        none: list[Summary] = []
        page = self.read(
            lambda connection: listing.conversations(connection, owner, search, tag, sort, limit, offset), none
        )
        with self._lock:
            new = [] if search.strip() or tag or offset else self._unsaved.summaries(owner)
        return [*new, *page] if new else page

    def tags(self, owner: str) -> list[str]:
        """The owner's tags, most used first."""
        owner = stored_owner(owner)
        return self.read(lambda connection: listing.tags(connection, owner), [])

    # ---- edits: these raise ChangedElsewhere, NoSuchConversation or Unavailable --------------------------------

    def rename(self, owner: str, id_: str, title: str, was: str | None = None) -> None:
        """Set the title; with `was`, only if that is still the title. "" is replaced at the next question."""
        _edit(self, owner, [id_], lambda c, o: edits.rename(c, o, id_, stored_title(title), was))

    def tag(self, owner: str, id_: str, tags: Iterable[str], was: Iterable[str] | None = None) -> None:
        """Set exactly these tags; with `was`, only if those are still its tags."""
        new, old = stored_tags(tags), None if was is None else stored_tags(was)
        _edit(self, owner, [id_], lambda c, o: edits.tag(c, o, id_, new, old))

    def pin(self, owner: str, id_: str, pinned: bool = True) -> None:
        _edit(self, owner, [id_], lambda c, o: edits.pin(c, o, id_, pinned))

    def delete(self, owner: str, *ids: str) -> None:
        """Hide conversations, and delete them for good after UNDO seconds; `restore` undoes that."""
        _edit(self, owner, ids, lambda c, o: edits.delete(c, o, ids))
        self.cleaner.soon()

    def restore(self, owner: str, *ids: str) -> None:
        """Undo `delete`, for all or none. Raises NoSuchConversation if it is too late."""
        _edit(self, owner, ids, lambda c, o: edits.restore(c, o, ids))

    def purge(self, owner: str, *ids: str, deleted: bool = False) -> None:
        """Delete for good; with `deleted` only those that `delete` hid and that are still hidden."""
        work = edits.purge_deleted if deleted else edits.purge
        _edit(self, owner, ids, lambda c, o: work(c, o, ids))
        self.cleaner.soon()

    # ---- the queue in memory ----------------------------------------------------------------------------------

    @contextmanager
    def waiting(self) -> Iterator[Unsaved]:
        """The queue in memory, locked."""
        with self._lock:
            yield self._unsaved

    def _write_oldest(self) -> bool:
        """Write one queued conversation. False if there is none, and the database is healthy."""
        with self._lock:
            waiting = self._unsaved.oldest()
        if waiting is None:
            self._write(edits.nothing)
            with self._lock:
                if not len(self._unsaved):
                    self._trouble, self._mender = "", None
                    return False
            return True
        (owner, id_), change = waiting
        try:
            self._write(lambda connection: rows.save(connection, owner, id_, change))
        except Exception as error:
            if errors.passing(error):
                raise
            logs.fault(log, "message given up", error)
        with self._lock:
            self._unsaved.done((owner, id_), change)
        return True


def in_memory() -> Store:
    """A store that ends with this process, for small data where no disk can be written."""
    store = Store(URL.create("sqlite"))
    store._engine = engine.in_memory()
    return store


def _edit(store: Store, owner: str, ids: Sequence[str], work: Callable[[Connection, str], None]) -> None:
    if not all(map(is_id, ids)):
        raise NoSuchConversation
    name = stored_owner(owner)
    store.edit(lambda connection: work(connection, name))
