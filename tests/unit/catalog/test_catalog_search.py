"""The catalog is searched, one model looked up, another named in place of a retired one."""

from __future__ import annotations

from typing import Any

import pytest
from catalog_models import RETIRED, ids
from source import each

from backend.catalog import Filters, ModelInfo, bundled, find, search, successor


def test_every_word_typed_must_be_somewhere_in_a_models_names() -> None:
    assert search(bundled()) == list(bundled())
    found = search(bundled(), "  GOOGLE flash 2.5 ")
    assert found[0].id == "google/gemini-2.5-flash"
    assert all("flash" in model.haystack for model in found)
    assert search(bundled(), "no-such-model") == []


def test_a_model_is_found_by_an_alias_and_by_its_old_name() -> None:
    model = ModelInfo("a/one", ("uno",), "Number", "Acme", documented_as=("Old One",))
    for words in ("uno", "number", "acme", "old one", "a/o"):
        assert search([model], words) == [model]


def test_a_search_is_text_and_no_pattern() -> None:
    for hostile in (".*", "[", "\\", "(" * 1_000, "<b>", "\x00", "x" * 1_000_000):
        assert search(bundled(), hostile) == []


def test_a_filter_keeps_what_is_known_to_pass() -> None:
    yes = ModelInfo("yes", capabilities=frozenset({"tools"}))
    no = ModelInfo("no", capabilities=frozenset(), parameters=frozenset())
    unknown = ModelInfo("unknown")
    assert ids(search([yes, no, unknown], filters=Filters(tools=True))) == ["yes"]


def test_a_filter_about_which_nothing_is_known_keeps_everything() -> None:
    models = [ModelInfo("a"), ModelInfo("b")]
    everything = Filters(True, True, True, True, True, True, True, max_price=1)
    assert search(models, filters=everything) == models


def test_the_dearer_direction_decides_about_the_price() -> None:
    cheap, dear = ModelInfo("cheap", price_in=1, price_out=2), ModelInfo("dear", price_in=1, price_out=9)
    assert search([cheap, dear, ModelInfo("unknown")], filters=Filters(max_price=2)) == [cheap]


@pytest.mark.parametrize(
    "wish", ["image", "audio", "file", "tools", "reasoning", "web_search", "structured_output"]
)
def test_every_filter_leaves_some_of_the_bundled_models(wish: str) -> None:
    found = search(bundled(), filters=Filters(**{wish: True}))
    assert 0 < len(found) < len(bundled())


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


@each(RETIRED)
def test_the_successor_of_a_retired_model_is_alive_and_of_its_family(model: ModelInfo) -> None:
    other = successor(model)
    if other is not None:
        assert not other.retired
        living = {alive.developer for alive in bundled() if not alive.retired}
        assert other.developer == model.developer or model.developer not in living
        assert other != model


def test_gemini_is_followed_by_gemini() -> None:
    other = successor(find("google/gemini-2.0-flash"))
    assert other is not None
    assert other.short_name.startswith("gemini")


@pytest.mark.parametrize(
    ("retired", "expected"),
    [
        ("gemini-1.5-pro", "google/gemini-2.5-pro"),
        ("google/gemini-2.5-flash-preview", "google/gemini-2.5-flash"),
        ("claude-3-opus-20240229", "anthropic/claude-opus-4.1"),
        ("mistralai/Mixtral-8x22B-Instruct-v0.1", "mistralai/mixtral-8x22b-instruct"),
        ("o1-mini", "o1"),
    ],
)
def test_the_nearest_name_follows(retired: str, expected: str) -> None:
    other = successor(find(retired))
    assert other is not None
    assert other.id == expected


def test_nobody_follows_a_model_that_nobody_knows() -> None:
    assert successor(ModelInfo("acme/rocket-1", developer="Acme", retired=True)) is None
