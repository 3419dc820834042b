"""The server's own list is read in the background, believed within reason, and never waited for."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from basics import KEY, QUICK
from fake_api import CUT, HANG, FakeAPI, Pause, Reply, Request, html, reply
from hypothesis import given
from hypothesis import strategies as st

from backend.catalog import (
    ID_LIMIT,
    LIST_LIMIT,
    Catalogue,
    Filters,
    Metrics,
    ModelInfo,
    bundled,
    catalogue,
    metrics,
    search,
    snapshot,
)
from backend.catalog.merging import merged, plausible
from backend.catalog.pricing import prices
from backend.catalog.reading import bare, rich
from backend.catalog.speed import Speed, speeds
from backend.transport.client import Endpoint

# The words a list of models is made of: with them, nonsense reaches the places where it could do harm.
WORDS = """data id aliases type info name developer contextLength outputMax capabilities modalities input pricing
kind units variants when price per measure unit models alias metrics ttft_ms tps p50 p90 endpoint"""
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS.split()), inner, max_size=6),
    max_leaves=30,
)


class Server(FakeAPI):
    """A server whose list of models, and whose page of speeds, say anything."""

    listing: Reply | Callable[[Request], Reply] = reply({"data": []})
    measured: Reply = reply({"message": "Cannot GET /models/metrics"}, 404)

    def _reply_to(self, request: Request) -> Reply:
        path = request.path.partition("?")[0]
        if path == "/models/metrics":
            return self.measured
        if path == "/v1/models":
            return self.listing(request) if callable(self.listing) else self.listing
        return super()._reply_to(request)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as fake:
        yield fake


def row(model_id: str, *aliases: str, **more: Any) -> dict[str, Any]:
    """A chat model as AI/ML API lists it."""
    info = {"name": more.pop("name", model_id), "developer": more.pop("developer", "Acme")}
    info |= more.pop("info", {})
    return {
        "id": model_id,
        "aliases": [*aliases],
        "type": "openai/chat-completions",
        "info": info,
        "tags": [],
        **more,
    }


def everything(*more: dict[str, Any]) -> dict[str, Any]:
    """Every bundled model that is alive, and `more`; a row given twice counts as given last."""
    rows = {model.id: row(model.id, developer=model.developer) for model in bundled() if not model.retired}
    return {"object": "list", "data": [*(rows | {given["id"]: given for given in more}).values()]}


def etag(body: Any, version: str) -> Callable[[Request], Reply]:
    """A list with a version, which answers "not modified" to whoever has it."""

    def respond(request: Request) -> Reply:
        if request.headers.get("if-none-match") == version:
            return Reply([], 304, {"ETag": version, "Content-Length": "0"}, "length")
        return reply(body, headers={"ETag": version})

    return respond


def own(server: Server) -> Catalogue:
    """A catalogue that takes the server for AI/ML API."""
    return Catalogue(Endpoint(server.url, KEY), aimlapi=True, deadlines=QUICK)


def other(server: Server) -> Catalogue:
    return Catalogue(Endpoint(server.url, KEY), deadlines=QUICK)


def looked(found: Catalogue) -> Catalogue:
    """After one look at the server."""
    found.refresh()
    assert found.wait(10)
    return found


def asked(server: Server) -> list[Request]:
    return [request for request in server.requests if request.path.startswith("/v1/models")]


# ---- reading never waits --------------------------------------------------------------------------------


def test_there_is_a_list_before_the_server_said_anything(server: Server) -> None:
    server.listing = Reply([HANG])
    found = own(server)
    assert found.listing is snapshot()
    assert found.updated is None


def test_the_first_reader_starts_one_look_and_the_next_ones_none(server: Server) -> None:
    server.listing = reply(everything())
    found = own(server)
    for _ in range(20):
        assert found.listing.models
    assert found.wait(10)
    assert found.updated is not None
    _ = found.listing
    assert len(asked(server)) == 1


def test_many_readers_at_once_start_one_look(server: Server) -> None:
    server.listing = Reply([Pause(0.2), json.dumps(everything()).encode()])
    found = own(server)
    readers = [threading.Thread(target=found.refresh) for _ in range(20)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert found.wait(10)
    assert len(asked(server)) == 1


def test_a_look_that_is_due_is_taken(server: Server) -> None:
    found = Catalogue(Endpoint(server.url), every=0, deadlines=QUICK)
    for looks in (1, 2, 3):
        _ = found.listing
        assert found.wait(10)
        assert len(asked(server)) == looks


def test_a_thread_ends_with_its_look(server: Server) -> None:
    looked(other(server))
    for thread in [thread for thread in threading.enumerate() if thread.name == "catalogue"]:
        thread.join(10)
        assert not thread.is_alive()


# ---- the key and the question ---------------------------------------------------------------------------


def test_the_provider_is_asked_for_prices_and_needs_no_key(server: Server) -> None:
    server.listing = reply(everything())
    looked(own(server))
    (request,) = asked(server)
    assert request.path == "/v1/models?include=pricing,capabilities,modalities"
    assert "authorization" not in request.headers


def test_another_server_is_asked_plainly_and_gets_its_key(server: Server) -> None:
    looked(other(server))
    (request,) = asked(server)
    assert request.path == "/v1/models"
    assert request.headers["authorization"] == f"Bearer {KEY}"


def test_the_key_is_in_nothing_that_is_printed(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    server.listing = reply({"error": {"message": f"Bad key {KEY}"}}, 401)
    caplog.set_level("DEBUG")
    found = looked(other(server))
    shown = f"{found!r} {vars(found)} {vars(found._kept)} {found.failure} {caplog.text}"
    assert found.failure is not None
    assert KEY not in shown


def test_what_the_provider_lists_is_shared_by_everybody() -> None:
    one, two = (catalogue(Endpoint("https://api.aimlapi.com/v1", key)) for key in ("sk-one", "sk-two"))
    assert one is two


def test_what_another_server_lists_is_shared_by_those_with_the_same_key() -> None:
    one, two = (Endpoint("http://127.0.0.1:9/v1", key) for key in ("sk-one", "sk-two"))
    assert catalogue(one) is catalogue(replace(one, name="mine"))
    assert catalogue(one) is not catalogue(two)
    assert metrics(one) is metrics(two)


# ---- versions -------------------------------------------------------------------------------------------


def test_a_list_that_did_not_change_is_not_sent_again(server: Server) -> None:
    server.listing = etag(everything(row("acme/new")), 'W/"1"')
    found = looked(own(server))
    first = found.listing
    looked(found)
    assert [request.headers.get("if-none-match") for request in asked(server)] == [None, 'W/"1"']
    assert found.listing is first
    assert found.failure is None


def test_a_list_that_changed_is_read_again(server: Server) -> None:
    found = own(server)
    for version in ("one", "two"):
        server.listing = etag(everything(row(f"acme/{version}")), f'"{version}"')
        looked(found)
        assert found.listing.find(f"acme/{version}").developer == "Acme"
    assert found.listing.find("acme/one") == ModelInfo("acme/one")


def test_not_modified_without_having_been_asked_is_a_failure(server: Server) -> None:
    server.listing = Reply([], 304, {"Content-Length": "0"}, "length")
    found = looked(own(server))
    assert found.failure is not None
    assert found.listing is snapshot()


@pytest.mark.parametrize("version", ["x" * 5_000, '"caf\xe9"'])
def test_a_version_that_is_none_is_not_repeated(server: Server, version: str) -> None:
    server.listing = etag([{"id": "a"}], version)
    found = looked(looked(other(server)))
    assert [request.headers.get("if-none-match") for request in asked(server)] == [None, None]
    assert found.listing.models == (ModelInfo("a"),)


# ---- when it fails --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "broken",
    [
        html("Welcome"),
        html("Bad Gateway", 502),
        reply("not json"),
        reply("[" * 100_000),
        reply(""),
        Reply([b'{"data": [', CUT]),
        reply({"error": {"message": "No."}}, 500),
        Reply([HANG]),
    ],
    ids=["page", "gateway", "text", "nested", "empty", "cut", "500", "silent"],
)
def test_a_look_that_fails_leaves_what_there_was_and_says_why(server: Server, broken: Reply) -> None:
    server.listing = reply(everything(row("acme/new")))
    found = looked(own(server))
    before, updated = found.listing, found.updated
    server.listing = broken
    looked(found)
    assert found.failure is not None
    assert found.failure.title
    assert (found.listing, found.updated) == (before, updated)


def test_a_server_that_is_gone_is_not_asked_at_every_glance() -> None:
    with Server() as server:
        found = own(server)
    looked(found)
    assert found.failure is not None
    failure = found.failure
    _ = found.listing
    assert found.wait(0), "no look is in progress"
    assert found.failure is failure


def test_a_failure_is_forgotten_when_the_server_is_back(server: Server) -> None:
    server.listing = reply({"error": "No."}, 500)
    found = looked(other(server))
    assert found.failure is not None
    server.listing = reply([{"id": "a"}])
    looked(found)
    assert found.failure is None
    assert found.listing.find("A").id == "a"


def test_a_server_without_a_list_is_no_failure(server: Server) -> None:
    server.listing = reply({"message": "Not found"}, 404)
    found = looked(other(server))
    assert (found.failure, found.absent, found.listing.models) == (None, True, ())


@pytest.mark.parametrize("address", ["", "nonsense", "http://", "http://[", "ftp://x", "http://127.0.0.1:1/v1"])
def test_an_address_that_is_none_is_said(address: str) -> None:
    found = looked(Catalogue(Endpoint(address), deadlines=QUICK))
    assert found.failure is not None
    assert found.listing.models == ()
    speed = Metrics(Endpoint(address), deadlines=QUICK)
    assert speed.speeds is None
    assert speed.wait(10)


# ---- live facts over bundled ones -----------------------------------------------------------------------


def test_live_facts_go_over_bundled_ones_and_the_schema_stays(server: Server) -> None:
    server.listing = reply(
        everything(
            row(
                "google/gemini-2.5-flash",
                name="Gemini Flash",
                info={"contextLength": 2_000_000, "outputMax": 65_536},
                capabilities=["streaming", "file_input"],
                modalities={"input": ["text", "image", "audio"], "output": ["text"]},
                pricing=PRICED,
            )
        )
    )
    found = looked(own(server)).listing.models[0]
    assert (found.id, found.name) == ("google/gemini-2.5-flash", "Gemini Flash")
    assert (found.context_length, found.max_output) == (2_000_000, 65_536)
    assert (found.price_in, found.price_out, found.price_varies) == (0.3, 2.5, False)
    assert found.takes("audio")
    assert found.can("reasoning"), "what the documents know is kept"
    assert found.lists("temperature")
    assert found.limit("temperature") == (0, 2)


PRICED = {
    "kind": "fixed",
    "currency": "USD",
    "units": [
        {"name": "input_tokens", "measure": "token", "price": 0.3, "per": 1_000_000},
        {"name": "output_tokens", "measure": "token", "price": "0.0025", "per": 1000},
        {"name": "cached_input_tokens", "measure": "token", "price": 0.01, "per": 1_000_000},
    ],
}


def live(*rows: dict[str, Any]) -> Any:
    return merged(snapshot(), rich(everything(*rows)))


def test_a_model_that_is_no_longer_listed_is_retired_and_goes_last() -> None:
    rows = [given for given in everything()["data"] if given["id"] != "google/gemini-2.5-pro"]
    found = merged(snapshot(), rich({"data": rows}))
    assert found.find("google/gemini-2.5-pro").retired
    assert not found.models[0].retired
    flags = [model.retired for model in found.models]
    assert flags == sorted(flags)


def test_a_retired_model_that_is_listed_again_lives() -> None:
    assert live(row("gemini-2.0-flash")).find("google/gemini-2.0-flash").retired is False


def test_a_model_lives_on_under_another_name() -> None:
    rows = [given for given in everything()["data"] if given["id"] != "google/gemini-2.5-flash"]
    rows.append(row("google/gemini-flash", "GOOGLE/Gemini-2.5-Flash"))
    found = merged(snapshot(), rich({"data": rows}))
    assert found.models[0].id == "google/gemini-2.5-flash"
    assert not found.models[0].retired
    assert found.find("google/gemini-flash") is found.models[0]


def test_two_names_of_one_model_are_one_model() -> None:
    rows = everything(row("google/gemini-2.5-flash", "google/gemini-2.5-pro"))["data"]
    rows = [given for given in rows if given["id"] != "google/gemini-2.5-pro"]
    found = merged(snapshot(), rich({"data": rows}))
    assert found.find("google/gemini-2.5-pro").id == "google/gemini-2.5-flash"
    assert len({model.id.lower() for model in found.models}) == len(found.models)


def test_a_model_nobody_knew_is_offered_with_what_the_server_says() -> None:
    new = live(row("openai/gpt-9", "gpt-9", developer="Open AI", capabilities=["vision", "tools"])).find("GPT-9")
    assert (new.id, new.developer) == ("openai/gpt-9", "OpenAI")
    assert new.takes("image")
    assert new.can("structured_output") is False
    assert new.can("reasoning") is None
    assert new.parameters is None


def test_a_model_in_no_list_is_offered_once_it_is_listed() -> None:
    unlisted = next(model for model in snapshot().known if model.unlisted)
    assert unlisted not in live().models
    found = live(row(unlisted.id)).find(unlisted.id)
    assert found in live(row(unlisted.id)).models
    assert found.parameters == unlisted.parameters


@pytest.mark.parametrize("kind", ["image", "openai/responses", "stt", "video"])
def test_what_is_no_chat_model_is_not_offered(kind: str) -> None:
    assert live(row("acme/other", type=kind)).find("acme/other") == ModelInfo("acme/other")
    both = live(row("acme/both")).find("acme/both")
    rows = [row("acme/both", type=kind), row("acme/both")]
    assert merged(snapshot(), rich([*everything()["data"], *rows])).find("acme/both") == both


def test_an_alias_takes_no_other_models_id() -> None:
    found = live(row("evil/model", "openai/o3-2025-04-16", "google/gemini-2.5-flash"))
    assert found.find("google/gemini-2.5-flash").id == "google/gemini-2.5-flash"
    assert found.find("evil/model").aliases == ()


@pytest.mark.parametrize("rows", [[], [row("a")], [row(f"a/{number}") for number in range(20)]])
def test_a_list_that_lost_nearly_everything_is_not_believed(server: Server, rows: list[Any]) -> None:
    server.listing = reply({"data": rows})
    found = looked(own(server))
    assert found.listing is snapshot()
    assert found.failure is not None
    assert "incomplete" in found.failure.title


def test_a_list_half_as_long_is_news() -> None:
    rows = everything()["data"]
    assert plausible(rich({"data": rows[: len(rows) // 2]}), snapshot())


def test_another_servers_models_are_not_taken_for_the_providers(server: Server) -> None:
    server.listing = reply([{"id": "google/gemini-2.5-flash"}])
    found = looked(other(server)).listing
    assert found.models == (ModelInfo("google/gemini-2.5-flash"),)


# ---- prices ---------------------------------------------------------------------------------------------


def rate(name: str, price: Any, per: Any = 1_000_000, **more: Any) -> dict[str, Any]:
    return {"name": name, "measure": "tokens", "price": price, "per": per, **more}


@pytest.mark.parametrize(
    ("pricing", "expected"),
    [
        (PRICED, (0.3, 2.5, False)),
        ({"kind": "fixed", "units": [rate("prompt", 0.000002, 1)]}, (2.0, None, False)),
        ({"kind": "fixed", "units": [rate("input", 0), rate("completion", 0)]}, (0.0, 0.0, False)),
        ({"kind": "variable"}, (None, None, False)),
        ({"kind": "fixed", "currency": "EUR", "units": [rate("input", 1)]}, (None, None, False)),
        ({"kind": "fixed", "units": [rate("input", 1, 0), rate("output", -1)]}, (None, None, False)),
        ({"kind": "fixed", "units": [rate("input", 1, 1e-300)]}, (None, None, False)),
        ({"kind": "fixed", "units": [{"name": "output", "measure": "second", "price": 1, "per": 1}]}, (None,) * 2),
        ({"kind": "fixed", "units": [rate("audio_input", 1), rate("cache_read_input", 1)]}, (None, None, False)),
        (None, (None, None, False)),
    ],
)
def test_a_price_is_dollars_for_a_million_tokens(pricing: Any, expected: tuple[Any, ...]) -> None:
    assert prices(pricing)[: len(expected)] == pytest.approx(expected)


def test_of_several_bands_the_lowest_is_quoted_and_said_to_be_one() -> None:
    bands = [
        {"when": {"context": band, "direction": way}, "unit": "token", "price": price, "per": 1_000_000}
        for band, way, price in [("<=200k", "input", 1), (">200k", "input", 2), ("<=200k", "output", 10)]
    ]
    assert prices({"kind": "variants", "dimensions": ["context"], "variants": bands}) == (1, 10, True)


# ---- hostile lists --------------------------------------------------------------------------------------

HOSTILE = [
    "a\nb",
    "<img src=x onerror=alert(1)>",
    "\u202eevil",
    "x" * 10_000,
    "![](https://evil.example/x.png)",
    "\x00\x1b[31m",
    "\ud83d",
    "' OR 1=1 --",
    "{{7*7}}",
    "\u2028",
]


@pytest.mark.slow
@pytest.mark.parametrize("read", [bare, rich])
def test_fifty_thousand_hostile_ids_are_a_list_that_can_be_drawn(
    read: Callable[[Any], tuple[ModelInfo, ...]],
) -> None:
    rows = [{"id": f"{HOSTILE[n % 10]}{n}", "name": HOSTILE[n % 7] * 9, "aliases": HOSTILE} for n in range(50_000)]
    found = read({"data": rows})
    assert 0 < len(found) <= LIST_LIMIT
    for model in found:
        for name in (*model.names, model.name):
            assert name.isprintable()
            assert len(name.encode()) <= 4 * ID_LIMIT
    assert search(found, "no such words", Filters(image=True)) == []


def test_a_body_without_end_is_not_kept(server: Server) -> None:
    server.listing = reply(b'{"data": ["' + b"x" * (21 * 1024 * 1024))
    found = looked(own(server))
    assert found.failure is not None
    assert found.listing is snapshot()


@given(ANYTHING)
def test_whatever_a_server_calls_a_list_is_read(body: Any) -> None:
    for read in (bare, rich):
        for model in read(body):
            assert model.id
            assert model.id.isprintable()
    assert merged(snapshot(), rich(body)).models
    speeds(body)
    prices(body)


@given(st.lists(st.builds(row, st.text(max_size=10), st.text(max_size=10)), max_size=8), ANYTHING)
def test_whatever_stands_in_a_row_hides_no_other(rows: list[Any], odd: Any) -> None:
    for name in ("aliases", "type", "info", "capabilities", "modalities", "pricing"):
        found = rich({"data": [*rows, {**row("acme/odd"), name: odd}, row("acme/last")]})
        assert "acme/last" in [model.id for model in found]
        assert "acme/odd" in [model.id for model in found]


@given(st.lists(st.tuples(st.sampled_from("abcdeA"), st.lists(st.sampled_from("abcdeAB"), max_size=3)), max_size=6))
def test_ids_stay_unique_however_names_are_crossed(rows: list[tuple[str, list[str]]]) -> None:
    found = merged(snapshot(), rich([*everything()["data"], *(row(name, *aliases) for name, aliases in rows)]))
    ids = [model.id.lower() for model in found.known]
    assert len(set(ids)) == len(ids)
    assert all(found.find(model.id) is model for model in found.known)


@pytest.mark.parametrize(
    "row_of",
    [
        {"id": "llama3:8b", "object": "model", "created": 1, "owned_by": "library"},
        {"id": "llama3:8b", "object": "model", "owned_by": "vllm", "max_model_len": 8192},
        "llama3:8b",
    ],
    ids=["ollama", "vllm", "bare"],
)
def test_a_plain_list_is_read_and_the_rest_stays_unknown(server: Server, row_of: Any) -> None:
    server.listing = reply({"object": "list", "data": [row_of]})
    (found,) = looked(other(server)).listing.models
    context = row_of.get("max_model_len") if isinstance(row_of, dict) else None
    assert found == ModelInfo("llama3:8b", context_length=context)
    assert found.chat


# ---- speed ----------------------------------------------------------------------------------------------

MEASURED = {
    "window_seconds": 300,
    "generated_at": "2026-08-19T12:00:05.000Z",
    "models": [
        {
            "alias": "Google/Gemini-2.5-Flash",
            "endpoint": "/v1/chat/completions",
            "metrics": {
                "ttft_ms": {"p50": 412, "p75": 588, "p90": 910, "p99": 2140},
                "tps": {"p50": 51.7, "p75": 64.1, "p90": 78.4, "p99": 96.2},
            },
        },
        {"alias": "google/gemini-2.5-flash", "endpoint": "/v1/responses", "metrics": {"tps": {"p50": 1, "p90": 1}}},
        {"alias": "flux/dev", "endpoint": "/v1/images", "metrics": {"duration_ms": {"p50": 1830}}},
        {"alias": "acme/slow", "endpoint": "/v1/chat/completions", "metrics": {"ttft_ms": {"p50": 0, "p90": "x"}}},
    ],
}


def timed(server: Server) -> Metrics:
    found = Metrics(Endpoint(server.url, KEY), deadlines=QUICK)
    assert found.speeds is None
    assert found.wait(10)
    return found


def test_speeds_are_seconds_and_tokens_per_second(server: Server) -> None:
    server.measured = reply(MEASURED)
    found = timed(server).speeds
    assert found is not None
    assert found.window == 300
    assert found.of(bundled()[0]) == Speed(0.412, 0.91, 51.7, 78.4)
    assert found.of(ModelInfo("x", ("GOOGLE/gemini-2.5-flash",))) == found.of(bundled()[0])
    assert found.of(ModelInfo("flux/dev")) is found.of(ModelInfo("acme/slow")) is found.of(ModelInfo("x")) is None


def test_speeds_are_asked_for_without_a_key_and_beside_the_version(server: Server) -> None:
    server.measured = reply(MEASURED)
    timed(server)
    (request,) = server.requests
    assert request.path == "/models/metrics"
    assert "authorization" not in request.headers


def test_speeds_of_an_hour_ago_are_not_right_now(server: Server) -> None:
    server.measured = reply(MEASURED)
    found = timed(server)
    assert found.speeds is not None
    found._kept.updated = time.time() - 3600
    assert found.speeds is None


def test_a_server_that_measures_nothing_is_no_failure(server: Server) -> None:
    found = timed(server)
    assert (found.speeds, found.failure) == (None, None)


@pytest.mark.parametrize("page", [html("Hello"), reply({"error": "No."}, 500)], ids=["page", "500"])
def test_speeds_that_cannot_be_read_are_said(server: Server, page: Reply) -> None:
    server.measured = page
    found = timed(server)
    assert found.speeds is None
    assert found.failure is not None


@pytest.mark.parametrize("body", [None, 5, [], {}, {"models": None}, {"models": {}}, {"data": []}], ids=json.dumps)
def test_a_page_that_is_no_page_of_speeds_measures_nothing(body: Any) -> None:
    assert speeds(body) is None
