"""Parses what people paste to describe a tool server: an address, a command, or the mcp.json of another program.

Claude Desktop, Cursor and Windsurf name servers under `mcpServers`, VS Code under `servers` (with comments), others
write one server or a map of them. Values of variables and headers count as keys and are sealed at once; so are
arguments and parts of an address that look like one. The text is untrusted, and nothing is started here.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from backend.keys import scanner
from backend.keys.placeholders import PLACEHOLDER
from backend.mcp.server import KEY_NAME, NAME_LIMIT, Kind, Server, texts, texts_of, unique
from backend.text import clean
from backend.types import JSON
from backend.untrusted import Object, Unreadable, fields, line, parsed, string, text

LIMIT = 200_000  # characters
SERVERS = 50
_MAPS = ("mcpServers", "servers", "context_servers")
_ADDRESSES = ("url", "serverUrl", "httpUrl", "uri")
_KINDS: Mapping[str, Kind] = {
    "stdio": "stdio",
    "sse": "sse",
    **dict.fromkeys(("http", "streamable-http", "streamableHttp", "streamable_http", "streamableHTTP"), "http"),
}
_COMMENT = re.compile(r'"(?:[^"\\]|\\.)*+"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_COMMA = re.compile(r'"(?:[^"\\]|\\.)*+"|,(?=\s*[}\]])', re.DOTALL)
_COMMON = ("index", "main", "__main__", "server", "cli", "app", "dist", "build", "src", "bin", "lib", "out")
_RUNNERS = ("npx", "uvx", "uv", "node", "python", "python3", "bunx", "pnpm", "docker", "deno", "dlx", "run", "exec")


@dataclass(frozen=True)
class ParsedConfig:
    """The servers in a text, and a sentence about each that was left out."""

    servers: tuple[Server, ...]
    notes: tuple[str, ...] = ()


def configured_servers(configured: str, *, shared: bool) -> tuple[Server, ...]:
    """The servers that the owner of an app lists, as an mcp.json; `tools` of one names those on offer, with
    `"ask": false` they run without confirmation. For a shared app only those with an address. Raises Unreadable.
    """
    entries = _entries(fields(_json(configured.strip()))) if configured.strip() else {}
    rows = {line(name, NAME_LIMIT): fields(entry) for name, entry in entries.items()}
    servers = _parse_servers({"mcpServers": dict(entries)}).servers if entries else ()
    return tuple(
        replace(
            server,
            only=texts(rows.get(server.name, {}).get("tools")),
            asks=rows.get(server.name, {}).get("ask") is not False,
            owned=True,
        )
        for server in servers
        if not server.missing and not (shared and server.is_program)
    )


def read(pasted: str, secret: str = "") -> ParsedConfig:
    """The servers in a pasted text. `secret`: a bearer token, or a header `Name: value`, for an address.

    Raises Unreadable, whose message contains nothing secret.
    """
    written = clean(pasted).strip()
    if not written:
        raise Unreadable("Type an address, a command, or paste an mcp.json.")
    if len(written) > LIMIT:
        raise Unreadable("This is too long to be a list of servers.")
    if written.startswith(("{", "[")):
        return _parse_servers(_json(written))
    if re.match(r"https?://", written, re.IGNORECASE):
        return ParsedConfig((_with_header(_by_address(written), secret),))
    return ParsedConfig((_by_command(written),))


# ---- an address, a command ------------------------------------------------------------------------------


def _by_address(written: str) -> Server:
    host = _host(written)
    if not host:
        raise Unreadable("This is not an address. It looks like https://example.com/mcp.")
    sealing = _Sealing()
    url = sealing.address(written)
    return sealing.server(Server(host[:NAME_LIMIT], _kind_of(written), url=url))


def _host(url: str) -> str:
    """The host of an address that can be connected to, "" for none."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return ""
    fine = parts.scheme in ("http", "https") and not any(mark in url for mark in " \\\n\t")
    if fine and (parts.username or parts.password):
        raise Unreadable("Name and password have no place in an address. Put them into a header.")
    return (parts.hostname or "") if fine else ""


def _kind_of(url: str) -> Kind:
    return "sse" if urlsplit(url).path.rstrip("/").endswith("/sse") else "http"


def _with_header(server: Server, secret: str) -> Server:
    name, colon, value = clean(secret).strip().partition(":")
    if not name:
        return server
    if not colon or not re.fullmatch(r"[A-Za-z0-9-]{1,60}", name.strip()):
        name, value = "Authorization", f"Bearer {secret.strip().removeprefix('Bearer ').strip()}"
    sealing = _Sealing()
    headers = sealing.all({name.strip(): value.strip()})
    return Server(server.name, server.kind, server.url, headers=headers, sealed=server.sealed).with_values(
        sealing.values
    )


def _by_command(written: str) -> Server:
    try:
        words = shlex.split(" ".join(written.splitlines()))
    except ValueError:
        raise Unreadable("A quotation mark in the command is never closed.") from None
    sealing, environment = _Sealing(), {}
    while words and re.fullmatch(r"[A-Za-z_]\w*=.*", words[0], re.DOTALL):
        name, _, value = words.pop(0).partition("=")
        environment[name] = value
    if not words:
        raise Unreadable("There is no program in the command.")
    server = Server(
        _name_of_command(words),
        command=tuple(sealing.arguments(words)),
        environment=sealing.all(environment),
    )
    return sealing.server(server)


def _name_of_command(words: list[str]) -> str:
    """A name for a command: its first word that is neither a runner of programs nor an option. For a file with a
    common name (dist/index.js), that of its folder.
    """
    paths = [word.replace("\\", "/") for word in words if not word.startswith("-")]
    path = next((path for path in paths if _stem(path) not in ("", *_RUNNERS)), words[0])
    parts = [part for part in map(_stem, PurePath(path).parts) if part and part not in _COMMON]
    name = parts[-1] if parts else _stem(path)
    short = re.sub(r"^(?:mcp[-_]server[-_]|server[-_])|(?:[-_]mcp)?(?:@[\w.-]+)?$", "", name)
    return line(short, NAME_LIMIT) or "server"


def _stem(path: str) -> str:
    return re.sub(r"\.(?:exe|py|js|mjs|cjs|ts|sh|jar|cmd|bat)$", "", PurePath(path).name)


# ---- mcp.json -------------------------------------------------------------------------------------------


def _json(written: str) -> JSON:
    """JSON with the comments and trailing commas that VS Code allows."""
    for marks in (_COMMENT, _COMMA):
        written = marks.sub(lambda match: match[0] if match[0].startswith('"') else "", written)
    try:
        return parsed(written)
    except Unreadable as refused:
        raise Unreadable(str(refused).replace("The file", "This")) from None


def _parse_servers(body: JSON) -> ParsedConfig:
    entries, notes, servers = _entries(fields(body)), list[str](), list[Server]()
    if not entries:
        raise Unreadable('There are no servers in it. {"mcpServers": {"name": {"command": ...}}} is expected.')
    for name, entry in list(entries.items())[:SERVERS]:
        short = line(name, NAME_LIMIT) or "server"
        try:
            server = _entry(unique(short, (other.name for other in servers)), fields(entry))
        except Unreadable as refused:
            notes.append(f"{short}: {refused}")
        else:
            servers.append(server)
    if not servers:
        raise Unreadable(" ".join(notes))
    if len(entries) > SERVERS:
        notes.append(f"Only the first {SERVERS} servers were read.")
    return ParsedConfig(tuple(servers), tuple(notes))


def _entries(body: Object) -> Mapping[str, JSON]:
    for name in _MAPS:
        if fields(body.get(name)):
            return fields(body[name])
    if fields(body.get("mcp")):  # VS Code's settings.json
        return _entries(fields(body["mcp"]))
    if isinstance(body.get("command"), str | list) or any(isinstance(body.get(name), str) for name in _ADDRESSES):
        return {string(body.get("name")) or "server": dict(body)}
    return {name: entry for name, entry in body.items() if {"command", *_ADDRESSES} & fields(entry).keys()}


def _entry(name: str, entry: Object) -> Server:
    sealing = _Sealing()
    url = next((line(entry[key], 8_000) for key in _ADDRESSES if string(entry.get(key))), "")
    headers = sealing.all(texts_of(entry.get("headers")))
    environment = sealing.all(texts_of(entry.get("env")))
    if url:
        if not _host(url):
            raise Unreadable("its address is none.")
        kind = _KINDS.get(string(entry.get("type")), _kind_of(url))
        client_id, secret = _client(entry)
        secret = sealing.all({"client-secret": secret})["client-secret"]
        address = sealing.address(url)
        return sealing.server(
            Server(name, kind, url=address, headers=headers, client_id=client_id, client_secret=secret)
        )
    command = (
        texts(entry["command"]) if isinstance(entry.get("command"), list) else (line(entry.get("command"), 8_000),)
    )
    words = [*command, *texts(entry.get("args"))]
    if not words or not words[0]:
        raise Unreadable("it has neither a command nor an address.")
    folder = line(entry.get("cwd"), 1_000)
    server = Server(name, command=tuple(sealing.arguments(words)), environment=environment, folder=folder)
    return sealing.server(server)


def _client(entry: Object) -> tuple[str, str]:
    """The id and secret of a manually registered client: `auth` in Cursor, `oauth` in Claude Code."""
    cursor, claude = fields(entry.get("auth")), fields(entry.get("oauth"))
    client_id = line(cursor.get("CLIENT_ID") or claude.get("clientId"), 1_000)
    secret = text(cursor.get("CLIENT_SECRET") or claude.get("clientSecret"), 1_000)
    return client_id, secret if client_id else ""


# ---- secrets ---------------------------------------------------------------------------------------------


@dataclass
class _Sealing:
    """Takes secrets out of texts and puts `${name}` in their place."""

    values: dict[str, str] = field(default_factory=dict)

    def server(self, server: Server) -> Server:
        """The server with its sealed values."""
        return server.with_values(self.values) if self.values else server

    def all(self, texts_by_name: Mapping[str, str]) -> dict[str, str]:
        """Seal every value: variables and headers may hold keys. A placeholder stays one."""
        return {
            name: value if PLACEHOLDER.search(value) or not value else self._placeholder_for(name, value)
            for name, value in texts_by_name.items()
        }

    def arguments(self, words: list[str]) -> Iterator[str]:
        """Seal arguments that look like a key, and those behind an option with such a name."""
        expected = ""
        for word in words:
            option, equals, value = word.partition("=")
            if PLACEHOLDER.search(word):
                yield word
            elif expected and not word.startswith("-"):
                yield self._placeholder_for(expected, word)
            elif equals and value and option.startswith("-") and KEY_NAME.search(option):
                yield f"{option}={self._placeholder_for(option, value)}"
            else:
                yield self._placeholder_for("argument", word) if scanner.keys_in(word) else word
            expected = word if word.startswith("-") and not equals and KEY_NAME.search(word) else ""

    def address(self, url: str) -> str:
        """Seal query values whose names suggest a key, or that look like one."""
        address, mark, query = url.partition("?")
        if not mark:
            return url
        pairs = parse_qsl(query.partition("#")[0], keep_blank_values=True)
        return f"{address}?{'&'.join(self._pair(name, value) for name, value in pairs)}"

    def _pair(self, name: str, value: str) -> str:
        if PLACEHOLDER.search(value):
            return f"{quote(name)}={value}"
        if value and (KEY_NAME.search(name) or scanner.keys_in(value)):
            return f"{quote(name)}={self._placeholder_for(name, quote(value, safe=''))}"
        return f"{quote(name)}={quote(unquote(value), safe='')}"

    def _placeholder_for(self, name: str, value: str) -> str:
        name = re.sub(r"[^\w.-]", "", name).strip("-") or "value"
        name = unique(name[:80], self.values)
        self.values[name] = value
        return f"${{{name}}}"
