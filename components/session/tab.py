"""What Streamlit and the machine know: the only reader of st.session_state, st.secrets and the environment."""

from __future__ import annotations

import atexit
import importlib.util
import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from dotenv import dotenv_values
from streamlit import runtime
from streamlit.errors import StreamlitSecretNotFoundError
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from backend import logs, settings
from backend.settings import Settings
from backend.store import Journals, Ledger, Store, default_url

_ROOT = Path(__file__).parents[2]


def value(name: str, default: object = None) -> Any:
    """What a widget holds in this tab, or what was put there."""
    return st.session_state.get(name, default)


def upload(name: str) -> UploadedFile | None:
    """The file in an uploader. None as well for one that is gone: a browser may name it after it was put away."""
    found = st.session_state.get(name)
    return found if isinstance(found, UploadedFile) else None


def put(name: str, content: object) -> None:
    """Set a widget of this tab. In a callback, or before the widget is drawn."""
    st.session_state[name] = content


def drop(name: str) -> None:
    """Let a widget begin anew."""
    st.session_state.pop(name, None)


def forget_tab() -> None:
    """Let this tab begin anew: every value, every widget, and every callback of a widget that was drawn."""
    st.session_state.clear()


def login() -> Mapping[str, object]:
    """What the login service says about whoever is logged in; {} for nobody. A host's own guess does not count."""
    claims = dict(st.user.to_dict())
    return claims if claims.get("is_logged_in") is True else {}


def can_log_in() -> bool:
    """Streamlit has what st.login needs: the secrets' [auth], and a library that comes apart from it."""
    return "auth" in _secrets() and importlib.util.find_spec("authlib") is not None


def breathe() -> None:
    """Let Streamlit act on a click, a page change or a closed tab. Costs nothing and sends nothing.

    A script is interrupted only when it touches Streamlit; reading the session state is the cheapest touch.
    """
    _ = "session" in st.session_state


def tab_is_open() -> Callable[[], bool]:
    """A question that can be asked from any thread: is the tab of the current run still connected?"""
    context = get_script_run_ctx()
    session_id = context.session_id if context else ""

    def is_open() -> bool:
        return not runtime.exists() or runtime.get_instance().is_active_session(session_id)

    return is_open


@cache
def configured() -> Settings:
    """The owner's settings: secrets > environment > .env. Read once per process, as .env is."""
    found = settings.load([_secrets(), os.environ, dotenv_values(_ROOT / ".env")])
    logs.set_up(found.log_level)
    return found


@cache
def journals() -> Journals:
    """The saved conversations: DATABASE_URL, else a file in this user's data folder. Opened on first use."""
    found = Journals(Store.open(configured().database_url or default_url()))
    atexit.register(found.recorder.close)  # Ctrl+C loses nothing that has arrived
    return found


def ledger() -> Ledger:
    """What guests of a shared app have used."""
    return journals().store.ledger()


def address(name: str) -> str:
    """A parameter of the page's address."""
    return str(st.query_params.get(name, ""))


def put_address(name: str, content: str) -> None:
    """Set a parameter of the page's address, or take it out; never for a secret or a prompt."""
    if content and st.query_params.get(name) != content:
        st.query_params[name] = content
    elif not content and name in st.query_params:
        del st.query_params[name]


def _secrets() -> Mapping[str, object]:
    try:
        return {name: st.secrets[name] for name in st.secrets}
    except StreamlitSecretNotFoundError:
        return {}
