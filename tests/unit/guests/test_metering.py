"""The budget of guests, in either database: nobody spends more than was meant, whichever way a request ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from basics import QUICK, ROOT, ask
from fake_api import CUT, HANG, USAGE, FakeAPI, completion, error, events, stream
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest
from visiting import Open, picker, say

from backend import settings
from backend.answer.cost import Price
from backend.answer.turn import Turn
from backend.catalog import ModelInfo
from backend.errors import APIError
from backend.guests import terms as guest_terms
from backend.guests.ledger import Amount, BudgetExceeded, Ledger, Paused
from backend.guests.metering import (
    Account,
    BudgetUnknown,
    Meter,
    MeteredSource,
    OverBudget,
    PausedByOwner,
    prompt_tokens,
)
from backend.guests.terms import GuestPolicy, Limit, NotForGuests
from backend.store import Store, Unavailable
from backend.transport.client import ChatClient, Endpoint
from backend.types import ChatRequest, Media, Message, TextDelta
from components.session import services

TERMS = GuestPolicy(
    limits=(Limit("guest", "messages", "day", 3), Limit("all", "messages", "day", 5)), max_tokens=100
)
NOON = 1_800_014_400.0  # a noon in UTC


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return Ledger(store)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger where it does not matter in which database."""
    opened = Store.open(f"sqlite:///{tmp_path / 'one.db'}")
    yield Ledger(opened)
    opened.close()


def limit(who: guest_terms.Who, unit: guest_terms.Unit, most: int, window: guest_terms.Window = "day") -> Limit:
    return Limit(who, unit, window, most)


# ---- the ledger ---------------------------------------------------------------------------------------


def test_what_is_reserved_counts_until_it_is_settled(ledger: Ledger) -> None:
    id_ = ledger.reserve("anna", Amount(1, 500, 2_000), (), 60)
    assert ledger.used("anna") == ledger.used("") == Amount(1, 500, 2_000)
    assert ledger.used("ben") == Amount()
    ledger.settle(id_, Amount(1, 20, 30))
    assert ledger.used("anna") == Amount(1, 20, 30)


@pytest.mark.parametrize("unit", ["messages", "tokens", "usd"])
def test_a_limit_is_reached_and_not_passed(ledger: Ledger, unit: guest_terms.Unit) -> None:
    limits = (limit("guest", unit, 10),)
    for _ in range(2):
        ledger.reserve("anna", Amount(5, 5, 5), limits, 60)
    with pytest.raises(BudgetExceeded) as spent:
        ledger.reserve("anna", Amount(1, 1, 1), limits, 60)
    assert spent.value.limit == limits[0] and spent.value.used == 10
    assert ledger.used("anna") == Amount(10, 10, 10), "what was refused is not counted"
    ledger.reserve("ben", Amount(5, 5, 5), limits, 60)


def test_a_new_guest_does_not_begin_anew_for_all(ledger: Ledger) -> None:
    limits = (limit("guest", "messages", 1), limit("all", "messages", 3))
    for tab in range(3):
        ledger.reserve(f"tab-{tab}", Amount(1), limits, 60)
    with pytest.raises(BudgetExceeded) as spent:
        ledger.reserve("tab-4", Amount(1), limits, 60)
    assert spent.value.limit.who == "all"


def test_a_minute_passes_and_a_day_ends_at_midnight_utc(store: Store) -> None:
    now = [NOON]
    ledger = Ledger(store, lambda: now[0])
    limits = (limit("guest", "messages", 1, "minute"), limit("guest", "messages", 2))
    ledger.reserve("anna", Amount(1), limits, 60)
    with pytest.raises(BudgetExceeded) as spent:
        ledger.reserve("anna", Amount(1), limits, 60)
    assert spent.value.limit.window == "minute"
    now[0] += 61
    ledger.reserve("anna", Amount(1), limits, 60)
    now[0] += 61
    with pytest.raises(BudgetExceeded) as spent:
        ledger.reserve("anna", Amount(1), limits, 60)
    assert spent.value.limit.window == "day"
    now[0] = NOON + 12 * 3600
    ledger.reserve("anna", Amount(1), limits, 60)
    assert ledger.used("anna") == Amount(1)


def test_a_request_that_failed_takes_nothing_of_the_day_and_one_of_the_minute(ledger: Ledger) -> None:
    ledger.settle(ledger.reserve("anna", Amount(1, 9, 9), (), 60), Amount())
    assert ledger.used("anna") == Amount()
    with pytest.raises(BudgetExceeded):
        ledger.reserve("anna", Amount(1), (limit("guest", "messages", 1, "minute"),), 60)


def test_a_pause_is_for_every_process_at_once(ledger: Ledger, url: str) -> None:
    other = Store.open(url)
    ledger.reserve("anna", Amount(1), (), 60)
    Ledger(other).pause(True)
    assert ledger.paused is not None
    with pytest.raises(Paused):
        ledger.reserve("anna", Amount(1), (), 60)
    ledger.pause(False)
    Ledger(other).reserve("anna", Amount(1), (), 60)
    other.close()


def test_the_owner_sees_who_used_how_much(store: Store) -> None:
    now = [NOON]
    ledger = Ledger(store, lambda: now[0])
    ledger.settle(ledger.reserve("anna", Amount(1, 9, 9), (), 60), Amount(1, 5, 3))
    ledger.reserve("anna", Amount(1, 100, 0), (), 60)
    now[0] += 61
    ledger.reserve("ben", Amount(1, 7, 7), (), 60)
    ben, anna = ledger.today()
    assert (anna.guest, anna.amount, anna.running, anna.lost) == ("anna", Amount(2, 105, 3), 0, 1)
    assert (ben.guest, ben.running, ben.lost) == ("ben", 1, 0)


def test_old_days_are_forgotten(store: Store) -> None:
    now = [NOON]
    ledger = Ledger(store, lambda: now[0])
    ledger.reserve("anna", Amount(1), (), 60)
    now[0] += 40 * 86_400
    ledger.reserve("ben", Amount(1), (), 60)
    now[0] -= 40 * 86_400
    assert [used.guest for used in ledger.today()] == ["ben"]


@pytest.mark.parametrize("weird", ["' OR 1=1 --", "%", "a" * 5000, "ünï\u202e"])
def test_a_guest_is_an_id_and_nothing_else(ledger: Ledger, weird: str) -> None:
    ledger.reserve("anna", Amount(1), (), 60)
    assert ledger.used(weird) == Amount()
    ledger.reserve(weird, Amount(1), (), 60)
    assert ledger.used(weird) == Amount(1)


_SPEND = """
import sys, threading
from backend.guests.terms import Limit
from backend.guests.ledger import Amount, BudgetExceeded, Ledger
from backend.store import Store
store = Store.open(sys.argv[1])
assert not store.trouble, store.trouble
limits = (Limit("guest", "messages", "day", 12), Limit("all", "usd", "day", 100_000))
done = []
def send(place):
    try:
        id_ = Ledger(store).reserve(f"guest-{place % 5}", Amount(1, 100, 3_000), limits, 60)
    except BudgetExceeded:
        return
    if place % 2:
        Ledger(store).settle(id_, Amount(1, 50, 3_000))
    done.append(1)
threads = [threading.Thread(target=send, args=(place,)) for place in range(50)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert not store.trouble, store.trouble
print(len(done))
"""


@pytest.mark.slow
def test_two_replicas_and_fifty_sends_at_once_from_each_never_overspend(ledger: Ledger, url: str) -> None:
    command = [sys.executable, "-c", _SPEND, url]
    replicas = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    sent = sum(int(replica.communicate(timeout=120)[0]) for replica in replicas)
    assert sent == 33, "as many as fit: 33 times 3,000 into 100,000"
    assert ledger.used("").messages == 33 and ledger.used("").micros == 99_000
    assert max(used.amount.messages for used in ledger.today()) <= 12


def test_a_reservation_outlives_kill_9_as_what_it_could_have_cost(ledger: Ledger, url: str) -> None:
    code = (
        "import sys, time; from backend.guests.ledger import Amount, Ledger; from backend.store import Store\n"
        "Ledger(Store.open(sys.argv[1])).reserve('anna', Amount(1, 900, 50), (), 0.5)\n"
        "print('reserved', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, url], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "reserved\n"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    time.sleep(0.6)
    (used,) = ledger.today()
    assert used.amount == Amount(1, 900, 50) and (used.running, used.lost) == (0, 1)


def test_without_a_database_nothing_is_spent() -> None:
    store = Store.open("nonsense")
    with pytest.raises(Unavailable):
        Ledger(store).reserve("anna", Amount(1), (), 60)
    assert Ledger(store).used("anna") == Amount() and Ledger(store).today() == []
    store.close(0.1)


# ---- a request at the owner's expense -------------------------------------------------------------------


def metered(api: FakeAPI, ledger: Ledger, terms: GuestPolicy = TERMS, **more: object) -> MeteredSource:
    client = ChatClient(Endpoint(api.url, "sk-owner-0123456789"), QUICK)
    return MeteredSource(client, Account(ledger, "anna", terms, deadlines=QUICK, **more))  # type: ignore[arg-type]


def ended(source: MeteredSource, request: ChatRequest | None = None) -> Turn:
    turn = Turn(source, request or ask()).start().join(20)
    turn._thread.join(20)
    return turn


def test_what_the_server_reports_is_what_counts(api: FakeAPI, memory: Ledger) -> None:
    api.play(stream("Hello", usage=USAGE))
    assert ended(metered(api, memory)).message.content == "Hello"
    assert memory.used("anna") == Amount(1, USAGE["total_tokens"], 0)


@pytest.mark.parametrize("streaming", [True, False])
def test_dollars_that_are_reported_go_before_prices(api: FakeAPI, memory: Ledger, streaming: bool) -> None:
    bill = {"usage": {"usd_spent": 0.0125}}
    blocking = completion("Hi", headers={"x-aimlapi-usd-spent": "0.0125"})
    streamed = events(
        {"choices": [{"delta": {"content": "Hi"}, "finish_reason": "stop"}]}, {"meta": bill}, "[DONE]"
    )
    api.play(streamed if streaming else blocking)
    ended(metered(api, memory, info=dear), ask(stream=streaming))
    assert memory.used("anna").micros == 12_500


def dear(model: str) -> ModelInfo:
    return ModelInfo(model, price_in=1.0, price_out=10.0)


def test_without_a_bill_the_price_makes_one(api: FakeAPI, memory: Ledger) -> None:
    api.play(stream("Hello", usage=USAGE))
    ended(metered(api, memory, info=dear))
    assert memory.used("anna").micros == 3 * 1 + 5 * 10


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
    used = memory.used("anna")
    assert used.messages == 1
    assert 50 <= used.tokens < 100, "the prompt and 150 letters, not the 100 tokens that were set aside"


def test_stopping_before_the_first_word_counts_the_prompt(api: FakeAPI, memory: Ledger) -> None:
    api.play(stream(HANG))
    turn = Turn(metered(api, memory), ask("x" * 300)).start()
    while not api.asked:
        time.sleep(0.01)
    turn.stop()
    turn._thread.join(20)
    assert memory.used("anna").messages == 1 and 100 <= memory.used("anna").tokens < 150


def test_a_bill_that_comes_after_the_end_counts_in_place_of_the_estimate(api: FakeAPI, memory: Ledger) -> None:
    api.play(stream("Hello ", HANG))
    source = metered(api, memory)
    turn = Turn(source, ask("x" * 300)).start()
    next(item for item in turn.follow() if isinstance(item.event, TextDelta))
    turn.stop()
    turn._thread.join(20)
    before = memory.used("anna")
    source.billed(0.0031)
    assert memory.used("anna") == replace(before, micros=3_100)
    unsent = metered(api, memory)
    unsent.billed(1.0)
    assert memory.used("anna").micros == 3_100, "what was never sent has no bill"


@pytest.mark.parametrize("status", [400, 401, 402, 404, 429])
def test_a_refused_request_costs_nothing(api: FakeAPI, memory: Ledger, status: int) -> None:
    api.play(error(status, headers={"Retry-After": "999"}))
    assert ended(metered(api, memory)).state == "failed"
    assert memory.used("anna") == Amount()


def test_a_server_that_is_not_there_costs_nothing(memory: Ledger) -> None:
    client = ChatClient(Endpoint("http://127.0.0.1:9/v1"), QUICK)
    assert ended(MeteredSource(client, Account(memory, "anna", TERMS))).state == "failed"
    assert memory.used("anna") == Amount()


def test_a_reservation_is_the_most_that_the_request_can_cost(api: FakeAPI, memory: Ledger) -> None:
    api.play(stream(HANG))
    turn = Turn(metered(api, memory, info=dear), ask(parameters={"n": 2})).start()
    while not api.asked:
        time.sleep(0.01)
    assert memory.used("anna").tokens >= 200 and memory.used("anna").micros >= 2_000
    turn.stop()
    turn._thread.join(20)


def test_over_the_budget_nothing_is_sent_and_the_words_say_how_to_go_on(api: FakeAPI, memory: Ledger) -> None:
    api.play(stream("Hello", usage=USAGE))
    turns = [ended(metered(api, memory)) for _ in range(4)]
    assert [turn.state for turn in turns] == ["done", "done", "done", "failed"]
    assert len(api.asked) == 3
    refused = turns[-1].error
    assert isinstance(refused, OverBudget)
    assert "3 messages" in refused.title and "key of your own" in refused.hint


def test_a_pause_and_an_unknown_budget_are_told_apart(api: FakeAPI, memory: Ledger) -> None:
    memory.pause(True)
    assert isinstance(ended(metered(api, memory)).error, PausedByOwner)
    nowhere = Store.open("nonsense")
    assert isinstance(ended(metered(api, Ledger(nowhere))).error, BudgetUnknown)
    assert not api.asked
    nowhere.close(0.1)


def test_fifty_sends_at_once_stay_within_the_budget(api: FakeAPI, memory: Ledger) -> None:
    api.play(lambda _: stream("Hello", usage=USAGE))
    source = metered(api, memory)
    turns = [Turn(source, ask()) for _ in range(50)]
    for thread in [threading.Thread(target=turn.start) for turn in turns]:
        thread.start()
    for turn in turns:
        while turn._thread.ident is None:
            time.sleep(0.01)
        turn.join(60)._thread.join(20)
    assert sum(turn.state == "done" for turn in turns) == len(api.asked) == 3


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
def test_no_way_of_writing_it_makes_an_answer_longer(
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
def test_what_could_cost_anything_is_not_open_to_guests(api: FakeAPI, memory: Ledger, name: str) -> None:
    turn = ended(metered(api, memory), ask(extra={name: ["openai/o1-pro"]}))
    assert isinstance(turn.error, NotForGuests) and name in turn.error.title
    assert not api.asked and memory.used("anna") == Amount()


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


# ---- estimates ------------------------------------------------------------------------------------------

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["messages", "tools", "max_tokens", "n", "model", "system"]), _JSON))
def test_any_body_has_an_estimate(raw: dict[str, object]) -> None:
    worst = Meter(ChatRequest("m", (), raw=raw), Price(1.0, 1.0)).worst  # type: ignore[arg-type]
    assert worst.messages == 1 and worst.tokens >= 0 and worst.micros >= 0


def test_a_prompt_is_rather_over_than_underestimated() -> None:
    text = "The quick brown fox jumps over the lazy dog. " * 20
    assert 200 <= prompt_tokens({"messages": [{"role": "user", "content": text}]}) <= 400
    picture = Media("image", "data:image/png;base64," + "A" * 500_000)
    tally = Meter(ChatRequest("m", (Message("user", "Hi", media=(picture,)),)), Price())
    assert 1_600 <= tally.worst.tokens < 1_700
    fake = {"role": "user", "content": "data:image/" + "x" * 30_000}
    assert prompt_tokens({"messages": [fake]}) > 10_000, "only a picture counts as one"


def test_a_price_that_nobody_says_is_the_dearest_where_money_is_billed(memory: Ledger) -> None:
    billed = Account(memory, "anna", GuestPolicy(price_limit=12.0), priced=True)
    assert billed.price("m") == Price(12.0, 12.0)
    assert Account(memory, "anna", GuestPolicy()).price("m") == Price(None, None)
    bands = Account(
        memory, "anna", GuestPolicy(), lambda model: ModelInfo(model, price_in=1, price_out=2, price_varies=True)
    )
    assert bands.price("m") == Price(2.0, 4.0)


# ---- settings -------------------------------------------------------------------------------------------


def test_the_defaults_hold_for_a_shared_app_only() -> None:
    assert settings.load([{}]).terms == GuestPolicy()
    found = settings.load([{"PLAYGROUND_SHARED": "1"}]).terms
    assert found.limit("guest", "messages", "day") == 20
    assert found.limit("all", "usd", "day") == 2_000_000
    assert found.limit("guest", "usd", "minute") is None
    assert found.max_tokens == 2048 and found.price_limit == 15 and not found.models and not found.addresses


def test_limits_are_set_lifted_and_never_broken_by_nonsense() -> None:
    said = {
        "PLAYGROUND_SHARED": "1",
        "PLAYGROUND_MODEL": "own/Model",
        "PLAYGROUND_GUEST_MESSAGES_PER_DAY": "7",
        "PLAYGROUND_GUEST_TOKENS_PER_DAY": "none",
        "PLAYGROUND_GUEST_USD_PER_DAY": "0.5",
        "PLAYGROUND_ALL_MESSAGES_PER_DAY": "-3",
        "PLAYGROUND_ALL_USD_PER_MINUTE": "0",
        "PLAYGROUND_ALL_TOKENS_PER_DAY": "nan",
        "PLAYGROUND_GUEST_MAX_TOKENS": "none",
        "PLAYGROUND_GUEST_MODELS": "Google/*, openai/gpt-5-mini",
    }
    found = settings.load([said]).terms
    assert found.limit("guest", "messages", "day") == 7
    assert found.limit("guest", "tokens", "day") is None
    assert found.limit("guest", "usd", "day") == 500_000
    assert found.limit("all", "messages", "day") == 300
    assert found.limit("all", "usd", "minute") == 0
    assert found.limit("all", "tokens", "day") == 1_000_000
    assert found.max_tokens == 2048, "an answer always has an end"
    assert found.models == ("google/*", "openai/gpt-5-mini", "own/model")
    json.dumps([found.max_tokens, found.price_limit])


def test_every_error_for_guests_says_what_to_do() -> None:
    for error_class in (OverBudget, PausedByOwner, BudgetUnknown, NotForGuests):
        assert issubclass(error_class, APIError) and "own" in error_class.hint and not error_class.retryable


# ---- in the app -----------------------------------------------------------------------------------------


def test_guests_choose_from_what_is_open_and_are_told_about_the_rest(visit: Open, api: FakeAPI) -> None:
    common = {
        "AIMLAPI_API_KEY": "sk-owner-0123456789",
        "AIMLAPI_BASE_URL": api.url,
        "PLAYGROUND_MODEL": "fake/alpha",
    }
    terms = {"PLAYGROUND_SHARED": "1", "PLAYGROUND_GUEST_MODELS": "fake/a*"}
    assert picker(visit(**common, **terms)).options == ["fake/alpha"]
    at = visit(query={"model": "fake/beta"}, **common, **terms)
    assert "not among the models" in at.sidebar.warning[0].value
    say(at, "Hi")
    assert "not among the models" in at.error[0].value and not api.asked


def test_without_guests_nothing_is_limited_or_counted(at: AppTest, api: FakeAPI) -> None:
    before = services.ledger().today()
    say(at, "Hi")
    sent = api.asked[-1].body
    assert "max_tokens" not in sent
    assert not any("messages today" in found.value for found in at.sidebar.caption)
    assert services.ledger().today() == before
