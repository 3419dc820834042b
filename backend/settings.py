"""The configuration of this installation by its owner: secrets > environment > .env.

Sources are passed in as mappings, so nothing here reads the environment. What a visitor types is not a setting: it
exists only in that visitor's session.

The pair rule: the configured key belongs to the configured base URL. `Settings.endpoint` is the only way to
it, so a base URL typed by a visitor can never be combined with the owner's key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

from backend import logs
from backend.guests.access import AccessPolicy, access_policy, is_hash
from backend.guests.terms import GuestPolicy, is_amount, terms
from backend.jobs.job import AT_ONCE
from backend.keys import pasted
from backend.mcp import config
from backend.mcp.server import Server
from backend.text import clean
from backend.transport.client import Endpoint
from backend.transport.deadlines import Deadlines
from backend.untrusted import Unreadable

DEFAULT_BASE_URL = "https://api.aimlapi.com/v1"
DEFAULT_MODEL = "google/gemini-2.5-flash"
PREFIXES = ("PLAYGROUND_", "AIML")  # of the names of settings; DATABASE_URL is used by other programs, too
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "none")
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
    notes: tuple[str, ...] = ()  # settings without effect, as sentences for the owner: names, never values

    @property
    def has_key(self) -> bool:
        return bool(self.endpoint.api_key)


class _Said:
    """Looks settings up by name, and remembers which names were looked up."""

    def __init__(self, sources: Sequence[Mapping[str, object]]) -> None:
        self._sources = sources
        self.asked: list[str] = []

    def __call__(self, name: str, default: str = "") -> str:
        """Its value in the first source that sets it, without quotation marks around it."""
        self.asked.append(name)
        found = (_unquoted(str(source[name])) for source in self._sources if source.get(name) not in (None, ""))
        return next((value for value in found if value), default)

    def flag(self, name: str) -> bool:
        return self(name).lower() in _TRUE

    @property
    def names(self) -> set[str]:
        """All names that are set, known or not."""
        return {name for source in self._sources for name in source if source[name] not in (None, "")}


def load(sources: Sequence[Mapping[str, object]], broken: str = "") -> Settings:
    """Settings from mappings, in order of precedence. Empty values count as not set.

    `broken`: why a source cannot be read. It may have set PLAYGROUND_SHARED, so nobody is let in.
    """
    setting = _Said(sources)
    base_url = pasted.address(setting("AIMLAPI_BASE_URL", DEFAULT_BASE_URL))
    local_model = setting("PLAYGROUND_LOCAL_MODEL")
    model = pasted.name(setting("PLAYGROUND_MODEL")) or DEFAULT_MODEL
    # A value that is neither yes nor no counts as yes: a mistake closes the app, it never opens it.
    shared = bool(broken) or setting("PLAYGROUND_SHARED", "0").lower() not in _FALSE
    access, guests = access_policy(setting), terms(setting, model)
    return Settings(
        endpoint=Endpoint(base_url, pasted.key(setting("AIMLAPI_API_KEY")), server_name(base_url)),
        model=model,
        shared=shared,
        web_tool=setting.flag("PLAYGROUND_WEB_TOOL"),
        commands=setting.flag("PLAYGROUND_COMMANDS") and not shared,
        tool_servers=_tool_servers(setting("PLAYGROUND_TOOL_SERVERS"), shared=shared),
        guest_tool_servers=setting.flag("PLAYGROUND_GUEST_TOOL_SERVERS") and shared,
        local_model=Path(local_model).expanduser() if local_model else None,
        database_url=setting("DATABASE_URL"),
        log_level=setting("PLAYGROUND_LOG_LEVEL", "INFO"),
        at_once=_at_once(setting("PLAYGROUND_REQUESTS_AT_ONCE")),
        deadlines=_deadlines(setting),
        access=replace(access, broken=broken) if shared else AccessPolicy(),
        terms=guests if shared else GuestPolicy(),
        notes=tuple(_notes(setting, shared)),
    )


def server_name(base_url: str) -> str:
    """The display name of a server."""
    endpoint = Endpoint(base_url)
    try:
        return "AI/ML API" if endpoint.is_aimlapi else endpoint.origin.partition("://")[2]
    except ValueError:  # an invalid address; a request will report it
        return base_url


def _tool_servers(configured: str, *, shared: bool) -> tuple[Server, ...]:
    """The tool servers in an mcp.json; none if it cannot be parsed, which is in the notes."""
    return config.configured_servers(configured, shared=shared) if _is_list_of_servers(configured) else ()


def _is_list_of_servers(configured: str) -> bool:
    try:
        config.configured_servers(configured, shared=False)
    except Unreadable:
        return False
    return True


def _unquoted(text: str) -> str:
    """The value without quotation marks around it, which Docker's --env-file does not remove."""
    text = text.strip()
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _at_once(typed: str) -> int:
    """A whole number from 1 to MOST_AT_ONCE; anything else is ignored."""
    return int(typed) if _is_at_once(typed) else AT_ONCE


def _is_at_once(typed: str) -> bool:
    return typed.isascii() and typed.isdigit() and len(typed) < 4 and 1 <= int(typed) <= MOST_AT_ONCE


def _deadlines(setting: Callable[[str], str]) -> Deadlines:
    """PLAYGROUND_TIMEOUT_IDLE=20 and so on, in seconds up to a day; anything else is ignored."""
    given: dict[str, float] = {}
    for item in fields(Deadlines):
        typed = setting(f"PLAYGROUND_TIMEOUT_{item.name.upper()}")
        if _is_deadline(typed):
            given[item.name] = float(typed)
    return Deadlines(**given)


def _is_deadline(typed: str) -> bool:
    try:
        return 0 < float(typed) <= _DAY
    except ValueError:
        return False


# ---- settings without effect ----------------------------------------------------------------------------

_GUESTS = re.compile(r"PLAYGROUND_(GATE|OWNER|GUEST|ALL)_?")
# (name of the setting, whether a value is valid, what it has to be)
_KINDS: tuple[tuple[str, Callable[[str], bool], str], ...] = (
    (
        r"_(SHARED|WEB_TOOL|COMMANDS|GUEST_TOOL_SERVERS|GUEST_ADDRESSES)$",
        lambda typed: typed.lower() in _TRUE + _FALSE,
        "1 or 0",
    ),
    (r"_TIMEOUT_", _is_deadline, "a number of seconds"),
    (r"_AT_ONCE$", _is_at_once, f"a whole number from 1 to {MOST_AT_ONCE}"),
    (r"_LOG_LEVEL$", lambda typed: typed.upper() in logs.LEVELS, ", ".join(logs.LEVELS)),
    (r"^PLAYGROUND_TOOL_SERVERS$", _is_list_of_servers, "an mcp.json (docs/tool-servers.md)"),
    (r"_PASSWORD$", is_hash, "the hash that the app makes of a password"),
    (r"_PER_(MINUTE|DAY)$|_(MAX_TOKENS|PRICE_LIMIT|GUEST_DAYS)$", is_amount, "a number, as 0.5, or none"),
)
_ELSEWHERE = ("PLAYGROUND_CACHE",)  # read by backend/local/files.py
_MOST_NOTES = 20


def _notes(setting: _Said, shared: bool) -> Iterator[str]:
    """Invalid values, unknown names, and settings for guests in an app that is not shared."""
    known = {*setting.asked, *_ELSEWHERE}
    for name in sorted(setting.names & known):
        for pattern, fits, words in _KINDS:
            if re.search(pattern, name) and (typed := setting(name)) and not fits(typed):
                yield f"{name} is not understood: it has to be {words}."
    strays = (name for name in sorted(setting.names - known) if name.upper().startswith(PREFIXES))
    for name in islice(strays, _MOST_NOTES):
        near = get_close_matches(name.upper(), sorted(known), 1, 0.7)
        yield f"{clean(name[:60])} is no setting of this app." + (f" Is it {near[0]}?" if near else "")
    if not shared and (idle := sorted(name for name in setting.names & known if _GUESTS.match(name))):
        yield f'{idle[0]} and the like count only with PLAYGROUND_SHARED = "1".'
