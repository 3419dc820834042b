"""Saved presets, tools, test suites, tool servers and stage scripts of one owner: named JSON texts. A newer one
replaces
one of the same name; a script with a name in use gets a number instead.

Every statement filters by owner. The text is not parsed here: `presets.read` and `custom.read` do that.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, CursorResult, text

from backend.library.prompts import MOST, NAME, TEXT, with_number
from backend.library.saved_prompts import ROOM, folded
from backend.store import Store, StoreError, Unavailable, is_id, new_id, stored_owner
from backend.text import clean


@dataclass(frozen=True)
class Document:
    """A text with a name. `id` is "" until it is saved."""

    name: str
    text: str
    id: str = ""


@dataclass(frozen=True)
class DocumentKind:
    """A kind of document: its `table`, its `word` for visitors, and when two names are equal."""

    table: str
    word: str
    name_key: Callable[[str], str]
    longest: int = TEXT  # characters of one
    most: int = MOST
    room: int = ROOM  # characters of all of an owner's
    numbered: bool = False  # a duplicate name gets a number instead of replacing


PRESETS = DocumentKind("saved_presets", "preset", folded)
TOOLS = DocumentKind("saved_tools", "tool", str)  # names are case-sensitive: a model tells `Weather` from `weather`
SUITES = DocumentKind("saved_suites", "suite", folded, 3_000_000, 50, 30_000_000)
SERVERS = DocumentKind("saved_servers", "server of tools", folded, 3_000_000, 50, 30_000_000)
SCRIPTS = DocumentKind("saved_scripts", "script", folded, 4_000_000, 50, 30_000_000, numbered=True)


class SavedDocuments:
    """The documents of one kind and one owner."""

    def __init__(self, store: Store, owner: str, kind: DocumentKind) -> None:
        self._store = store
        self._owner = stored_owner(owner)
        self._kind = kind

    def all(self) -> tuple[Document, ...]:
        """Every document by name; none while the database cannot be read."""
        return self._store.read(self._list, ())

    def names(self) -> tuple[Document, ...]:
        """The documents without their texts, which may be large."""
        return self._store.read(self._list_names, ())

    def one(self, id_: str) -> Document | None:
        """The document; None if it does not exist, or cannot be read at the moment."""
        return self._store.read(lambda connection: self._one(connection, id_), None) if is_id(id_) else None

    def save(self, document: Document) -> bool:
        """Save a new or changed document (a changed one has an id). True if it replaced another of its name.

        Raises a StoreError with a message for the visitor; Unavailable while the database is in trouble.
        """
        return self.put(document)[1]

    def put(self, document: Document) -> tuple[str, bool]:
        """`save` that also returns the id, which is a new one if the document was deleted meanwhile."""
        tidy = self._tidy(document)
        written: list[tuple[str, bool]] = []
        self._edit(lambda connection: written.append(self._write(connection, tidy)))
        return written[-1]

    def delete(self, id_: str) -> None:
        """Delete for good. Raises StoreError if it does not exist, Unavailable."""
        self._edit(lambda connection: self._delete(connection, id_))
        self._store.cleaner.soon(gone=True)

    def _edit(self, work: Callable[[Connection], None]) -> None:
        try:
            self._store.edit(work)
        except Unavailable:
            raise Unavailable(f"Saved {self._kind.word}s cannot be changed at the moment.") from None

    def _tidy(self, document: Document) -> Document:
        name = " ".join(clean(document.name[: 10 * NAME]).split())[:NAME].strip()
        tidy = replace(document, name=name, text=clean(document.text))
        if not tidy.name or not tidy.text.strip():
            raise StoreError(f"A {self._kind.word} needs a name.")
        if len(tidy.text) > self._kind.longest:
            word, size = self._kind.word, len(tidy.text)
            raise StoreError(f"A {word} has room for {self._kind.longest:,} characters; this one has {size:,}.")
        return tidy

    # ---- within a transaction -------------------------------------------------------------------------

    def _list(self, connection: Connection) -> tuple[Document, ...]:
        rows = (Document(row.name, row.text, row.id) for row in self._run(connection, _LIST))
        return tuple(sorted(rows, key=lambda document: folded(document.name)))

    def _list_names(self, connection: Connection) -> tuple[Document, ...]:
        rows = (Document(row.name, "", row.id) for row in self._run(connection, _LIST_NAMES))
        return tuple(sorted(rows, key=lambda document: folded(document.name)))

    def _one(self, connection: Connection, id_: str) -> Document | None:
        row = self._run(connection, _ONE, id=id_).one_or_none()
        return Document(row.name, row.text, row.id) if row else None

    def _write(self, connection: Connection, document: Document) -> tuple[str, bool]:
        """Write a document. A changed one is removed and inserted: its new name may be that of another one."""
        changed = is_id(document.id) and self._take_out(connection, document.id)
        if self._kind.numbered:
            document = replace(document, name=self._free(connection, document.name))
        values = {
            "id": document.id if changed else new_id(),
            "name_key": self._kind.name_key(document.name),
            "name": document.name,
            "text": document.text,
            "now": time.time(),
        }
        id_ = str(self._run(connection, _SAVE, **values).scalar_one())
        self._check_size(connection)
        return id_, id_ != values["id"]

    def _free(self, connection: Connection, name: str) -> str:
        """The name, with a number if it is in use."""
        taken = {self._kind.name_key(row.name) for row in self._run(connection, _LIST_NAMES)}
        names = (name if number == 1 else with_number(name, number) for number in range(1, self._kind.most + 2))
        return next(free for free in names if self._kind.name_key(free) not in taken)

    def _take_out(self, connection: Connection, id_: str) -> bool:
        return self._run(connection, _DELETE, id=id_).one_or_none() is not None

    def _delete(self, connection: Connection, id_: str) -> None:
        if not is_id(id_) or not self._take_out(connection, id_):
            raise StoreError(f"There is no such {self._kind.word}. It may have been deleted elsewhere.")

    def _check_size(self, connection: Connection) -> None:
        count, size = self._run(connection, _SIZE).one()
        if count > self._kind.most or (size or 0) > self._kind.room:
            message = f"There is no room for more {self._kind.word}s. Delete some that are no longer needed."
            raise StoreError(message)

    def _run(self, connection: Connection, sql: str, **values: object) -> CursorResult[*tuple[Any, ...]]:
        statement = text(sql.replace("{table}", self._kind.table))
        return connection.execute(statement, {"owner": self._owner, **values})


_LIST = "SELECT id, name, text FROM {table} WHERE owner = :owner"
_LIST_NAMES = "SELECT id, name FROM {table} WHERE owner = :owner"
_ONE = "SELECT id, name, text FROM {table} WHERE owner = :owner AND id = :id"
_SAVE = """
    INSERT INTO {table} (id, owner, name_key, name, text, updated)
    VALUES (:id, :owner, :name_key, :name, :text, :now)
    ON CONFLICT (owner, name_key) DO UPDATE SET name = :name, text = :text, updated = :now RETURNING id
"""
_DELETE = "DELETE FROM {table} WHERE owner = :owner AND id = :id RETURNING id"
_SIZE = "SELECT count(*), sum(length(text)) FROM {table} WHERE owner = :owner"
