"""What a reply says that it cost, wherever a server says it."""

from __future__ import annotations

from typing import Any

import pytest
from basics import KEY, QUICK, ask
from fake_api import HANG, FakeAPI, completion, error, events, reply, stream

from backend.answer import billing, cost
from backend.answer.cost import Price, Sum
from backend.answer.turn import Turn
from backend.keys.endpoint import Endpoint
from backend.protocol import dialects
from backend.transport import bills
from backend.transport.client import ChatClient
from backend.types import Event, Retrying, TextDelta

PARTS = {"upstream_inference_prompt_cost": 0.1, "upstream_inference_completions_cost": 0.2}


@pytest.mark.parametrize(
    ("chunk", "usd"),
    [
        # AI/ML API, in its new and its old words
        ({"meta": {"usage": {"credits_used": 2_480, "usd_spent": 0.00124}}}, 0.00124),
        ({"meta": {"usage": {"credits_used": 2_000_000}}}, 1.0),
        ({"meta": {"usage": {"tokens_used": 900}}}, 0.00045),
        ({"meta": {"usage": {"usd_spent": None, "credits_used": "2000"}}}, 0.001),
        ({"event": {"meta": {"usage": {"credits_used": 2_000}}}}, 0.001),
        # OpenRouter; with a key of one's own at the provider its fee and the provider's price
        ({"usage": {"cost": 0.00014, "cost_details": {"upstream_inference_cost": None}}}, 0.00014),
        ({"usage": {"cost": 0.00014, "cost_details": {"upstream_inference_cost": 0.00014}}}, 0.00014),
        ({"usage": {"cost": 0.01, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.2}}}, 0.21),
        ({"usage": {"cost": 0, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.2}}}, 0.2),
        ({"usage": {"cost": 0, "is_byok": True, "cost_details": PARTS}}, 0.3),
        ({"usage": {"cost": 0, "is_byok": True}}, None),  # not free: what the provider took is not said
        ({"usage": {"cost": 0.05, "is_byok": False, "cost_details": PARTS}}, 0.05),
        ({"usage": {"cost": 0}}, 0.0),
        ({"usage": {"cost_details": {"upstream_inference_cost": 0.5}}}, 0.5),
        # In the events of the Responses format; beside what is wrapped
        ({"type": "response.completed", "response": {"usage": {"cost": 0.5}}}, 0.5),
        ({"type": "response.failed", "response": {"error": {}, "usage": {"cost": 0.5}}}, 0.5),
        ({"type": "response.completed", "response": {"meta": {"usage": {"usd_spent": 0.5}}}}, 0.5),
        ({"event": {"type": "response.completed", "response": {"usage": {"cost": 0.5}}}}, 0.5),
        ({"event": {"type": "x"}, "meta": {"usage": {"usd_spent": 0.5}}}, 0.5),
        ({"event": {"usage": {"cost": 0.1}}, "meta": {"usage": {"usd_spent": 0.5}}}, 0.5),
        # Others
        ({"usage": {"cost": {"input_tokens_cost": 0.1, "total_cost": 0.3}}}, 0.3),
        ({"usage": {"estimated_cost": 0.00002}}, 0.00002),
        ({"usage": {"cost_in_usd_ticks": 37_756_000}}, 0.0037756),
        ({"usage": {"cost_usd_total": 0.000125, "cost_usd_input": 0.000025}}, 0.000125),
        # Nothing, and what is no bill
        ({}, None),
        ({"usage": {"prompt_tokens": 5}}, None),
        *(({"meta": {"usage": {"usd_spent": odd}}}, None) for odd in (-1, "NaN", "inf", 1e300, True, [], {}, "")),
        *(({"usage": {"cost": odd}}, None) for odd in (-1, "NaN", 1e300, True, [], {"total_cost": -1})),
        *(({name: odd}, None) for name in ("usage", "meta", "event", "response") for odd in (7, "x", [], None)),
    ],
)
def test_a_bill_is_found_in_a_reply(chunk: dict[str, Any], usd: float | None) -> None:
    found = [event.usd for event in bills.in_reply(chunk, aimlapi=False)]
    assert found == ([] if usd is None else [pytest.approx(usd)])


def test_the_bill_of_the_provider_behind_aimlapi_is_not_a_bill() -> None:
    assert not list(bills.in_reply({"usage": {"cost": 0.5}}, aimlapi=True))
    assert [event.usd for event in bills.in_reply({"meta": {"usage": {"usd_spent": 1}}}, aimlapi=True)] == [1.0]


@pytest.mark.parametrize(
    ("headers", "usd"),
    [
        ({"x-aimlapi-usd-spent": "0.001240000", "x-aimlapi-credits-used": "2480"}, 0.00124),
        ({"x-aimlapi-credits-used": "2480"}, 0.00124),
        ({"x-litellm-response-cost": "2.85e-05"}, 0.0000285),
        ({"x-litellm-response-cost": "0.0"}, None),
        ({"x-litellm-response-cost": "None"}, None),
        ({"x-aimlapi-usd-spent": "-1"}, None),
        ({"x-aimlapi-usd-spent": "1e300"}, None),
    ],
)
@pytest.mark.parametrize("streaming", [True, False])
def test_a_bill_is_found_in_the_headers(
    api: FakeAPI, headers: dict[str, str], usd: float | None, streaming: bool
) -> None:
    api.play(completion("Hi", headers=headers))
    message = ChatClient(Endpoint(api.url, KEY), QUICK).complete(ask(stream=streaming))
    assert message.cost == (None if usd is None else pytest.approx(usd))


def test_a_bill_in_the_usage_of_a_stream_is_the_answers_cost(api: FakeAPI) -> None:
    piece = {"choices": [{"delta": {"content": "Hi"}, "finish_reason": "stop"}]}
    api.play(events(piece, {"choices": [], "usage": {"prompt_tokens": 5, "cost": 0.00014}}, "[DONE]"))
    assert ChatClient(Endpoint(api.url, KEY), QUICK).complete(ask()).cost == pytest.approx(0.00014)


@pytest.mark.parametrize("streaming", [True, False])
@pytest.mark.parametrize("kind", ["response.completed", "response.failed"])
def test_an_answer_of_the_responses_format_has_bill_and_usage(api: FakeAPI, kind: str, streaming: bool) -> None:
    error = {"error": {"code": "server_error", "message": "No."}} if kind.endswith("failed") else {}
    usage = {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12, "cost": 0.5}
    whole = {"object": "response", "status": kind[9:], "output": [], "usage": usage, **error}
    api.play(events({"type": kind, "response": whole}) if streaming else reply(whole))
    dialect = dialects.choose("m", f"{api.url}/responses")
    turn = Turn(ChatClient(Endpoint(api.url, KEY), QUICK), ask(stream=streaming, dialect=dialect)).start().join(20)
    assert turn.state == ("failed" if error else "done")
    assert turn.message.cost == 0.5
    assert turn.message.usage and turn.message.usage.total_tokens == 12


@pytest.mark.parametrize("streaming", [True, False])
@pytest.mark.parametrize("where", ["header", "body"])
def test_an_answer_that_ends_in_an_error_has_its_bill_too(api: FakeAPI, where: str, streaming: bool) -> None:
    headers = {"x-aimlapi-usd-spent": "0.25"} if where == "header" else {}
    meta = {"meta": {"usage": {"usd_spent": 0.25}}} if where == "body" else {}
    said = {"error": {"message": "No."}, **meta}
    api.play(events(said, **headers) if streaming else reply(said, headers=headers))
    turn = Turn(ChatClient(Endpoint(api.url, KEY), QUICK), ask(stream=streaming)).start().join(20)
    assert turn.state == "failed" and turn.message.cost == 0.25


def test_the_usage_log_may_say_it_in_credits_alone() -> None:
    row = {"client_request_id": "pg-1", "cost": {"credits": 2_480}}
    assert billing.logged_cost({"data": [row]}, "pg-1") == pytest.approx(0.00124)
    assert billing.logged_cost({"data": [{**row, "cost": {"usd": -1}}]}, "pg-1") is None


@pytest.mark.parametrize(
    ("said", "until", "costs"),
    [(error(429, headers={"Retry-After": "30"}), Retrying, False), (stream("Hel", HANG), TextDelta, True)],
    ids=["refused", "begun"],
)
def test_a_stopped_answer_costs_something_only_where_a_server_took_it(
    api: FakeAPI, said: Any, until: type[Event], costs: bool
) -> None:
    api.play(said)
    turn = Turn(ChatClient(Endpoint(api.url, KEY), QUICK), ask(), price=Price(1.0, 1.0)).start()
    next(timed for timed in turn.follow() if isinstance(timed.event, until))
    turn.stop()
    answer = turn.join(20).message
    assert bool(answer.estimate) is costs and answer.estimate is not None
    assert cost.add(Sum(), answer).answers == costs
