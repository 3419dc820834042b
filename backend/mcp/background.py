"""One thread with an event loop for all connections to tool servers, started with the first of them.

The loop is asyncio's own: uvloop, which the app's server may use, is not needed here.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from functools import cache
from typing import Any, TypeVar

Value = TypeVar("Value")


@cache
def loop() -> asyncio.AbstractEventLoop:
    """The running loop."""
    made = asyncio.SelectorEventLoop()
    threading.Thread(target=made.run_forever, name="mcp", daemon=True).start()
    return made


def run(work: Coroutine[Any, Any, Value]) -> Future[Value]:
    """Run a coroutine on the loop, from any thread."""
    return asyncio.run_coroutine_threadsafe(work, loop())
