"""When an answer is over and when a server is dead: one that lives is waited for, and half an answer is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from asking import done, failed, raw, run
from basics import KEY, ask
from fake_api import (
    HANG,
    USAGE,
    FakeAPI,
    Pause,
    Reply,
    by_prompt,
    chunk,
    completion,
    data,
    drip,
    events,
    reply,
    stream,
)

from backend import errors
from backend.answer.turn import Turn
from backend.keys.endpoint import is_near
from backend.transport.client import ChatClient, Endpoint
from backend.transport.deadlines import Deadlines
from backend.types import ChatRequest

# What may end an answer here is told by the one that is short.
PATIENT = Deadlines(headers=20, blocking=20, first_data=20, idle=20, tail=20, total=60)
ROLE = chunk({"role": "assistant", "content": ""})
JSON = {"Content-Type": "application/json"}


def patient(api: FakeAPI, **short: float) -> ChatClient:
    return ChatClient(Endpoint(api.url, KEY), replace(PATIENT, **short))


def of(index: int, text: str = "", finish: str | None = None) -> dict[str, Any]:
    delta = {"content": text} if text else {}
    return {"choices": [{"index": index, "delta": delta, "finish_reason": finish}]}


# ---- a finish_reason is the last word when nothing speaks against it -----------------------------------------


@pytest.mark.parametrize("finish", ["stop", "length"])
def test_an_error_behind_the_end_of_an_answer_is_none_of_it(api: FakeAPI, finish: str) -> None:
    """OpenRouter, at the longest answer: "Token limit reached"."""
    last = chunk({"content": "ne."}, "length") if finish == "length" else chunk({"content": "ne."})
    error = chunk({"content": ""}, usage=USAGE, error={"code": 400, "message": "Token limit reached"})
    api.play(events(chunk({"content": "O"}), last, chunk(finish=finish), error, "[DONE]"))
    message = done(run(patient(api)), "One.")
    assert (message.finish_reason, message.usage and message.usage.total_tokens) == (finish, 8)


def test_an_error_before_the_end_of_an_answer_ends_it(api: FakeAPI) -> None:
    error = {"error": {"code": 502, "message": "Upstream closed"}}
    for first in (chunk({"content": "One."}), chunk({"content": "One."}, "stop"), of(0, "One.")):
        api.play(events(first, error))
        failed(run(patient(api)), errors.ServerTrouble, "One.")
    api.play(events(of(0, "One."), of(1, "Tw"), of(0, finish="stop"), error))
    failed(run(patient(api), parameters={"n": 2}), errors.ServerTrouble, "One.")


@pytest.mark.parametrize("parameters", [{"n": 2}, {}])
def test_a_second_answer_is_waited_for_when_the_first_has_ended(api: FakeAPI, parameters: dict[str, Any]) -> None:
    late = [of(0, "one"), of(0, finish="stop"), Pause(0.6), of(1, "tw"), Pause(0.6), of(1, "o", None)]
    begun = late if parameters else [of(1, "tw"), *late[:3], of(1, "o")]
    api.play(events(*begun, of(1, finish="stop"), "[DONE]"))
    turn = run(patient(api, tail=0.2), parameters=parameters)
    done(turn, "one")
    assert [message.content for message in turn.alternatives] == ["two"]


def test_a_second_answer_that_is_cut_off_is_told(api: FakeAPI) -> None:
    api.play(events(of(0, "one"), of(1, "tw"), of(0, finish="stop")))
    failed(run(patient(api)), errors.CutOff, "one")


def test_a_stop_in_every_chunk_is_no_end(api: FakeAPI) -> None:
    pieces = [chunk({"content": text}, "stop") for text in ("One.", " Two.", " Three.")]
    api.play(events(pieces[0], Pause(0.6), pieces[1], Pause(0.6), pieces[2], "[DONE]"))
    done(run(patient(api, tail=0.2)), "One. Two. Three.")


def test_a_stop_in_a_chunk_of_its_own_that_turns_out_to_be_none_is_not_believed_again(api: FakeAPI) -> None:
    api.play(
        events(
            of(0, "One."), of(0, finish="stop"), of(0, " Two."), of(0, finish="stop"), Pause(0.6), of(0, " Three.")
        )
    )
    done(run(patient(api, tail=0.2)), "One. Two. Three.")


def test_after_the_last_word_only_the_usage_is_waited_for(api: FakeAPI) -> None:
    api.play(events(of(0, "Hello"), of(0, finish="stop"), chunk(choices=[], usage=USAGE), HANG))
    assert done(run(patient(api, tail=0.2)), "Hello").usage
    api.play(events(of(0, "Hello"), of(0, finish="stop"), *drip(b": wait\n\n" * 400, 0.05, 8)))
    done(run(patient(api, tail=0.2)), "Hello")


# ---- whatever comes is a sign of life ------------------------------------------------------------------------


SIGNS = (b": loading\n\n", b"data: ping\n\n", b"\n\n\n\n", b'event: ping\ndata: {"a":1}\n\n')


def test_a_server_that_says_anything_is_waited_for(api: FakeAPI) -> None:
    answers: dict[str, Reply] = {}
    for sign in SIGNS:
        dripping = [step for _ in range(24) for step in (Pause(0.05), sign)]
        answers[repr(sign)] = events(
            *dripping, ROLE, *dripping, *data(of(0, "Hel")), *dripping, of(0, "lo"), "[DONE]"
        )
    api.play(by_prompt(answers))
    client = patient(api, first_data=1.0, idle=1.0)
    turns = {prompt: Turn(client, ask(prompt)).start() for prompt in answers}  # all at once: each takes seconds
    for prompt, turn in turns.items():
        assert done(turn.join(30), "Hello"), prompt


def test_a_whole_answer_that_drips_is_waited_for(api: FakeAPI) -> None:
    (body,) = completion("Hello").steps
    assert isinstance(body, bytes)
    drip_slowly = drip(b" " * 6 + body, 0.05, 40)
    api.play(Reply(drip_slowly, 200, JSON))
    done(run(patient(api, blocking=0.3), stream=False), "Hello")


def test_a_role_alone_is_no_beginning(api: FakeAPI) -> None:
    api.play(events(ROLE, Pause(0.6), of(0, "Hello"), "[DONE]"))
    done(run(patient(api, idle=0.2)), "Hello")


def test_a_model_that_thinks_may_fall_silent_between_its_thoughts(api: FakeAPI) -> None:
    thought = chunk({"reasoning_content": "Hm."})
    api.play(events(thought, Pause(0.6), thought, Pause(0.6), of(0, "Hello"), "[DONE]"))
    assert done(run(patient(api, idle=0.2)), "Hello").reasoning == "Hm.Hm."
    api.play(events(thought, of(0, "Hel"), HANG))
    failed(run(patient(api, idle=0.2)), errors.CutOff, "Hel")


def test_a_model_that_thinks_has_the_time_of_a_whole_answer_for_its_first_word(api: FakeAPI) -> None:
    api.play(raw(Pause(0.4), b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", Pause(0.4), *stream("Hello").steps))
    done(run(patient(api, headers=0.1, first_data=0.1), parameters={"reasoning_effort": "high"}), "Hello")


@pytest.mark.parametrize(
    ("model", "parameters", "thinks"),
    [
        ("openai/gpt-5.2", {}, True),
        ("o3-pro", {}, True),
        ("google/gemini-3-pro-preview", {}, True),
        ("deepseek/deepseek-r1", {}, True),
        ("gpt-4o", {}, False),
        ("google/gemini-2.5-flash", {}, False),
        ("meta/llama-3.3-70b", {"reasoning_effort": "none"}, False),
        ("meta/llama-3.3-70b", {"enable_thinking": True}, True),
        ("", {}, False),
    ],
)
def test_a_model_that_may_think_is_known_by_name_or_request(
    model: str, parameters: dict[str, Any], thinks: bool
) -> None:
    plain = Deadlines()
    waits = plain.of(ChatRequest(model, (), parameters))
    assert (waits.headers, waits.first_data) == ((300, 300) if thinks else (plain.headers, plain.first_data))


# ---- a server near by may load its model first ---------------------------------------------------------------


def test_a_server_near_by_gets_the_time_of_a_first_word_for_its_headers(api: FakeAPI) -> None:
    api.play(raw(Pause(0.6), b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", *stream("Hello").steps))
    done(run(patient(api, headers=0.2)), "Hello")
    api.play(raw(HANG))
    error = failed(run(patient(api, headers=0.1, first_data=0.3)), errors.TimedOut)
    assert "loading" in error.hint


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://127.0.0.1:11434/v1", True),
        ("http://localhost:1234/v1", True),
        ("http://[::1]:8080", True),
        ("http://192.168.1.20:8080/v1", True),
        ("http://10.0.0.5/v1", True),
        ("http://[fd00::1]/v1", True),
        ("http://ollama:11434/v1", True),
        ("http://gpu.local/v1", True),
        ("http://llm.corp.internal/v1", True),
        ("https://api.aimlapi.com/v1", False),
        ("https://8.8.8.8/v1", False),
        ("https://local.example.com/v1", False),
        ("no address", False),
        ("", False),
    ],
)
def test_an_address_near_by_is_known_by_its_form(url: str, near: bool) -> None:
    assert is_near(url) == near
    assert Endpoint(url).is_near == near
    assert not Endpoint(url, public_only=True).is_near


# ---- before and instead of the reply -------------------------------------------------------------------------


def test_early_hints_are_skipped(api: FakeAPI) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n" * 2
    api.play(raw(hints, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", *stream("Hello").steps))
    done(run(patient(api)), "Hello")


def test_hints_without_end_are_an_error(api: FakeAPI) -> None:
    api.play(raw(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100))
    assert Turn(patient(api), ask()).start().join(20).state == "failed"


@pytest.mark.parametrize(
    ("location", "whither"),
    [
        ("https://new.example/v1/chat/completions?token=abc#x", "https://new.example/v1/chat/completions"),
        ("https://name:word@new.example/v1", "https://new.example/v1"),
        ("/v2/chat/completions", "{origin}/v2/chat/completions"),
        (f"https://new.example/{KEY}/v1", "https://new.example/[key]/v1"),
        ("http://[broken", "an address that is none"),
    ],
)
def test_a_redirect_says_where_it_leads_without_secrets(api: FakeAPI, location: str, whither: str) -> None:
    api.play(reply(b"", 308, {"Location": location}))
    error = failed(run(patient(api)), errors.Redirected)
    assert error.detail == f"It points to {whither.format(origin=api.origin)}"
