"""One connection to a server of tools, as the SDK has it: agree on a protocol, list, call, close. It runs on the
loop of backend/mcp/background.py, and is imported when the first connection is made.

Results are NOT checked against the server's own output schema by the SDK: it does that in this process, with
regular expressions that a stranger wrote and that nobody can end. backend/schema does it in a child process.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, cast

import mcp_types as types
from mcp import Client as McpClient
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.dispatcher import ProgressFnT
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from backend.mcp import bounds, definitions
from backend.mcp.definitions import ServerTool
from backend.mcp.http import Client as HttpClient
from backend.mcp.server import Server
from backend.mcp.streams import Fail, Program, of_program, watched
from backend.mcp.wire import Wire
from backend.types import JSON
from backend.untrusted import Object, cleaned, fields, line, text

# The SDK logs messages and what is wrong with them: those are a stranger's words, and may hold a key.
for name in ("mcp", "client", "httpx2", "httpcore2"):
    logging.getLogger(name).addHandler(logging.NullHandler())
    logging.getLogger(name).propagate = False


@dataclass(frozen=True)
class About:
    """What a server says about itself, hostile text all of it, and which protocol is spoken."""

    name: str = ""
    version: str = ""
    protocol: str = ""
    sessions: bool = True  # the older era: a handshake, and a session
    instructions: str = ""
    capabilities: tuple[str, ...] = ()


@dataclass
class Session:
    """A connection that stands. `changed` is set when the server says that its tools are others now."""

    client: McpClient
    about: About
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def tools(self) -> tuple[list[ServerTool], list[str]]:
        """Its tools, and a sentence about what was left out."""
        if "tools" not in self.about.capabilities:
            return [], []
        kept, notes, cursor, pages = dict[str, ServerTool](), list[str](), None, 0
        while pages < bounds.PAGES and len(kept) < definitions.MOST:
            page = await self.client.session.list_tools(params=types.PaginatedRequestParams(cursor=cursor))
            for row in page.tools:
                tool = definitions.read(row.model_dump(by_alias=True, mode="json", exclude_none=True))
                if tool is None:
                    notes.append(f"{line(row.name, 60)}: its definition is too large to be told to a model.")
                else:
                    kept.setdefault(tool.name, tool)
            cursor, pages = page.next_cursor, pages + 1
            if not cursor:
                break
        else:
            notes.append(f"Only the first {len(kept)} tools were read.")
        return list(kept.values())[: definitions.MOST], notes[:10]

    async def call(self, tool: str, arguments: dict[str, JSON], progress: ProgressFnT) -> Object:
        """The result of a call, as JSON. Raises MCPError."""
        request = types.CallToolRequest(params=types.CallToolRequestParams(name=tool, arguments=arguments))
        result = await self.client.session.send_request(
            request,
            types.CallToolResult,
            request_read_timeout_seconds=bounds.CALL_MOST,
            progress_callback=progress,
        )
        return fields(cleaned(result.model_dump(by_alias=True, mode="json", exclude_unset=True)))


async def opened(
    server: Server, stack: AsyncExitStack, wire: Wire, fail: Fail, http: HttpClient | None, program: Program | None
) -> Session:
    """A session with a server, closed with the stack."""
    transport = of_program(program, fail) if program else _over_http(server, cast(HttpClient, http))
    changed = asyncio.Event()

    async def heard(message: object) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            changed.set()

    client = McpClient(
        watched(transport, wire, fail),
        mode="auto",
        read_timeout_seconds=bounds.CONNECT_SECONDS,
        message_handler=heard,
        client_info=types.Implementation(name="llm-playground", version="1"),
        cache=None,
    )
    await stack.enter_async_context(client)
    return Session(client, _about(client), changed)


def _over_http(server: Server, http: HttpClient) -> Any:
    if server.kind == "sse":
        return sse_client(http.url, sse_read_timeout=bounds.IDLE_SECONDS, httpx_client_factory=http.make)
    return streamable_http_client(http.url, http_client=http.make(), max_sse_event_size=bounds.MESSAGE_LIMIT)


def _about(client: McpClient) -> About:
    info = client.server_info
    capabilities = client.server_capabilities.model_dump(by_alias=True, mode="json", exclude_none=True)
    return About(
        line(info.title or info.name, 100) if info else "",
        line(info.version, 60) if info else "",
        client.protocol_version,
        client.protocol_version not in MODERN_PROTOCOL_VERSIONS,
        text(client.instructions, 20_000),
        tuple(line(name, 60) for name in capabilities),
    )


async def listen(session: Session) -> None:
    """On a connection without sessions, be told of tools that change; on others the server says so by itself."""
    if session.about.sessions or "tools" not in session.about.capabilities:
        return
    try:
        async with session.client.listen(tools_list_changed=True) as events:
            async for _ in events:
                session.changed.set()
    except Exception:  # noqa: BLE001 - a server need not offer it, and then nobody is told
        return
