"""One HTTP exchange for display: what was sent where, what came back, and when. It never contains the key.

It records; it decides nothing. Headers of a server are untrusted text: show them as plain text.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import requests

from backend.keys.redaction import NO_KEY, PLACEHOLDER, Redactor

HEADER_LIMIT = 4_000  # characters of one header that are kept
HEADERS_LIMIT = 200
_SECRET = ("authorization", "api-key", "x-api-key", "proxy-authorization", "cookie")


@dataclass
class Exchange:
    """A request that was sent, and its reply so far. Times are on the monotonic clock; `redactor` redacts its
    key.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    sent: float = field(default_factory=time.monotonic)
    status: int | None = None
    reply: Mapping[str, str] = field(default_factory=dict)
    replied: float | None = None
    redactor: Redactor = field(default=NO_KEY, repr=False, compare=False)

    def record_reply(self, response: requests.Response, redactor: Redactor, own: Iterable[str] = ()) -> None:
        """Record the status line, the reply's headers and all sent headers (the HTTP library adds some)."""
        self.status, self.replied = response.status_code, time.monotonic()
        self.headers = masked(response.request.headers, redactor, own)
        self.reply = masked(response.headers, redactor, own)


def masked(headers: Mapping[str, str], redactor: Redactor, own: Iterable[str] = ()) -> dict[str, str]:
    """Headers without the key, neither in its own header, nor where a server repeats it.

    `own`: names of headers whose values are a visitor's secret.
    """
    shown, hidden = dict[str, str](), {*_SECRET, *(name.lower() for name in own)}
    for name, value in list(headers.items())[:HEADERS_LIMIT]:
        if name.lower() in hidden:
            scheme, _, rest = str(value).partition(" ")
            shown[name] = f"{scheme} {PLACEHOLDER}" if rest else PLACEHOLDER
        else:
            shown[redactor.redact(name)] = redactor.redact(str(value))[:HEADER_LIMIT]
    return shown
