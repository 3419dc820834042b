"""One session with a tool server through the SDK: negotiate a protocol, list, call, close. It runs on the
loop of backend/mcp/background.py, and is imported when the first connection is made.

The SDK does NOT check results against the server's own output schema: it would do that in this process, with
untrusted regular expressions that cannot be interrupted. backend/schema does it in a child process.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import mcp_types as types
from mcp import Client as McpClient
from mcp import MCPError, UrlElicitationRequiredError
from mcp.client import ClientRequestContext
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.dispatcher import ProgressFnT
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import BaseModel, TypeAdapter, ValidationError

from backend.mcp import bounds, definitions, failures, resources
from backend.mcp.bounds import Broken
from backend.mcp.definitions import ServerTool, ToolServerListing
from backend.mcp.http import Client as HttpClient
from backend.mcp.questions import Questions
from backend.mcp.resources import Resource, ServerPrompt
from backend.mcp.server import Server
from backend.mcp.streams import Fail, Program, of_program, watch_transport
from backend.mcp.tolerance import LEFT_OUT
from backend.mcp.wire_log import Wire
from backend.types import JSON
from backend.untrusted import Object, clean_json, fields, items, line, objects, text

# The SDK logs messages and their errors: untrusted text that may contain a key.
for name in ("mcp", "client", "httpx2", "httpcore2"):
    logging.getLogger(name).addHandler(logging.NullHandler())
    logging.getLogger(name).propagate = False


_RESULT: TypeAdapter[types.CallToolResult | types.InputRequiredResult] = TypeAdapter(
    types.InputRequiredResult | types.CallToolResult
)
_ROUNDS = 10  # rounds of questions in one call


class _Listing(Protocol):
    """Requests a page of a list."""

    async def __call__(self, *, params: types.PaginatedRequestParams | None = None) -> Any: ...


@dataclass(frozen=True)
class ServerInfo:
    """What a server says about itself, all of it hostile text, and the protocol version in use."""

    name: str = ""
    version: str = ""
    protocol: str = ""
    sessions: bool = True  # older protocol versions: a handshake, and a session
    instructions: str = ""
    capabilities: tuple[str, ...] = ()


@dataclass
class ToolServerSession:
    """An established connection. `changed` is set when the server says that its tools have changed."""

    client: McpClient
    about: ServerInfo
    http: HttpClient | None = None  # its HTTP client; None for a program
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def listing(self) -> ToolServerListing:
        """Everything that the server lists. Resources are left out if it declares them but answers with an
        error.
        """
        began, notes = time.monotonic(), list[str]()
        tools = await self.tools(notes)
        took, others = time.monotonic() - began, dict[str, Any]()
        for name, listed in (("resources", self.resources), ("prompts", self.prompts)):
            try:
                others[name] = tuple(await listed(notes))
            except (MCPError, ValidationError) as refused:
                notes.append(f"Its {name} could not be listed. {failures.words(refused)}")
        return ToolServerListing(tuple(tools), notes=tuple(notes[:10]), seconds=took, **others)

    async def tools(self, notes: list[str]) -> list[ServerTool]:
        """Its tools. `notes` gets a sentence about what was left out. A server that declares no capabilities at
        all is asked nevertheless.
        """
        if "tools" not in (self.about.capabilities or ("tools",)):
            return []
        kept = dict[str, ServerTool]()
        try:
            rows = await self._list_all("tools", self.client.session.list_tools, definitions.MOST, notes)
        except MCPError:
            if self.about.capabilities:
                raise
            rows = []
        for row in rows:
            tool = definitions.read(row.model_dump(by_alias=True, mode="json", exclude_none=True))
            if tool is None:
                notes.append(f"{line(row.name, 60)}: its definition is too large to be told to a model.")
            else:
                kept.setdefault(tool.name, tool)
        return list(kept.values())

    async def _list_all(self, name: str, ask: _Listing, most: int, notes: list[str]) -> list[Any]:
        """All pages of a list, up to the limit. Raises MCPError if the first one fails, and ValidationError."""
        rows, cursors, cursor = list[Any](), set[str](), None
        while True:
            try:
                page = await ask(params=types.PaginatedRequestParams(cursor=cursor))
            except MCPError as refused:
                if cursor is None:
                    raise
                notes.append(f"The rest of its {name} could not be listed. {failures.words(refused)}")
                break
            rows += getattr(page, name)
            if left_out := fields(page.meta).get(LEFT_OUT):
                notes.append(
                    f"{name.capitalize()} that were left out, as they do not follow the protocol: {left_out}."
                )
            more, cursor = bool(page.next_cursor) and page.next_cursor not in cursors, page.next_cursor
            if len(rows) > most or (more and (len(rows) == most or len(cursors) + 1 == bounds.PAGES)):
                notes.append(f"Only the first {min(len(rows), most)} {name} were read.")
                break
            if not more:  # some servers repeat the cursor of the last page
                break
            cursors.add(cursor or "")
        return rows[:most]

    @property
    def is_forgotten(self) -> bool:
        """Whether HTTP refused the last call as of an unknown session. A tool that reports the same about a
        session of its own is answered with 200.
        """
        return self.http is not None and self.http.status in (400, 404)

    async def call(self, tool: str, arguments: dict[str, JSON], progress: ProgressFnT) -> Object:
        """The result of a call, as JSON. Raises MCPError."""
        asked = types.CallToolRequestParams(name=tool, arguments=arguments)
        if self.http is not None:
            self.http.status = None
        for _ in range(_ROUNDS):
            try:
                result = await self.client.session.send_request(
                    types.CallToolRequest(params=asked),
                    _RESULT,
                    request_read_timeout_seconds=bounds.CALL_MOST,
                    progress_callback=progress,
                )
            except MCPError as refused:
                await self._pages_opened(refused)
                continue
            if not isinstance(result, types.InputRequiredResult):
                return _json(result)
            asked = asked.model_copy(
                update={
                    "input_responses": await self._answers(result.input_requests or {}),
                    "request_state": result.request_state,
                }
            )
        raise Broken("The server asks for one thing after the other, and never answers.")

    async def _pages_opened(self, refused: MCPError) -> None:
        """Handle a call that is refused until the visitor has been to some pages: when this ends, it can be
        repeated. Raises MCPError, the refusal itself if it has another reason.
        """
        if refused.code != types.URL_ELICITATION_REQUIRED:
            raise refused
        wanted = UrlElicitationRequiredError.from_error(refused.error).elicitations[:_ROUNDS]
        pages = {str(place): types.ElicitRequest(params=page) for place, page in enumerate(wanted)}
        answers = (await self._answers(pages)).values()
        if not wanted or not all(isinstance(one, types.ElicitResult) and one.action == "accept" for one in answers):
            raise Broken("The tool needs a page to be opened first, and the user did not do so.")

    async def _answers(self, questions: Mapping[str, types.InputRequest]) -> dict[str, types.InputResponse]:
        """Answers to questions that arrive as results, one after the other, on a connection without sessions."""
        given: dict[str, types.InputResponse] = {}
        for key, question in questions.items():
            context = ClientRequestContext(session=self.client.session, request_id=key)
            answer = await self.client.session.dispatch_input_request(context, question)
            if isinstance(answer, types.ErrorData):  # our own text
                raise Broken(answer.message)
            given[key] = answer
        return given

    async def resources(self, notes: list[str]) -> list[Resource]:
        """Its resources; none if it has no such capability."""
        if "resources" not in self.about.capabilities:
            return []
        listed = await self._list_all("resources", self.client.session.list_resources, resources.MOST, notes)
        return [known for row in listed if (known := resources.resource(_json(row)))]

    async def prompts(self, notes: list[str]) -> list[ServerPrompt]:
        """Its prompts; none if it has no such capability."""
        if "prompts" not in self.about.capabilities:
            return []
        listed = await self._list_all("prompts", self.client.session.list_prompts, resources.MOST, notes)
        return [known for row in listed if (known := resources.prompt(_json(row)))]

    async def read(self, address: str) -> Object:
        """A resource, in the form of a result. Raises MCPError."""
        read = _json(await self.client.session.read_resource(address))
        return {"content": [{"type": "resource", "resource": part} for part in items(read.get("contents"))]}

    async def prompt(self, name: str, arguments: dict[str, str]) -> Object:
        """The messages of a prompt, in the form of a result. Raises MCPError."""
        messages = objects(_json(await self.client.session.get_prompt(name, arguments)).get("messages"))
        return {"content": [message.get("content") for message in messages]}


async def open_session(
    server: Server,
    stack: AsyncExitStack,
    wire: Wire,
    *,
    fail: Fail,
    questions: Questions,
    http: HttpClient | None,
    program: Program | None,
    version: str = "",
) -> ToolServerSession:
    """A session with a server, closed with the stack. `fail` ends it for a reason, `questions` are for the
    visitor. `version`: the protocol version to begin with, "" for the newest.
    """
    transport = of_program(program, fail) if program else _over_http(server, http)
    changed = asyncio.Event()

    async def roots(context: object) -> types.ListRootsResult:
        folder = Path(server.fill_values(server.folder)).expanduser().resolve()
        return types.ListRootsResult(roots=[types.Root.model_validate({"uri": folder.as_uri()})])

    async def heard(message: object) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            changed.set()

    client = McpClient(
        watch_transport(transport, wire, fail, version, requests_alone=server.kind == "http"),
        mode="auto",
        read_timeout_seconds=bounds.CONNECT_SECONDS,
        message_handler=heard,
        elicitation_callback=questions.ask,
        sampling_callback=questions.sample,
        sampling_capabilities=types.SamplingCapability(tools=types.SamplingToolsCapability()),
        list_roots_callback=roots if server.folder else None,
        client_info=types.Implementation(name="llm-playground", version="1"),
        cache=None,
    )
    await stack.enter_async_context(client)
    return ToolServerSession(client, _about(client), http, changed)


def _over_http(server: Server, http: HttpClient | None) -> Any:
    if http is None:
        raise ValueError("neither a program nor an HTTP client")
    if server.kind == "sse":
        return sse_client(http.url, sse_read_timeout=bounds.IDLE_SECONDS, httpx_client_factory=http.make)
    return streamable_http_client(http.url, http_client=http.make(), max_sse_event_size=bounds.MESSAGE_LIMIT)


def _json(value: BaseModel) -> dict[str, JSON]:
    return dict(fields(clean_json(value.model_dump(by_alias=True, mode="json", exclude_unset=True))))


def _about(client: McpClient) -> ServerInfo:
    info = client.server_info
    capabilities = client.server_capabilities.model_dump(by_alias=True, mode="json", exclude_none=True)
    return ServerInfo(
        line(info.title or info.name, 100) if info else "",
        line(info.version, 60) if info else "",
        client.protocol_version,
        client.protocol_version not in MODERN_PROTOCOL_VERSIONS,
        text(client.instructions, 20_000),
        tuple(line(name, 60) for name in capabilities),
    )


async def listen(session: ToolServerSession) -> None:
    """On a connection without sessions, subscribe to changes of the tools; on others the server notifies by
    itself.
    """
    if session.about.sessions or "tools" not in session.about.capabilities:
        return
    try:
        async with session.client.listen(tools_list_changed=True) as events:
            async for _ in events:
                session.changed.set()
    except Exception:  # noqa: BLE001 - a server need not offer it, and then nobody is told
        return
