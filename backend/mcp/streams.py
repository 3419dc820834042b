"""The two message streams of a connection, bounded and recorded; and those of a program, over its pipes.

The SDK's own transport for programs reads lines of any length, stops at the first one that is not UTF-8, and does
not
say why a program has ended: hence this one. Everything here runs on the loop of backend/mcp/background.py,
except the threads that read the pipes.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
from anyio.abc import ObjectReceiveStream, ObjectSendStream
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCError, JSONRPCNotification, JSONRPCRequest, jsonrpc_message_adapter

from backend.child_process import ChildProcess, foreign_environment, group_memory
from backend.mcp import bounds
from backend.mcp.bounds import Broken
from backend.mcp.server import Server
from backend.mcp.tolerance import Asked, in_version, tolerable, unreadable
from backend.mcp.wire_log import Wire

Fail = Callable[[Broken], None]
_ANSWER = re.compile(rb'\s*\{\s*"jsonrpc"\s*:\s*"2\.0"\s*,\s*"id"\s*:\s*(\d{1,15})\s*,\s*"result"')  # our own ids


# ---- recorded and counted -------------------------------------------------------------------------------


class Watched:
    """Either stream of a transport: messages are recorded, and too many of them end the connection."""

    def __init__(
        self, inner: Any, wire: Wire, fail: Fail, asked: Asked, *, outward: bool, version: str = ""
    ) -> None:
        self._inner, self._wire, self._fail, self._outward = inner, wire, fail, outward
        self._version, self._asked = version, asked
        self._times: deque[float] = deque(maxlen=bounds.FLOOD)
        self._garbage = 0

    async def send(self, item: SessionMessage) -> None:
        item = in_version(item, self._version)
        self._note(item)
        self._asked.note_sent(item)
        await self._inner.send(item)

    async def receive(self) -> SessionMessage | Exception:
        item: SessionMessage | Exception = await self._inner.receive()
        self._note(item)
        return item if self._outward else tolerable(*self._asked.match_reply(item))

    async def aclose(self) -> None:
        await self._inner.aclose()

    @property
    def last_context(self) -> object:
        return getattr(self._inner, "last_context", None)

    def __aiter__(self) -> Watched:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Watched:
        await self._inner.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._inner.__aexit__(*error)

    def _note(self, item: SessionMessage | Exception) -> None:
        if isinstance(item, Exception):
            self._wire.add(str(item)[:500], outward=self._outward, method="(no JSON-RPC)")
            self._garbage += 1
            if self._garbage > bounds.GARBAGE:
                self._fail(Broken("The server keeps sending what is no JSON-RPC message, and was disconnected."))
            return
        message = item.message
        written = message.model_dump_json(by_alias=True, exclude_unset=True)
        method = message.method if isinstance(message, JSONRPCRequest | JSONRPCNotification) else ""
        id_ = "" if isinstance(message, JSONRPCNotification) else str(message.id)
        self._wire.add(written, outward=self._outward, method=method, id_=id_)
        self._count(time.monotonic(), urgent=isinstance(message, JSONRPCError))

    def _count(self, now: float, *, urgent: bool) -> None:
        full = len(self._times) == bounds.FLOOD and now - self._times[0] < bounds.FLOOD_SECONDS
        if full and not self._outward and not urgent:
            self._fail(Broken("The server sends too many messages, and was disconnected."))
        self._times.append(now)


@asynccontextmanager
async def watch_transport(
    transport: Any, wire: Wire, fail: Fail, version: str = "", *, requests_alone: bool = False
) -> AsyncIterator[tuple[Watched, Watched]]:
    """A transport whose messages are recorded and counted. `version`, `requests_alone`: as in
    backend/mcp/tolerance.py.
    """
    asked = Asked(requests_alone=requests_alone)
    async with transport as (reading, writing):
        yield (
            Watched(reading, wire, fail, asked, outward=False),
            Watched(writing, wire, fail, asked, outward=True, version=version),
        )


# ---- a program ------------------------------------------------------------------------------------------


class Program:
    """A program that was started as a server. `aside` is the end of its standard error."""

    def __init__(self, server: Server) -> None:
        command = [server.fill_values(word) for word in server.command]
        environment = foreign_environment()
        found = shutil.which(command[0], path=environment.get("PATH"))
        if found is None and not Path(command[0]).is_file():
            raise Broken(f"There is no program named {server.command[0]} on this machine.")
        own = {name: server.fill_values(value) for name, value in server.environment.items()}
        folder = Path(server.fill_values(server.folder)).expanduser() if server.folder else Path.home()
        try:
            self.process = ChildProcess(
                command[1:],
                {**environment, **own},
                keep_stderr=True,
                program=found or command[0],
                folder=folder,
            )
        except (OSError, ValueError) as fault:
            why = getattr(fault, "strerror", None) or "its command cannot be used"
            raise Broken(f"The program could not be started: {why}.") from None
        self._aside: deque[bytes] = deque(maxlen=64)
        self._too_long = False
        threading.Thread(target=self._listen_aside, name="mcp stderr", daemon=True).start()

    @property
    def aside(self) -> str:
        return b"".join(self._aside)[-bounds.STDERR :].decode("utf-8", "replace")

    def _listen_aside(self) -> None:
        with suppress(OSError, ValueError):
            while chunk := self.process.stderr.read1(4_096):
                self._aside.append(chunk)

    def end_reason(self) -> Broken:
        """Why it has ended, with its last output."""
        if self._too_long:
            return Broken(
                f"The server sent a message of more than {bounds.MESSAGE_LIMIT // 1_000_000} MB, and was ended."
            )
        self.process.wait(1.0)
        code = self.process.exit_code
        return Broken(f"The server's program has ended{'' if code is None else f' (exit code {code})'}.")

    def messages(self) -> Iterator[SessionMessage | Exception]:
        """Its messages, line by line, until it ends or a line is too long. An invalid line is an exception."""
        with suppress(OSError, ValueError):
            while line := self.process.stdout.readline(bounds.MESSAGE_LIMIT + 1):
                if len(line) > bounds.MESSAGE_LIMIT:
                    self._too_long = True
                    return
                if line.strip():
                    yield _message(line)

    def close(self) -> None:
        """Let it exit by itself, as servers do when their input closes; then kill it with its children."""
        with suppress(OSError, ValueError):
            self.process.close_input()
        self.process.wait(1.0)
        self.process.stop()


@asynccontextmanager
async def of_program(
    program: Program, fail: Fail
) -> AsyncIterator[tuple[ObjectReceiveStream[SessionMessage | Exception], ObjectSendStream[SessionMessage]]]:
    """The streams over a program's pipes: each line of JSON is a message."""
    to_session, reading = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    writing, from_session = anyio.create_memory_object_stream[SessionMessage](0)
    loop, writer = asyncio.get_running_loop(), ThreadPoolExecutor(1, "mcp stdin")

    def read() -> None:
        """On a thread of its own: each message waits until the one before was taken."""
        for item in program.messages():
            delivery = asyncio.run_coroutine_threadsafe(to_session.send(item), loop)
            with suppress(Exception):
                delivery.result()
        with suppress(RuntimeError):  # the loop may have ended
            loop.call_soon_threadsafe(finished.set)

    async def write() -> None:
        async for item in from_session:
            line = item.message.model_dump(by_alias=True, mode="json", exclude_unset=True)
            with suppress(OSError, ValueError):
                await loop.run_in_executor(writer, program.process.write, line)

    async def watch() -> None:
        ended = asyncio.ensure_future(finished.wait())
        while not (await asyncio.wait({ended}, timeout=bounds.MEMORY_SECONDS))[0]:
            if await asyncio.to_thread(group_memory, program.process.pid) > bounds.MEMORY:
                fail(
                    Broken(f"The server's program took more than {bounds.MEMORY >> 30} GB of memory and was ended.")
                )
                return
        fail(await asyncio.to_thread(program.end_reason))

    finished = asyncio.Event()
    tasks = [asyncio.ensure_future(write()), asyncio.ensure_future(watch())]
    threading.Thread(target=read, name="mcp stdout", daemon=True).start()
    try:
        yield reading, writing
    finally:
        for task in tasks:
            task.cancel()
        for stream in (to_session, reading, writing, from_session):
            stream.close()
        closing = loop.run_in_executor(None, program.close)
        with suppress(asyncio.CancelledError):
            await asyncio.shield(closing)
        writer.shutdown(wait=False, cancel_futures=True)


def _message(line: bytes) -> SessionMessage | Exception:
    """Parse a line. Some programs print other lines than messages: those are shown, and skipped. A line that
    begins as a response and cannot be parsed is a failed response.
    """
    try:
        return SessionMessage(jsonrpc_message_adapter.validate_json(line.decode("utf-8", "replace"), by_name=False))
    except ValueError:
        answer = _ANSWER.match(line)
        return unreadable(int(answer[1])) if answer else Broken(line[:500].decode("utf-8", "replace").strip())
