"""What looks like a key in what is shared is found, and what only looks a little like one is not."""

from __future__ import annotations

import base64
import json
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_chats import FULL

from backend.formats import share
from backend.formats.share import Shared
from backend.keys import scanner
from backend.types import Message, Tool, ToolCall

# ---- keys -------------------------------------------------------------------------------------------------

DICE = random.Random(42)


def some(length: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    return "".join(DICE.choices(alphabet, k=length))


HEX = "0123456789abcdef"
JWT = f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.{some(43)}"
PEM = "-----BEGIN {}PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----"
SECRETS = {
    "openai": f"sk-{some(48)}",
    "openai project": f"sk-proj-{some(24)}_{some(30)}-{some(40)}",
    "anthropic": f"sk-ant-api03-{some(60)}-{some(20)}AA",
    "openrouter": f"sk-or-v1-{some(64, HEX)}",
    "google": f"AIza{some(35)}",
    "github": f"ghp_{some(36)}",
    "github app": f"gho_{some(36)}",
    "github fine": f"github_pat_{some(22)}_{some(59)}",
    "gitlab": f"glpat-{some(20)}",
    "slack": "xox" + f"b-123456789012-1234567890123-{some(24)}",
    "aws": f"AKIA{some(16, string.ascii_uppercase + string.digits)}",
    "hugging face": f"hf_{some(34, string.ascii_letters)}",
    "jwt": JWT,
    "bearer": f"Authorization: Bearer {some(40)}",
    "basic": "Authorization: Basic " + base64.b64encode(b"user:hunter2-and-more-9f8e7").decode(),
    "assigned": f'api_key="{some(32)}"',
    "environment": f"export AIMLAPI_API_KEY={some(32, HEX)}",
    "camel": f"apiKey: '{some(24)}',",
    "json": json.dumps({"client_secret": some(24)}),
    "prose": f"My API key is {some(32, HEX)}, keep it safe.",
    "after": f"{some(40)} is the token you need",
    "password": f"The password: {some(32)}",
    "address": "postgres://admin:9fK2hs82Lq@db.example.com/x",
    "pem": PEM.format(""),
    "rsa": PEM.format("RSA "),
    "escaped pem": json.dumps({"private_key": PEM.format("")}),
}


HARMLESS = {
    "prose": "The key to a good password is length. Tokens are pieces of words; a secret token is a secret.",
    "bearer": "Send a Bearer token in the Authorization header. Bearer authentication-scheme explained.",
    "placeholder": 'api_key="YOUR_API_KEY" or sk-... or sk-your-key-here or sk-xxxxxxxxxxxxxxxxxxxxxxxx or AIza...',
    "variables": 'api_key = os.environ["AIMLAPI_API_KEY"]\nclient = OpenAI(api_key=settings.api_key_2)',
    "code": "password = getpass.getpass()\ntoken = tokenizer.encode_plus_v2(text)\nkey = lambda row: row[1]",
    "numbers": "max_tokens: 4096, tokens per second: 12345678901234567890, key 1234567890123456",
    "template": "token: ${{ secrets.GITHUB_TOKEN }}, password: {{ password }}, secret=<your-secret>",
    "uuid": f"primary key 123e4567-e89b-12d3-a456-426614174000, request {'0' * 8}-1111-2222-3333-444444444444",
    "git": f"commit {some(40, HEX)} fixes it; see also {some(7, HEX)} and {some(40, HEX)}",
    "checksum": f"sha256: {some(64, HEX)}\nmd5 {some(32, HEX)}  file.tar.gz",
    "picture": f"![a key](data:image/png;base64,{some(4000)}==) is a picture of a key",
    "base64": "The word: " + base64.b64encode(b"Nothing to see here, only a long ordinary sentence.").decode(),
    "css": "sk-estimator-doc-link-hover sk-toggleable__content-arrow-2 task-management-software-2024-edition",
    "names": "getUserAccessTokenFromCacheById2 = key_of_the_sha256_hash_of_all_the_files_v2",
    "paths": "/usr/lib/python3/dist-packages/keyring/backends/token_store_for_version_2/password_manager_v1/x",
    "pem in words": "A file begins with -----BEGIN PRIVATE KEY----- and ends with -----END PRIVATE KEY-----.",
    "address": "https://user:password@example.com and postgres://postgres:postgres@localhost:5432/db",
    "typescript": "interface Login { password: string; token?: string; apiKey: string | undefined }",
    "question": "What is a primary key? How are tokens counted? Is 'correct horse battery staple' a good password?",
    "jwt": "A JWT has three parts, header.payload.signature, and begins with eyJ.",
}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_text_shaped_like_a_key_is_found_and_never_repeated(kind: str) -> None:
    secret = SECRETS[kind]
    texts = (around.format(secret) for around in ("{}", "Use this:\n{}\nThanks!", '{{"text": "{}"}}'))
    every = [scanner.keys_in(text) for text in texts]
    assert all(every)
    found = [words for of_one in every for words in of_one]
    pieces = [
        secret[place : place + 6] for place in range(len(secret) - 5) if any(map(str.isdigit, secret[place:]))
    ]
    known_words = "a key that is in use here an API key private a key or password a login token in an address"
    assert not any(piece in words for words in found for piece in pieces if piece not in known_words)


@pytest.mark.parametrize("kind", HARMLESS)
def test_ordinary_text_is_not_taken_for_a_key(kind: str) -> None:
    assert scanner.keys_in(HARMLESS[kind]) == []


def test_the_projects_own_words_are_not_taken_for_keys() -> None:
    from basics import ROOT

    pages = [
        path.read_text("utf-8") for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("*/*.py"))
    ]
    code = [text for text in pages if "tests" not in text[:400] and "fake_api" not in text]
    assert len(code) > 20
    assert [found for text in code if (found := scanner.keys_in(text))] == []


@given(st.text(alphabet=string.ascii_letters + string.digits + "+/%&-_ é", min_size=9, max_size=40))
def test_a_key_in_use_is_found_however_it_is_written(key: str) -> None:
    from urllib.parse import quote

    raw_key = key.encode()
    written = [
        key,
        quote(key, safe=""),
        base64.b64encode(raw_key).decode(),
        base64.urlsafe_b64encode(raw_key).decode(),
    ]
    written += [base64.b64encode(b"u" * before + b":" + raw_key + b"!").decode() for before in range(4)]
    for text in written:
        assert scanner.keys_in(f"see {text} there", [key]), text
    assert scanner.keys_in("nothing here at all", [key]) == []


def test_the_word_none_as_a_local_servers_key_is_a_word() -> None:
    assert scanner.keys_in("none of it is ollama", ["none", "ollama", ""]) == []


@pytest.mark.parametrize(
    ("shared", "place"),
    [
        (Shared(SECRETS["openai"]), "the model's name"),
        (Shared("m", f"Use {SECRETS['openai']}"), "the system prompt"),
        (Shared("m", parameters={"stop": [SECRETS["openai"]]}), "the parameters"),
        (Shared("m", title=SECRETS["openai"]), "the title"),
        (Shared("m", messages=(Message("user", "Hi"), Message("user", SECRETS["openai"]))), "message 2"),
        (Shared("m", messages=(Message("user", "Hi", name=SECRETS["openai"]),)), "the name in message 1"),
        (
            Shared(
                "m", messages=(Message("assistant", tool_calls=(ToolCall("1", "f", f'"{SECRETS["openai"]}"'),)),)
            ),
            "a tool call in message 1",
        ),
        (Shared("m", tools=(Tool("f", SECRETS["openai"], {}),)), "tool 1"),
        (Shared("m", tools=(Tool("f", "", {"default": SECRETS["openai"]}),)), "tool 1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_text_that_goes_is_looked_through(shared: Shared, place: str) -> None:
    found = share.secrets_in(shared)
    assert len(found) == 1 and found[0].startswith(f"{place}: an API key (sk-...)")


def test_a_chat_without_keys_may_go() -> None:
    assert share.secrets_in(FULL, ["a-configured-key-123"]) == []
    assert share.secrets_in(Shared("m", "it is a-configured-key-123"), ["a-configured-key-123"])
