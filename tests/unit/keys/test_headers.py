"""Headers of one's own, and Azure's, are kept as keys are: sent to their server, and shown nowhere."""

from __future__ import annotations

import copy
import pickle
import shutil
import subprocess
from dataclasses import replace

import pytest
from basics import KEY, QUICK, ask
from fake_api import FakeAPI, completion, error

from backend.answer.turn import Turn
from backend.catalog import catalogue
from backend.keys import headers
from backend.keys.endpoint import Endpoint
from backend.snippets import LANGUAGES, code
from backend.snippets.tool_loop import loop_code
from backend.transport.client import ChatClient

SECRET = "gw-0123456789abcdef"
OWN = {"X-Gateway-Key": SECRET, "X-Tenant": "t1"}


@pytest.mark.parametrize(
    ("typed", "pair"),
    [
        ("X-Gateway-Key: value", ("X-Gateway-Key", "value")),
        (" x-a:b \n", ("x-a", "b")),
        ("Cookie: a=b; c=d", ("Cookie", "a=b; c=d")),
        ("Authorization: Basic dTpw", ("Authorization", "Basic dTpw")),
        ("X-Url: http://a:1/", ("X-Url", "http://a:1/")),
    ],
)
def test_a_header_is_a_name_and_a_value(typed: str, pair: tuple[str, str]) -> None:
    assert headers.read(typed) == pair


@pytest.mark.parametrize(
    "typed",
    [
        *("", "X-A", ": b", "X A: b", "X-A:", "X-Ä: b", "X-A: ä", "X$(id): b", "X`id`: b", '"X": b', "X-A: b\x00c"),
        *("X-A: b\r\nHost: evil", "X-A: b\nX-B: c", "X-A\r\nX-B: c", "X-A: b\x0bc", f"X-A: {'b' * 9_000}"),
        *("Host: evil.example", "content-length: 0", "Transfer-Encoding: chunked", "CONNECTION: close", "TE: x"),
        *(
            "Proxy-Authorization: x",
            "Upgrade: h2c",
            "Expect: 100-continue",
            "Content-Type: text/plain",
            "Trailer: x",
        ),
    ],
)
def test_a_header_that_is_malformed_or_reserved_is_refused_without_its_value(typed: str) -> None:
    with pytest.raises(headers.UnusableHeader) as refused:
        headers.read(typed)
    value = typed.partition(":")[2].strip()
    assert len(value) < 4 or value not in str(refused.value)


def test_a_name_counts_once_in_any_spelling_and_there_are_not_too_many() -> None:
    assert headers.with_header({"X-A": "1", "X-B": "2"}, "x-a", "3") == {"X-B": "2", "x-a": "3"}
    with pytest.raises(headers.UnusableHeader):
        headers.with_header({f"X-{number}": "1" for number in range(headers.MOST)}, "X-More", "1")


def test_extra_headers_are_sealed_as_a_key_is() -> None:
    endpoint = Endpoint("https://a.example/v1", KEY, headers=OWN)
    assert SECRET not in f"{endpoint!r} {endpoint} {vars(endpoint)}"
    assert copy.deepcopy(endpoint).headers == replace(endpoint, name="x").headers == OWN
    assert endpoint != Endpoint("https://a.example/v1", KEY)
    assert endpoint.without_key().headers == {}
    with pytest.raises(TypeError):
        pickle.dumps(endpoint)


def test_extra_headers_go_with_every_request_to_their_server(api: FakeAPI) -> None:
    client = ChatClient(Endpoint(api.url, "", headers=OWN), QUICK)
    api.play(completion("Hi"))
    client.complete(ask(stream=False))
    client.get("models")
    for request in api.requests:
        assert (request.headers["x-gateway-key"], request.headers["x-tenant"]) == (SECRET, "t1")
        assert "authorization" not in request.headers


def test_an_extra_header_replaces_ours_of_that_name(api: FakeAPI) -> None:
    client = ChatClient(Endpoint(api.url, KEY, headers={"authorization": "Basic dTpwYXNzd29yZA=="}), QUICK)
    client.get("models")
    assert api.requests[-1].headers["authorization"] == "Basic dTpwYXNzd29yZA=="


@pytest.mark.parametrize("refused", [True, False])
def test_extra_headers_are_neither_shown_nor_logged(
    api: FakeAPI, caplog: pytest.LogCaptureFixture, refused: bool
) -> None:
    said = f"Your key is {SECRET}."
    api.play(error(403, said) if refused else completion(said, headers={"X-Gateway-Key": SECRET, "X-Echo": SECRET}))
    caplog.set_level("DEBUG")
    turn = Turn(ChatClient(Endpoint(api.url, "", headers=OWN), QUICK), ask()).start().join(20)
    (exchange,) = turn.call.exchanges
    assert exchange.headers["X-Gateway-Key"] == exchange.headers["X-Tenant"] == "[key]"
    shown = f"{turn.message} {turn.events} {exchange} {turn.error and turn.error.failure()} {caplog.text}"
    assert SECRET not in shown and "[key]" in shown


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (
            "HTTP-Referer",
            "https://github.com/me/app",
            "Clone https://github.com/python, or https://github.com/me/app",
        ),
        ("X-Source", "https://github.com/me/app", "Clone https://github.com/python, or https://github.com/me/app"),
        ("X-Title", "Playground for all", "The Playground for all, for all"),
        ("X-App", "Playground-for-everybody", "The Playground-for-everybody, and everybody"),
        ("X-Title", "PlaygroundNumber1234", "PlaygroundNumber1234"),
        ("anthropic-beta", "files-api-2025-04-14", "Set files-api-2025-04-14 there"),
        ("X-Model", "claude-3-5-sonnet-20241022", "I am claude-3-5-sonnet-20241022"),
        ("User-Agent", "Mozilla/5.0 Playground0123456789", "Mozilla/5.0 Playground0123456789"),
        ("Cookie", "theme=dark-blue-and-green; lang=en", "dark-blue-and-green"),
        ("X-Secret", "correct-horse-battery-staple", "correct-horse is how it begins, battery-staple the rest"),
    ],
)
def test_words_of_a_header_stay_in_an_answer(api: FakeAPI, name: str, value: str, said: str) -> None:
    api.play(completion(said))
    endpoint = Endpoint(api.url, "", headers={name: value})
    turn = Turn(ChatClient(endpoint, QUICK), ask()).start().join(20)
    assert turn.message.content == said
    assert turn.call.exchanges[0].headers[name].endswith("[key]"), "by its name it is hidden all the same"


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("X-Gateway", "7f3a9c51e2b84d60a1c5", "7f3a9c51e2b84d60a1c5"),
        ("Authorization", "Bearer correct-horse-battery", "correct-horse-battery"),
        ("x-api-key", "correct-horse-battery", "correct-horse-battery"),
        ("X-Any", "Token 7f3a9c51e2b84d60a1c5", "7f3a9c51e2b84d60a1c5"),
        ("Cookie", "theme=dark; session=7f3a9c51e2b84d60a1c5", "7f3a9c51e2b84d60a1c5"),
        ("X-Client", "0f8fad5b-d9cb-469f-a165-70867728950e", "0f8fad5b-d9cb-469f-a165-70867728950e"),
    ],
)
def test_a_header_value_that_may_be_a_key_is_redacted_in_an_answer(
    api: FakeAPI, name: str, value: str, secret: str
) -> None:
    api.play(completion(f"It is {secret}."))
    endpoint = Endpoint(api.url, "", headers={name: value})
    assert Turn(ChatClient(endpoint, QUICK), ask()).start().join(20).message.content == "It is [key]."


def test_endpoints_with_different_headers_have_their_own_lists_of_models() -> None:
    one = Endpoint("http://127.0.0.1:9/v1", headers=OWN)
    assert catalogue(one) is catalogue(replace(one, name="mine"))
    assert catalogue(one) is not catalogue(Endpoint("http://127.0.0.1:9/v1"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("base_url", ["http://127.0.0.1:9/v1", "https://r.openai.azure.com/openai/v1"])
def test_code_reads_extra_headers_from_the_environment(language: str, base_url: str) -> None:
    text = code(LANGUAGES[language], ask(), base_url, OWN)
    assert "X-Gateway-Key" in text and "HEADER_X_GATEWAY_KEY" in text and SECRET not in text
    assert ("api-key" in text) == ("azure" in base_url)
    if language in ("requests", "openai"):
        compile(text, language, "exec")
    assert "HEADER_X_TENANT" in loop_code(ask(), base_url, (), own_headers=OWN)


def test_the_curl_command_sends_extra_headers(api: FakeAPI) -> None:
    if not shutil.which("curl"):
        pytest.skip("no curl here")
    api.play(completion("Hi"))
    text = code(LANGUAGES["curl"], ask(stream=False), api.url, OWN)
    variables = {"API_KEY": KEY, "HEADER_X_GATEWAY_KEY": SECRET, "HEADER_X_TENANT": "t1", "PATH": "/usr/bin:/bin"}
    subprocess.run(["sh", "-c", text], env=variables, check=True, capture_output=True)
    assert api.asked[-1].headers["x-gateway-key"] == SECRET
    assert api.asked[-1].headers["authorization"] == f"Bearer {KEY}"


# ---- Azure ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base_url", "key", "header"),
    [
        ("https://r.openai.azure.com/openai/v1", KEY, ("api-key", "")),
        ("https://R.OpenAI.Azure.com/openai/v1", KEY, ("api-key", "")),
        ("https://r.services.ai.azure.com/models?api-version=1", KEY, ("api-key", "")),
        ("https://r.cognitiveservices.azure.com/openai/v1", KEY, ("api-key", "")),
        ("https://r.openai.azure.com/openai/v1", "eyJhbGciOi.eyJzdWIi.c2ln", ("Authorization", "Bearer ")),
        ("https://openai.azure.com.evil.example/v1", KEY, ("Authorization", "Bearer ")),
        ("https://evilopenai.azure.com/v1", KEY, ("Authorization", "Bearer ")),
        ("https://api.aimlapi.com/v1", KEY, ("Authorization", "Bearer ")),
    ],
)
def test_the_key_goes_into_the_header_of_its_server(base_url: str, key: str, header: tuple[str, str]) -> None:
    assert Endpoint(base_url, key).key_header == header


def test_azures_key_and_version_go_with_every_request(api: FakeAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Endpoint, "key_header", ("api-key", ""))
    client = ChatClient(Endpoint(f"{api.url}?api-version=2024-10-21", KEY), QUICK)
    turn = Turn(client, ask()).start().join(20)
    (request,) = api.requests
    assert request.path == "/v1/chat/completions?api-version=2024-10-21"
    assert request.headers["api-key"] == KEY and "authorization" not in request.headers
    assert turn.call.exchanges[0].headers["api-key"] == "[key]"
