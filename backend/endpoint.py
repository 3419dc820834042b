"""A server's address and its key, which travel together."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Endpoint:
    """A server and the key that belongs to it: they travel together, and the key is never printed."""

    base_url: str
    api_key: str = field(default="", repr=False)
    name: str = ""
    public_only: bool = False  # typed by a stranger: dialled through backend/url_gate.py

    @property
    def origin(self) -> str:
        """scheme://host:port, the only place this endpoint's key may go; "" for what is no address."""
        try:
            parts = urlsplit(self.base_url)
        except ValueError:
            return ""
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def is_loopback(self) -> bool:
        return host(self.base_url) in _LOOPBACK

    @property
    def is_aimlapi(self) -> bool:
        found = host(self.base_url)
        return found == "aimlapi.com" or found.endswith(".aimlapi.com")

    def url(self, path: str) -> str:
        return f"{self.base_url.rstrip('/')}/{path.lstrip('/')}"


def host(url: str) -> str:
    """The host of an address, "" for what is no address."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # no address at all; requests will say so
        return ""
