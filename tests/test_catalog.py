"""The picker is never empty, never waits, and survives whatever a server calls a list of models."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import QUICK
from fake_api import FakeAPI, Reply, Request, html, reply

from backend import catalog
from backend.catalog import ID_LIMIT, LIST_LIMIT, ModelInfo, bundled, find, listed, successor
from backend.client import ChatClient, Endpoint
from backend.errors import APIError, NotAnAnswer
from backend.settings import DEFAULT_MODEL
from backend.text import clean

RETIRED = [model for model in bundled() if model.retired]


class Lister(FakeAPI):
    """A server whose GET /models says anything."""

    listing: Reply = reply({"data": []})

    def _reply_to(self, request: Request) -> Reply:
        return self.listing if request.path.endswith("/models") else super()._reply_to(request)


def of(listing: Any) -> tuple[str, ...]:
    """The ids in a reply: a Reply as it is, anything else as JSON."""
    with Lister() as server:
        server.listing = listing if isinstance(listing, Reply) else reply(listing)
        client = ChatClient(Endpoint(server.url), QUICK)
        try:
            return listed(client)
        finally:
            client.close()


# ---- the bundled list -----------------------------------------------------------------------------------


def test_the_projects_own_model_comes_first() -> None:
    assert bundled()[0].id == DEFAULT_MODEL
    assert not bundled()[0].retired


def test_there_is_something_to_choose_from() -> None:
    assert sum(not model.retired for model in bundled()) > 100
    assert len({model.developer for model in bundled()}) > 10


def test_ids_are_unique_in_any_case() -> None:
    ids = [model.id.lower() for model in bundled()]
    assert len(set(ids)) == len(ids)


def test_no_alias_is_the_id_of_another_model() -> None:
    ids = {model.id.lower(): model for model in bundled()}
    for model in bundled():
        for alias in model.aliases:
            assert ids.get(alias.lower(), model) is model, alias


def test_every_model_has_an_id_that_can_be_sent_and_shown() -> None:
    for model in bundled():
        assert model.id == clean(model.id).strip()
        assert model.id.isprintable()
        assert 0 < len(model.id) <= ID_LIMIT


def test_the_context_is_a_number_of_tokens_or_unknown() -> None:
    for model in bundled():
        assert model.context_length is None or (type(model.context_length) is int and model.context_length > 255)


def test_some_models_are_marked_as_retired() -> None:
    assert RETIRED
    assert find("google/gemini-2.0-flash").retired


def test_the_list_is_read_once() -> None:
    assert bundled() is bundled()


# ---- looking one up -------------------------------------------------------------------------------------


def test_every_bundled_id_finds_itself() -> None:
    assert [find(model.id) for model in bundled()] == list(bundled())


@pytest.mark.parametrize("spelling", [str, str.upper, str.title, str.swapcase])
def test_an_id_is_found_in_any_case(spelling: Any) -> None:
    assert find(spelling("google/gemini-2.5-flash")).id == "google/gemini-2.5-flash"


def test_an_alias_finds_a_model_in_any_case() -> None:
    for model in bundled():
        for alias in model.aliases:
            assert alias.lower() in [name.lower() for name in (find(alias).id, *find(alias).aliases)]
            assert find(alias.upper()) == find(alias)
    assert find("Gemini-2.0-Flash").id == "google/gemini-2.0-flash"


@pytest.mark.parametrize("unknown", ["acme/rocket-1", "", " ", "<b>x</b>", "a" * 500, "ß", "\n"])
def test_an_unknown_id_is_itself_and_nothing_more(unknown: str) -> None:
    assert find(unknown) == ModelInfo(unknown)


@pytest.mark.parametrize(
    ("model_id", "short"), [("google/gemini-2.5-flash", "gemini-2.5-flash"), ("gpt-4o", "gpt-4o"), ("a/b/c", "c")]
)
def test_the_short_name_leaves_the_developer_out(model_id: str, short: str) -> None:
    assert ModelInfo(model_id).short_name == short


# ---- the one to use instead -----------------------------------------------------------------------------


@pytest.mark.parametrize("model", RETIRED, ids=lambda model: model.id)
def test_who_follows_a_retired_model_is_alive_and_of_its_family(model: ModelInfo) -> None:
    other = successor(model)
    if other is not None:
        assert not other.retired
        assert other.developer == model.developer
        assert other != model


def test_gemini_is_followed_by_gemini() -> None:
    other = successor(find("google/gemini-2.0-flash"))
    assert other is not None
    assert other.short_name.startswith("gemini")


def test_nobody_follows_a_model_that_nobody_knows() -> None:
    assert successor(ModelInfo("acme/rocket-1", developer="Acme", retired=True)) is None


# ---- what a server lists --------------------------------------------------------------------------------


def test_a_server_is_asked_for_its_models(client: ChatClient, api: FakeAPI) -> None:
    assert listed(client) == ("fake/alpha", "fake/beta", "google/gemini-2.5-flash")
    assert api.requests[0].path == "/v1/models"


def test_the_order_is_the_servers() -> None:
    assert of({"data": [{"id": "b"}, {"id": "a"}, {"id": "c"}]}) == ("b", "a", "c")


def test_a_bare_list_of_objects_will_do() -> None:
    assert of([{"id": "a"}, {"id": "b"}]) == ("a", "b")


def test_bare_ids_will_do() -> None:
    assert of({"data": ["a", "b"]}) == of(["a", "b"]) == ("a", "b")


def test_what_is_listed_twice_is_offered_once() -> None:
    assert of({"data": [{"id": "a"}, {"id": "b"}, {"id": "a"}, {"id": " a "}]}) == ("a", "b")


@pytest.mark.parametrize(
    "listing",
    [None, 5, {}, [], {"data": None}, {"data": {}}, {"data": "a"}, {"data": 5}, {"models": ["a"]}],
    ids=json.dumps,
)
def test_a_list_that_is_none_offers_nothing(listing: Any) -> None:
    assert of(listing) == ()


@pytest.mark.parametrize(
    "row", [None, 5, True, {}, [], ["a"], {"id": None}, {"id": 5}, {"id": ["a"]}, {"name": "a"}]
)
def test_a_row_that_is_none_hides_no_other(row: Any) -> None:
    assert of({"data": [{"id": "a"}, row, {"id": "b"}]}) == ("a", "b")


@pytest.mark.parametrize("blank", ["", " ", "\n", "\x00", "\x1b\x07", "\t\r\n"], ids=repr)
def test_a_blank_id_is_no_model(blank: str) -> None:
    assert of({"data": [{"id": blank}, {"id": "a"}]}) == ("a",)


@pytest.mark.parametrize("split", ["a\nb", "a\r\nb", "a\u2028b", "a\u202eb", "a\tb", "a\u200bb"], ids=ascii)
def test_an_id_is_one_line_that_can_be_read(split: str) -> None:
    assert of({"data": [{"id": split}, {"id": "a"}]}) == ("a",)


def test_control_characters_do_not_reach_the_screen() -> None:
    assert of({"data": [{"id": "a\x00b\x1b[31m"}]}) == ("ab[31m",)


def test_half_a_character_does_not_break_the_screen() -> None:
    (found,) = of(reply('{"data": [{"id": "a\\ud83d"}]}'))
    assert found.encode() == "a\ufffd".encode()


def test_an_id_of_a_million_characters_is_cut() -> None:
    (found,) = of({"data": [{"id": "x" * 1_000_000}]})
    assert len(found) == ID_LIMIT


def test_fifty_thousand_models_are_a_list_that_can_be_drawn() -> None:
    found = of({"data": [{"id": f"model-{number}"} for number in range(50_000)]})
    assert len(found) == LIST_LIMIT
    assert found[0] == "model-0"


def test_html_in_an_id_stays_text() -> None:
    hostile = '<img src="https://evil.example/x.png">'
    assert of({"data": [{"id": hostile}]}) == (hostile,)


@pytest.mark.parametrize("listing", [html("Welcome"), reply("not json"), reply("")], ids=["html", "text", "empty"])
def test_a_page_instead_of_a_list_is_said(listing: Reply) -> None:
    with pytest.raises(NotAnAnswer):
        of(listing)


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_refusal_is_raised(status: int) -> None:
    with pytest.raises(APIError):
        of(reply({"error": {"message": "No."}}, status))


def test_nesting_without_end_is_no_list() -> None:
    with pytest.raises(APIError):
        of(reply("[" * 100_000))


def test_the_limits_are_worth_having() -> None:
    assert 100 <= catalog.ID_LIMIT <= 1_000
    assert 1_000 <= catalog.LIST_LIMIT <= 10_000
