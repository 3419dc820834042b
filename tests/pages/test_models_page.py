"""The model picker, `?model=` in the address and the Models page, without a browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from basics import KEY
from fake_api import FakeAPI, error, reply
from hypothesis import given
from hypothesis import strategies as st
from model_lists import MODELS, page_text
from rich_api import RichAPI, speed
from slow_lists import Slow
from streamlit.testing.v1 import AppTest
from visiting import Open, picker, well

from backend.catalog import ID_LIMIT, Listing, ModelInfo, Speed, Speeds, snapshot
from components.elements import model_words
from components.models.chart import points
from components.models.page import columns, details, rows
from components.models.picker import _clean_name, grouped

SMALL = ModelInfo("acme/small", ("small",), "Acme Small", "Acme", 128_000, price_in=0.1, price_out=0.4)
LARGE = ModelInfo("acme/large", (), "Acme Large", "Acme", 1_000_000, price_in=3, price_out=15)
OLD = ModelInfo("acme/old", (), "Acme Old", "Acme", retired=True)
OTHER = ModelInfo("zeta/one", (), "Zeta One", "Zeta")
SPEEDS = Speeds({"acme/small": Speed(0.3, 0.6, 120, 200), "acme/large": Speed(1.5, 3, 40, 60)}, 300)


# ---- words about a model --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "words"),
    [(512, "512"), (8192, "8K"), (128_000, "128K"), (999_999, "1M"), (1_048_576, "1M"), (2_500_000, "2.5M")],
)
def test_tokens_are_said_shortly(count: int, words: str) -> None:
    assert model_words.tokens(count) == words


@pytest.mark.parametrize(
    ("price", "words"), [(0, "$0"), (0.3, "$0.30"), (2.5, "$2.50"), (15, "$15"), (0.075, "$0.075"), (1, "$1.00")]
)
def test_prices_are_said_as_one_reads_them(price: float, words: str) -> None:
    assert model_words.dollars(price) == words


def test_a_model_of_varying_price_costs_from_so_much() -> None:
    model = ModelInfo("a", price_in=1, price_out=2, price_varies=True)
    assert model_words.prices(model) == "from $1.00 in · $2.00 out"
    assert model_words.price_words(model) == "from $1.00 in · $2.00 out per million tokens"


def test_a_price_of_one_direction_says_which() -> None:
    assert model_words.prices(ModelInfo("a", price_out=2)) == "$2.00 out"
    assert model_words.prices(ModelInfo("a")) == ""


# ---- the order, and what is meant by what is typed ------------------------------------------------------


def test_developers_stay_together_and_retired_models_go_last() -> None:
    found = grouped([OTHER, OLD, SMALL, ModelInfo("zeta/two", developer="Zeta"), LARGE])
    assert [model.id for model in found] == ["zeta/one", "zeta/two", "acme/small", "acme/large", "acme/old"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("acme/small", "acme/small"),
        ("ACME/Small", "acme/small"),
        ("small", "acme/small"),
        ("acme large", "acme/large"),
        ("my/own-model", "my/own-model"),
        ("", ""),
    ],
)
def test_an_id_is_meant_by_any_of_its_names(typed: str, meant: str) -> None:
    listed = replace(SMALL, listed_as=SMALL.names)
    assert Listing((listed, LARGE)).resolve(typed) == meant


@given(st.text(max_size=500))
def test_a_model_in_the_address_is_one_short_line(said: str) -> None:
    found = _clean_name(said)
    assert found.isprintable() and len(found) <= ID_LIMIT and found == found.strip()


# ---- the table ------------------------------------------------------------------------------------------


def test_a_row_has_numbers_as_numbers() -> None:
    (found,) = rows(Listing((SMALL,)), SPEEDS)
    assert found == {
        "id": "acme/small",
        "context": 128_000,
        "price_in": 0.1,
        "price_out": 0.4,
        "first_token_p50": 0.3,
        "first_token_p90": 0.6,
        "tokens_per_second_p50": 120,
        "tokens_per_second_p90": 200,
        "retired": False,
        "abilities": [],
        "name": "Acme Small",
        "developer": "Acme",
    }


def test_columns_of_nothing_are_left_out() -> None:
    assert columns(rows(Listing((ModelInfo("llama"),)), None)) == ["id", "name"]
    assert not {"first_token_p50", "retired"} & set(columns(rows(Listing((SMALL,)), None)))
    assert columns([]) == ["id"]


def test_a_model_is_drawn_when_price_and_speed_are_known() -> None:
    found = points(rows(Listing((SMALL, LARGE, OTHER)), SPEEDS), "acme/large")
    assert [(point["id"], point["price"], point["speed"], point["chosen"]) for point in found] == [
        ("acme/small", 0.4, 120, False),
        ("acme/large", 15, 40, True),
    ]


def test_a_free_model_has_a_place_on_an_axis_without_zero() -> None:
    free = ModelInfo("acme/small", price_in=0, price_out=0)
    (found,) = points(rows(Listing((free,)), SPEEDS))
    assert found["price"] == 0.01
    assert found["costs"] == "$0 per million tokens out"


def test_everything_known_about_a_model_is_said() -> None:
    model = snapshot().find("google/gemini-2.5-flash")
    said = dict(details(model, Speeds({model.id: Speed(0.5, 1, 150, 200)})))
    assert said["Developer"] == "Google"
    assert said["Context"] == "1,000,000 tokens"
    assert said["Speed"] == "first token after 0.50 s, then 150 tokens per second"
    assert "temperature 0 to 2" in said["Limits"]
    assert "max_tokens" in said["Parameters it lists"]
    assert details(ModelInfo("a"), None) == []


# ---- the Models page ------------------------------------------------------------------------------------


def table(at: AppTest) -> Any:
    (found,) = at.main.dataframe
    return found.value


def test_the_page_has_prices_and_speeds_as_numbers(visit: Open, rich: RichAPI) -> None:
    rich.measured = reply({"window_seconds": 300, "models": [speed("google/gemini-2.5-flash", 400, 150)]})
    at = visit(MODELS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=rich.url)
    first = table(measured(at)).iloc[0]
    assert first["id"] == "google/gemini-2.5-flash"
    assert (first["price_in"], first["price_out"]) == (1.0, 4.0)
    assert (first["first_token_p50"], first["tokens_per_second_p50"]) == (0.4, 150)
    assert "over the last 5 minutes" in page_text(at)


def test_without_metrics_their_columns_are_gone_and_a_sentence_says_so(visit: Open, rich: RichAPI) -> None:
    at = measured(visit(MODELS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=rich.url))
    assert "price_in" in table(at)
    assert "first_token_p50" not in table(at)
    assert "publishes no live speeds" in page_text(at)


def test_another_servers_bare_list_is_a_bare_table(visit: Open, api: FakeAPI) -> None:
    at = measured(visit(MODELS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url))
    assert list(table(at)["id"]) == ["fake/alpha", "fake/beta", "google/gemini-2.5-flash"]
    assert list(table(at).columns) == ["id", "name"]


def test_without_a_server_the_models_of_this_computer_are_shown_with_a_hint(visit: Open, rich: RichAPI) -> None:
    at = visit(MODELS, AIMLAPI_BASE_URL=rich.url)
    assert list(table(at)["id"]) == [model.id for model in at.session_state["session"].models.local]
    well(at.button(key="models.connect").click().run())
    assert len(table(at)) > 100


def test_a_server_that_is_gone_leaves_the_bundled_list(visit: Open, rich: RichAPI) -> None:
    rich.listing = error(500)
    at = measured(visit(MODELS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=rich.url))
    assert len(table(at)) > 100
    assert "the list this app came with" in page_text(at)


def test_search_and_retired_models(visit: Open, rich: RichAPI) -> None:
    at = visit(MODELS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=rich.url)
    well(at.main.text_input(key="models.search").set_value("gemini 2.0").run())
    before = set(table(at)["id"]) if at.main.dataframe else set()
    well(at.main.toggle(key="models.retired").set_value(True).run())
    assert before < set(table(at)["id"])
    assert all("gemini-2.0" in model for model in table(at)["id"])
    well(at.main.text_input(key="models.search").set_value("nothing is called that").run())
    assert "No model fits" in page_text(at)


def test_a_chosen_model_is_described_and_opened_in_the_chat(visit: Open, rich: RichAPI) -> None:
    at = visit(MODELS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=rich.url)
    at.session_state["models.chosen"] = "openai/gpt-5-1"
    well(at.main.text_input(key="models.search").set_value("gpt-5").run())
    assert "Parameters it lists" in page_text(at)
    well(at.button(key="models.open").click().run())
    assert picker(well(at.switch_page("app.py").run())).value == "openai/gpt-5-1"


def measured(at: AppTest) -> AppTest:
    """As the page is drawn once the server has been asked for its speeds."""
    from backend import catalog

    assert catalog.metrics(at.session_state["session"].connections.current.endpoint).wait(10)
    return well(at.run())


@pytest.mark.parametrize("page", ["app.py", "pages/3_Models.py"])
def test_a_list_that_comes_during_a_draw_is_shown(visit: Open, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    def late(*waits: Callable[[float], bool]) -> bool:
        """The answer comes after the list was drawn, and before anybody asks whether it is there."""
        return not all(wait(10) for wait in waits)

    monkeypatch.setattr("components.models.picker.watch", late)
    monkeypatch.setattr("components.models.page.watch", late)
    monkeypatch.setattr("visiting.with_models", lambda at: at)
    with Slow() as server:
        server.pause = 0.3
        at = visit(page, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=server.url)
        assert any("fake/beta" in option for option in picker(at).options)
        assert not any("lists no models" in found.value for found in at.info)
