"""Start-up and shutdown of the server: runs once, before the first visitor requests a page, and at its end."""

from __future__ import annotations

import importlib
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Thread, current_thread, main_thread

import streamlit as st

from backend.shutdown import shut_down
from components.session import services


def require_settings() -> None:
    """Exit with a sentence if a configuration file cannot be read: otherwise each request would fail."""
    if problem := services.unreadable():
        sys.exit(problem)


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Import the modules of the chat page while the browser still loads its own files.

    Not before the server runs: their registrations with Streamlit would be lost. If one fails, the page reports it.
    """
    Thread(target=importlib.import_module, args=("components.chat.page",), name="imports", daemon=True).start()
    _end_with_the_terminal()
    yield
    shut_down()


def _end_with_the_terminal() -> None:
    """End as by SIGTERM when the terminal is closed: SIGHUP alone would lose what has not been written yet.

    `nohup` has it ignored, which stays so; Windows has no such signal.
    """
    hang_up = getattr(signal, "SIGHUP", None)
    if hang_up and current_thread() is main_thread() and signal.getsignal(hang_up) is signal.SIG_DFL:
        signal.signal(hang_up, lambda *_: signal.raise_signal(signal.SIGTERM))
