"""Explains to the visitor why a server cannot be reached or used. The server's own message, if it has one, is part
of it: it is cut, and must be shown as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from backend.errors import APIError, message_in
from backend.mcp import bounds
from backend.mcp.bounds import Broken
from backend.transport.faults import of_tls
from backend.untrusted import Unreadable, fields, line, parsed, string

_MEGABYTES = bounds.MESSAGE_LIMIT // 1_000_000
_REFUSALS = {
    401: "The server wants a key or a sign-in.",
    403: "The server refuses this key, or wants one (403).",
    404: "There is no MCP server at this path (404). Most addresses end in /mcp or /sse.",
    405: "This path takes no MCP messages (405). Most addresses end in /mcp or /sse.",
    429: "The server says that it is asked too often (429). Try again later.",
}
_NO_WORDS = "Server returned an error response"  # the SDK's message for a refusal by HTTP
# The SDK's messages about an answer, which are not the server's.
_ANSWERS = (
    (re.compile(r"Unexpected content type: $|server answered a request with 202"), "The server gave no answer."),
    (
        re.compile(r"Unexpected content type: "),
        "The server's answer is neither JSON nor a stream of events, by its Content-Type.",
    ),
    (re.compile(r"SSE stream ended"), "The server's events ended without an answer."),
    (re.compile(r"Failed to parse (?:JSON response|SSE message): \d+ validation errors?"), bounds.UNREADABLE),
)
OTHER_VERSION = "The server speaks a version of the protocol that this app does not know."
# Error classes of the SDK (mcp.client.auth).
_REGISTRATION = re.compile(r"Registration failed: (\d+)[^{]{0,300}(.*)", re.DOTALL)
_GONE = re.compile(
    r"\ASession terminated\Z|no valid session id|session not found|(?:unknown|invalid) (?:mcp )?session|"
    r"server not initialized",
    re.IGNORECASE,
)
_ISSUERS = re.compile(r"metadata issuer mismatch: (\S+) != (\S+)")
_RESOURCES = re.compile(r"Protected resource (\S+) does not match expected (\S+)")


def words(fault: BaseException, status: int | None = None) -> str:
    """A sentence about the error. `status`: the last refusal by HTTP, None for none."""
    causes = list(_causes(fault))
    for cause in causes:
        if isinstance(cause, Broken):
            return str(cause)
        if isinstance(cause, APIError):
            return f"{cause.title} {cause.hint}"
    names = {type(cause).__name__ for cause in causes}
    if "OAuthRegistrationError" in names:
        return _unregistered(_message_of(causes, "OAuthRegistrationError"))
    if "OAuthTokenError" in names:
        return f"The server gave no key after the sign-in. {line(_message_of(causes, 'OAuthTokenError'), 300)}"
    if "OAuthFlowError" in names:
        return _no_sign_in(_message_of(causes, "OAuthFlowError"))
    if status is not None:
        return _REFUSALS.get(status, f"The server answered with the HTTP status {status}.")
    whole = " ".join(str(cause) for cause in causes)
    if "SSL" in whole or "certificate" in whole.lower():
        return of_tls(whole).title
    if "Unsupported protocol version" in whole:
        return OTHER_VERSION
    if names & {"ConnectError", "ConnectTimeout"}:
        unknown = "Name or service" in whole or "getaddrinfo" in whole or "nodename" in whole
        return "The server's name could not be found." if unknown else "Nothing answers at this address."
    if "MCPError" in names:
        return _of_sdk_error(_message_of(causes, "MCPError"))
    if "TimeoutError" in names:
        return f"The server did not answer within {bounds.CONNECT_SECONDS:.0f} seconds."
    if names & {"ValidationError", "SSEError", "UnicodeDecodeError"}:
        return "What the server sends does not follow the Model Context Protocol."
    if any(hasattr(cause, "request") for cause in causes):
        return "The connection to the server broke."
    return f"It did not work ({', '.join(sorted(names))[:100]})."


def _of_sdk_error(message: str) -> str:
    """A sentence for the message of the SDK's general error."""
    if message.startswith("SSE stream failed"):
        return f"The server's events broke off, or held a message of more than {_MEGABYTES} MB."
    if message == bounds.UNREADABLE:
        return bounds.UNREADABLE
    if moved := re.match(r"Redirect to (\S+) not followed", message):
        return f"The server sends on to another address, which was not asked: {line(moved[1], 200)}"
    if message.startswith("Unexpected content type: text/html"):
        return "A web page came in place of an MCP server. Check the address; a hotspot may want a sign-in first."
    if sentence := next((words for sign, words in _ANSWERS if sign.match(message)), ""):
        return sentence
    if "timed out" in message:
        return f"The server did not answer within {bounds.CONNECT_SECONDS:.0f} seconds."
    if message == "Connection closed":
        return "The connection to the server broke."
    return f"The server says: {line(message, 300)}"


def of_a_call(fault: BaseException, status: int | None) -> str:
    """Why a call failed. `status`: of HTTP, if nothing else is known."""
    if status and any(str(cause) == _NO_WORDS for cause in _causes(fault)):
        return _REFUSALS.get(status, f"The server answered with the HTTP status {status}.")
    return words(fault)


def _message_of(causes: Sequence[BaseException], name: str) -> str:
    """The message of the first error of this name."""
    return next(str(cause) for cause in causes if type(cause).__name__ == name)


def session_is_gone(fault: BaseException) -> bool:
    """Whether the server does not know this session (any more), so that it did nothing: it was restarted, or has
    forgotten it. The specification requires 404, which the SDK calls terminated; many servers send 400 and one
    of these messages.
    """
    return any(type(cause).__name__ == "MCPError" and _GONE.search(str(cause)) for cause in _causes(fault))


def _unregistered(said: str) -> str:
    """Why this app could not be registered. `said`: the SDK's message. 404 and 405: there is no such path."""
    status, own = match.groups() if (match := _REGISTRATION.match(said)) else ("", "")
    why = "" if status in ("", "404", "405") else _in_their_words(own)
    words_ = "The server does not register this app by itself: to sign in there takes a client id of yours."
    return f"{words_} It says: {why}" if why else words_


def _in_their_words(body: str) -> str:
    """The server's explanation in a refusal: its description (RFC 7591, 3.2.2), or whatever else it sends."""
    try:
        sentence = string(fields(parsed(body)).get("error_description"))
    except Unreadable:
        sentence = ""
    return line(sentence or message_in(body), 300)


def _no_sign_in(said: str) -> str:
    """Why a sign-in cannot begin or end. `said`: the SDK's message."""
    if differ := _ISSUERS.search(said):
        both = line(differ[1], 200), line(differ[2], 200)
        return (
            f"The server's sign-in service calls itself {both[0]}, and the server names it {both[1]}. So it is not "
            "known who would get the sign-in, and this app does not begin it. Whoever runs the server has to set "
            "that right (RFC 8414, 3.3); a key of yours in a header works meanwhile."
        )
    if other := _RESOURCES.search(said):
        both = line(other[1], 200), line(other[2], 200)
        return (
            f"The server says that its sign-in is for {both[0]}, not for {both[1]}. Check the address; often the "
            "other one is the right one."
        )
    words_ = "To sign in with the browser did not work: the server does not offer it as this app needs it."
    return f"{words_} {line(said, 300)}".strip()


def _causes(fault: BaseException) -> Iterator[BaseException]:
    """The exceptions in a group, and their causes."""
    if isinstance(fault, BaseExceptionGroup):
        for inner in fault.exceptions:
            yield from _causes(inner)
        return
    yield fault
    if fault.__cause__ is not None:
        yield from _causes(fault.__cause__)
