"""What the server does once, before the first visitor asks for a page."""

from __future__ import annotations

import importlib
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st


@asynccontextmanager
async def imported_early(_: st.App) -> AsyncIterator[None]:
    """The modules of the chat page are read while the browser still loads its own files.

    Not before the server runs: what they register with Streamlit would go nowhere. If one fails, the page says so.
    """
    _end_as_by_ctrl_c()
    threading.Thread(
        target=importlib.import_module, args=("components.chat.page",), name="imports", daemon=True
    ).start()
    yield


def _end_as_by_ctrl_c() -> None:
    """SIGTERM ends the process as Ctrl+C does. uvicorn would end it by the signal itself, without what is
    registered with `atexit`: the last second of answers that run would be lost, and programs would go on."""
    stop = signal.getsignal(signal.SIGTERM)
    if callable(stop) and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda _, frame: stop(signal.SIGINT, frame))
