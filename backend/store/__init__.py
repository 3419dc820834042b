"""Saved conversations: `Store.open(url)` for the process, `Recorder(store)` for answers while they grow."""

from __future__ import annotations

from backend.formats.archive import Record, Unreadable
from backend.store.engine import default_url
from backend.store.errors import (
    ChangedElsewhere,
    NameTaken,
    NoPrompt,
    NoSuchConversation,
    NoSuchPrompt,
    ShelfFull,
    StoreError,
    Unavailable,
)
from backend.store.journal import Journal, Journals
from backend.store.ledger import Amount, BudgetExceeded, Ledger, Paused, Used
from backend.store.listing import SORTS, Sort, Summary
from backend.store.recorder import Recorder
from backend.store.shelf import Shelf
from backend.store.store import Store, new_id

__all__ = [
    "SORTS",
    "Amount",
    "BudgetExceeded",
    "ChangedElsewhere",
    "Journal",
    "Journals",
    "Ledger",
    "NameTaken",
    "NoPrompt",
    "NoSuchConversation",
    "NoSuchPrompt",
    "Paused",
    "Record",
    "Recorder",
    "Shelf",
    "ShelfFull",
    "Sort",
    "Store",
    "StoreError",
    "Summary",
    "Unavailable",
    "Unreadable",
    "Used",
    "default_url",
    "new_id",
]
