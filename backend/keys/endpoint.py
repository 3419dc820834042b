"""A server's address and its key, which travel together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import NoReturn
from urllib.parse import urlsplit

from backend.types import WireFormat

# Where each format is asked, under the base URL.
PATHS: dict[WireFormat, str] = {"chat": "chat/completions", "messages": "messages", "responses": "responses"}
# Names of a network of one's own: RFC 6762, RFC 8375, ICANN's .internal, what routers and Docker give.
_NEAR = (".local", ".lan", ".home", ".home.arpa", ".internal", ".localhost")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SecretStr:
    """A key that only `get_secret_value` gives: not printed, not pickled, not found in a dump of what a tab
    remembers; a deep copy is the same object. It does NOT withstand code that looks for it.

    pydantic.SecretStr does not do for this: it can be pickled, and a dump of its slots holds the key.
    """

    __slots__ = ("_get",)

    def __init__(self, value: str) -> None:
        self._get: Callable[[], str] = lambda: value

    def get_secret_value(self) -> str:
        return self._get()

    def __repr__(self) -> str:
        return "[key]" if self._get() else "[no key]"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretStr) and self._get() == other._get()

    def __hash__(self) -> int:
        return hash(self._get())

    def __copy__(self) -> SecretStr:
        return self

    def __deepcopy__(self, _: object) -> SecretStr:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not written down")


@dataclass(frozen=True, init=False)
class Endpoint:
    """A server and the key that belongs to it; the key is never printed."""

    base_url: str
    name: str = ""
    public_only: bool = False  # typed by a visitor: dialled through backend/transport/public_web.py
    secret: SecretStr = field(default=SecretStr(""), repr=False)

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        name: str = "",
        public_only: bool = False,
        secret: SecretStr | None = None,  # for dataclasses.replace
    ) -> None:
        secret = secret if api_key is None and secret else SecretStr(api_key or "")
        for attribute, value in (
            ("base_url", base_url),
            ("name", name),
            ("public_only", public_only),
            ("secret", secret),
        ):
            object.__setattr__(self, attribute, value)

    @property
    def api_key(self) -> str:
        """The key, "" for none."""
        return self.secret.get_secret_value()

    def without_key(self, base_url: str = "") -> Endpoint:
        """The same server, or another address on it, for what needs neither key nor name."""
        return Endpoint(base_url or self.base_url, public_only=self.public_only)

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
        """The server runs on this machine."""
        return host(self.base_url) in _LOOPBACK

    @property
    def is_near(self) -> bool:
        """The server runs on this machine, or in its own network."""
        return not self.public_only and is_near(self.base_url)

    @property
    def is_aimlapi(self) -> bool:
        name = host(self.base_url)
        return name == "aimlapi.com" or name.endswith(".aimlapi.com")

    @property
    def is_anthropic(self) -> bool:
        """Anthropic's own API: it takes a key in a header of its own."""
        return host(self.base_url) == "api.anthropic.com"

    @property
    def root(self) -> str:
        """The base URL without an endpoint at its end: https://host/v1/messages tells the format as well."""
        format_, base_url = path_in(self.base_url), self.base_url.rstrip("/")
        return base_url.removesuffix(PATHS[format_]).rstrip("/") if format_ else base_url

    def url(self, path: str) -> str:
        """The address of a path under the base URL."""
        return f"{self.root}/{path.lstrip('/')}"


def path_in(base_url: str) -> WireFormat | None:
    """The format whose endpoint an address ends with; None for an address of many endpoints."""
    address = base_url.rstrip("/")
    return next((format_ for format_, path in PATHS.items() if address.endswith(f"/{path}")), None)


def is_near(url: str) -> bool:
    """An address on this machine or in its own network, by its form: nothing is looked up."""
    name = host(url)
    try:
        address = ip_address(name)
    except ValueError:
        return bool(name) and ("." not in name or name.endswith(_NEAR))
    return address.is_private or address.is_link_local


def host(url: str) -> str:
    """The host of an address, "" for what is no address."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # no address at all; requests will say so
        return ""
