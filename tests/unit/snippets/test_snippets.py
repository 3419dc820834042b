"""Code to paste is run, by bash, Python and Node, and the scripted server must get what the app sends."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from basics import ask, examples
from fake_api import FakeAPI, Reply, Request, completion, stream
from hypothesis import given
from hypothesis import strategies as st
from programs import SECRET, WEATHER, Machine, each

from backend.errors import BadInput
from backend.protocol import wire
from backend.snippets import LANGUAGES, code
from backend.snippets.literals import JAVASCRIPT, JSON_TEXT, PYTHON, literal
from backend.types import ChatRequest, Media, Message, Tool, ToolCall

ANSWER = "Grün, «quoted» 🎨 and\nnew lines."
AIMLAPI = "https://api.aimlapi.com/v1"
NASTY = (
    "'\"\\ $HOME $(exit 9) `exit 9` ${x} !! %s {0} \r\n\t \u2028\u2029\u202e\x85\ufeff 👩\u200d💻 "
    "'''\"\"\" \\n \\u0041 JSON\nJSON\nEOF\n"
)


@pytest.fixture(scope="module")
def echo() -> Iterator[FakeAPI]:
    """Gives one answer, in the way it is asked for."""
    with FakeAPI(answered) as fake:
        yield fake


def answered(request: Request) -> Reply:
    if isinstance(request.body, dict) and request.body.get("stream") is True:
        return stream(*re.split("(?<= )", ANSWER))
    return completion(ANSWER)


def heard(name: str, out: str) -> str:
    """The answer in what a program printed. curl shows what the server sends."""
    if name != "curl":
        return out
    if not out.startswith("data:"):
        return str(json.loads(out)["choices"][0]["message"]["content"])
    chunks = [json.loads(line[5:]) for line in out.split("\n") if line.startswith("data: {")]
    return "".join(choice["delta"].get("content", "") for one in chunks for choice in one["choices"])


def exact(value: Any) -> Any:
    """JSON to compare: 1.0 is 1, as in JavaScript, but true is not."""
    if isinstance(value, dict):
        return {name: exact(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [exact(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return ("bool", value) if isinstance(value, bool) else value


def works(machine: Machine, api: FakeAPI, name: str, request: ChatRequest) -> None:
    """The program runs, the server got the app's body and the key, the answer was printed."""
    before = len(api.asked)
    ran = machine.run(name, code(LANGUAGES[name], request, api.url), API_KEY=SECRET)
    assert (ran.exit, ran.err) == (0, "")
    (asked,) = api.asked[before:]
    assert exact(asked.body) == exact(wire.payload(request))
    assert asked.headers["authorization"] == f"Bearer {SECRET}"
    assert asked.headers["content-type"] == "application/json"
    assert heard(name, ran.out).rstrip("\n") == ANSWER


# ---- what is sent ---------------------------------------------------------------------------------------

words = st.text(max_size=30) | st.text(alphabet="'\"\\$`!{}#%&\n\r\t ab", max_size=30) | st.just(NASTY)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


pictures = st.builds(
    Media, st.just("image"), st.just("data:image/png;base64,iVBORw0KGgo="), detail=st.sampled_from(["", "low"])
)


messages = st.one_of(
    st.builds(Message, st.sampled_from(["system", "user", "assistant"]), words),
    st.builds(Message, st.just("user"), words, media=st.tuples(pictures)),
    st.builds(Message, st.just("assistant"), tool_calls=st.tuples(st.builds(ToolCall, words, words, words))),
)


tools = st.builds(Tool, words, words, st.dictionaries(words, values, max_size=2))
extra_names = words.filter(lambda name: name not in ("stream", "model", "messages"))
chat_requests = st.builds(
    ChatRequest,
    words,
    st.lists(messages, max_size=4).map(tuple),
    st.fixed_dictionaries(
        {},
        optional={"temperature": numbers, "stop": st.lists(words, max_size=3), "seed": st.integers(1, 2**53 - 1)},
    ),
    st.lists(tools, max_size=2).map(tuple),
    tool_choice=st.none() | st.sampled_from(["auto", "weather"]),
    response_format=st.none() | st.dictionaries(words, values, max_size=2),
    stream=st.booleans(),
    extra=st.dictionaries(
        extra_names | st.sampled_from(["__proto__", "top_k", "timeout", "extra_body"]), values, max_size=3
    ),
)


@each
@given(request=chat_requests)
@examples(6)
def test_the_server_gets_what_the_app_sends(
    machine: Machine, echo: FakeAPI, name: str, request: ChatRequest
) -> None:
    works(machine, echo, name, request)


FIXED = {
    "nasty": ask(NASTY, extra={NASTY: [NASTY, {NASTY: NASTY}], "stop": [NASTY]}),
    "long": ask('It\'s 100 kB: "$x" \\\n' * 5_000),
    "long line": ask("é'" * 50_000),
    "control characters": ask("Hi", extra={"stop": ["\x00\x07\x1b[31m\x7f\x9b\u200b\U000e0041\ufffe"]}),
    "large numbers": ask("Hi", extra={"seed": 2**63, "a": 2.0**70, "b": -(10**40), "c": 5e-324, "d": -0.0}),
    "names of objects": ask(
        "Hi", extra={"__proto__": {"__proto__": 1}, "constructor": 1, "toJSON": 2, "": 3, "9": 4}
    ),
    "null and false": ask("Hi", extra={"temperature": None, "logprobs": False, "stop": [], "metadata": {}}),
    "stream said to be off": ask("Hi", extra={"stream": False}),
    "shapes the SDK does not expect": ask(
        "Hi", extra={"messages": "text", "model": 5, "tools": "x", "n": {"a": [1]}}
    ),
    "pictures": ChatRequest("m", (Message("user", "?", media=(Media("image", "data:image/png;base64,AA=="),)),)),
    "many levels": ask("Hi", extra={"deep": json.loads("[" * 55 + "]" * 55)}),
    "tools": ChatRequest(
        "m",
        (
            Message(
                "system",
                "Line one, which is rather long, so that it has to go on.\n\nLine three, also rather long.",
            ),
            Message("user", "Weather?"),
            Message("assistant", tool_calls=(ToolCall("call_a", "weather", '{"city": "L\'Aquila"}'),)),
            Message("tool", "12 °C", tool_call_id="call_a"),
        ),
        {"temperature": 0.2, "top_p": 0.9, "max_tokens": 100, "stop": ["\n\n"], "seed": 2**53 - 1},
        (WEATHER,),
        "weather",
        {"type": "json_object"},
    ),
}


# Every case in one language, in the others only by `make long`.
SAMPLED = [
    pytest.param(name, case, marks=() if place % len(LANGUAGES) == number else pytest.mark.long)
    for place, case in enumerate(FIXED)
    for number, name in enumerate(LANGUAGES)
]


@pytest.mark.parametrize(("name", "case"), SAMPLED)
def test_text_that_is_hard_to_quote_arrives_unchanged(
    machine: Machine, echo: FakeAPI, name: str, case: str
) -> None:
    works(machine, echo, name, FIXED[case])


@each
def test_half_a_character_is_replaced_so_that_all_programs_can_send_it(
    machine: Machine, echo: FakeAPI, name: str
) -> None:
    source = code(LANGUAGES[name], ask("Hi", extra={"user": "a\ud83d\ude00b\ud800c"}), echo.url)
    assert machine.run(name, source).exit == 0
    assert echo.asked[-1].body["user"] == "a😀b\ufffdc"


@pytest.mark.parametrize("name", ["requests", "openai"])
def test_a_python_program_needs_nothing_but_python(machine: Machine, echo: FakeAPI, name: str) -> None:
    command = machine.command(name, code(LANGUAGES[name], ask(), echo.url))
    done = subprocess.run(command, env=machine.environment, capture_output=True)
    assert done.stdout.decode().rstrip("\n") == ANSWER, done.stderr


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [[float("-inf")]]])
@each
def test_a_request_that_cannot_be_sent_is_refused_in_words(name: str, value: Any) -> None:
    with pytest.raises(BadInput):
        code(LANGUAGES[name], ask(extra={"temperature": value}), AIMLAPI)


@pytest.mark.parametrize("levels", [61, 500, 50_000])
@each
def test_a_request_nested_too_deeply_is_refused_in_words(name: str, levels: int) -> None:
    nested: Any = 1
    for _ in range(levels):
        nested = [nested]
    with pytest.raises(BadInput, match="nested too deeply"):
        code(LANGUAGES[name], ask(extra={"x": nested}), AIMLAPI)


# ---- how it is written ----------------------------------------------------------------------------------


@each
@given(request=chat_requests, base_url=words | words.map("http://localhost/{}".format))
@examples(30)
def test_code_says_what_it_looks_like(name: str, request: ChatRequest, base_url: str) -> None:
    source = code(LANGUAGES[name], request, base_url)
    assert source.replace("\n", "").isprintable()
    assert source.endswith("\n")


@given(values)
@examples(150)
def test_literals_mean_what_they_were(value: Any) -> None:
    assert exact(ast.literal_eval(literal(value, PYTHON))) == exact(value)
    assert exact(json.loads(literal(value, JSON_TEXT, spread=True))) == exact(value)


@given(st.lists(st.dictionaries(words | st.just("__proto__"), words), min_size=40, max_size=40))
@examples(2)
def test_javascript_literals_mean_what_they_were(machine: Machine, value: Any) -> None:
    ran = machine.run("fetch", f"console.log(JSON.stringify({literal(value, JAVASCRIPT)}));")
    assert json.loads(ran.out) == value


def test_a_text_of_several_lines_is_written_in_several_lines() -> None:
    text = "The first line is long enough not to fit.\nSo is the second, with a word or two more than needed.\n"
    first, second = (json.dumps(line + "\n") for line in text.splitlines())
    assert literal(text, PYTHON) == f"(\n    {first}\n    {second}\n)"
    assert literal(text, JAVASCRIPT) == f"(\n  {first} +\n  {second}\n)"
    assert literal(text, JSON_TEXT) == json.dumps(text)
    assert literal("a\nb", PYTHON) == '"a\\nb"'


@each
def test_no_line_is_wider_than_a_screen_without_need(name: str) -> None:
    source = code(LANGUAGES[name], FIXED["tools"], AIMLAPI)
    assert max(len(line) for line in source.splitlines() if "Line one" not in line) <= 100


# ---- the key and the address ----------------------------------------------------------------------------


@each
def test_the_key_of_aiml_api_has_its_own_variable(machine: Machine, echo: FakeAPI, name: str) -> None:
    source = code(LANGUAGES[name], ask(), AIMLAPI)
    assert AIMLAPI in source
    ran = machine.run(name, source.replace(AIMLAPI, echo.url), AIMLAPI_API_KEY=SECRET)
    assert ran.exit == 0, ran.err
    assert echo.asked[-1].headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("name", ["curl", "requests", "openai"])
def test_without_the_key_of_aiml_api_nothing_is_asked(machine: Machine, echo: FakeAPI, name: str) -> None:
    asked = len(echo.asked)
    ran = machine.run(name, code(LANGUAGES[name], ask(), AIMLAPI).replace(AIMLAPI, echo.url), API_KEY=SECRET)
    assert ran.exit != 0
    assert "AIMLAPI_API_KEY" in ran.err
    assert len(echo.asked) == asked


@each
@pytest.mark.parametrize("env", [{}, {"API_KEY": ""}], ids=["unset", "empty"])
def test_a_server_without_a_key_gets_none(machine: Machine, echo: FakeAPI, name: str, env: dict[str, str]) -> None:
    ran = machine.run(name, code(LANGUAGES[name], ask(), echo.url), **env)
    assert (ran.exit, ran.err) == (0, "")
    # The SDK cannot do without: it sends a word that is no key.
    assert echo.asked[-1].headers.get("authorization") == ("Bearer none" if name == "openai" else None)


@each
def test_an_address_means_nothing_to_the_shell_or_the_language(machine: Machine, echo: FakeAPI, name: str) -> None:
    asked = len(echo.asked)
    tricks = "v1'\"$(touch pwned)`touch pwned`;touch pwned;\\${x}{a,b}[1-2]\nx\r\u2028\u202e\x1b[201~"
    ran = machine.run(name, code(LANGUAGES[name], ask(), f"{echo.origin}/{tricks}"), API_KEY=SECRET)
    assert not (machine.folder / "pwned").exists()
    assert len(echo.asked) == asked + 1, ran.err
    assert ran.exit == 0, ran.err


@each
@pytest.mark.parametrize("base_url", ["--output=x'", "http://[\x00\ud800"])
def test_an_address_that_is_none_is_still_quoted(machine: Machine, name: str, base_url: str) -> None:
    ran = machine.run(name, code(LANGUAGES[name], ask(), base_url), API_KEY=SECRET)
    assert ran.exit != 0
    assert "SyntaxError" not in ran.err and "unexpected EOF" not in ran.err and "option" not in ran.err


@each
def test_a_password_in_an_address_stays_out_of_the_code(machine: Machine, echo: FakeAPI, name: str) -> None:
    address = echo.url.replace("http://", "http://me:pass@word@")
    source = code(LANGUAGES[name], ask(), address)
    assert "pass" not in source and "word@" not in source
    assert machine.run(name, source, API_KEY=SECRET).exit == 0
    assert echo.asked[-1].headers["authorization"] == f"Bearer {SECRET}"
