"""Code to paste is run, by bash, Python and Node, and the scripted server must get what the app sends."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from basics import ask
from fake_api import (
    CUT,
    HANG,
    FakeAPI,
    Reply,
    Request,
    chunk,
    completion,
    data,
    drip,
    error,
    events,
    html,
    reply,
    stream,
    tool_stream,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.errors import BadInput
from backend.protocol import wire
from backend.snippets import LANGUAGES, code
from backend.snippets.literals import JAVASCRIPT, JSON_TEXT, PYTHON, literal
from backend.snippets.openai_sdk import KEYWORDS
from backend.types import ChatRequest, Media, Message, Tool, ToolCall

SECRET = "sk-test-4711"
ANSWER = "Grün, «quoted» 🎨 and\nnew lines."
AIMLAPI = "https://api.aimlapi.com/v1"
PROGRAMS = {"curl": "bash", "requests": sys.executable, "openai": sys.executable, "fetch": "node"}
WEATHER = Tool("weather", "The weather in a city", {"type": "object", "properties": {"city": {"type": "string"}}})
NASTY = (
    "'\"\\ $HOME $(exit 9) `exit 9` ${x} !! %s {0} \r\n\t \u2028\u2029\u202e\x85\ufeff 👩\u200d💻 "
    "'''\"\"\" \\n \\u0041 JSON\nJSON\nEOF\n"
)
each = pytest.mark.parametrize("name", LANGUAGES)
each_parser = pytest.mark.parametrize("name", [name for name in LANGUAGES if name != "curl"])
each_own_parser = pytest.mark.parametrize("name", ["requests", "fetch"])

# Imports once, then forks for each program: the openai SDK alone takes most of a second to import.
FORKS = """
import contextlib, json, os, runpy, sys
import requests
with contextlib.suppress(ImportError):
    from openai import OpenAI
    OpenAI(api_key="none", base_url="http://localhost").chat.completions  # what it imports at first use
for line in sys.stdin:
    job = json.loads(line)
    if not (child := os.fork()):
        os.environ.update(job["env"])
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(job[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        runpy.run_path(job["path"], run_name="__main__")
        sys.exit()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@dataclass(frozen=True)
class Ran:
    exit: int
    out: str
    err: str


class Machine:
    """Runs programs, each in a process of its own, with nothing in the environment but what is given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONIOENCODING": "utf-8"}
        self._forks: subprocess.Popen[str] | None = None

    def close(self) -> None:
        if self._forks:
            self._forks.communicate()

    def command(self, name: str, source: str) -> list[str]:
        needed(name)
        path = self.folder / f"snippet.{LANGUAGES[name].extension}"
        path.write_bytes(source.encode())
        return [PROGRAMS[name], str(path)]

    def run(self, name: str, source: str, **env: str) -> Ran:
        command = self.command(name, source)
        if name in ("requests", "openai"):
            return self._fork(command[1], env)
        done = subprocess.run(command, env={**self.environment, **env}, cwd=self.folder, capture_output=True)
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    def _fork(self, path: str, env: dict[str, str]) -> Ran:
        if not self._forks:
            self._forks = subprocess.Popen(
                [sys.executable, "-c", FORKS],
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        out, err = self.folder / "out", self.folder / "err"
        assert self._forks.stdin and self._forks.stdout
        print(
            json.dumps({"path": path, "env": env, "out": str(out), "err": str(err)}),
            file=self._forks.stdin,
            flush=True,
        )
        return Ran(int(self._forks.stdout.readline()), out.read_text("utf-8"), err.read_text("utf-8"))


def needed(name: str) -> None:
    """Skips a test where its program is not installed; in CI that is a failure."""
    for program in (PROGRAMS[name], name if name == "curl" else PROGRAMS[name]):
        missing(shutil.which(program), program)
    if name == "openai":
        missing(importlib.util.find_spec(name), name)


def missing(found: object, name: str) -> None:
    if not found:
        assert os.environ.get("CI") != "true", f"CI must have {name}"
        pytest.skip(f"{name} is not installed")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    made = Machine(tmp_path_factory.mktemp("snippets"))
    yield made
    made.close()


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
@settings(max_examples=12)
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


@each
@pytest.mark.parametrize("case", FIXED)
def test_what_is_hard_to_quote_arrives_as_it_is(machine: Machine, echo: FakeAPI, name: str, case: str) -> None:
    works(machine, echo, name, FIXED[case])


@each
def test_half_a_character_is_replaced_so_that_every_program_can_send_it(
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


def test_what_is_a_keyword_is_known_to_the_sdk() -> None:
    needed("openai")
    from openai.resources.chat.completions import Completions

    assert set(inspect.signature(Completions.create).parameters) >= KEYWORDS


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [[float("-inf")]]])
@each
def test_what_cannot_be_sent_is_refused_in_words(name: str, value: Any) -> None:
    with pytest.raises(BadInput):
        code(LANGUAGES[name], ask(extra={"temperature": value}), AIMLAPI)


@pytest.mark.parametrize("levels", [61, 500, 50_000])
@each
def test_what_is_nested_too_deeply_is_refused_in_words(name: str, levels: int) -> None:
    nested: Any = 1
    for _ in range(levels):
        nested = [nested]
    with pytest.raises(BadInput, match="nested too deeply"):
        code(LANGUAGES[name], ask(extra={"x": nested}), AIMLAPI)


# ---- how it is written ----------------------------------------------------------------------------------


@each
@given(request=chat_requests, base_url=words | words.map("http://localhost/{}".format))
@settings(max_examples=60)
def test_code_says_what_it_looks_like(name: str, request: ChatRequest, base_url: str) -> None:
    source = code(LANGUAGES[name], request, base_url)
    assert source.replace("\n", "").isprintable()
    assert source.endswith("\n")


@given(values)
@settings(max_examples=300)
def test_literals_mean_what_they_were(value: Any) -> None:
    assert exact(ast.literal_eval(literal(value, PYTHON))) == exact(value)
    assert exact(json.loads(literal(value, JSON_TEXT, spread=True))) == exact(value)


@given(st.lists(st.dictionaries(words | st.just("__proto__"), words), min_size=40, max_size=40))
@settings(max_examples=4)
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


@pytest.mark.parametrize("name", ["requests", "openai"])
def test_python_code_is_formatted_as_python_is(machine: Machine, name: str) -> None:
    for request in (FIXED["tools"], ask(stream=False)):
        _, path = machine.command(name, code(LANGUAGES[name], request, AIMLAPI))
        checked = [
            sys.executable,
            "-m",
            "ruff",
            "check",
            "--isolated",
            "--select=E,F,W,I",
            "--line-length=100",
            path,
        ]
        done = subprocess.run(checked, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


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
def test_a_server_without_a_key_is_asked_without_one(
    machine: Machine, echo: FakeAPI, name: str, env: dict[str, str]
) -> None:
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


# ---- what is printed ------------------------------------------------------------------------------------


@pytest.fixture
def run(machine: Machine, api: FakeAPI) -> Callable[..., Ran]:
    def go(name: str, script: Reply, **fields: Any) -> Ran:
        api.play(script)
        return machine.run(name, code(LANGUAGES[name], ask(**fields), api.url), API_KEY=SECRET)

    return go


Run = Callable[..., Ran]


@each
@pytest.mark.parametrize("streaming", [True, False], ids=["stream", "blocking"])
def test_a_refusal_is_shown_and_fails(run: Run, name: str, streaming: bool) -> None:
    ran = run(name, error(401, "No such key."), stream=streaming)
    assert ran.exit != 0
    assert "401" in ran.err
    assert "No such key." in ran.out + ran.err


@each
def test_an_answer_that_breaks_off_fails_and_shows_what_came(run: Run, name: str) -> None:
    ran = run(name, stream("Half of ", "it", CUT))
    assert ran.exit != 0
    assert ran.err
    assert "Half of " in ran.out


@each_own_parser
def test_a_stream_that_ends_without_its_end_fails(run: Run, name: str) -> None:
    ran = run(name, stream("Half of it", finish=None, done=False))
    assert ran.exit != 0
    assert (ran.out, ran.err.strip()) == ("Half of it\n", "The stream broke off.")


@each_parser
def test_an_error_in_the_stream_fails(run: Run, name: str) -> None:
    ran = run(name, events(chunk({"content": "Half"}), {"error": {"message": "Overloaded."}}, chunk(finish="stop")))
    assert ran.exit != 0
    assert "Half" in ran.out
    assert "Overloaded." in ran.err


# The SDK takes a stream without events for an empty answer, so it is asked for a whole one only.
@pytest.mark.parametrize(
    ("name", "streaming"),
    [("requests", True), ("requests", False), ("openai", False), ("fetch", True), ("fetch", False)],
)
@pytest.mark.parametrize(
    "script", [reply({"error": {"message": "Out of credit."}}), html("Welcome")], ids=["json", "html"]
)
def test_success_without_an_answer_fails(run: Run, name: str, streaming: bool, script: Reply) -> None:
    assert run(name, script, stream=streaming).exit != 0


@each_parser
def test_a_call_is_printed_with_its_arguments(run: Run, name: str) -> None:
    calls = (("a", "weather", '{"city": "Rome"}'), ("b", "weather", '{"city": "Łódź"}'))
    expected = 'weather {"city": "Rome"}\nweather {"city": "Łódź"}'
    for script in (tool_stream(*calls), completion(None, calls)):
        ran = run(name, script, tools=(WEATHER,), stream=script.framing == "chunked")
        assert (ran.exit, ran.out.strip()) == (0, expected), ran.err


SAID = json.dumps(chunk({"content": "né\u2028 "}), ensure_ascii=False)
END = chunk(finish="stop")
ODD = {
    "comments and other fields": data(
        b": hello\n\nevent: x\nid: 1\nretry: 5\n\n", SAID, b":\n", SAID, END, "[DONE]"
    ),
    "no spaces": [f"data:{SAID}\n\n".encode() * 2, *data(END), b"data:[DONE]\n\n"],
    "several lines": data(*(SAID.replace(", ", ",\ndata: ", 2),) * 2, END, "[DONE]"),
    "CRLF": [part.replace(b"\n", b"\r\n") for part in data(SAID, SAID, END, "[DONE]") if isinstance(part, bytes)],
    "CR": [part.replace(b"\n", b"\r") for part in data(SAID, SAID, END, "[DONE]") if isinstance(part, bytes)],
    "a byte at a time": drip(
        f"data: {SAID}\r\n\r\n".encode() * 2 + f"data: {json.dumps(END)}\r\n\r\n".encode(), 0.0
    ),
    "no [DONE]": data(SAID, SAID, END),
    "after [DONE]": data(SAID, SAID, "[DONE]", SAID, "nonsense"),
    "usage": data(SAID, SAID, END, chunk(choices=[], usage={}), chunk(choices=None), "[DONE]"),
}


@each_own_parser
@pytest.mark.parametrize("case", ODD)
def test_every_legal_stream_is_read(run: Run, name: str, case: str) -> None:
    ran = run(name, Reply(ODD[case], headers={"Content-Type": "text/event-stream"}))
    assert (ran.exit, ran.out, ran.err) == (0, "né\u2028 né\u2028 \n", "")


@each
def test_words_are_shown_as_they_come(machine: Machine, api: FakeAPI, name: str) -> None:
    api.play(stream("Hello", HANG))
    command = machine.command(name, code(LANGUAGES[name], ask(), api.url))
    with subprocess.Popen(command, env=machine.environment, stdout=subprocess.PIPE) as process:
        assert process.stdout
        seen = b""
        while b"Hello" not in seen:  # the server stays silent from there: only pytest's own time limit ends this
            seen += process.stdout.read1()
        process.kill()
