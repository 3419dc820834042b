"""The tools of connected servers for a visitor: their names for a model, and whether each is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from backend.invisible import hidden
from backend.mcp.definitions import ServerTool, ToolServerListing, fingerprint, offered_names
from backend.mcp.server import Server
from backend.schema import Problem
from backend.tools.result_parts import orders
from backend.types import Tool

ON_AT_FIRST = 20  # tools of a server that are on by default: each costs tokens in every question
Standing = Literal["allowed", "new", "changed"]


@dataclass(frozen=True)
class KnownTool:
    """A tool of a connected server with its name for a model. `place` is its index in the server's list."""

    server: str
    tool: ServerTool
    offered: str
    standing: Standing
    place: int

    @cached_property
    def definition(self) -> Tool:
        """Its definition for a model."""
        return self.tool.tool(self.offered)

    @property
    def on_at_first(self) -> bool:
        """Whether it is on by default: the visitor added its server, and nothing about it is suspicious."""
        fine = self.standing == "allowed" and self.place < ON_AT_FIRST
        return fine and not (self.hidden or self.orders or self.blocking_problems)

    @cached_property
    def blocking_problems(self) -> list[Problem]:
        """Why providers would refuse a whole request with this tool."""
        return [problem for problem in self.tool.problems() if problem.level == "error"]

    @cached_property
    def hidden(self) -> list[str]:
        return hidden(self.tool.words)

    @cached_property
    def orders(self) -> str:
        return orders(self.tool.words)


def known_tools(servers: Mapping[str, tuple[Server, ToolServerListing]], taken: set[str]) -> list[KnownTool]:
    """The tools of all servers by name. `taken` are names of other tools."""
    by_server = {name: _on_offer(server, listing) for name, (server, listing) in servers.items()}
    offered = offered_names({name: [tool.name for tool in tools] for name, tools in by_server.items()}, taken)
    return [
        KnownTool(name, tool, offered[name, tool.name], _standing(servers[name][0], tool), place)
        for name, tools in by_server.items()
        for place, tool in enumerate(tools)
    ]


def _on_offer(server: Server, listing: ToolServerListing) -> list[ServerTool]:
    """All of its tools, or those that the owner of the app lists."""
    return [tool for tool in listing.tools if not server.only or tool.name in server.only]


def _standing(added: Server, tool: ServerTool) -> Standing:
    before = added.allowed.get(tool.name)
    if before is None:
        return "new"
    return "allowed" if fingerprint(before) == fingerprint(tool.definition()) else "changed"
