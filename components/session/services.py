"""What the process has once for every tab: settings, the store, and the features that keep things in it.

The only reader of st.secrets and the environment.
"""

from __future__ import annotations

import atexit
import importlib.util
import os
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import streamlit as st
from dotenv import dotenv_values
from streamlit.errors import StreamlitSecretNotFoundError

from backend import logs, settings
from backend.folders import APP, can_be_written, data_folder
from backend.guests.ledger import Ledger
from backend.library.saved_documents import PRESETS, TOOLS, SavedDocuments
from backend.library.saved_prompts import SavedPrompts
from backend.settings import Settings
from backend.store import Journals, Store, default_url

_ROOT = Path(__file__).parents[2]


@cache
def configured() -> Settings:
    """The owner's settings: secrets > environment > .env. Read once per process, as .env is."""
    loaded = settings.load([_secrets(), os.environ, dotenv_values(_ROOT / ".env")])
    logs.set_up(loaded.log_level)
    return loaded


@cache
def journals() -> Journals:
    """The saved conversations: DATABASE_URL, else a file in this user's data folder. Opened on first use."""
    opened = Journals(Store.open(configured().database_url or default_url()))
    atexit.register(opened.store.close)  # comes last
    atexit.register(opened.recorder.close)  # Ctrl+C loses nothing that has arrived
    return opened


def ledger() -> Ledger:
    """What guests of a shared app have used. Where this user's data folder cannot be written and no other place is
    named, that is counted until the app restarts: else nothing would ever be sent."""
    elsewhere = configured().database_url or can_be_written(data_folder())
    return Ledger(journals().store if elsewhere else _until_restart())


@cache
def _until_restart() -> Store:
    """A database that goes with this process."""
    folder = tempfile.TemporaryDirectory(prefix=APP, ignore_cleanup_errors=True)
    store = Store.open(f"sqlite:///{folder.name}/budgets.db")
    atexit.register(folder.cleanup)
    atexit.register(store.close)  # before: what is registered last goes first
    return store


def saved_prompts(owner: str) -> SavedPrompts:
    """The owner's own prompts."""
    return SavedPrompts(journals().store, owner)


def saved_presets(owner: str) -> SavedDocuments:
    """The owner's own presets."""
    return SavedDocuments(journals().store, owner, PRESETS)


def saved_tools(owner: str) -> SavedDocuments:
    """The owner's own tools."""
    return SavedDocuments(journals().store, owner, TOOLS)


def can_log_in() -> bool:
    """Streamlit has what st.login needs: the secrets' [auth], and a library that comes apart from it."""
    return "auth" in _secrets() and importlib.util.find_spec("authlib") is not None


def _secrets() -> Mapping[str, object]:
    try:
        return {name: st.secrets[name] for name in st.secrets}
    except StreamlitSecretNotFoundError:
        return {}
