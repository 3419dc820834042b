"""The built-in tools as an MCP server, for other programs to call.

python -m backend.mcp                 over this program's pipes, as Claude Desktop and others start their servers
python -m backend.mcp --port 8765     over HTTP, on this machine only, for those who send the token that it prints
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import signal
import sys

import uvicorn
from mcp.server.stdio import stdio_server

from backend.mcp.built_in_server import over_http, server


async def _over_pipes() -> None:
    made = server()
    async with stdio_server() as (reading, writing):
        await made.run(reading, writing, made.create_initialization_options())


def _port(written: str) -> int:
    if not written.isascii() or not written.isdigit() or not 0 < int(written[:6]) < 1 << 16:
        raise argparse.ArgumentTypeError(f"{written[:20]!r} is no port: a number from 1 to 65535 is")
    return int(written)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m backend.mcp",
        description="The built-in tools as an MCP server: over its pipes, or over HTTP.",
    )
    parser.add_argument("--port", type=_port, help="serve over HTTP on this port of the loopback address")
    parser.add_argument("--no-token", action="store_true", help="let every program on this machine call")
    given = parser.parse_args(arguments)
    if given.port is None:
        signal.signal(
            signal.SIGINT, signal.SIG_DFL
        )  # the thread that waits for a line would keep Python from exiting
        asyncio.run(_over_pipes())
        return
    token = "" if given.no_token else secrets.token_urlsafe(24)
    print(f"http://127.0.0.1:{given.port}/mcp")
    print(f"Authorization: Bearer {token}" if token else "without a token", flush=True)
    uvicorn.run(over_http(given.port, token), host="127.0.0.1", port=given.port, log_level="warning")


if __name__ == "__main__":
    main(sys.argv[1:])
