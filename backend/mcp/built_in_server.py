"""The built-in tools as an MCP server: what it lists, how it answers, and who may connect over HTTP.

Calls run in child processes, as on the Tools page (backend/tools/runner.py). Over HTTP only the host names of this
machine are accepted (against DNS rebinding), and only requests with the token.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from typing import Any

import mcp_types as types
from mcp import MCPError
from mcp.server.lowlevel import Server
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.tools import calls
from backend.tools.builtin import FUNCTIONS
from backend.tools.runner import tool_runner
from backend.types import ToolCall


async def _list_tools(_: object, asked: types.PaginatedRequestParams | None) -> types.ListToolsResult:
    """All tools on one page. Raises MCPError."""
    if asked is not None and asked.cursor is not None:
        raise MCPError(types.INVALID_PARAMS, "The list has one page: there is no such cursor.")
    described = (calls.describe(function) for function in FUNCTIONS.values())
    hints = types.ToolAnnotations(read_only_hint=True, open_world_hint=False)
    return types.ListToolsResult(
        tools=[
            types.Tool(
                name=tool.name,
                description=tool.description,
                input_schema=dict(tool.parameters),
                annotations=hints,
            )
            for tool in described
        ]
    )


async def _call_tool(_: object, asked: types.CallToolRequestParams) -> types.CallToolResult:
    """The result of a call. A model can correct invalid arguments, so they give a result; an unknown tool is a
    protocol error, as the specification says. Raises MCPError.
    """
    function = FUNCTIONS.get(asked.name)
    if function is None:
        known = ", ".join(FUNCTIONS)
        raise MCPError(types.INVALID_PARAMS, f"There is no tool named {asked.name[:64]!r}; available: {known}.")
    call = ToolCall("mcp", asked.name, json.dumps(asked.arguments or {}))
    problems = await asyncio.to_thread(calls.problems, call, calls.describe(function))
    outcome = calls.invalid(problems) if problems else await _run(call)
    content: list[types.ContentBlock] = [types.TextContent(text=outcome.content)]
    return types.CallToolResult(content=content, is_error=not outcome.ok)


async def _run(call: ToolCall) -> calls.CallOutcome:
    """The outcome; a call that the client cancels is ended with its process, and makes room for others."""
    running = tool_runner().start(call)
    try:
        while (outcome := await asyncio.to_thread(running.wait)) is None:
            pass
        return outcome
    finally:
        running.stop()


def server() -> Server[Any]:
    """The server, for any transport."""
    return Server("llm-playground-tools", version="1", on_list_tools=_list_tools, on_call_tool=_call_tool)


def over_http(port: int, token: str) -> ASGIApp:
    """The server as a web application. It rejects requests without the token; "" accepts all."""
    names = [f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}"]
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=names,
        allowed_origins=[f"http://{name}" for name in names],
    )
    app: ASGIApp = server().streamable_http_app(transport_security=security)
    return _asking(app, token) if token else app


def _asking(app: ASGIApp, token: str) -> ASGIApp:
    expected = f"Bearer {token}".encode()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers") or ())
        if scope["type"] == "http" and not hmac.compare_digest(headers.get(b"authorization", b""), expected):
            challenge = [(b"www-authenticate", b"Bearer"), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 401, "headers": challenge})
            await send({"type": "http.response.body", "body": b""})
        else:
            await app(scope, receive, send)

    return answer
