"""A server's address and its key, which travel together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import urlsplit

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Sealed:
    """A key that can be asked for and in no other way be met: not printed, not pickled, not found in a dump of
    what a tab remembers. It does NOT withstand code that looks for it."""

    __slots__ = ("_open",)

    def __init__(self, key: str) -> None:
        self._open: Callable[[], str] = lambda: key

    def open(self) -> str:
        return self._open()

    def __repr__(self) -> str:
        return "[key]" if self._open() else "[no key]"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self._open() == other._open()

    def __hash__(self) -> int:
        return hash(self._open())

    def __copy__(self) -> Sealed:
        return self

    def __deepcopy__(self, _: object) -> Sealed:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not written down")


@dataclass(frozen=True, init=False)
class Endpoint:
    """A server and the key that belongs to it: they travel together, and the key is never printed."""

    base_url: str
    name: str = ""
    public_only: bool = False  # typed by a stranger: dialled through backend/transport/public_web.py
    sealed: Sealed = field(default=Sealed(""), repr=False)

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        name: str = "",
        public_only: bool = False,
        sealed: Sealed | None = None,  # for dataclasses.replace
    ) -> None:
        sealed = sealed if api_key is None and sealed else Sealed(api_key or "")
        for attribute, value in (
            ("base_url", base_url),
            ("name", name),
            ("public_only", public_only),
            ("sealed", sealed),
        ):
            object.__setattr__(self, attribute, value)

    @property
    def api_key(self) -> str:
        """The key, "" for none."""
        return self.sealed.open()

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
