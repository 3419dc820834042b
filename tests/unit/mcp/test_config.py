"""What people paste of a server of tools, and that nothing secret of it is in what is shown or saved."""

from __future__ import annotations

import json

import pytest

from backend.mcp import config
from backend.mcp.server import Server, read
from backend.untrusted import Unreadable

KEY = "sk-live-0123456789abcdefghij"


def one(pasted: str, secret: str = "") -> Server:
    (server,) = config.read(pasted, secret).servers
    return server


def written(server: Server) -> str:
    return f"{server.document()} {server!r} {server.address_or_command} {server.headers} {server.environment}"


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ("https://example.com/mcp", ("example.com", "http", "https://example.com/mcp")),
        ("  HTTPS://example.com/sse\n", ("example.com", "sse", "HTTPS://example.com/sse")),
        ("uvx mcp-server-time --utc=no", ("time", "stdio", "uvx mcp-server-time --utc=no")),
        ("npx -y @s/server-everything", ("everything", "stdio", "npx -y @s/server-everything")),
        ("node /opt/server-notes/dist/index.js", ("notes", "stdio", "node /opt/server-notes/dist/index.js")),
        ("python 'my server.py'", ("my server", "stdio", "python 'my server.py'")),
    ],
)  # fmt: skip
def test_an_address_or_a_command_is_a_server(pasted: str, expected: tuple[str, str, str]) -> None:
    server = one(pasted)
    assert (server.name, server.kind, server.address_or_command) == expected


@pytest.mark.parametrize(
    "body",
    [
        {"mcpServers": {"git": {"command": "uvx", "args": ["mcp-server-git"], "env": {"TOKEN": KEY}}}},
        {
            "servers": {
                "git": {"type": "stdio", "command": "uvx", "args": ["mcp-server-git"], "env": {"TOKEN": KEY}}
            }
        },
        {"mcp": {"servers": {"git": {"command": "uvx", "args": ["mcp-server-git"], "env": {"TOKEN": KEY}}}}},
        {"git": {"command": "uvx", "args": ["mcp-server-git"], "env": {"TOKEN": KEY}}},
        {"name": "git", "command": ["uvx", "mcp-server-git"], "env": {"TOKEN": KEY}},
    ],
)
def test_the_files_of_other_programs_are_read_and_their_keys_sealed(body: dict[str, object]) -> None:
    server = one(json.dumps(body))
    assert (server.name, server.command) == ("git", ("uvx", "mcp-server-git"))
    assert server.fill_values(server.environment["TOKEN"]) == KEY
    assert KEY not in written(server)


@pytest.mark.parametrize(
    "entry",
    [
        {"auth": {"CLIENT_ID": "by-hand", "CLIENT_SECRET": KEY, "scopes": ["read"]}},  # Cursor
        {"oauth": {"clientId": "by-hand", "clientSecret": KEY, "callbackPort": 8080}},  # Claude Code, and a secret
    ],
)
def test_a_client_id_that_was_given_beforehand_is_read_and_its_secret_sealed(entry: dict[str, object]) -> None:
    (server,) = config.read(json.dumps({"mcpServers": {"x": {"url": "https://x.example/mcp", **entry}}})).servers
    assert (server.client_id, server.fill_values(server.client_secret)) == ("by-hand", KEY)
    assert KEY not in written(server)


def test_comments_and_commas_of_vs_code_are_read_and_its_inputs_are_asked_for() -> None:
    server = one(
        '{ // mine\n "servers": {"x": {"url": "https://a.example/mcp",/* it */ "headers": {"A": "${input:k}"},},},}'
    )
    assert server.url == "https://a.example/mcp"
    assert server.missing == ["input:k"]
    filled = server.with_values({"input:k": "value"})
    assert (filled.missing, filled.fill_values(filled.headers["A"])) == ([], "value")


@pytest.mark.parametrize(
    ("pasted", "secret"),
    [
        ("https://example.com/mcp", KEY),
        ("https://example.com/mcp", f"Bearer {KEY}"),
        ("https://example.com/mcp", f"X-Api-Key: {KEY}"),
        (f"https://example.com/mcp?api_key={KEY}&team=a", ""),
        (f"npx thing --api-key {KEY}", ""),
        (f"npx thing --token={KEY}", ""),
        (f"npx thing {KEY}", ""),
        (f"MY_KEY={KEY} npx thing", ""),
    ],
)
def test_a_key_is_sealed_wherever_it_is_typed(pasted: str, secret: str) -> None:
    server = one(pasted, secret)
    assert KEY not in written(server)
    assert KEY not in written(read(server.document()))
    assert server.secrets == [KEY]
    assert read(server.document()).missing == server.placeholders
    texts = (server.url, *server.command, *server.environment.values(), *server.headers.values())
    assert any(KEY in server.fill_values(text) for text in texts)


@pytest.mark.parametrize(
    "pasted",
    [
        "", "{", "[]", "{}", '{"mcpServers": {}}', "https://", "https://user:secret@example.com/mcp",
        "npx 'not closed", '{"mcpServers": {"a": {"url": "ftp://x"}}}', '{"mcpServers": {"a": {}}}',
        "A=1", "[" * 500,
    ],
)  # fmt: skip
def test_an_entry_that_is_no_server_is_refused_in_words(pasted: str) -> None:
    with pytest.raises(Unreadable) as refused:
        config.read(pasted)
    assert str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_server_that_cannot_be_read_does_not_keep_the_others_out() -> None:
    found = config.read('{"mcpServers": {"a": {"command": "x"}, "b": {"url": 7}, "A": {"command": "y"}}}')
    assert [server.name for server in found.servers] == ["a", "A 2"]
    assert found.notes == ("b: it has neither a command nor an address.",)


@pytest.mark.parametrize("document", ["", "[]", "{}", '{"name": "a"}', '{"name": "a", "kind": "ftp"}', "null"])
def test_a_saved_entry_that_is_no_server_is_refused(document: str) -> None:
    with pytest.raises(Unreadable):
        read(document)
