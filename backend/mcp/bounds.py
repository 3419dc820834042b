"""The limits of a tool server: time, messages, memory, and the error message for each."""

from __future__ import annotations

CONNECT_SECONDS = 60.0  # seconds for a program to start: npx and uvx download it first
SIGN_IN_SECONDS = 600.0  # seconds for a visitor to sign in at a server
DIAL_SECONDS = 10.0  # seconds until a connection is established
CALL_SECONDS = 60.0  # seconds of a call without output; each progress report restarts it
CALL_MOST = 600.0  # seconds of a call in all
READ_SECONDS = 30.0  # seconds for a resource or a prompt
MESSAGE_LIMIT = 10_000_000  # bytes of one message
FLOOD = 2_000  # messages within FLOOD_SECONDS that end a connection
FLOOD_SECONDS = 10.0
GARBAGE = 200  # lines other than JSON-RPC that end a connection
MEMORY = 2 << 30  # bytes of memory of a program and its children
MEMORY_SECONDS = 2.0  # seconds between two checks of it
IDLE_SECONDS = 1_800.0  # seconds after which an unused connection is closed
PAGES = 20  # pages of a listing
CONNECTIONS = 100  # connections of the whole app
CALLS = 8  # parallel calls of one server
SAMPLINGS = 10  # sampling requests of a server within SAMPLING_SECONDS
SAMPLING_SECONDS = 600.0
SAMPLING_TOKENS = 4_096  # tokens of the answer to it
SAMPLING_TEXT = 100_000  # characters of its prompt
SAMPLING_MESSAGES = 100
SAMPLING_PICTURES = 4
SAMPLING_TOOLS = 20
UNREADABLE = "The server's answer cannot be read: it is broken, or nested too deeply."
STDERR = 8_000  # bytes of a program's stderr that are kept


class Broken(Exception):
    """A server exceeded a limit, or has ended. The message is for the visitor."""


def to_connect(signs_in: bool) -> float:
    """Seconds to connect; more where the visitor may have to sign in meanwhile."""
    return CONNECT_SECONDS + (SIGN_IN_SECONDS if signs_in else 0)
