"""Why a server cannot be reached or used, in words for the visitor. Its own words, where it has any, are a part of
them: they are cut, and drawn as text by whoever shows them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend.errors import APIError
from backend.mcp import bounds
from backend.mcp.bounds import Broken
from backend.transport.faults import of_tls
from backend.untrusted import line

_MEGABYTES = bounds.MESSAGE_LIMIT // 1_000_000
_REFUSALS = {
    401: "The server wants a key or a sign-in.",
    403: "The server refuses this key, or wants one (403).",
    404: "There is no MCP server at this path (404). Most addresses end in /mcp or /sse.",
    405: "This path takes no MCP messages (405). Most addresses end in /mcp or /sse.",
    429: "The server says that it is asked too often (429). Try again later.",
}


def words(fault: BaseException, status: int | None = None) -> str:
    """A sentence. `status`: the last refusal by HTTP, None for none."""
    causes = list(_causes(fault))
    for cause in causes:
        if isinstance(cause, Broken):
            return str(cause)
        if isinstance(cause, APIError):
            return f"{cause.title} {cause.hint}"
    names = {type(cause).__name__ for cause in causes}
    if "OAuthRegistrationError" in names:
        return "The server does not register this app by itself: to sign in there takes a client id of yours."
    if "OAuthTokenError" in names:
        said = next(str(cause) for cause in causes if type(cause).__name__ == "OAuthTokenError")
        return f"The server gave no key after the sign-in. {line(said, 300)}"
    if "OAuthFlowError" in names:
        return "To sign in with the browser did not work: the server does not offer it as this app needs it."
    if status is not None:
        return _REFUSALS.get(status, f"The server answered with the HTTP status {status}.")
    whole = " ".join(str(cause) for cause in causes)
    if "SSL" in whole or "certificate" in whole.lower():
        return of_tls(whole).title
    if "Unsupported protocol version" in whole:
        return "The server speaks a version of the protocol that this app does not know."
    if names & {"ConnectError", "ConnectTimeout"}:
        unknown = "Name or service" in whole or "getaddrinfo" in whole or "nodename" in whole
        return "The server's name could not be found." if unknown else "Nothing answers at this address."
    if "MCPError" in names:
        said = next(str(cause) for cause in causes if type(cause).__name__ == "MCPError")
        if said.startswith("SSE stream failed"):
            return f"The server's events broke off, or held a message of more than {_MEGABYTES} MB."
        if said == bounds.UNREADABLE or re.match(r"Failed to parse JSON response: \d+ validation errors?", said):
            return bounds.UNREADABLE
        if moved := re.match(r"Redirect to (\S+) not followed", said):
            return f"The server sends on to another address, which was not asked: {line(moved[1], 200)}"
        if said.startswith("Unexpected content type: text/html"):
            return (
                "A web page came in place of an MCP server. Check the address; a hotspot may want a sign-in first."
            )
        if "timed out" in said:
            return f"The server did not answer within {bounds.CONNECT_SECONDS:.0f} seconds."
        return (
            "The connection to the server broke."
            if said == "Connection closed"
            else f"The server says: {line(said, 300)}"
        )
    if "TimeoutError" in names:
        return f"The server did not answer within {bounds.CONNECT_SECONDS:.0f} seconds."
    if names & {"ValidationError", "SSEError", "UnicodeDecodeError"}:
        return "What the server sends does not follow the Model Context Protocol."
    if any(hasattr(cause, "request") for cause in causes):
        return "The connection to the server broke."
    return f"It did not work ({', '.join(sorted(names))[:100]})."


def _causes(fault: BaseException) -> Iterator[BaseException]:
    """The exceptions in a group, and what each of them came from."""
    if isinstance(fault, BaseExceptionGroup):
        for inner in fault.exceptions:
            yield from _causes(inner)
        return
    yield fault
    if fault.__cause__ is not None:
        yield from _causes(fault.__cause__)
