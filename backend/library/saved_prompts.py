"""The saved prompts of one owner: listed, saved under names that differ by more than case, deleted, imported from a
file.

Every statement filters by owner. Nothing is queued in memory: a prompt that cannot be written now is refused with a
message, and the visitor still has it on the screen.
"""

from __future__ import annotations

import itertools
import time
import unicodedata
from collections.abc import Callable, Container, Iterable
from dataclasses import replace

from sqlalchemy import Connection, Row, TextClause, text
from sqlalchemy.exc import IntegrityError

from backend.library.prompts import MOST, TEXT, Prompt, tidy, with_number
from backend.store import ChangedElsewhere, Store, StoreError, Unavailable, is_id, new_id, stored_owner

ROOM = 5_000_000  # characters of all prompts of one owner: all are read to draw the list


class NoSuchPrompt(StoreError):
    """There is no such prompt of this owner: it never existed, is deleted, or belongs to another owner."""

    words = "There is no such prompt. It may have been deleted elsewhere."


class NameTaken(StoreError):
    """Another prompt of the same owner has this name, ignoring case."""

    words = "Another prompt has this name already. Choose another name."


class NoPrompt(StoreError):
    """Its name or its text is empty."""

    words = "A prompt needs a name and a text."


class LibraryFull(StoreError):
    """The owner has MOST prompts, or ROOM characters of them."""

    words = "There is no room for more prompts. Delete some that are no longer needed."


class SavedPrompts:
    """The prompts of one owner in a store."""

    def __init__(self, store: Store, owner: str) -> None:
        self._store = store
        self._owner = stored_owner(owner)

    def prompts(self) -> tuple[Prompt, ...]:
        """All prompts by name; none while the database cannot be read."""
        return self._store.read(lambda connection: _prompts(connection, self._owner), ())

    def save(self, prompt: Prompt, was: Prompt | None = None) -> Prompt:
        """Save a new or changed prompt, or restore a deleted one; returns it as it was saved, with its id.

        With `was`, only if that is still what is saved. Raises a StoreError: NameTaken, LibraryFull, ...
        """
        stored = _storable(prompt)
        self._change(lambda connection: _save(connection, self._owner, stored, was))
        return stored

    def add(self, prompts: Iterable[Prompt]) -> int:
        """Save prompts from a file, all or none; returns how many were new.

        One whose text exists already is left out; a different one with a name in use gets a number.
        """
        new = [_storable(replace(prompt, id="")) for prompt in prompts]
        added: list[Prompt] = []
        self._change(lambda connection: added.extend(_add(connection, self._owner, new)))
        return len(added)

    def delete(self, id_: str) -> None:
        """Delete for good; to undo it, save the prompt again."""
        if not is_id(id_):
            raise NoSuchPrompt
        self._change(lambda connection: _delete(connection, self._owner, id_))
        self._store.cleaner.soon(gone=True)

    def _change(self, work: Callable[[Connection], None]) -> None:
        try:
            self._store.edit(work)
        except Unavailable:
            raise Unavailable("Saved prompts cannot be changed at the moment.") from None


def _storable(prompt: Prompt) -> Prompt:
    """A prompt as it is written: an id, clean text, no category. Raises StoreError if it is empty or too long."""
    id_ = prompt.id if is_id(prompt.id) else new_id()  # "" if it is new, a word if it is bundled
    stored = replace(tidy(prompt), id=id_, category="", bundled=False)
    if not stored.name or not stored.text.strip():
        raise NoPrompt
    if len(stored.text) > TEXT:
        raise StoreError(f"A prompt has room for {TEXT:,} characters; this one has {len(stored.text):,}.")
    return stored


def folded(name: str) -> str:
    """A name without case: neither database folds the letters of every language."""
    return unicodedata.normalize("NFC", name).casefold()


# ---- the statements -----------------------------------------------------------------------------------


def _prompts(connection: Connection, owner: str) -> tuple[Prompt, ...]:
    prompts = (_prompt(row) for row in connection.execute(_LIST, {"owner": owner}))
    return tuple(sorted(prompts, key=lambda prompt: folded(prompt.name)))  # the databases sort differently


def _prompt(row: Row[tuple[object, ...]]) -> Prompt:
    return Prompt(row.name, row.text, "message" if row.kind == "message" else "system", row.about, row.id)


def _save(connection: Connection, owner: str, prompt: Prompt, was: Prompt | None) -> None:
    now = connection.execute(_ONE, {"owner": owner, "id": prompt.id}).one_or_none()
    if was is not None and now is not None and _prompt(now) not in (was, prompt):
        raise ChangedElsewhere
    _write(connection, owner, prompt, _UPDATE if now else _INSERT)
    _check_size(connection, owner)


def _write(connection: Connection, owner: str, prompt: Prompt, statement: TextClause) -> None:
    try:
        done = connection.execute(statement, _values(owner, prompt)).one_or_none()
    except IntegrityError:  # the unique pair of owner and folded name; the caller's transaction is rolled back
        raise NameTaken from None
    if done is None:  # the id is another owner's
        raise NoSuchPrompt


def _add(connection: Connection, owner: str, new: Iterable[Prompt]) -> list[Prompt]:
    existing = _prompts(connection, owner)
    same = {(prompt.kind, prompt.text) for prompt in existing}
    names = {folded(prompt.name) for prompt in existing}
    added = []
    for prompt in new:
        if (prompt.kind, prompt.text) not in same:
            added.append(replace(prompt, name=_free(prompt.name, names)))
            _write(connection, owner, added[-1], _INSERT)
            same.add((prompt.kind, prompt.text))
            names.add(folded(added[-1].name))
    _check_size(connection, owner)
    return added


def _free(name: str, names: Container[str]) -> str:
    numbered = (with_number(name, number) for number in itertools.count(2))
    return next(free for free in itertools.chain([name], numbered) if folded(free) not in names)


def _delete(connection: Connection, owner: str, id_: str) -> None:
    if connection.execute(_DELETE, {"owner": owner, "id": id_}).one_or_none() is None:
        raise NoSuchPrompt


def _check_size(connection: Connection, owner: str) -> None:
    count, size = connection.execute(_SIZE, {"owner": owner}).one()
    if count > MOST or (size or 0) > ROOM:
        raise LibraryFull


def _values(owner: str, prompt: Prompt) -> dict[str, object]:
    return {
        "id": prompt.id,
        "owner": owner,
        "folded": folded(prompt.name),
        "name": prompt.name,
        "kind": prompt.kind,
        "text": prompt.text,
        "about": prompt.about,
        "now": time.time(),
    }


_LIST = text("SELECT id, name, kind, text, about FROM prompts WHERE owner = :owner")
_ONE = text("SELECT id, name, kind, text, about FROM prompts WHERE owner = :owner AND id = :id")
_UPDATE = text("""
    UPDATE prompts SET folded = :folded, name = :name, kind = :kind, text = :text, about = :about, updated = :now
    WHERE owner = :owner AND id = :id RETURNING id
""")
_INSERT = text("""
    INSERT INTO prompts (id, owner, folded, name, kind, text, about, created, updated)
    VALUES (:id, :owner, :folded, :name, :kind, :text, :about, :now, :now) ON CONFLICT (id) DO NOTHING RETURNING id
""")
_DELETE = text("DELETE FROM prompts WHERE owner = :owner AND id = :id RETURNING id")
_SIZE = text("SELECT count(*), sum(length(text)) FROM prompts WHERE owner = :owner")
