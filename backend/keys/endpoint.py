"""A server's address together with its key: the two are never separated."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import NoReturn
from urllib.parse import urlsplit

from backend.keys import headers as headers_
from backend.types import WireFormat

# The path of each wire format under the base URL.
PATHS: dict[WireFormat, str] = {"chat": "chat/completions", "messages": "messages", "responses": "responses"}
# Names in a private network: RFC 6762, RFC 8375, ICANN's .internal, those of routers and Docker.
_NEAR = (".local", ".lan", ".home", ".home.arpa", ".internal", ".localhost")
AZURE = (".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SecretStr:
    """A key that only `get_secret_value` reveals: not printed, not pickled, not found in a dump of the session
    state; a deep copy is the same object. It does NOT withstand code that looks for it.

    pydantic.SecretStr is not sufficient: it can be pickled, and a dump of its slots contains the key.
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
    sealed_headers: SecretStr = field(default=SecretStr(""), repr=False)  # one per line

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        name: str = "",
        public_only: bool = False,
        secret: SecretStr | None = None,  # for dataclasses.replace
        sealed_headers: SecretStr | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        if headers is not None or sealed_headers is None:
            lines = (f"{name}: {value}" for name, value in (headers or {}).items())
            sealed_headers = SecretStr("\n".join(lines))
        secret = secret if api_key is None and secret else SecretStr(api_key or "")
        for attribute, value in (
            ("base_url", base_url),
            ("name", name),
            ("public_only", public_only),
            ("secret", secret),
            ("sealed_headers", sealed_headers),
        ):
            object.__setattr__(self, attribute, value)

    @property
    def api_key(self) -> str:
        """The key, "" for none."""
        return self.secret.get_secret_value()

    @property
    def headers(self) -> dict[str, str]:
        """The visitor's own headers for this server: each may be a secret."""
        lines = self.sealed_headers.get_secret_value().splitlines()
        return {name: value for name, _, value in (line.partition(": ") for line in lines)}

    @property
    def secrets(self) -> list[str]:
        """The key and those headers that may be secrets: none of them is ever shown."""
        return [key for key in (self.api_key, *headers_.secrets(self.headers)) if key]

    @property
    def key_header(self) -> tuple[str, str]:
        """The header for the key, and the prefix before it. Anthropic and Azure have headers of their own; a
        token of Azure's sign-in (a JSON Web Token) goes into the usual one.
        """
        if self.is_anthropic:
            return "x-api-key", ""
        azure = host(self.base_url).endswith(AZURE) and not self.api_key.startswith("eyJ")
        return ("api-key", "") if azure else ("Authorization", "Bearer ")

    def without_key(self, base_url: str = "") -> Endpoint:
        """The same server, or another address on it, for requests that need neither key nor name."""
        return Endpoint(base_url or self.base_url, public_only=self.public_only)

    @property
    def origin(self) -> str:
        """scheme://host:port, the only destination for this endpoint's key; "" for an invalid address."""
        try:
            parts = urlsplit(self.base_url)
        except ValueError:
            return ""
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def is_loopback(self) -> bool:
        """Whether the server runs on this machine."""
        return host(self.base_url) in _LOOPBACK

    @property
    def is_near(self) -> bool:
        """Whether the server runs on this machine, or in its own network."""
        return not self.public_only and is_near(self.base_url)

    @property
    def is_aimlapi(self) -> bool:
        name = host(self.base_url)
        return name == "aimlapi.com" or name.endswith(".aimlapi.com")

    @property
    def deployment(self) -> str:
        """The model in the address itself (Azure's /deployments/NAME), "" for none."""
        parts = self.base_url.partition("?")[0].rstrip("/").split("/")
        return parts[-1] if parts[-2:-1] == ["deployments"] else ""

    @property
    def is_anthropic(self) -> bool:
        """Whether this is Anthropic's own API, which takes a key in its own header."""
        return host(self.base_url) == "api.anthropic.com"

    @property
    def root(self) -> str:
        """The base URL without an endpoint at its end: https://host/v1/messages names the format as well."""
        base_url, format_ = self.base_url.partition("?")[0].rstrip("/"), path_in(self.base_url)
        return base_url.removesuffix(PATHS[format_]).rstrip("/") if format_ else base_url

    @property
    def digest(self) -> str:
        """A digest that identifies this server without naming it; "" for none. The same for all formats."""
        return hashlib.sha256(self.root.lower().encode(errors="replace")).hexdigest()[:16] if self.root else ""

    def url(self, path: str) -> str:
        """The URL of a path under the base URL, with its query (Azure's api-version)."""
        query, url = self.base_url.partition("?")[2], f"{self.root}/{path.lstrip('/')}"
        return f"{url}{'&' if '?' in url else '?'}{query}" if query else url


def path_in(base_url: str) -> WireFormat | None:
    """The format whose endpoint an address ends with; None for an address that serves several."""
    address = base_url.partition("?")[0].rstrip("/")
    return next((format_ for format_, path in PATHS.items() if address.endswith(f"/{path}")), None)


def is_near(url: str) -> bool:
    """An address on this machine or in its own network, by its form: nothing is looked up."""
    name = host(url)
    try:
        address = ip_address(name)
    except ValueError:
        return bool(name) and ("." not in name or name.endswith(_NEAR))
    return address.is_private or address.is_link_local


def is_ip_address(name: str) -> bool:
    """Whether a host is an IP address, not a name."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def host(url: str) -> str:
    """The host of an address, "" for an invalid address."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # an invalid address; the request will report it
        return ""
