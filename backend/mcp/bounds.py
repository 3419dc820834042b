"""How much of everything a server of tools may take: time, messages, memory. And the sentence for each."""

from __future__ import annotations

CONNECT_SECONDS = 60.0  # npx and uvx fetch what they start
SIGN_IN_SECONDS = 600.0  # a visitor has to sign in at a server
DIAL_SECONDS = 10.0  # until a connection stands
CALL_SECONDS = 60.0  # a call may take without a word; each report of its progress begins it anew
CALL_MOST = 600.0  # seconds of a call in all
READ_SECONDS = 30.0  # a resource or a prompt may take
MESSAGE_LIMIT = 10_000_000  # bytes of one message
FLOOD = 2_000  # messages within FLOOD_SECONDS that end a connection
FLOOD_SECONDS = 10.0
GARBAGE = 200  # lines that are no JSON-RPC, and end a connection
MEMORY = 2 << 30  # bytes of a program and all it has started
MEMORY_SECONDS = 2.0  # between two looks at it
IDLE_SECONDS = 1_800.0  # a connection that nobody uses is closed
PAGES = 20  # of a listing
CONNECTIONS = 100  # of the whole app
CALLS = 8  # of one server at the same time
SAMPLINGS = 10  # times a server may want a model asked within SAMPLING_SECONDS
SAMPLING_SECONDS = 600.0
SAMPLING_TOKENS = 4_096  # of the answer to it
SAMPLING_TEXT = 100_000  # characters that it may want asked
SAMPLING_MESSAGES = 100
SAMPLING_PICTURES = 4
SAMPLING_TOOLS = 20
UNREADABLE = "The server's answer cannot be read: it is broken, or nested too deeply."
STDERR = 8_000  # bytes of what a program says aside that are kept


class Broken(Exception):
    """A server went beyond what it may take, or has ended. Its words are for the visitor."""
