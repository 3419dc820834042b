"""Tool servers (MCP) in a program: how each is reached, and a function for each of their tools.

The program contains no secret of a server: it reads them from the environment, by names that begin with the
server's. Addresses, commands and names are literals in it, never code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from backend.keys.placeholders import PLACEHOLDER
from backend.snippets.literals import python_quoted

IMPORTS = """\
from anyio.from_thread import start_blocking_portal
from mcp import Client, StdioServerParameters
"""
_CONNECTED = '''
CONNECTED = {}  # what calls the tools of each server, while main runs


def in_words(result):
    """A result as the model reads it."""
    words = [getattr(getattr(block, "resource", block), "text", f"[{block.type}]") for block in result.content]
    text = "\\n\\n".join(words) or json.dumps(result.structured_content)
    return f"Error: {text}" if result.is_error else text


def connect(portal, stack):
    """Connect to all servers. The client is asynchronous: the portal runs it beside this program."""
    for name, server in SERVERS.items():
        client = Client(server(), read_timeout_seconds=120)
        connected = stack.enter_context(portal.wrap_async_context_manager(client))
        CONNECTED[name] = lambda tool, given, call=connected.call_tool: in_words(portal.call(call, tool, given))


def agreed(name, given):
    """Whoever runs this program is asked before a tool runs."""
    return input(f"Run {name} with {json.dumps(given)}? [y/N] ").strip().lower() == "y"

'''
_CALL = """
def {function}(given):
{asking}    return CONNECTED[{server}]({tool}, given)

"""
_ASKING = """\
    if not agreed({name}, given):
        return "Error: the user did not want this tool to run."
"""


Variables = Mapping[tuple[str, str], str]  # variables by server name and secret name


class SnippetServer(Protocol):
    """The description of a tool server (backend/mcp/server.py): `${name}` stands for a secret."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def command(self) -> Sequence[str]: ...
    @property
    def environment(self) -> Mapping[str, str]: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def folder(self) -> str: ...


@dataclass(frozen=True)
class ServerToolInCode:
    """A tool that a program calls at its server. `name` is its name for the model, `tool` its name at the
    server; `asks`: it requires confirmation.
    """

    name: str
    tool: str
    server: SnippetServer
    asks: bool = True


def functions(tools: Sequence[ServerToolInCode], names: Mapping[str, str]) -> str:
    """The source of everything that these tools need; "" if there are none. `names`: a Python name for each."""
    servers = {tool.server.name: tool.server for tool in tools}
    if not servers:
        return ""
    known = variables(tools)
    rows = "".join(
        f"    {python_quoted(name)}: lambda: {_client_argument(server, known)},\n"
        for name, server in servers.items()
    )
    return f"\nSERVERS = {{\n{rows}}}\n{_CONNECTED}" + "".join(_function(tool, names[tool.name]) for tool in tools)


def imports(tools: Sequence[ServerToolInCode]) -> str:
    """The lines that import the required packages."""
    kinds = {tool.server.kind for tool in tools}
    over_http = "import httpx2\n" if "http" in kinds and any(tool.server.headers for tool in tools) else ""
    events = "from mcp.client.sse import sse_client\n" if "sse" in kinds else ""
    streams = "from mcp.client.streamable_http import streamable_http_client\n" if over_http else ""
    return over_http + IMPORTS + events + streams if kinds else ""


def _function(tool: ServerToolInCode, name: str) -> str:
    asking = _ASKING.format(name=python_quoted(tool.name)) if tool.asks else ""
    server = python_quoted(tool.server.name)
    return _CALL.format(function=name, asking=asking, server=server, tool=python_quoted(tool.tool))


def _client_argument(server: SnippetServer, known: Variables) -> str:
    """An expression for the client's argument."""
    if server.kind == "stdio":
        program, *arguments = (_value_expression(server, word, known) for word in server.command)
        more = f", env={_dict_expression(server, server.environment, known)}" if server.environment else ""
        more += f", cwd={_value_expression(server, server.folder, known)}" if server.folder else ""
        return f"StdioServerParameters(command={program}, args=[{', '.join(arguments)}]{more})"
    url = _value_expression(server, server.url, known)
    headers = _dict_expression(server, server.headers, known)
    if server.kind == "sse":
        return f"sse_client({url}, headers={headers})"
    if not server.headers:
        return url
    return f"streamable_http_client({url}, http_client=httpx2.AsyncClient(headers={headers}, timeout=120))"


def _dict_expression(server: SnippetServer, values: Mapping[str, str], known: Variables) -> str:
    rows = (f"{python_quoted(name)}: {_value_expression(server, value, known)}" for name, value in values.items())
    return f"{{{', '.join(rows)}}}"


def _value_expression(server: SnippetServer, text: str, known: Variables) -> str:
    """An expression for a text with values from the environment."""
    written, *rest = PLACEHOLDER.split(text)  # text, name, text, name, ...
    pieces = [python_quoted(written)] if written or not rest else []
    for name, after in zip(rest[::2], rest[1::2], strict=True):
        pieces.append(f"os.environ[{python_quoted(known[server.name, name])}]")
        pieces += [python_quoted(after)] if after else []
    return " + ".join(pieces)


def variables(tools: Iterable[ServerToolInCode]) -> Variables:
    """The environment variables of all secrets: no two share one, so no value is sent to another server."""
    known: dict[tuple[str, str], str] = {}
    for server in {tool.server.name: tool.server for tool in tools}.values():
        written = (server.url, *server.command, *server.environment.values(), *server.headers.values())
        for name in dict.fromkeys(PLACEHOLDER.findall(" ".join((*written, server.folder)))):
            variable = "MCP_" + re.sub(r"\W", "_", f"{server.name}_{name}", flags=re.ASCII).upper()
            while variable in known.values():
                variable += "_"
            known[server.name, name] = variable
    return known
