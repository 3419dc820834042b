"""A connection to one tool server, as a page uses it: opened and closed from any thread, without waiting.

    connection = ToolServerConnection(server, wanted=tab_is_open)
    connection.connect()                       # returns at once; `state` tells the progress
running = connection.start(call, "tool")   # there is always an outcome, even if the server hangs, dies or floods
    connection.close()

It closes itself when unused for half an hour, or when its tab is gone. It does NOT decide what may be
called: that is for the agent's loop, and for the visitor.
"""

from __future__ import annotations

import asyncio
import threading
import time
import weakref
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from backend.mcp import background, bounds, failures, results
from backend.mcp.bounds import Broken
from backend.mcp.calls import Calls
from backend.mcp.definitions import ToolServerListing
from backend.mcp.questions import Questions
from backend.mcp.running_call import ServerCall
from backend.mcp.server import Server
from backend.mcp.sign_in import SignIn
from backend.mcp.wire_log import Wire
from backend.shutdown import at_shutdown
from backend.tools.calls import CallOutcome
from backend.types import ToolCall
from backend.untrusted import Object

if TYPE_CHECKING:
    from backend.mcp.http import Client as HttpClient
    from backend.mcp.session import ServerInfo, ToolServerSession
    from backend.mcp.streams import Program

State = Literal["off", "connecting", "on"]
_TICK = 5.0  # seconds between two checks whether it is still wanted
_OLDER = ("2025-06-18", "2024-11-05")  # protocol versions that are the only ones some servers know
_ABSENT = 60.0  # seconds without its tab until a connection is closed: a network may be down for a moment
_open: weakref.WeakSet[ToolServerConnection] = weakref.WeakSet()


class ToolServerConnection:
    """`problem` says why it is not connected, "" without an error. May be read from any thread."""

    def __init__(
        self,
        server: Server,
        *,
        wanted: Callable[[], bool] = lambda: True,
        public_only: bool = False,
        back: str = "",
    ) -> None:
        """`back`: the address to which the browser returns after a sign-in; "" if there is none."""
        self.server = server
        self.state: State = "off"
        self.problem = ""
        self.about: ServerInfo | None = None
        self.listing = ToolServerListing()
        self.wire = Wire()
        self.checking = False
        self.version = 0  # changes whenever one of the above does
        self.redactor = server.redactor
        self.questions = Questions(self.redactor, self._change)
        self.refused = False  # it requires a key, or a sign-in
        self.sign_in = SignIn(back, lambda: self.server, self._seal, self.questions.hold) if back else None
        self._wanted, self._public_only = wanted, public_only
        self._lock = threading.Lock()
        self.session: ToolServerSession | None = None
        self._task: asyncio.Task[None] | None = None
        self._ready = threading.Event()
        self.broken: Broken | None = None
        self._program: Program | None = None
        self._used = time.monotonic()
        self._calls = Calls(self)

    # ---- for a page ---------------------------------------------------------------------------------------

    def connect(self) -> None:
        """Begin to connect, unless that has been done."""
        with self._lock:
            if self.state != "off":
                return
            if sum(other.state != "off" for other in _open) >= bounds.CONNECTIONS:
                self._change(problem="There are too many connections to servers of tools here. Close one first.")
                return
            self._ready.clear()
            self.broken, self.refused = None, False
            self.wire = Wire(self.redactor)
            self._used = time.monotonic()
            self._change(state="connecting", problem="")
            _open.add(self)
        background.run(self._live())

    def close(self) -> None:
        """Close it. A program is ended, too."""
        if self.state != "off":
            background.loop().call_soon_threadsafe(self._end, None)

    def kill(self) -> None:
        """Kill its program now: this process is ending."""
        if self._program is not None:
            self._program.process.kill()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it is connected or has failed; True if it is connected."""
        self._ready.wait(seconds or bounds.to_connect(bool(self.sign_in)) + 10)
        return self.state == "on"

    def refresh(self) -> None:
        """List the tools again, and measure how long that takes."""
        if self.session is not None and not self.checking:
            self._used, self.checking = time.monotonic(), True
            background.run(self._check(self.session))

    def ask(self, work: Callable[[ToolServerSession], Coroutine[Any, Any, Object]]) -> CallOutcome:
        """Read a resource or a prompt, as the outcome of a call; waits for it."""
        session, self._used = self.session, time.monotonic()
        if session is None:
            return CallOutcome("Error: the connection to this server is closed.", ok=False)
        answer = background.run(work(session))
        try:
            return results.outcome(answer.result(bounds.READ_SECONDS), redactor=self.redactor)
        except Exception as fault:  # noqa: BLE001 - whatever a stranger's server makes the SDK raise
            answer.cancel()
            return CallOutcome(self.redactor.redact(f"Error: {failures.words(fault)}"), ok=False)

    def start(self, call: ToolCall, tool: str, allowed: str = "") -> ServerCall:
        """Begin a tool call by the server's name for the tool; the caller has checked the arguments. `allowed`:
        the fingerprint of the definition that was allowed, "" for any.
        """
        self._used = time.monotonic()
        running = ServerCall(call)
        if self.state == "off" and self.server.is_program:
            running.end(
                CallOutcome(f"Error: the server of this tool is not running. {self.problem}".strip(), ok=False)
            )
        elif self._calls.running >= bounds.CALLS:
            running.end(
                CallOutcome("Error: too many calls of this server are running; call again later.", ok=False)
            )
        else:
            self.connect()  # reconnect to an address
            running.begin(background.run(self._calls.answer_call(running, tool, allowed)))
        return running

    @property
    def aside(self) -> str:
        """The end of a program's stderr, which often explains why it does not start."""
        return self.redactor.redact(self._program.aside) if self._program else ""

    # ---- on the loop --------------------------------------------------------------------------------------

    async def _live(self) -> None:
        """Run the connection from beginning to end."""
        from backend.mcp.http import Client as HttpClient  # the SDK is imported only when needed

        http = (
            None
            if self.server.is_program
            else HttpClient(self.server, public_only=self._public_only, sign_in=self.sign_in)
        )
        self._task = asyncio.current_task()
        problem = ""
        try:
            await self._connected(self.server, http)
        except asyncio.CancelledError:
            pass
        except BaseException as fault:  # noqa: BLE001 - whatever a stranger's server makes the SDK raise
            # Later a refusal is normal: many servers offer no stream.
            status = http.status if http and self.state == "connecting" else None
            self.refused = status == 401
            problem = failures.words(fault, status)
            if self.state == "connecting" and self.broken is None:
                problem = await self._otherwise(http, problem)
        self.session = self._task = None
        self._change(state="off", problem=self.redactor.redact(str(self.broken or problem)))
        self._ready.set()

    async def _otherwise(self, http: HttpClient | None, problem: str) -> str:
        """Try older ways to connect; returns why it ended, with the message of the first attempt if none
        succeeded.
        """
        for server, version in _older_ways(http, self.server, problem):
            try:
                await self._connected(server, http, version)
            except asyncio.CancelledError:
                return ""
            except BaseException as fault:  # noqa: BLE001 - see above
                if self.state == "on" or self.broken is not None:
                    return failures.words(fault)
            else:
                return ""
        return problem

    async def _connected(self, server: Server, http: HttpClient | None, version: str = "") -> None:
        from backend.mcp import session as sessions
        from backend.mcp.streams import Program

        if server.is_program:
            self._program = await asyncio.to_thread(Program, server)
        async with asyncio.timeout(bounds.to_connect(bool(self.sign_in))) as deadline, AsyncExitStack() as stack:
            session = await sessions.open_session(
                server,
                stack,
                self.wire,
                fail=self._end,
                questions=self.questions,
                http=http,
                program=self._program,
                version=version,
            )
            self.session, self.about = session, session.about
            self._change(listing=await session.listing())
            deadline.reschedule(None)
            self._change(state="on")
            self._ready.set()
            listening = asyncio.ensure_future(sessions.listen(session))
            try:
                await self._watch(session)
            finally:
                listening.cancel()

    async def _watch(self, session: ToolServerSession) -> None:
        """Until it is closed: handle changes, and check whether it is still wanted."""
        tab_seen = time.monotonic()
        while True:
            try:
                async with asyncio.timeout(_TICK):
                    await session.changed.wait()
            except TimeoutError:
                now = time.monotonic()
                tab_seen = now if self._calls.running or self._wanted() else tab_seen
                if now - tab_seen > _ABSENT or (not self._calls.running and now - self._used > bounds.IDLE_SECONDS):
                    return
            else:
                session.changed.clear()
                self._change(listing=await session.listing())
                await asyncio.sleep(1.0)  # a server that keeps changing costs little

    async def _check(self, session: ToolServerSession) -> None:
        problem = ""
        try:
            async with asyncio.timeout(bounds.CALL_SECONDS):
                self._change(listing=await session.listing())
        except Exception as fault:  # noqa: BLE001 - whatever a stranger's server makes the SDK raise
            problem = failures.words(fault)
        finally:
            self.checking = False
            self._change(problem=problem)

    # ---- changes ------------------------------------------------------------------------------------------

    def _end(self, why: Broken | None) -> None:
        """On the loop: end it, for a reason or because that was requested."""
        if self.broken is None:
            self.broken = why
        if self._task is not None:
            self._task.cancel()

    def _seal(self, values: Mapping[str, str]) -> None:
        """Seal keys that arrive while it is open, like the others."""
        self.server = self.server.with_values(values)
        self.redactor = self.wire.redactor = self.questions.redactor = self.server.redactor

    def note_use(self) -> None:
        """Note that it is in use: it is not closed for a while."""
        self._used = time.monotonic()

    def _change(self, **values: object) -> None:
        for name, value in values.items():
            setattr(self, name, value)
        self.version += 1


def _older_ways(http: HttpClient | None, server: Server, problem: str) -> Iterator[tuple[Server, str]]:
    """Fallbacks for a server that refuses, with the protocol version ("": the newest). Some refuse an unknown
    version instead of offering theirs. The specification says to try an event stream.
    """
    status = http.status if http else None
    if status == 400 or problem == failures.OTHER_VERSION:
        yield from ((server, version) for version in _OLDER)
    if status in (400, 404, 405) and server.kind == "http":
        yield replace(server, kind="sse"), ""


def close_all() -> None:
    """End every program that was started; connections end with this process."""
    for connection in list(_open):
        connection.kill()


at_shutdown(close_all)
