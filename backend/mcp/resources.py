"""Resources and prompts of a server. All of it is hostile text."""

from __future__ import annotations

from dataclasses import dataclass

from backend.mcp.form import FormField
from backend.types import JSON
from backend.untrusted import fields, line, objects

MOST = 200  # of each kind
_ADDRESS = 2_000  # characters


@dataclass(frozen=True)
class Resource:
    """Something to read, by its address at the server."""

    address: str
    name: str = ""
    about: str = ""
    media_type: str = ""


@dataclass(frozen=True)
class ServerPrompt:
    """A prompt template: `arguments` are the fields to fill in."""

    name: str
    about: str = ""
    arguments: tuple[FormField, ...] = ()


def resource(row: JSON) -> Resource | None:
    """The resource; None if it has no address."""
    given = fields(row)
    address = line(given.get("uri"), _ADDRESS)
    name = line(given.get("title") or given.get("name"), 100)
    about, media_type = line(given.get("description"), 300), line(given.get("mimeType"), 100)
    return Resource(address, name, about, media_type) if address else None


def prompt(row: JSON) -> ServerPrompt | None:
    """The prompt; None if it has no name."""
    given = fields(row)
    name = given.get("name")
    if not isinstance(name, str) or not 0 < len(name) <= 200:
        return None
    arguments = tuple(
        FormField(str(one["name"]), "text", one.get("required") is True, line(one.get("description"), 300))
        for one in objects(given.get("arguments"), 30)
        if isinstance(one.get("name"), str)
    )
    return ServerPrompt(name, line(given.get("description"), 300), arguments)
