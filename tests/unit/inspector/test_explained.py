"""What just happened, in sentences: for every way an answer can end, from its own figures, and nothing invented."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from backend.answer.cost import cents
from backend.answer.exchange_record import ExchangeRecord, Try
from backend.types import JSON, Failure, Message, State, Timing, ToolCall, Usage
from components.inspector.explained import Circumstances, sentences

QUESTION: dict[str, JSON] = {"role": "user", "content": "Hi"}
BODY: dict[str, JSON] = {"model": "a/b", "messages": [QUESTION], "stream": True, "temperature": 0.5}
RECORD = ExchangeRecord(body=BODY, tries=(Try("POST", "https://api.example.com/v1/chat/completions"),))
ANSWER = Message(
    "assistant",
    "Hello",
    model="a/b",
    finish_reason="stop",
    usage=Usage(12, 5),
    cost=0.00124,
    timing=Timing(0.5, 2.0),
    server="abc",
)
ABOUT = Circumstances("Model B")


def told(message: Message, record: ExchangeRecord | None = RECORD, about: Circumstances = ABOUT) -> list[str]:
    """The sentences, as they read."""
    return [
        re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", line).replace("\u2060", "")
        for line in sentences(message, record, about)
    ]


def test_a_whole_answer_is_five_sentences() -> None:
    assert told(ANSWER) == [
        "Your question was sent, with temperature 0.5 set: 12 tokens (pieces of words) in all.",
        "It went to Model B at api.example.com.",
        "The first word came after 0.50 seconds, and all of it took 2.0 seconds.",
        "It cost 0.124 cents, as the provider reports.",
        "It ended because the model had said all it wanted to say.",
    ]


CALL = ToolCall("1", "get_weather", "{}")
FAILURE = Failure("The key was refused.", "Check it.")


@pytest.mark.parametrize(
    ("changes", "ended"),
    [
        ({"finish_reason": None}, "had said all"),
        ({"finish_reason": "STOP"}, "had said all"),
        ({"finish_reason": "length"}, "the longest answer allowed. Continue lets it go on."),
        ({"finish_reason": "MAX_TOKENS"}, "the longest answer allowed"),
        ({"finish_reason": "model_context_window_exceeded"}, "no room for a longer conversation"),
        ({"finish_reason": "pause_turn"}, "the provider paused it. Continue"),
        ({"finish_reason": "content_filter"}, "content filter stopped it"),
        ({"finish_reason": "stop", "tool_calls": (CALL,)}, "asks for the tool get_weather."),
        ({"tool_calls": (CALL, replace(CALL, name="clock"), CALL)}, "asks for the tools get_weather and clock."),
        ({"tool_calls": (replace(CALL, name=""),)}, "asks for a tool."),
        ({"content": "", "refusal": "No."}, "declined to answer"),
        ({"state": "stopped"}, "you pressed Stop; what had arrived is kept"),
        ({"state": "interrupted"}, "closed or restarted in the middle"),
        ({"state": "failed", "failure": FAILURE}, "an error in the middle: The key was refused."),
        ({"state": "failed"}, "ended with an error."),
        ({"finish_reason": "weird"}, "the provider calls “weird”"),
        ({"unreadable": 2}, "say. Some of it could not be read and is missing."),
    ],
    ids=str,
)
def test_every_way_to_end_has_its_words(changes: dict[str, object], ended: str) -> None:
    lines = told(replace(ANSWER, **changes))  # type: ignore[arg-type]
    assert len(lines) == 5 and ended in lines[-1]


def test_a_limit_that_was_set_is_named() -> None:
    limited = replace(RECORD, body={**BODY, "max_tokens": 2048})
    assert "the limit of 2,048 tokens that was set" in told(replace(ANSWER, finish_reason="length"), limited)[-1]


@pytest.mark.parametrize(
    ("changes", "about", "said"),
    [
        ({"cost": 0.0}, ABOUT, "It cost nothing."),
        ({"cost": None, "estimate": 0.02}, ABOUT, "It cost about 2 cents, by the list price."),
        ({"cost": None, "estimate": 0.02}, replace(ABOUT, pending=True), "the provider's bill comes later"),
        ({"cost": None}, replace(ABOUT, pending=True), "not known yet"),
        ({"cost": None}, ABOUT, "What it cost is not known"),
        ({"cost": None, "estimate": 0.0}, replace(ABOUT, here=True), "a model on this computer sends no bill"),
        ({"cost": float("nan")}, ABOUT, "What it cost is not known"),
    ],
)
def test_the_cost_is_told_in_cents_where_it_is_known(
    changes: dict[str, object], about: Circumstances, said: str
) -> None:
    assert said in told(replace(ANSWER, **changes), about=about)[3]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("usd", "amount"),
    [
        (0.00124, "0.124 cents"),
        (0.01, "1 cent"),
        (0.0000031, "0.00031 cents"),
        (3.125, "312 cents"),
        (0.5, "50 cents"),
    ],
)
def test_small_amounts_keep_their_digits(usd: float, amount: str) -> None:
    assert cents(usd) == amount


def test_unknown_facts_are_left_out_of_the_explanation() -> None:
    assert told(Message("assistant", "From a link."), None, Circumstances()) == []
    assert told(Message("assistant", "Old.", model="a/b"), None) == [
        "It went to Model B.",
        "What it cost is not known: the provider did not say, and there is no list price.",
        "It ended because the model had said all it wanted to say.",
    ]
    bare = told(replace(ANSWER, usage=None, timing=Timing(None, 2.0)))
    assert "tokens" not in bare[0] and bare[2] == "It took 2.0 seconds."


@pytest.mark.parametrize("state", ["failed", "stopped"])
def test_a_request_that_never_left_is_not_said_to_have_cost_something(state: State) -> None:
    message = Message("assistant", state=state, failure=FAILURE if state == "failed" else None)
    lines = told(message, ExchangeRecord(state=state), Circumstances())
    assert lines[0] == "Nothing was sent: the answer ended before the request could leave."
    assert len(lines) == 2 and not any("cost" in line for line in lines)


SYSTEM: JSON = {"role": "system", "content": "Be brief."}
RESULT: JSON = {"role": "tool", "content": "22"}
OF_CLAUDE: JSON = {"role": "user", "content": [{"type": "tool_result"}]}


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ({"messages": [SYSTEM, QUESTION]}, "Your question was sent, under a system prompt"),
        ({"messages": [QUESTION], "system": "Be brief."}, "Your question was sent, under a system prompt"),
        ({"messages": [QUESTION] * 5}, "together with the conversation before it (4 messages)"),
        ({"messages": [QUESTION, RESULT]}, "What the tools gave was sent back"),
        ({"messages": [QUESTION, OF_CLAUDE]}, "What the tools gave was sent back"),
        ({"input": "Hi", "instructions": "Be brief."}, "Your question was sent, under a system prompt"),
        ({"input": [QUESTION, {"type": "function_call_output"}]}, "What the tools gave"),
        ({"messages": [QUESTION], "tools": [{}]}, "with 1 tool to use"),
        ({"messages": [QUESTION], "tools": [{}, {}]}, "with 2 tools to choose from"),
        ({"messages": [QUESTION], "reasoning": {"max_tokens": 5}, "top_k": 4}, "with reasoning and top_k 4 set"),
        ({"messages": "what?", "temperature": ["odd"]}, "Your question was sent, with temperature set"),
    ],
)
def test_the_sent_settings_are_read_from_any_format(body: dict[str, JSON], sent: str) -> None:
    assert (
        told(ANSWER, replace(RECORD, body=body))[0].startswith(sent)
        or sent in told(ANSWER, replace(RECORD, body=body))[0]
    )


def test_an_answer_that_goes_on_or_was_edited_by_hand_says_so() -> None:
    assert told(replace(ANSWER, continued_at=(3,)))[0].startswith("The beginning of this answer was sent back")
    assert told(replace(ANSWER, by_hand=True))[0].startswith("A request that was edited by hand was sent")
    assert "took 3 tries" in told(ANSWER, replace(RECORD, tries=RECORD.tries * 3))[1]


def test_a_recording_names_no_server_and_offers_nothing_that_it_cannot_do() -> None:
    played = replace(ABOUT, played=True)
    assert told(ANSWER, about=played)[1] == "It went to Model B."
    assert "Continue" not in told(replace(ANSWER, finish_reason="length"), about=played)[-1]
    assert len(told(replace(ANSWER, cost=None), about=played)) == 4
    assert "Stop was pressed" in told(replace(ANSWER, state="stopped"), about=played)[-1]


def test_a_model_on_this_computer_sends_nothing_to_others() -> None:
    assert "nothing was sent to anybody else" in told(ANSWER, about=replace(ABOUT, here=True))[1]


def test_names_from_outside_are_plain_text() -> None:
    evil = "![x](https://evil.test/x.png) **b** :material/home: $x$ <b>"
    message = replace(
        ANSWER, state="failed", model=evil, failure=Failure(evil), tool_calls=(replace(CALL, name=evil),)
    )
    record = replace(
        RECORD, body={"messages": [QUESTION], "provider": evil}, tries=(Try("POST", f"https://{evil}"),)
    )
    for drawn in (
        message,
        replace(message, state="done"),
        replace(message, state="done", tool_calls=(), finish_reason=evil),
    ):
        text = "\n".join(sentences(drawn, record, Circumstances(evil)))
        assert "\\!\\[x\\]" in text
        assert not re.search(r"(?<!\\)[!\[*$<]|(?<!\\):(?=material)", text)
