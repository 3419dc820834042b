"""The description of a tool server: its address or its command, and the names of its secrets.

    Server("time", command=("uvx", "mcp-server-time"))
    Server("notes", url="https://example.com/mcp", headers={"Authorization": "${Authorization}"}, sealed=...)

A possible key is never part of the text: `${name}` stands for it, and its value is sealed. So the text can be
shown, saved and shared. The pair rule holds because address and values are one object: no value is sent to another
address.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from backend.keys.endpoint import SecretStr
from backend.keys.placeholders import PLACEHOLDER
from backend.keys.redaction import Redactor
from backend.types import JSON
from backend.untrusted import Object, Unreadable, fields, items, line, one_of, parsed, string, text

Kind = Literal["http", "sse", "stdio"]
KINDS: tuple[Kind, ...] = get_args(Kind)
KEY_NAME = re.compile(r"key|token|secret|passw|credential|auth|^pat$|^sig$", re.IGNORECASE)
NAME_LIMIT = 60  # characters
TOOLS_LIMIT = 500
_TEXT_LIMIT = 8_000  # characters of an address, an argument or a value
_MANY = 200  # arguments, variables or headers
# Short values, and those of these forms, are words that an answer may contain (a flag, a path, an address), unless
# their name says that they are a key.
_SHORTEST = 8  # characters
_SCHEME = re.compile(r"(?:bearer|basic|token) +(?=\S)", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]+|[\d.,:-]+|(?:[A-Za-z]:)?[~.]*[/\\].*|https?://[^\s@]*")


@dataclass(frozen=True)
class Server:
    """`kind` is the transport: streamable HTTP, the older event stream, or a program's pipes.

    `client_id` is that of a manual registration (OAuth), "" if the app registers itself;
    `client_secret` is "" or `${name}`.

    One that the owner of the app lists (`owned`) may offer only some of its tools (`only`; () for all), and
    may run them without confirmation (`asks` is False). `allowed` are the tool definitions that the visitor has
    allowed, by name: a changed definition under the same name is another tool.
    """

    name: str
    kind: Kind = "stdio"
    url: str = ""
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""
    client_id: str = ""
    client_secret: str = ""
    allowed: Mapping[str, Object] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    asks: bool = True
    owned: bool = False
    sealed: SecretStr = field(default=SecretStr(""), repr=False)  # name -> value as JSON

    @property
    def is_program(self) -> bool:
        """Whether it is started on this machine."""
        return self.kind == "stdio"

    @property
    def address_or_command(self) -> str:
        """The address, or the whole command as it would be typed; secrets are `${name}`."""
        return shlex.join(self.command) if self.is_program else self.url

    # ---- what is secret in it ---------------------------------------------------------------------------

    @property
    def placeholders(self) -> list[str]:
        """The names of its secrets, in order of use."""
        written = (self.url, *self.command, *self.environment.values(), *self.headers.values(), self.folder)
        written += (self.client_id, self.client_secret)
        return list(dict.fromkeys(name for part in written for name in PLACEHOLDER.findall(part)))

    @property
    def missing(self) -> list[str]:
        """The names of secrets that have to be typed before it can be connected."""
        values = self._values
        return [name for name in self.placeholders if not values.get(name)]

    @property
    def _values(self) -> dict[str, str]:
        sealed = self.sealed.get_secret_value()
        return {name: string(value) for name, value in fields(json.loads(sealed)).items()} if sealed else {}

    def value(self, name: str) -> str:
        """The sealed value of a name, "" for none: only for sending."""
        return self._values.get(name, "")

    def with_values(self, values: Mapping[str, str]) -> Server:
        """A copy with these values sealed in it, in addition to the existing ones."""
        return replace(self, sealed=SecretStr(json.dumps({**self._values, **values})))

    def fill_values(self, written: str) -> str:
        """A text with its values filled in: only for sending."""
        values = self._values
        return PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), written)

    @property
    def secrets(self) -> list[str]:
        """The values that are not ordinary words: they are redacted from everything the server sends."""
        values = [
            value for name, value in self._values.items() if KEY_NAME.search(name) or not _WORD.fullmatch(value)
        ]
        bare = [_SCHEME.sub("", value) for value in values]
        return [value for value in bare if len(value) >= _SHORTEST]

    @property
    def redactor(self) -> Redactor:
        return Redactor("", *self.secrets)

    # ---- saved ------------------------------------------------------------------------------------------

    def document(self) -> str:
        """As JSON, without any sealed value."""
        written: dict[str, JSON] = {
            "name": self.name,
            "kind": self.kind,
            "url": self.url,
            "command": list(self.command),
            "environment": dict(self.environment),
            "headers": dict(self.headers),
            "folder": self.folder,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "allowed": {name: dict(definition) for name, definition in self.allowed.items()},
        }
        return json.dumps({name: value for name, value in written.items() if value}, ensure_ascii=False)


def read(document: str) -> Server:
    """The server that `document` wrote. Raises Unreadable."""
    body = fields(parsed(document))
    kind, name = one_of(body.get("kind"), KINDS), line(body.get("name"), NAME_LIMIT)
    if kind is None or not name:
        raise Unreadable("This is no server of tools.")
    allowed = fields(body.get("allowed"))
    return Server(
        name,
        kind,
        line(body.get("url"), _TEXT_LIMIT),
        texts(body.get("command")),
        texts_of(body.get("environment")),
        texts_of(body.get("headers")),
        text(body.get("folder"), _TEXT_LIMIT),
        line(body.get("client_id"), _TEXT_LIMIT),
        line(body.get("client_secret"), _TEXT_LIMIT),
        {tool: fields(definition) for tool, definition in list(allowed.items())[:TOOLS_LIMIT]},
    )


def texts(value: object) -> tuple[str, ...]:
    """The texts of a list."""
    return tuple(text(item, _TEXT_LIMIT) for item in items(value, _MANY) if isinstance(item, str | int | float))


def texts_of(value: object) -> dict[str, str]:
    """Texts by name; numbers and flags are converted."""
    rows = list(fields(value).items())[:_MANY]
    return {line(name, 200): _value_text(item) for name, item in rows if item is not None and line(name, 200)}


def _value_text(value: JSON) -> str:
    return text(value, _TEXT_LIMIT) if isinstance(value, str) else json.dumps(value)[:_TEXT_LIMIT]


def unique(name: str, taken: Iterable[str]) -> str:
    """A similar name that is free: "time", "time 2", ..."""
    used = {known.casefold() for known in taken}
    candidates = (name if number == 1 else f"{name[: NAME_LIMIT - 5]} {number}" for number in range(1, 1_000))
    return next(candidate for candidate in candidates if candidate.casefold() not in used)
