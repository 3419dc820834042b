"""What is done before the process ends, by whatever it is told to."""

from __future__ import annotations

import asyncio

import pytest
import streamlit as st

from backend import shutdown
from components.startup import lifespan


@pytest.fixture(autouse=True)
def _nothing_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutdown, "_todo", [])


def test_callbacks_run_in_reverse_order_and_one_that_fails_stops_no_other() -> None:
    done = list[str]()
    for name in ("store", "recorder"):
        shutdown.at_shutdown(lambda name=name: done.append(name))
        shutdown.at_shutdown(lambda: 1 / 0)
    shutdown.shut_down()
    shutdown.shut_down()
    assert done == ["recorder", "store"]


def test_callbacks_run_when_the_server_ends_by_a_signal() -> None:
    done = list[str]()

    async def served() -> None:
        async with lifespan(st.App("app.py")):
            shutdown.at_shutdown(lambda: done.append("store"))
            assert done == []

    asyncio.run(served())
    assert done == ["store"]
