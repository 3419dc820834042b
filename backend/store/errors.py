"""Errors of the store, with a message for the visitor. No message contains an address or a password."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

MEANWHILE = "Chat goes on: new messages are kept in memory and saved as soon as that works again."


class StoreError(Exception):
    """Something that the visitor asked of the store was not done. `str()` is a sentence for the screen."""

    words = "That could not be done."

    def __init__(self, words: str = "") -> None:
        super().__init__(words or self.words)


class ChangedElsewhere(StoreError):
    """Another tab changed the same thing first. Show the current value, and let the visitor try again."""

    words = "This was changed elsewhere in the meantime. Here is how it is now."


class NoSuchConversation(StoreError):
    """There is no such conversation of this owner: it never existed, is deleted, or belongs to another owner."""

    words = "There is no such conversation. It may have been deleted elsewhere."


class Unavailable(StoreError):
    """The database is in trouble, and this cannot be queued in memory. Try again later."""

    words = "Saved conversations cannot be changed at the moment."


class DatabaseRefused(Exception):
    """A database that must not be touched."""

    words = "Conversations cannot be saved."


class Newer(DatabaseRefused):
    """The database was written by a newer playground."""

    words = "The saved conversations were written by a newer version of this playground and are left untouched."


class Foreign(DatabaseRefused):
    """The database belongs to another program."""

    words = "DATABASE_URL names a database that holds something else. It is left untouched."


class BadAddress(DatabaseRefused):
    """The database URL is invalid."""

    words = "DATABASE_URL is not an address of an SQLite file or a PostgreSQL database."


class Damaged(Exception):
    """The file is damaged."""


# Its tables were made in another order: by a version between two releases.
OTHER = "The saved conversations were written by another version of this playground and are left untouched."
_SQLITE = (
    ("disk is full", "The disk is full."),
    ("readonly database", "The file with the saved conversations cannot be written: it is read-only."),
    ("unable to open", "The file with the saved conversations cannot be opened or written."),
    ("locked", "The file with the saved conversations is in use by something else."),
    ("malformed", "The file with the saved conversations is damaged."),
    ("not a database", "The file with the saved conversations is damaged."),
    ("disk i/o", "The disk with the saved conversations cannot be read or written."),
    ("already exists", OTHER),
)
_UNWRITABLE = ("disk is full", "readonly database", "unable to open", "disk i/o")
_POSTGRESQL = {
    "53100": "The database's disk is full.",
    "28P01": "The database refuses the configured password.",
    "42501": "The database does not let its user make, read or change tables.",
    "42P01": "The tables of the database are gone. New ones are made.",
    "25006": "The database is read-only.",
    "42P07": OTHER,
}
DOWN = "The database does not answer."
# SQLSTATEs by which PostgreSQL blames itself, and not the data; those of a lost connection are not among them.
_NO_TABLES = ("42P01", "42703", "3F000")  # another database is there now: an empty one, or one of an older version
_AT_FAULT = ("25006", "42501", *_NO_TABLES)
_ANSWERS = ("25006", "53100")  # a standby, a full disk: it can still be read
NO_FOLDER = "The folder for the saved conversations cannot be written."


def trouble(error: Exception) -> str:
    """What is wrong with the database, in one sentence."""
    if isinstance(error, DatabaseRefused):
        return error.words
    if isinstance(error, OSError):
        return NO_FOLDER
    if state := _sqlstate(error):
        return _POSTGRESQL.get(state, DOWN)
    message = "malformed" if damaged(error) else str(getattr(error, "orig", None)).lower()
    return next((words for sign, words in _SQLITE if sign in message), DOWN)


def unwritable(trouble: str) -> bool:
    """Whether the cause is a file whose disk or folder is read-only: that does not pass by itself."""
    return trouble.startswith((NO_FOLDER, *(words for sign, words in _SQLITE if sign in _UNWRITABLE)))


def passing(error: Exception) -> bool:
    """Whether the database is at fault, not the data: the same may work later."""
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout | OSError | DatabaseRefused | Damaged):
        return True
    if isinstance(error, DBAPIError):
        internal = _sqlstate(error).startswith("XX")  # a damaged table or index among them
        return bool(error.connection_invalidated) or damaged(error) or internal or _sqlstate(error) in _AT_FAULT
    return False


def readable(error: Exception) -> bool:
    """Whether a server can still be read, although it cannot be written."""
    return _sqlstate(error) in _ANSWERS


def without_tables(error: Exception) -> bool:
    """Whether its tables are not there, or older ones are: somebody has put another database in its place."""
    message = str(getattr(error, "orig", None))
    return _sqlstate(error) in _NO_TABLES or message.startswith(("no such table", "no such column"))


def _sqlstate(error: Exception) -> str:
    return getattr(getattr(error, "orig", None), "sqlstate", None) or ""


def in_use(error: Exception) -> bool:
    """Whether another process holds the lock for too long: SQLite's file lock, or a lock in PostgreSQL."""
    return (
        "locked" in str(getattr(error, "orig", None)).lower() or _sqlstate(error) == "55P03"
    )  # lock_not_available


def damaged(error: Exception) -> bool:
    """Whether SQLite reports the file, or its search index, as damaged."""
    origin = getattr(error, "orig", None)
    if getattr(origin, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return True
    return "vtable constructor failed" in str(origin)
