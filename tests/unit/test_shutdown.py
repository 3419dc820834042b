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


def test_what_was_named_last_is_done_first_once_and_a_fault_keeps_nothing_else_from_being_done() -> None:
    done = list[str]()
    for name in ("store", "recorder"):
        shutdown.at_shutdown(lambda name=name: done.append(name))
        shutdown.at_shutdown(lambda: 1 / 0)
    shutdown.shut_down()
    shutdown.shut_down()
    assert done == ["recorder", "store"]


def test_it_is_done_when_the_server_ends_which_then_ends_by_the_signal_itself() -> None:
    done = list[str]()

    async def served() -> None:
        async with lifespan(st.App("app.py")):
            shutdown.at_shutdown(lambda: done.append("store"))
            assert done == []

    asyncio.run(served())
    assert done == ["store"]
