"""A loop with tools of servers as one program: it calls them with the official client, and holds no key."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from basics import ask
from fake_api import FakeAPI, Reply, Request, completion
from programs import run_loop
from tool_server import PROGRAM, Serving, tool_server  # noqa: F401  (a fixture)

from backend.mcp import config
from backend.mcp.server import Server
from backend.snippets.tool_loop import loop_code
from backend.snippets.tool_servers import ServerToolInCode
from backend.types import Tool

TOKEN = "tk-very-secret-0123456789"


@pytest.mark.slow
def test_a_program_calls_tools_over_http_and_over_pipes(
    api: FakeAPI,
    tool_server: Serving,  # noqa: F811
    tmp_path: Path,
) -> None:
    def story(request: Request) -> Reply:
        if any(message["role"] == "tool" for message in request.body["messages"]):
            return completion("Done")
        calls = [("1", "told", "{}"), ("2", "fail", "{}"), ("3", "bad__add", "{}"), ("4", "find", '{"number": 1}')]
        return completion(None, calls)

    (orders,) = config.read(tool_server.url, TOKEN).servers
    body = {
        "command": sys.executable,
        "args": [PROGRAM, "secret"],
        "env": {"MY_TOKEN": TOKEN},
        "cwd": str(tmp_path),
    }
    (bad,) = config.read(json.dumps({"mcpServers": {"bad": body}})).servers
    tools = [
        ServerToolInCode("told", "told", orders, asks=False),
        ServerToolInCode("fail", "fail", orders, asks=False),
        ServerToolInCode("bad__add", "add", bad),
        ServerToolInCode("find", "find", orders),
    ]
    request = ask("Look.", tools=tuple(Tool(tool.name, "", {"type": "object"}) for tool in tools))
    code = loop_code(request, api.url, [], at_servers=tools)
    assert TOKEN not in code
    assert "MCP_127_0_0_1_AUTHORIZATION, MCP_BAD_MY_TOKEN in the environment" in code
    api.play(story)
    done = run_loop(code, tmp_path, "y\nn\n", MCP_127_0_0_1_AUTHORIZATION=f"Bearer {TOKEN}", MCP_BAD_MY_TOKEN="abc")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("Done\n")
    told = [message["content"] for message in api.asked[-1].body["messages"] if message["role"] == "tool"]
    assert told[0] == f"Bearer {TOKEN}"
    assert told[1] == "Error: Error executing tool fail: no orders today"
    assert '"MY_TOKEN": "abc"' in told[2]
    assert told[3] == "Error: the user did not want this tool to run."


def test_no_two_servers_share_a_variable() -> None:
    headers = {"Authorization": "${Authorization}"}
    servers = [Server(name, "http", url="http://h/mcp", headers=headers) for name in ("a.b", "a b")]
    tools = [ServerToolInCode(server.name, "x", server) for server in servers]
    code = loop_code(ask("Hi"), "http://127.0.0.1:9/v1", [], at_servers=tools)
    assert "MCP_A_B_AUTHORIZATION, MCP_A_B_AUTHORIZATION_ in the environment" in code


def test_the_name_of_a_server_is_never_code() -> None:
    odd = '"); import os; os.abort() #\n${x'
    server = Server(odd, command=(odd, odd), environment={odd: odd}, folder=odd)
    over_http = Server(odd + "2", "http", url="http://h/" + odd, headers={"X-A": odd})
    tools = [ServerToolInCode("a", odd, server), ServerToolInCode("b", odd, over_http)]
    code = loop_code(ask("Hi"), "http://127.0.0.1:9/v1", [], at_servers=tools)

    assert "\nimport os; os.abort()" not in code
    assert "abort" not in set(compile(code, "loop.py", "exec").co_names)
