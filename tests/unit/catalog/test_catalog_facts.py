"""Live facts over bundled ones, prices, speed, and lists that are hostile."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from basics import KEY, QUICK
from fake_api import Reply, html, reply
from hypothesis import given
from hypothesis import strategies as st
from live_lists import Server, after_refresh, everything, other, own, row

from backend.catalog import ID_LIMIT, LIST_LIMIT, Filters, Metrics, ModelInfo, bundled, search, snapshot
from backend.catalog.merging import merged, plausible
from backend.catalog.pricing import other_prices, prices
from backend.catalog.server_list import bare, rich
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
    found = after_refresh(own(server)).listing.models[0]
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
    assert found.models[0].id == "google/gemini-flash", "the id of the list, in the place it always had"
    assert not found.models[0].retired
    assert found.find("google/gemini-2.5-flash") is found.models[0]
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


@pytest.mark.parametrize(
    ("kind", "endpoint"), [("openai/responses/submit", "responses"), ("anthropic/messages", "messages")]
)
def test_a_model_without_chat_completions_is_asked_on_its_own_endpoint(kind: str, endpoint: str) -> None:
    assert live(row("acme/other", type=kind)).find("acme/other").answers_on == endpoint
    rows = [row("acme/both", type=kind), row("acme/both"), row("acme/both", type=kind)]
    assert merged(snapshot(), rich([*everything()["data"], *rows])).find("acme/both").answers_on == "chat"


@pytest.mark.parametrize("kind", ["image", "stt", "video"])
def test_models_that_do_not_chat_are_not_offered(kind: str) -> None:
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
    found = after_refresh(own(server))
    assert found.listing is snapshot()
    assert found.failure is not None
    assert "incomplete" in found.failure.title


def test_a_list_half_as_long_is_news() -> None:
    rows = everything()["data"]
    assert plausible(rich({"data": rows[: len(rows) // 2]}), snapshot())


def test_another_servers_models_are_not_taken_for_the_providers(server: Server) -> None:
    server.listing = reply([{"id": "google/gemini-2.5-flash"}])
    found = after_refresh(other(server)).listing
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


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(("cached_input_tokens", "cached"), ("cache_read_input", "cached"), ("cache read", "cached")),
        *(("cache_write_input_tokens", "cache write"), ("cache_creation_input", "cache write")),
        *(("audio_input", "audio in"), ("output audio", "audio out")),
    ],
)
def test_cached_and_audio_tokens_have_their_own_prices(name: str, kind: str) -> None:
    quote = {"kind": "fixed", "units": [rate("input", 1), rate("output", 2), rate(name, 0.5)]}
    assert prices(quote) == (1, 2, False)
    assert other_prices(quote) == {kind: 0.5}


@pytest.mark.parametrize("name", ["image_input", "batch_input", "cached_output", "audio", "web_search_request"])
def test_other_priced_items_are_left_out(name: str) -> None:
    assert other_prices({"kind": "fixed", "units": [rate(name, 0.5)]}) == {}


def test_the_lowest_of_several_price_bands_is_quoted_and_marked() -> None:
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
def test_fifty_thousand_hostile_ids_make_a_drawable_list(read: Callable[[Any], tuple[ModelInfo, ...]]) -> None:
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
    found = after_refresh(own(server))
    assert found.failure is not None
    assert found.listing is snapshot()


@given(ANYTHING)
def test_any_json_as_a_list_of_models_is_read_without_a_fault(body: Any) -> None:
    for read in (bare, rich):
        for model in read(body):
            assert model.id
            assert model.id.isprintable()
    assert merged(snapshot(), rich(body)).models
    speeds(body)
    prices(body)


@given(st.lists(st.builds(row, st.text(max_size=10), st.text(max_size=10)), max_size=8), ANYTHING)
def test_a_malformed_field_hides_no_row(rows: list[Any], odd: Any) -> None:
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
    (found,) = after_refresh(other(server)).listing.models
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
    page, asked = server.measured, threading.Event()
    server.measured = Reply([asked, *page.steps], page.status, page.headers, page.framing)
    found = Metrics(Endpoint(server.url, KEY), deadlines=QUICK)
    assert found.speeds is None
    asked.set()
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
    found._page.updated = time.time() - 3600
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
