"""A failing request as people hand it on: a curl command, fetch() of a browser, a log, a HAR file, a collection."""

from __future__ import annotations

import io
import json
import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.formats.imports import ImportedConversation, RefusedPart, conversations

SAID = 'It\'s "so" $HOME `x` \\n!\nTwo: ünï 日本'
BODY = {"model": "gpt-4o", "messages": [{"role": "user", "content": SAID}], "temperature": 0.2}
JSON, KEY = json.dumps(BODY), "sk-proj-8f3kQ29dLx7vB4mN6pR1sT5wY0zA"
HEAD = f"curl https://api.example.com/v1/chat/completions \\\n  -H 'Authorization: Bearer {KEY}' \\\n"


def read(text: str) -> list[Any]:
    return list(conversations(io.BytesIO(text.encode()), "x.txt"))


def bash(text: str) -> str:
    """As Chrome writes it."""
    inner = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("!", "\\u0021")
    return f"$'{inner}'"


def windows(text: str) -> str:
    """As Chrome writes it for cmd."""
    inner = text.replace("\\", "\\\\").replace('"', '\\"')
    return "".join(f"^{letter}" if letter in '"{}$`!^\\' else letter for letter in inner)


COMMANDS = {
    "a quoted text": HEAD + f"  -d {shlex.quote(JSON)}\n",
    "lines of Windows": (HEAD + f"  --data {shlex.quote(JSON)}").replace("\\\n", "\\\r\n"),
    "what Chrome copies": f"curl 'https://a.example' --data-raw {bash(JSON)} --compressed",
    "double quotes": 'curl a --json "' + JSON.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$") + '"',
    "in one word": f"$ curl a --data={shlex.quote(JSON)}",
    "a text behind it": f"{HEAD} -d @- <<'EOF'\n{json.dumps(BODY, indent=1)}\nEOF\n",
    "Windows": 'curl ^"https://a.example^" ^\n -H ^"a: b^" ^\r\n --data-raw ^"' + windows(JSON) + '^"',
    "HTTP": f"POST /v1/chat/completions HTTP/1.1\r\nAuthorization: {KEY}\r\n\r\n{JSON}\n\n### next\nGET b",
    "fetch": f'await fetch("https://a.example", {json.dumps({"headers": {"authorization": KEY}, "body": JSON})});',
}
AROUND: dict[str, Any] = {
    "a line of a log": {"level": "error", "status": 500, "request": BODY, "headers": {"authorization": KEY}},
    "a body as text": {"ts": 1, "http": {"request": {"body": JSON}}},
    "HAR": {"log": {"entries": [{"request": {"method": "GET"}}, {"request": {"postData": {"text": JSON}}}]}},
    "Postman": {"info": {}, "item": [{"name": "a", "request": {"body": {"mode": "raw", "raw": JSON}}}]},
    "a batch": {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": BODY},
}


@pytest.mark.parametrize("text", [*COMMANDS.values(), *map(json.dumps, AROUND.values())], ids=[*COMMANDS, *AROUND])
def test_a_request_comes_in_with_its_settings_and_without_its_key(text: str) -> None:
    (found,) = read(text)
    assert isinstance(found, ImportedConversation), found
    (said,) = found.record.conversation.path()
    assert said.message.content == SAID
    assert found.record.settings == {"model": "gpt-4o", "parameters": {"temperature": 0.2}, "streaming": False}
    assert KEY not in repr(found) and not found.notes


def test_each_request_of_a_file_is_a_conversation_of_its_own() -> None:
    answers = {"model": "m", "input": [{"role": "user", "content": "Hi"}]}
    found = read(json.dumps({"a": [BODY, answers]}))
    assert [each.record.conversation.path()[0].message.content for each in found] == [SAID, "Hi"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("curl https://a.example -d @body.json", "Import that file"),
        ("curl https://a.example", "no JSON"),
        ('curl a -d \'{"model": ', "Copy it whole"),
        ("fetch(x, {method: 1})", "cannot be read"),
        ("curl a -d 'plain'", "not JSON"),
        ('{"log": {"entries": []}}', "HAR"),
        ('{"body": {"model": "e", "input": "embed me"}}', "no conversation"),
        (json.dumps({"openapi": "3.1", "example": BODY}), "OpenAPI"),
    ],
)
def test_text_without_a_request_is_refused_in_words(text: str, why: str) -> None:
    (refused,) = read(text)
    assert isinstance(refused, RefusedPart) and why in refused.why


@given(st.text(st.sampled_from("curl -d'\"\\$@{}[]:<A\n ")), st.text(max_size=20))
def test_no_text_behind_a_command_breaks_the_import(tail: str, more: str) -> None:
    for beginning in ("curl ", "fetch("):
        assert read(beginning + tail + more)
