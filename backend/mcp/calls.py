"""The calls of one connection, on the event loop: each gets an outcome, whatever the server does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from backend.keys.redaction import Redactor
from backend.mcp import failures, results
from backend.mcp.running_call import ServerCall
from backend.schema import check
from backend.tools import calls
from backend.tools.calls import CallOutcome
from backend.untrusted import Object

if TYPE_CHECKING:
    from backend.mcp.bounds import Broken
    from backend.mcp.definitions import ToolServerListing
    from backend.mcp.questions import Questions
    from backend.mcp.session import ToolServerSession

_CHANGED = CallOutcome(
    "Error: the server describes this tool in another way than when the user allowed it. Nothing was run: the user "
    "has to look at it first.",
    ok=False,
)
_CLOSED = CallOutcome("Error: the connection to the server of this tool is closed.", ok=False)
_MOMENT = 0.2  # seconds until the cause of a broken connection is known
_ENDING = 20.0  # seconds to end a session, however slow its server is


class Line(Protocol):
    """The part of a connection that a call needs."""

    listing: ToolServerListing
    questions: Questions
    redactor: Redactor
    session: ToolServerSession | None
    problem: str
    broken: Broken | None

    @property
    def state(self) -> str:
        """off, connecting, on"""
        ...

    def wait(self) -> bool:
        """Wait until it is connected or has failed; True if it is connected."""
        ...

    def note_use(self) -> None:
        """Note that it is in use."""
        ...

    def connect(self) -> None:
        """Begin to connect, unless that has been done."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class Calls:
    """The calls of a connection; `running` is their number."""

    def __init__(self, connection: Line) -> None:
        self.running = 0
        self._connection = connection

    async def answer_call(self, running: ServerCall, tool: str, allowed: str) -> CallOutcome:
        """The outcome of a call. Connects first if necessary."""
        connection = self._connection
        self.running += 1
        try:
            try:
                return await self._call_tool(running, tool, allowed)
            except Exception as fault:
                session = connection.session
                if session is None or not (session.is_forgotten and failures.session_is_gone(fault)):
                    raise
                await self._renewed(session)  # an unknown session ran nothing
                return await self._call_tool(running, tool, allowed)
        except TimeoutError:
            return calls.timed_out(round(running.seconds))
        except asyncio.CancelledError:
            raise
        except Exception as fault:  # noqa: BLE001 - the model reads what went wrong with a tool
            await asyncio.sleep(_MOMENT)
            ended = connection.problem if connection.session is None else ""
            http = connection.session.http if connection.session else None
            words = failures.of_a_call(fault, http.status if http else None)
            why = str(connection.broken or ended or words)
            return CallOutcome(connection.redactor.redact_answer(f"Error: {why}"), ok=False)
        finally:
            self.running -= 1
            connection.note_use()

    async def _call_tool(self, running: ServerCall, tool: str, allowed: str) -> CallOutcome:
        connection = self._connection
        if not await asyncio.to_thread(connection.wait):
            words = f"Error: the server of this tool cannot be reached. {connection.problem}"
            return CallOutcome(words, ok=False)
        if connection.session is None:
            return _CLOSED
        if allowed and allowed != connection.listing.fingerprint(tool):
            return _CHANGED
        return await self._result(connection.session, running, tool)

    async def _renewed(self, session: ToolServerSession) -> None:
        """Replace the session by a new one, unless another call has done so."""
        connection = self._connection
        if connection.session is session:
            connection.close()
            async with asyncio.timeout(_ENDING):
                while connection.session is session or connection.state != "off":
                    await asyncio.sleep(_MOMENT / 4)
        connection.connect()

    async def _result(self, session: ToolServerSession, running: ServerCall, tool: str) -> CallOutcome:
        redactor = self._connection.redactor
        async with self._connection.questions.patience() as again:

            async def report(progress: float, total: float | None, message: str | None) -> None:
                again()
                running.report(progress, total, redactor.redact_answer(message or ""))

            result = await session.call(tool, calls.arguments(running.call.arguments), report)
        return await asyncio.to_thread(self._read, tool, result)

    def _read(self, tool: str, result: Object) -> CallOutcome:
        known = self._connection.listing.tool(tool)
        misfits: list[str] = []
        if known and known.output_schema and result.get("isError") is not True:
            misfits = check(result.get("structuredContent"), known.output_schema)
            misfits = [reason.removeprefix("arguments: ") for reason in misfits]
            misfits = misfits if "structuredContent" in result else ["there is none."]
        return results.outcome(result, misfits, self._connection.redactor)
