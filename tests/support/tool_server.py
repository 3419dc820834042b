"""Servers of tools for the tests: one by the SDK on a real socket, and a program that misbehaves as it is told.

PYTHONPATH=. python tests/support/tool_server.py 8124       # the first one, for a look by hand: http://127.0.0.1:8124/mcp
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
import uvicorn
from mcp.server.mcpserver import Context, Image, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import (
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
    SamplingMessage,
    TextContent,
    ToolAnnotations,
)
from PIL import Image as Picture

from backend.mcp.connection import ToolServerConnection
from backend.mcp.server import Server
from backend.types import ToolCall

PROGRAM = str(Path(__file__).parent / "bad_tool_server.py")
COLOUR: Any = {
    "type": "object",
    "properties": {"colour": {"type": "string", "enum": ["red", "blue"]}},
    "required": ["colour"],
}
LONG = 30.0  # seconds; a machine may be busy


def server() -> MCPServer:
    """A server with a tool of every kind."""
    made = MCPServer("Orders", version="1.2", instructions="Ask for **one** order at a time.")

    @made.tool(annotations=ToolAnnotations(read_only_hint=True))
    def find(number: int) -> str:
        """Find an order by its number."""
        return f"order {number} is late"

    @made.tool(annotations=ToolAnnotations(destructive_hint=True))
    def cancel(number: int) -> str:
        """Cancel an order for good."""
        return f"order {number} is cancelled"

    @made.tool()
    def fail() -> str:
        """Never works."""
        raise ToolError("no orders today")

    @made.tool()
    def picture() -> Image:
        """A picture."""
        path = Path(__file__).parent.parent / "data" / "red.png"
        return Image(data=path.read_bytes() if path.exists() else _red(), format="png")

    @made.tool()
    async def slow(steps: int, ctx: Context) -> str:
        """Takes its time, and says how far it is."""
        for step in range(steps):
            await ctx.report_progress(step, steps, f"step {step}")
            await anyio.sleep(0.05)
        return "done"

    @made.tool()
    async def choose(ctx: Context) -> str | InputRequiredResult:
        """Asks for a colour."""
        if not ctx.input_responses:
            asked = ElicitRequestFormParams(message="Which **colour**?", requested_schema=COLOUR)
            return InputRequiredResult(input_requests={"colour": ElicitRequest(params=asked)})
        answer = ctx.input_responses["colour"]
        assert isinstance(answer, ElicitResult)
        return f"{answer.action}: {(answer.content or {}).get('colour')}"

    @made.tool()
    async def consult(ctx: Context) -> str | InputRequiredResult:
        """Has a model asked."""
        if not ctx.input_responses:
            said = SamplingMessage(role="user", content=TextContent(text="Name a **colour**."))
            asked = CreateMessageRequestParams(messages=[said], max_tokens=100)
            return InputRequiredResult(input_requests={"model": CreateMessageRequest(params=asked)})
        answer = ctx.input_responses["model"]
        assert isinstance(answer, CreateMessageResult)
        return f"{answer.model}: {answer.content.text if isinstance(answer.content, TextContent) else ''}"

    @made.resource("notes://today", description="What to do today.")
    def today() -> str:
        return "Water the plants."

    @made.prompt()
    def review(code: str) -> str:
        """Ask for a review."""
        return f"Review this: {code}"

    @made.tool()
    def told(ctx: Context) -> str:
        """The header that came with the call."""
        return str(dict(ctx.headers or {}).get("authorization", "none"))

    return made


def _red() -> bytes:
    import io

    file = io.BytesIO()
    Picture.new("RGB", (8, 8), "red").save(file, "PNG")
    return file.getvalue()


class Serving:
    """The server on a port of its own, on a thread; `older` speaks by a stream of events."""

    def __init__(self, *, older: bool = False) -> None:
        made = server()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/{'sse' if older else 'mcp'}"
        app = made.sse_app() if older else made.streamable_http_app()
        self._uvicorn = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
        self._thread = threading.Thread(target=self._uvicorn.run, args=([self._socket],), daemon=True)
        self._thread.start()
        while not self._uvicorn.started:
            time.sleep(0.01)

    def close(self) -> None:
        self._uvicorn.should_exit = True
        self._thread.join(LONG)


@pytest.fixture(scope="session")
def tool_server() -> Iterator[Serving]:
    """The well-behaved one."""
    serving = Serving()
    yield serving
    serving.close()


@pytest.fixture
def older() -> Iterator[str]:
    """The address of one that speaks the older way."""
    serving = Serving(older=True)
    yield serving.url
    serving.close()


@pytest.fixture
def open_() -> Iterator[Callable[[Server], ToolServerConnection]]:
    """Connect, and close what was connected."""
    opened: list[ToolServerConnection] = []

    def connect(server: Server) -> ToolServerConnection:
        opened.append(connected(server))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()
        until(lambda connection=connection: connection.state == "off")


def program(*behaviour: str) -> Server:
    """The badly behaved one: what it is told to do."""
    return Server("bad", command=(sys.executable, PROGRAM, *behaviour))


def connected(server: Server) -> ToolServerConnection:
    connection = ToolServerConnection(server)
    connection.connect()
    connection.wait(LONG)
    return connection


def until(true: Callable[[], bool]) -> None:
    for _ in range(600):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it never happens")


def call_tool(connection: ToolServerConnection, tool: str, arguments: str = "{}") -> tuple[bool, str]:
    """Whether a call went well, and the text of its outcome."""
    outcome = connection.start(ToolCall("c1", tool, arguments), tool).wait(LONG)
    assert outcome is not None, "the call never ends"
    return outcome.ok, outcome.content


if __name__ == "__main__":
    uvicorn.run(server().streamable_http_app(), port=int(sys.argv[1]), log_level="warning")
