"""What the server does once: before the first visitor asks for a page, and when it ends."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Thread

import streamlit as st

from backend.shutdown import shut_down


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """The modules of the chat page are read while the browser still loads its own files.

    Not before the server runs: what they register with Streamlit would go nowhere. If one fails, the page says so.
    """
    Thread(target=importlib.import_module, args=("components.chat.page",), name="imports", daemon=True).start()
    yield
    shut_down()
