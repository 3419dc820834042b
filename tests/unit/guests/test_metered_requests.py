"""A request at the owner's expense: reserved, counted, refused; what guests may ask for; estimates."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from basics import QUICK, ask
from fake_api import CUT, HANG, USAGE, FakeAPI, completion, error, events, stream

from backend.answer.cost import Price
from backend.answer.turn import Turn
from backend.catalog import ModelInfo
from backend.guests import terms as guest_terms
from backend.guests.ledger import Amount, Ledger
from backend.guests.metering import Account, BudgetUnknown, MeteredSource, OverBudget, PausedByOwner, check_together
from backend.guests.terms import GuestPolicy, Limit, NotForGuests
from backend.guests.token_bounds import prompt_tokens
from backend.protocol import dialects, wire
from backend.protocol.learned import Learned
from backend.store import Store
from backend.transport.client import ChatClient, Endpoint
from backend.types import ChatRequest, TextDelta

TERMS = GuestPolicy(
    limits=(Limit("guest", "messages", "day", 3), Limit("all", "messages", "day", 5)), max_tokens=100
)


# ---- a request at the owner's expense -------------------------------------------------------------------


def metered(api: FakeAPI, ledger: Ledger, terms: GuestPolicy = TERMS, **more: object) -> MeteredSource:
    client = ChatClient(Endpoint(api.url, "sk-owner-0123456789"), QUICK)
    return MeteredSource(client, Account(ledger, "anna", terms, deadlines=QUICK, **more))  # type: ignore[arg-type]


def ended(source: MeteredSource, request: ChatRequest | None = None) -> Turn:
    turn = Turn(source, request or ask()).start().join(20)
    turn._thread.join(20)
    return turn


def test_the_usage_that_the_server_reports_counts(api: FakeAPI, memory: Ledger) -> None:
    api.play(stream("Hello", usage=USAGE))
    assert ended(metered(api, memory)).message.content == "Hello"
    assert memory.usage("anna") == Amount(1, USAGE["total_tokens"], 0)


@pytest.mark.parametrize("streaming", [True, False])
def test_dollars_that_are_reported_go_before_prices(api: FakeAPI, memory: Ledger, streaming: bool) -> None:
    bill = {"usage": {"usd_spent": 0.0125}}
    blocking = completion("Hi", headers={"x-aimlapi-usd-spent": "0.0125"})
    streamed = events(
        {"choices": [{"delta": {"content": "Hi"}, "finish_reason": "stop"}]}, {"meta": bill}, "[DONE]"
    )
    api.play(streamed if streaming else blocking)
    ended(metered(api, memory, info=dear), ask(stream=streaming))
    assert memory.usage("anna").micros == 12_500


def dear(model: str) -> ModelInfo:
    return ModelInfo(model, price_in=1.0, price_out=10.0)


@pytest.mark.parametrize("end", ["stop", "cut", "no usage", "stalled"])
def test_an_answer_without_usage_counts_as_what_arrived(api: FakeAPI, memory: Ledger, end: str) -> None:
    last = {"stop": HANG, "cut": CUT, "stalled": HANG}.get(end)
    api.play(stream("word " * 30, *([last] if last else []), finish=None if last else "stop", done=not last))
    turn = Turn(metered(api, memory), ask()).start()
    if end == "stop":
        while not turn.message.content:
            turn.wait(0)
        turn.stop()
    turn.join(20)._thread.join(20)
    assert turn.state == {"stop": "stopped", "no usage": "done"}.get(end, "failed")
    used = memory.usage("anna")
    assert used.messages == 1
    assert 50 <= used.tokens < 100, "the prompt and 150 letters, not the 100 tokens that were set aside"


def test_stopping_before_the_first_word_counts_the_prompt(api: FakeAPI, memory: Ledger) -> None:
    api.play(stream(HANG))
    turn = Turn(metered(api, memory), ask("x" * 300)).start()
    while not api.asked:
        time.sleep(0.01)
    turn.stop()
    turn._thread.join(20)
    assert memory.usage("anna").messages == 1 and 100 <= memory.usage("anna").tokens < 150


def test_a_bill_that_comes_after_the_end_counts_in_place_of_the_estimate(api: FakeAPI, memory: Ledger) -> None:
    api.play(stream("Hello ", HANG))
    source = metered(api, memory)
    turn = Turn(source, ask("x" * 300)).start()
    next(item for item in turn.follow() if isinstance(item.event, TextDelta))
    turn.stop()
    turn._thread.join(20)
    before = memory.usage("anna")
    source.billed(0.0031)
    assert memory.usage("anna") == replace(before, micros=3_100)
    unsent = metered(api, memory)
    unsent.billed(1.0)
    assert memory.usage("anna").micros == 3_100, "what was never sent has no bill"


@pytest.mark.parametrize("status", [400, 401, 402, 404, 429])
def test_a_refused_request_costs_nothing(api: FakeAPI, memory: Ledger, status: int) -> None:
    api.play(error(status, headers={"Retry-After": "999"}))
    assert ended(metered(api, memory)).state == "failed"
    assert memory.usage("anna") == Amount()


def test_a_server_that_is_not_there_costs_nothing(memory: Ledger) -> None:
    client = ChatClient(Endpoint("http://127.0.0.1:9/v1"), QUICK)
    assert ended(MeteredSource(client, Account(memory, "anna", TERMS))).state == "failed"
    assert memory.usage("anna") == Amount()


def test_a_reservation_is_the_most_that_the_request_can_cost(api: FakeAPI, memory: Ledger) -> None:
    api.play(stream(HANG))
    turn = Turn(metered(api, memory, info=dear), ask(parameters={"n": 2})).start()
    while not api.asked:
        time.sleep(0.01)
    assert memory.usage("anna").tokens >= 200 and memory.usage("anna").micros >= 2_000
    turn.stop()
    turn._thread.join(20)


@pytest.mark.parametrize(
    ("who", "words"), [("guest", "You have used your budget"), ("all", "All guests together have used the budget")]
)
def test_over_the_budget_nothing_is_sent_and_the_words_say_how_to_go_on(
    api: FakeAPI, memory: Ledger, who: guest_terms.Who, words: str
) -> None:
    api.play(stream("Hello", usage=USAGE))
    terms = GuestPolicy(limits=(Limit(who, "messages", "day", 3),), max_tokens=100)
    turns = [ended(metered(api, memory, terms)) for _ in range(4)]
    assert [turn.state for turn in turns] == ["done", "done", "done", "failed"]
    assert len(api.asked) == 3
    refused = turns[-1].error
    assert isinstance(refused, OverBudget)
    assert refused.title == f"{words} for today: 3 messages." and "key of your own" in refused.hint


def test_a_pause_and_an_unknown_budget_are_told_apart(api: FakeAPI, memory: Ledger) -> None:
    memory.pause(True)
    assert isinstance(ended(metered(api, memory)).error, PausedByOwner)
    nowhere = Store.open("nonsense")
    assert isinstance(ended(metered(api, Ledger(nowhere))).error, BudgetUnknown)
    assert not api.asked
    nowhere.close(0.1)


# ---- what guests may ask for ----------------------------------------------------------------------------


def body(request: ChatRequest, api: FakeAPI, memory: Ledger, terms: GuestPolicy = TERMS) -> dict[str, object]:
    api.play(stream("ok", usage=USAGE))
    turn = ended(metered(api, memory, terms), request)
    assert turn.error is None, turn.error
    return dict(api.asked[-1].body)


def test_the_longest_answer_is_said_to_the_server(api: FakeAPI, memory: Ledger) -> None:
    assert body(ask(), api, memory)["max_tokens"] == 100
    assert body(ask(parameters={"max_tokens": 7}), api, memory)["max_tokens"] == 7
    wide = replace_limits(())
    assert body(ask(parameters={"max_completion_tokens": 5000}), api, memory, wide)["max_completion_tokens"] == 100


def replace_limits(limits: tuple[Limit, ...]) -> GuestPolicy:
    return GuestPolicy(limits=limits, max_tokens=100)


@pytest.mark.parametrize("wrong", [10**9, -1, 0, 1.5, "5", None, True, [], {}])
@pytest.mark.parametrize("where", ["parameters", "extra", "raw"])
def test_no_wording_of_the_limit_makes_an_answer_longer(
    api: FakeAPI, memory: Ledger, where: str, wrong: object
) -> None:
    asked = {"max_tokens": wrong, "n": wrong if wrong is not None else 9}
    if where == "raw":
        whole = {"model": "fake/alpha", "messages": [{"role": "user", "content": "Hi"}], "stream": True, **asked}
        request = ask(raw=whole)
    else:
        request = ask(**{where: asked})
    sent = body(request, api, memory, replace_limits(()))
    assert sent["max_tokens"] == 100
    assert sent.get("n") in (2, None)


@pytest.mark.parametrize("name", ["models", "plugins", "route", "fallbacks", "stream_mode", "service_tier"])
def test_requests_of_unbounded_cost_are_closed_to_guests(api: FakeAPI, memory: Ledger, name: str) -> None:
    turn = ended(metered(api, memory), ask(extra={name: ["openai/o1-pro"]}))
    assert isinstance(turn.error, NotForGuests) and name in turn.error.title
    assert not api.asked and memory.usage("anna") == Amount()


@pytest.mark.parametrize(
    "hosted",
    [
        {"type": "web_search"},
        {"type": "web_search_20250305", "name": "web_search"},
        {"type": "code_interpreter", "container": {"type": "auto"}},
        {"type": "image_generation"},
        {"type": "file_search", "vector_store_ids": ["vs_1"]},
        {"type": "mcp", "server_label": "x", "server_url": "https://x.example"},
        {"type": "builtin_function", "function": {"name": "$web_search"}},
        {"google_search": {}},
        "web_search",
    ],
    ids=str,
)
@pytest.mark.parametrize("where", ["extra", "raw"])
def test_a_tool_that_the_provider_runs_is_not_open_to_guests(where: str, hosted: object) -> None:
    own = {"type": "function", "function": {"name": "add", "parameters": {}}}
    asked = {"model": "m", "messages": [], "tools": [own, {"name": "add", "input_schema": {}}]}
    assert guest_terms.fitted(ask(**{where: asked}), TERMS)
    for tools in ([own, hosted], hosted):
        with pytest.raises(NotForGuests, match="provider runs"):
            guest_terms.fitted(ask(**{where: {**asked, "tools": tools}}), TERMS)


def test_a_model_that_is_not_on_the_list_is_refused_however_it_is_named(api: FakeAPI, memory: Ledger) -> None:
    terms = GuestPolicy(models=("fake/a*",))
    assert body(ask(), api, memory, terms)["model"] == "fake/alpha"
    for request in (ask(extra={"model": "fake/beta"}), ask(raw={"model": "fake/beta", "messages": []})):
        assert isinstance(ended(metered(api, memory, terms), request).error, NotForGuests)
    assert len(api.asked) == 1


@pytest.mark.parametrize(
    ("model", "terms", "priced", "said"),
    [
        (ModelInfo("a/x"), GuestPolicy(), False, ""),
        (ModelInfo("a/x", price_in=1, price_out=14.9), GuestPolicy(), True, ""),
        (ModelInfo("a/x", price_in=1, price_out=16), GuestPolicy(), True, "costs up to $16"),
        (ModelInfo("a/x", price_in=16, price_out=1), GuestPolicy(), True, "costs up to $16"),
        (ModelInfo("a/x", price_out=16), GuestPolicy(price_limit=None), True, ""),
        (ModelInfo("a/x"), GuestPolicy(), True, "Nobody says"),
        (ModelInfo("a/x"), GuestPolicy(models=("a/*",)), True, ""),
        (ModelInfo("a/x"), GuestPolicy(models=("*",)), True, "Nobody says"),
        (ModelInfo("A/X"), GuestPolicy(models=("b/*", "a/x")), False, ""),
        (ModelInfo("a/x", aliases=("x",)), GuestPolicy(models=("x",)), False, ""),
        (ModelInfo("a/x"), GuestPolicy(models=("b/*",)), False, "not among"),
    ],
)
def test_which_models_are_open(model: ModelInfo, terms: GuestPolicy, priced: bool, said: str) -> None:
    problem = guest_terms.model_problem(model, terms, priced=priced)
    assert said in problem and bool(said) == bool(problem)


def test_a_price_that_nobody_says_is_the_dearest_where_money_is_billed(memory: Ledger) -> None:
    billed = Account(memory, "anna", GuestPolicy(price_limit=12.0), priced=True)
    assert billed.price("m") == Price(12.0, 12.0)
    assert Account(memory, "anna", GuestPolicy()).price("m") == Price(None, None)
    bands = Account(
        memory, "anna", GuestPolicy(), lambda model: ModelInfo(model, price_in=1, price_out=2, price_varies=True)
    )
    assert bands.price("m") == Price(2.0, 4.0)


@pytest.mark.parametrize(
    ("refused", "left"), [({"max_tokens"}, "max_completion_tokens"), ({"max_completion_tokens"}, "max_tokens")]
)
def test_a_refusal_remembered_by_the_app_does_not_lift_the_limit(refused: set[str], left: str) -> None:
    request = ask(parameters={"max_tokens": 50}, learned=Learned(frozenset(refused)))
    fitted = guest_terms.fitted(replace(request, parameters={}), TERMS)
    assert wire.payload(fitted)[left] == 100
    with pytest.raises(NotForGuests):
        guest_terms.fitted(ask(learned=Learned(frozenset({"max_tokens", "max_completion_tokens"}))), TERMS)


@pytest.mark.parametrize("format_", ["messages", "responses"])
@pytest.mark.parametrize("fields", [{}, {"max_tokens": 9_000}, {"max_output_tokens": 9_000}])
def test_the_other_formats_have_the_same_limit_and_are_counted(format_: str, fields: dict[str, int]) -> None:
    request = ask("x" * 3_000, parameters=fields, dialect=dialects.choose("m", f"https://x.test/v1/{format_}"))
    if format_ == "messages" and "max_output_tokens" in fields:
        return  # it has no such field
    body = wire.payload(guest_terms.fitted(request, TERMS))
    lengths = [value for name, value in body.items() if name.startswith("max_")]
    assert lengths == [100] and prompt_tokens(body) > 900


def test_a_body_of_another_format_that_was_edited_by_hand_has_the_limit_too() -> None:
    raw = {"model": "m", "input": "Hi"}
    request = ask(raw=raw, dialect=dialects.choose("m", "https://x.test/v1/responses"))
    assert wire.payload(guest_terms.fitted(request, TERMS)) == {**raw, "max_output_tokens": 100}


@pytest.mark.parametrize(
    ("model", "base_url"),
    [("gpt-5-pro", "https://api.openai.com/v1"), ("claude-sonnet-4-5", "https://api.anthropic.com/v1")],
)
def test_guests_may_use_what_this_app_adds_in_other_formats_within_their_length(model: str, base_url: str) -> None:
    dialect = dialects.choose(model, base_url)
    learned = Learned(frozenset({"max_tokens"})) if dialect.format == "messages" else None
    body = wire.payload(guest_terms.fitted(ask(dialect=dialect, learned=learned), TERMS))
    assert 100 in (body.get("max_tokens"), body.get("max_output_tokens"))


def test_several_questions_at_once_are_refused_together_and_set_nothing_aside(api: FakeAPI, memory: Ledger) -> None:
    """The lanes of a race: TERMS allow three messages a day."""
    account = Account(memory, "anna", TERMS)
    check_together([(account, ask())] * 3)
    with pytest.raises(OverBudget):
        check_together([(account, ask())] * 4)
    assert memory.usage("anna") == Amount()
