"""A tool of a server for the agent's loop: where its calls go (backend/tools/steps.py: ToolHost)."""

from __future__ import annotations

from dataclasses import dataclass

from backend.mcp.connection import ToolServerConnection
from backend.mcp.running_call import ServerCall
from backend.types import ToolCall


@dataclass(frozen=True)
class ServerHost:
    """Runs the calls of one tool; `tool` is the server's own name for it, `allowed` the fingerprint of the
    allowed definition.
    """

    connection: ToolServerConnection
    tool: str
    allowed: str = ""

    def start(self, call: ToolCall) -> ServerCall:
        """Begin a call; returns at once."""
        return self.connection.start(call, self.tool, self.allowed)
