"""Saved conversations: `Store.open(url)` once per process, `Recorder(store)` for growing answers."""

from __future__ import annotations

from backend.formats.archive import Record
from backend.store.database import complete_read
from backend.store.engine import default_url
from backend.store.errors import ChangedElsewhere, NoSuchConversation, StoreError, Unavailable
from backend.store.journal import Answers, Journal, Journals
from backend.store.listing import SORTS, Sort, Summary
from backend.store.names import is_id, new_id, stored_owner
from backend.store.recorder import Recorder
from backend.store.store import Store

__all__ = [
    "SORTS",
    "Answers",
    "ChangedElsewhere",
    "Journal",
    "Journals",
    "NoSuchConversation",
    "Record",
    "Recorder",
    "Sort",
    "Store",
    "StoreError",
    "Summary",
    "Unavailable",
    "complete_read",
    "default_url",
    "is_id",
    "new_id",
    "stored_owner",
]
