"""The configuration of this installation by its owner: secrets > environment > .env.

Sources are passed in as mappings, so nothing here reads the environment. What a visitor types is not a setting: it
exists only in that visitor's session.

The pair rule: the configured key belongs to the configured base URL. `Settings.endpoint` is the only way to
it, so a base URL typed by a visitor can never be combined with the owner's key.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

from backend import logs
from backend.guests.access import AccessPolicy, access_policy
from backend.guests.terms import GuestPolicy, terms
from backend.jobs.job import AT_ONCE
from backend.keys import pasted
from backend.mcp import config
from backend.mcp.server import Server
from backend.transport.client import Endpoint
from backend.transport.deadlines import Deadlines
from backend.untrusted import Unreadable

DEFAULT_BASE_URL = "https://api.aimlapi.com/v1"
DEFAULT_MODEL = "google/gemini-2.5-flash"
_log = logging.getLogger(__name__)
_TRUE = ("1", "true", "yes", "on")
MOST_AT_ONCE = 64
_DAY = 86_400.0  # seconds; far larger values raise OverflowError when waited for


@dataclass(frozen=True)
class Settings:
    """The configuration of one installation. `shared` enables the rules for guests."""

    endpoint: Endpoint
    model: str = DEFAULT_MODEL
    shared: bool = False
    web_tool: bool = False  # the Tools page offers a tool that fetches public web pages
    commands: bool = False  # a browser on any machine may start the command of a tool server
    tool_servers: tuple[Server, ...] = ()  # tool servers that everybody finds on the Tools page
    guest_tool_servers: bool = False  # guests may add their own tool servers, by https
    local_model: Path | None = None
    database_url: str = ""
    log_level: str = "INFO"
    at_once: int = AT_ONCE  # parallel requests of experiments and suites to one server
    deadlines: Deadlines = field(default_factory=Deadlines)
    access: AccessPolicy = field(default_factory=AccessPolicy)
    terms: GuestPolicy = field(default_factory=GuestPolicy)

    @property
    def has_key(self) -> bool:
        return bool(self.endpoint.api_key)


def load(sources: Sequence[Mapping[str, object]]) -> Settings:
    """Settings from mappings, in order of precedence. Empty values count as not set."""

    def setting(name: str, default: str = "") -> str:
        found = (str(source[name]).strip() for source in sources if source.get(name) not in (None, ""))
        return next((value for value in found if value), default)

    base_url = pasted.address(setting("AIMLAPI_BASE_URL", DEFAULT_BASE_URL))
    local_model = setting("PLAYGROUND_LOCAL_MODEL")
    model = pasted.name(setting("PLAYGROUND_MODEL")) or DEFAULT_MODEL
    # Docker's --env-file does not remove quotation marks
    shared = pasted.name(setting("PLAYGROUND_SHARED")).lower() in _TRUE
    return Settings(
        endpoint=Endpoint(base_url, pasted.key(setting("AIMLAPI_API_KEY")), server_name(base_url)),
        model=model,
        shared=shared,
        web_tool=setting("PLAYGROUND_WEB_TOOL").lower() in _TRUE,
        commands=setting("PLAYGROUND_COMMANDS").lower() in _TRUE and not shared,
        tool_servers=_tool_servers(setting("PLAYGROUND_TOOL_SERVERS"), shared=shared),
        guest_tool_servers=setting("PLAYGROUND_GUEST_TOOL_SERVERS").lower() in _TRUE and shared,
        local_model=Path(local_model).expanduser() if local_model else None,
        database_url=setting("DATABASE_URL"),
        log_level=setting("PLAYGROUND_LOG_LEVEL", "INFO"),
        at_once=_at_once(setting("PLAYGROUND_REQUESTS_AT_ONCE")),
        deadlines=_deadlines(setting),
        access=access_policy(setting) if shared else AccessPolicy(),
        terms=terms(setting, model) if shared else GuestPolicy(),
    )


def server_name(base_url: str) -> str:
    """The display name of a server."""
    endpoint = Endpoint(base_url)
    try:
        return "AI/ML API" if endpoint.is_aimlapi else endpoint.origin.partition("://")[2]
    except ValueError:  # an invalid address; a request will report it
        return base_url


def _tool_servers(configured: str, *, shared: bool) -> tuple[Server, ...]:
    """The tool servers in an mcp.json; if it cannot be parsed, that is logged and there are none."""
    try:
        return config.listed(configured, shared=shared)
    except Unreadable:
        logs.event(_log, logging.WARNING, "setting ignored", why="PLAYGROUND_TOOL_SERVERS is no mcp.json")
        return ()


def _at_once(typed: str) -> int:
    """A whole number from 1 to MOST_AT_ONCE; anything else is ignored."""
    known = typed.isascii() and typed.isdigit() and len(typed) < 4 and 1 <= int(typed) <= MOST_AT_ONCE
    return int(typed) if known else AT_ONCE


def _deadlines(setting: Callable[[str], str]) -> Deadlines:
    """PLAYGROUND_TIMEOUT_IDLE=20 and so on, in seconds up to a day; anything else is ignored."""
    given: dict[str, float] = {}
    for item in fields(Deadlines):
        try:
            seconds = float(setting(f"PLAYGROUND_TIMEOUT_{item.name.upper()}"))
        except ValueError:
            continue
        if 0 < seconds <= _DAY:
            given[item.name] = seconds
    return Deadlines(**given)
