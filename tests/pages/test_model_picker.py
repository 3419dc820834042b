"""The picker of models and the model in the address, by AppTest."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from basics import KEY
from fake_api import FakeAPI, Reply, error, reply
from model_lists import MODELS, page_text
from rich_api import RichAPI, everything, row
from streamlit.testing.v1 import AppTest
from visiting import Open, catalogue_of, picker, say, set_, well, with_models

from backend import local
from backend.catalog import ID_LIMIT, Filters, snapshot
from backend.studio.families import FAMILIES
from components.models import model_list
from components.session.models import local_label


@pytest.fixture
def at(visit: Open, rich: RichAPI) -> AppTest:
    """The front page, connected to AI/ML API with a key."""
    return visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=rich.url)


def opened(visit: Open, said: str, **environment: str) -> AppTest:
    """The app as a link with `?model=` opens it."""
    return visit(query={"model": said}, **environment)


def choose(at: AppTest, model: str) -> AppTest:
    """Choose from the list, or type what is not in it."""
    return well(picker(at).set_value(model).run())


def captions(at: AppTest) -> str:
    return "\n".join(found.value for found in at.sidebar.caption).replace("\\", "")


# ---- the picker -----------------------------------------------------------------------------------------


def test_the_picker_has_what_the_provider_lists_now(visit: Open, rich: RichAPI) -> None:
    rich.listing = reply({"data": everything(row("acme/new", "Acme New", 0.5))})
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=rich.url)
    assert ["acme/new", "Acme New", "Acme", "$0.50 in · $2.00 out · tools", [], 0] in picker(at).rows
    assert picker(at).options[0] == "google/gemini-2.5-flash"


def test_the_model_in_use_has_its_name_its_price_and_in_the_tooltip_its_abilities(at: AppTest) -> None:
    assert picker(at).head["name"] == "Gemini 2.5 Flash"
    assert "$1.00 in · $4.00 out per million tokens" in captions(at)
    assert picker(at).head["tooltip"].startswith("google/gemini-2.5-flash · 128K context · ")
    assert "tools" in picker(at).head["tooltip"]


def test_the_picker_shows_a_price_as_soon_as_it_is_known(visit: Open, rich: RichAPI) -> None:
    rich.listing = Reply([b""], 500, {}, "length")
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=rich.url)
    assert "$" not in str(picker(at).rows)
    rich.listing = RichAPI.listing
    catalogue_of(at).refresh()
    assert "$1.00 in · $4.00 out" in str(picker(with_models(at)).rows)
    assert "$1.00 in · $4.00 out per million tokens" in captions(at)
    assert picker(at).value == "google/gemini-2.5-flash"


def test_a_row_is_found_by_every_name_and_a_retired_one_is_marked(visit: Open, rich: RichAPI) -> None:
    rich.listing = Reply([b""], 500, {}, "length")
    rows = {row_[0]: row_ for row_ in picker(visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=rich.url)).rows}
    for model in snapshot().models:
        assert {*model.aliases, *model.documented_as} == set(rows[model.id][4])
        assert (rows[model.id][5] == 1) is model.retired is str(rows[model.id][3]).startswith("retired")


def test_names_of_a_server_are_words_in_the_sidebar(visit: Open, rich: RichAPI) -> None:
    named = row("google/gemini-2.5-flash", "![x](https://evil.example/x.png) <b>", developer="**Acme**")
    rich.listing = reply({"data": everything(named)})
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=rich.url)
    assert picker(at).head["name"] == "![x](https://evil.example/x.png) <b>"
    texts = [found.value for found in (*at.markdown, *at.caption, *at.warning)]
    assert not any("![" in text or re.search(r"(?<!\\)<b>", text) for text in texts)


def test_rows_are_those_of_the_connection_that_was_changed_to(at: AppTest, api: FakeAPI) -> None:
    assert len(picker(at).rows) > 100
    set_(at, "connection", "other")
    with_models(set_(at, "base_url_typed", f"{api.url}/a__b/v1"))
    set_(at, "base_url_typed", api.url)
    assert [row_[0] for row_ in picker(with_models(at)).rows] == [
        "fake/alpha",
        "fake/beta",
        "google/gemini-2.5-flash",
    ]


def test_a_choice_made_up_by_the_browser_chooses_nothing(at: AppTest) -> None:
    for event in (None, {}, {"model": 5}, {"typed": True}, {"model": "\u200b\n", "typed": True}):
        box = picker(at).set_value("x")
        box._choice = event  # type: ignore[assignment]
        assert picker(well(box.run())).value == "google/gemini-2.5-flash"


def test_the_last_used_model_is_offered_first(at: AppTest) -> None:
    for model in ("openai/gpt-5-1", "x-ai/grok-4-3"):
        choose(at, model)
    assert picker(at).options[:3] == [
        "x-ai/grok-4-3",
        "openai/gpt-5-1",
        "google/gemini-2.5-flash",
    ]


def test_any_id_may_be_typed_and_the_nearest_known_ones_are_offered(at: AppTest, rich: RichAPI) -> None:
    choose(at, "2.5 pro gemini")
    say(at, "Hi")
    assert rich.asked[-1].body["model"] == "2.5 pro gemini"
    assert "as typed" in captions(at)
    well(at.button(key="similar.google/gemini-2.5-pro").click().run())
    assert picker(at).value == "google/gemini-2.5-pro"


def test_a_retired_model_is_explained_and_replaced(at: AppTest) -> None:
    choose(at, "google/gemini-2.0-flash-exp")
    assert any("is retired at the provider" in found.value for found in at.sidebar.warning)
    well(at.button(key="successor").click().run())
    assert picker(at).value.startswith("google/")
    assert not at.sidebar.warning


def test_a_filter_narrows_the_list_and_says_how_many_are_left(visit: Open, rich: RichAPI) -> None:
    cheap = row("acme/cheap", "Acme Cheap", 0.01, capabilities=["streaming", "tools", "web_search"])
    rich.listing = reply({"data": everything(cheap)})
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=rich.url)
    every = len(picker(at).options)
    set_(at, "picker.price", 0.1)
    assert picker(at).options == ["google/gemini-2.5-flash", "acme/cheap"]
    assert f"1 of {every} models" in captions(at)
    well(at.button(key="picker.clear").click().run())
    assert len(picker(at).options) == every


def test_the_model_in_use_stays_an_option_whatever_is_filtered(at: AppTest) -> None:
    at.session_state["picker.needs"] = ["web_search", "audio", "file"]
    well(at.run())
    assert picker(at).options[0] == picker(at).value == "google/gemini-2.5-flash"


def test_a_bare_list_has_nothing_to_filter(visit: Open, api: FakeAPI) -> None:
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    assert set(picker(at).options) == {"fake/alpha", "fake/beta", "google/gemini-2.5-flash"}
    assert not [found for found in at.sidebar.button if found.key == "picker.clear"]


def test_a_list_that_cannot_be_read_is_said_beside_the_picker(visit: Open, rich: RichAPI) -> None:
    rich.listing = error(500, "![x](https://evil.example/x.png)")
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=rich.url)
    assert "The list of models could not be read." in captions(at)
    assert "The models known before are shown." in captions(at)
    assert len(picker(at).options) > 100
    assert not any("![" in found.value for found in at.sidebar.caption)


def test_the_first_of_another_servers_models_is_chosen_when_they_are_known(at: AppTest, api: FakeAPI) -> None:
    set_(at, "connection", "other")
    with_models(set_(at, "base_url_typed", api.url))
    assert picker(at).value == "fake/alpha"
    say(at, "Hi")
    assert api.asked[-1].body["model"] == "fake/alpha"


@pytest.mark.slow
def test_nobody_is_asked_for_models_while_the_model_on_this_computer_is_in_use(visit: Open, rich: RichAPI) -> None:
    for page in ("app.py", MODELS):
        visit(page, AIMLAPI_BASE_URL=rich.url)
    assert rich.requests == []


# ---- the model in the address ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "model"),
    [
        ("openai/gpt-5-1", "openai/gpt-5-1"),
        ("  x\ny\u202ez ", "xyz"),
        ("x" * 50_000, "x" * ID_LIMIT),
        ("", "google/gemini-2.5-flash"),
    ],
)
def test_a_link_opens_with_its_model(visit: Open, rich: RichAPI, said: str, model: str) -> None:
    at = opened(visit, said, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=rich.url)
    assert picker(at).value == model
    say(at, "Hi")
    assert rich.asked[-1].body["model"] == model


def test_a_link_is_followed_once(visit: Open, rich: RichAPI) -> None:
    at = opened(visit, "openai/gpt-5-1", AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=rich.url)
    choose(at, "x-ai/grok-4-3")
    assert picker(well(at.run())).value == "x-ai/grok-4-3"
    at.query_params["model"] = "openai/gpt-5-2"
    assert picker(well(at.run())).value == "openai/gpt-5-2"


@pytest.mark.usefixtures("folds_open")
def test_a_link_to_a_model_without_a_key_says_what_is_needed(visit: Open, rich: RichAPI) -> None:
    at = opened(visit, "gpt-4o", AIMLAPI_BASE_URL=rich.url)
    assert at.sidebar.selectbox(key="connection").value == "local"
    assert "Add a key to use gpt-4o" in page_text(at).replace("\u2060", "")
    assert rich.requests == []
    well(at.button(key="wanted.connect").click().run())
    assert picker(at).value == "gpt-4o"
    set_(at, "key_typed", "sk-typed-0123456789")
    assert "Add a key" not in page_text(at)
    say(at, "Hi")
    assert rich.asked[-1].body["model"] == "gpt-4o"


def test_the_words_about_a_missing_key_can_be_dismissed(visit: Open, rich: RichAPI) -> None:
    at = opened(visit, "gpt-4o", AIMLAPI_BASE_URL=rich.url)
    well(at.button(key="wanted.dismiss").click().run())
    assert "Add a key" not in page_text(at)


@pytest.mark.parametrize("spelled", [str, str.upper])
@pytest.mark.usefixtures("folds_open")
def test_a_link_to_a_model_of_this_computer_opens_it_here(
    visit: Open, rich: RichAPI, spelled: Callable[[str], str]
) -> None:
    local = visit(AIMLAPI_BASE_URL=rich.url).session_state["session"].models.local[-1].id
    at = opened(visit, spelled(local), AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=rich.url)
    assert at.sidebar.selectbox(key="connection").value == "local"
    assert picker(at).value == local


def _address() -> None:
    """A page that chooses what is typed and writes down what its address should say."""
    import streamlit as st

    from components.models.picker import address_value
    from components.session.session import Session

    session = Session.current()
    session.connections.connect(st.text_input("connection", "configured"))
    if model := st.text_input("model"):
        session.models.choose(model)
    st.text(address_value(session, session.setup))


@pytest.mark.parametrize(
    ("connection", "model", "said"),
    [
        ("configured", "", ""),
        ("configured", "google/gemini-2.5-flash", ""),
        ("configured", "openai/gpt-5-1", "openai/gpt-5-1"),
        ("local", "", None),  # the first of this computer's, where another one is usual
        ("other", "llama3", ""),  # whose it is, the address cannot say
    ],
)
def test_the_address_names_any_but_the_usual_model(
    visit: Open,
    rich: RichAPI,
    connection: str,
    model: str,
    said: str | None,
) -> None:
    visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=rich.url)
    at = well(AppTest.from_function(_address).run())
    at.text_input[0].set_value(connection)
    at.text_input[1].set_value(model)
    first = at.session_state["session"].models.local[0].id
    assert well(at.run()).text[0].value == (first if said is None else said)


def test_a_model_that_is_not_downloaded_says_so_wherever_it_is_offered(
    visit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "present", lambda model: model is not local.offered_models()[-1])
    session = visit().session_state["session"]
    here, *_, away = session.models.local
    assert session.setup.offered_as(here.id) == here.label and local_label(here) == here.about
    assert session.setup.offered_as(away.id) == f"{away.label} (to be downloaded, {away.size})"
    assert local_label(away).startswith(f"not here yet, {away.size} are downloaded with the first question: ")
    rows = json.loads(model_list.Rows().of(session.setup, Filters(), ()).content)
    assert [row[3] for row in rows] == [local_label(model) for model in session.models.local]
    assert [model.id for model in session.studio.models(FAMILIES["embeddings"])][-1] == away.id


def test_a_studio_address_left_by_back_chooses_no_model_and_is_dropped(visit: Open, rich: RichAPI) -> None:
    query = {"family": "image", "model": "google/imagen-4.0"}
    at = visit(query=query, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=rich.url)
    session = at.session_state["session"]
    assert session.setup.model == session.setup.default_model and not at.query_params
