"""The budget of guests, in either database: nobody spends more than was meant, whichever way a request ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from basics import ROOT
from fake_api import FakeAPI
from streamlit.testing.v1 import AppTest
from visiting import Open, picker, say

from backend import settings
from backend.errors import APIError
from backend.guests import terms as guest_terms
from backend.guests.ledger import Amount, BudgetExceeded, Ledger, Paused
from backend.guests.metering import BudgetUnknown, OverBudget, PausedByOwner, begins_anew
from backend.guests.terms import GuestPolicy, Limit, NotForGuests
from backend.store import Store, Unavailable
from components.session import services

NOON = 1_800_014_400.0  # a noon in UTC


def limit(who: guest_terms.Who, unit: guest_terms.Unit, most: int, window: guest_terms.Window = "day") -> Limit:
    return Limit(who, unit, window, most)


# ---- the ledger ---------------------------------------------------------------------------------------


def test_a_reservation_counts_until_it_is_settled(ledger: Ledger) -> None:
    id_ = ledger.reserve("anna", Amount(1, 500, 2_000), (), 60)
    assert ledger.usage("anna") == ledger.usage("") == Amount(1, 500, 2_000)
    assert ledger.usage("ben") == Amount()
    ledger.settle(id_, Amount(1, 20, 30))
    assert ledger.usage("anna") == Amount(1, 20, 30)


@pytest.mark.parametrize("unit", ["messages", "tokens", "usd"])
def test_a_limit_is_reached_and_not_passed(ledger: Ledger, unit: guest_terms.Unit) -> None:
    limits = (limit("guest", unit, 10),)
    for _ in range(2):
        ledger.reserve("anna", Amount(5, 5, 5), limits, 60)
    with pytest.raises(BudgetExceeded) as spent:
        ledger.reserve("anna", Amount(1, 1, 1), limits, 60)
    assert spent.value.limit == limits[0] and spent.value.used == 10
    assert ledger.usage("anna") == Amount(10, 10, 10), "what was refused is not counted"
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
    assert ledger.usage("anna") == Amount(1)


def test_a_request_that_failed_takes_nothing_of_the_day_and_one_of_the_minute(ledger: Ledger) -> None:
    ledger.settle(ledger.reserve("anna", Amount(1, 9, 9), (), 60), Amount())
    assert ledger.usage("anna") == Amount()
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
    assert ledger.usage(weird) == Amount()
    ledger.reserve(weird, Amount(1), (), 60)
    assert ledger.usage(weird) == Amount(1)


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
    assert ledger.usage("").messages == 33 and ledger.usage("").micros == 99_000
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
    assert Ledger(store).usage("anna") == Amount() and Ledger(store).today() == []
    store.close(0.1)


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


def test_a_used_up_budget_says_in_how_many_hours_it_begins_anew() -> None:
    midnight = 20_000 * 86_400
    assert begins_anew(midnight + 1) == "It begins anew at midnight UTC, 24 hours after this."
    assert begins_anew(midnight - 3 * 3600 + 60) == "It begins anew at midnight UTC, 3 hours after this."
    assert begins_anew(midnight - 0.5) == "It begins anew at midnight UTC, 1 hour after this."


# ---- in the app -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("folds_open")
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


@pytest.mark.usefixtures("folds_open")
def test_a_longer_answer_than_guests_get_is_told_beside_its_control(visit: Open, api: FakeAPI) -> None:
    common = {"AIMLAPI_API_KEY": "sk-owner-0123456789", "AIMLAPI_BASE_URL": api.url, "PLAYGROUND_SHARED": "1"}
    at = visit(query={"max_tokens": "5000"}, PLAYGROUND_GUEST_MAX_TOKENS="300", **common)
    assert any("300 is sent**: that is the most for guests" in found.value for found in at.sidebar.caption)
    say(at, "Hi")
    assert api.asked[-1].body["max_tokens"] == 300


def test_without_guests_nothing_is_limited_or_counted(at: AppTest, api: FakeAPI) -> None:
    before = services.ledger().today()
    say(at, "Hi")
    sent = api.asked[-1].body
    assert "max_tokens" not in sent
    assert not any("messages today" in found.value for found in at.sidebar.caption)
    assert services.ledger().today() == before
