"""Start-up and shutdown of the server: runs once, before the first visitor requests a page, and at its end."""

from __future__ import annotations

import importlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Thread

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
    yield
    shut_down()
