"""What the server does once, at its beginning and for its end."""

from __future__ import annotations

import asyncio
import os
import signal

import streamlit as st

from components.startup import imported_early


def test_sigterm_ends_the_server_as_ctrl_c_does_so_that_what_has_arrived_is_written_down() -> None:
    heard = list[int]()
    before = signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))  # as uvicorn does

    async def served() -> None:
        async with imported_early(st.App("app.py")):
            os.kill(os.getpid(), signal.SIGTERM)

    try:
        asyncio.run(served())
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == [signal.SIGINT]
