"""The services that all tabs of the process share: settings, the store, and the features that store data in it.

The only reader of st.secrets and the environment.
"""

from __future__ import annotations

import codecs
import importlib.util
import logging
import os
import re
import threading
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from backend import env_file, logs, settings
from backend.compare.saved_votes import SavedVotes
from backend.folders import data_folder
from backend.guests import access
from backend.guests.carrying import carry
from backend.guests.ledger import Ledger
from backend.guests.retention import Keeping
from backend.guests.visits import Visits
from backend.jobs.job import Bounds
from backend.jobs.saved_jobs import forget_old
from backend.jobs.workers import Jobs
from backend.library.saved_documents import PRESETS, SCRIPTS, SERVERS, SUITES, TOOLS, SavedDocuments
from backend.library.saved_prompts import SavedPrompts
from backend.settings import Settings
from backend.shutdown import at_shutdown
from backend.store import Journals, Store, StoreError, default_url
from backend.store.errors import unwritable
from backend.store.store import in_memory
from backend.studio.families import KIND
from backend.studio.shelf import GUEST, Quota, Shelf, forget_guests_files
from components.session import words

_log = logging.getLogger(__name__)
_one_at_a_time = threading.Lock()


@cache
def configured() -> Settings:
    """The owner's settings: secrets > environment > .env. Read once per process, as .env is."""
    broken = unreadable()
    loaded = settings.load([{} if broken else _secrets(), os.environ, env_file.values()], broken)
    logs.set_up(loaded.log_level)
    for note in loaded.notes:
        logs.event(_log, logging.WARNING, "setting ignored", why=note)
    return loaded


def unreadable() -> str:
    """Why a configuration file cannot be read, as a sentence for the owner; "" if all can be."""
    files = (Path(name) for name in st.get_option("secrets.files") if name.endswith(".toml"))
    return next((problem for file in files if (problem := _problem(file))), "") or env_file.problem()


def _problem(file: Path) -> str:
    """Why this secrets.toml cannot be read. Streamlit ignores an invalid one, which would open a shared app."""
    name = f"{file.parent.name}/{file.name}"
    try:
        tomllib.loads(file.read_bytes().decode())
    except FileNotFoundError:
        return ""
    except IsADirectoryError:
        return words.SECRETS_FOLDER.format(name=name)
    except OSError:
        return words.SECRETS_CLOSED.format(name=name)
    except UnicodeDecodeError:
        return words.SECRETS_ENCODING.format(name=name)
    except tomllib.TOMLDecodeError as error:
        if file.read_bytes().startswith(codecs.BOM_UTF8):
            return words.SECRETS_ENCODING.format(name=name)
        line = re.search(r"line [0-9]+", str(error))  # not the rest: it may quote a key
        return words.SECRETS_LINE.format(place=line[0] if line else "the end", name=name)
    return ""


@cache
def journals() -> Journals:
    """The saved conversations: DATABASE_URL, otherwise a file in this user's data folder. Opened on first use."""
    opened = Journals(Store.open(configured().database_url or default_url()))
    at_shutdown(opened.store.close)  # runs last
    at_shutdown(opened.recorder.close)  # Ctrl+C loses nothing that has arrived
    return opened


@cache
def jobs() -> Jobs:
    """The running and the stored jobs."""
    made = Jobs(lambda: journals().store)
    with suppress(StoreError):
        forget_old(journals().store, Bounds().days, but=KIND)  # results are kept as long as there is room
    at_shutdown(made.close)  # before the store that it writes into, which was opened first
    return made


def shelf(owner: str) -> Shelf:
    """The files of the owner's results, beside the database if that is a file."""
    database = configured().database_url or default_url()
    file = Path(database.removeprefix("sqlite:///")) if database.startswith("sqlite:///") else None
    folder = (file.parent if file else data_folder()) / "results"
    if configured().shared:
        forget_guests_files(folder)
    return Shelf(folder, owner, GUEST if configured().shared else Quota())


def ledger() -> Ledger:
    """The guests' use of the owner's key."""
    return Ledger(guest_store)


def guest_store() -> Store:
    """The store of the guests' identities and usage.

    If the disk cannot be written, it is in memory, from then until the app restarts: otherwise nothing could
    be sent. It does not return to the disk earlier, as a disk that is full now and then would double the budgets.
    """
    if not counts_until_restart():
        return journals().store
    with _one_at_a_time:  # page and answer call it at once: of two stores in memory one would be lost
        return _until_restart()


def counts_until_restart() -> bool:
    """Whether the guests' usage is counted in memory only."""
    return bool(_until_restart.cache_info().currsize) or unwritable(journals().store.trouble)


def is_lasting() -> bool:
    """Whether data is stored in a database outside of this machine."""
    return configured().database_url.startswith("postgres")


def visits() -> Visits:
    """The browsers of guests, and the links of those without cookies."""
    return Visits(guest_store(), configured().terms.days)


def keeping() -> Keeping:
    """How long guests' data is stored."""
    return Keeping(journals().store, configured().terms.days)


@cache
def _until_restart() -> Store:
    """A database that ends with this process. It begins with what can be read of the one on the disk."""
    store = in_memory()
    carry(journals().store, store)
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


def saved_votes(owner: str) -> SavedVotes:
    """The owner's votes on blind races."""
    return SavedVotes(journals().store, owner)


def saved_suites(owner: str) -> SavedDocuments:
    """The owner's own test suites."""
    return SavedDocuments(journals().store, owner, SUITES)


def saved_servers(owner: str) -> SavedDocuments:
    """The tool servers that the owner has added, without their keys."""
    return SavedDocuments(journals().store, owner, SERVERS)


def saved_scripts(owner: str) -> SavedDocuments:
    """The owner's own scripts for the stage."""
    return SavedDocuments(journals().store, owner, SCRIPTS)


def login_lacks() -> list[str]:
    """What st.login still needs: keys of the secrets' [auth], and an optional library."""
    library = [] if importlib.util.find_spec("authlib") else ["Authlib"]
    return [*library, *access.login_lacks(_secrets().get("auth"))]


def _secrets() -> Mapping[str, object]:
    try:
        secrets = dict(st.secrets)
    except StreamlitSecretNotFoundError:
        return {}
    # A line that is appended to the file becomes a part of its last table, for example [auth]. It still counts.
    strays = [block for block in secrets.values() if isinstance(block, Mapping)]
    inside = {
        name: block[name]
        for block in strays
        for name in block
        if name.startswith((*settings.PREFIXES, "DATABASE_URL"))
    }
    return {**inside, **secrets}
