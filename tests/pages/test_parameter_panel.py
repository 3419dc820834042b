"""Every knob, fitted to the model in hand: set and unset, kept back with a reason, sent as the wire wants it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from basics import KEY
from fake_api import FakeAPI, reply, stream
from rich_api import RichAPI
from streamlit.testing.v1 import AppTest
from visiting import Open, conversation, everything, open_folds, picker, say, set_, well

from backend import catalog
from components.sidebar.words import PRESET_WHOLE

HELD: dict[str, tuple[object, object]] = {
    "temperature": (0, 0),
    "seed": (2**53 - 1, 2**53 - 1),
    "stop": (["END", "\n"], ["END", "\n"]),
    "reasoning_effort": ("high", "high"),
    "logprobs": ("on", True),
    "logit_bias": ("15: -100", {"15": -100}),
    "thinking": (2048, {"type": "enabled", "budget_tokens": 2048}),
    "prediction": ("x = 1", {"type": "content", "content": "x = 1"}),
    "response_format": ("JSON", {"type": "json_object"}),
    "search_domain_filter": (["a.org"], ["a.org"]),
    "min_p": (0.25, 0.5),  # the extra JSON goes over it
}


def test_the_value_of_any_kind_of_widget_is_sent(at: AppTest, api: FakeAPI) -> None:
    for name, (held, _) in HELD.items():
        at.session_state[f"parameter.{name}"] = held
    at.session_state["extra_json"] = '{"min_p": 0.5, "safety": {"level": 2}}'
    say(open_folds(at), "Hi")
    body = api.asked[-1].body
    assert body.pop("safety") == {"level": 2}
    assert {name: body.get(name) for name in HELD} == {name: sent for name, (_, sent) in HELD.items()}


@pytest.mark.slow
def test_a_schema_for_the_answer_is_sent_and_a_broken_one_is_told(at: AppTest, api: FakeAPI) -> None:
    at.session_state["parameter.response_format"] = "JSON schema"
    at.session_state["response_schema"] = '{"type": "object"}'
    say(open_folds(at), "Hi")
    assert api.asked[-1].body["response_format"]["json_schema"]["schema"] == {"type": "object"}
    at.session_state["response_schema"] = '{"type": '
    say(open_folds(at), "Hi")
    assert "response_format" not in api.asked[-1].body
    assert "no valid JSON" in everything(at)


@pytest.mark.slow
def test_a_schema_refused_by_strict_mode_goes_without_it_and_the_panel_says_why(at: AppTest, api: FakeAPI) -> None:
    at.session_state["parameter.response_format"] = "JSON schema"
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "additionalProperties": False}
    at.session_state["response_schema"] = json.dumps(schema)
    at = open_folds(at)
    said = " ".join(caption.value for caption in at.sidebar.caption)
    assert r"properties\.city is not in" in said and "without `strict`" in said
    say(at, "Hi")
    assert "strict" not in api.asked[-1].body["response_format"]["json_schema"]
    at.session_state["response_schema"] = json.dumps({**schema, "required": ["city"]})
    say(open_folds(at), "Hi")
    assert api.asked[-1].body["response_format"]["json_schema"]["strict"] is True
    assert "without `strict`" not in everything(at)


@pytest.mark.slow
def test_several_answers_at_once_are_branches_beside_each_other(at: AppTest, api: FakeAPI) -> None:
    choices = [{"index": n, "message": {"role": "assistant", "content": f"Answer {n}"}} for n in range(3)]
    api.play(reply({"choices": choices, "usage": {"prompt_tokens": 1, "completion_tokens": 9}}))
    say(set_(at, "parameter.n", 3), "Hi")
    assert conversation(at)[-1] == ("assistant", "Answer 0")
    well(at.run())
    assert "1 / 3" in everything(at)


@pytest.fixture
def known(visit: Open, rich: RichAPI) -> AppTest:
    """The front page, connected to a provider whose models are known."""
    return visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=rich.url)


def body(at: AppTest, rich: RichAPI) -> dict[str, Any]:
    """What a question sends, alone in a new conversation."""
    say(at, "Hi")
    found: dict[str, Any] = rich.asked[-1].body
    well(at.button(key="new_chat").click().run())
    return found


def choose(at: AppTest, model: str) -> AppTest:
    return set_(at, "model.configured", model)


@pytest.mark.slow
def test_the_panel_shows_what_the_model_lists_and_keeps_what_was_set(known: AppTest, rich: RichAPI) -> None:
    choose(known, "gpt-4o-2024-08-06")
    set_(known, "parameter.frequency_penalty", 0.5)
    assert body(known, rich)["frequency_penalty"] == 0.5
    choose(known, "anthropic/claude-opus-4-5")
    assert "frequency_penalty" not in body(known, rich)
    assert "Not listed for this model" in everything(known)
    well(known.button(key="anyway.frequency_penalty").click().run())
    assert body(known, rich)["frequency_penalty"] == 0.5


def test_a_model_without_a_system_role_gets_the_prompt_in_the_first_question(known: AppTest, rich: RichAPI) -> None:
    without = next(
        model
        for model in catalog.bundled()
        if "system" not in (model.roles or {"system"}) and not model.lists("system") and not model.retired
    )
    set_(choose(known, without.id), "system_prompt", "Be brief.")
    assert body(known, rich)["messages"] == [{"role": "user", "content": "Be brief.\n\nHi"}]
    assert "takes no system message" in everything(known)


@pytest.mark.slow
@pytest.mark.usefixtures("folds_open")
def test_a_preset_sets_the_knobs_within_the_limits_of_the_model(known: AppTest, rich: RichAPI) -> None:
    choose(known, "anthropic/claude-opus-4-5")
    well(known.button(key="preset.Creative").click().run())
    assert body(known, rich)["temperature"] == 1
    well(known.button(key="preset.Defaults").click().run())
    assert "temperature" not in body(known, rich)


@pytest.mark.slow
@pytest.mark.usefixtures("folds_open")
def test_own_presets_are_saved_and_deleted(at: AppTest) -> None:
    set_(at, "parameter.temperature", 0.35)
    at.text_input(key="preset.name").set_value("Mine")
    well(at.button(key="preset.save").click().run())
    well(at.button(key="reset").click().run())
    (mine,) = [found for found in at.button if found.label == "**Mine**"]
    well(mine.click().run())
    assert at.sidebar.select_slider(key="parameter.temperature").value == 0.35
    (gone,) = [found for found in at.button if str(found.key).startswith("preset.gone")]
    well(gone.click().run())
    assert not [found for found in at.button if found.label == "**Mine**"]


@pytest.mark.usefixtures("folds_open")
def test_a_preset_saved_again_replaces_the_one_of_its_name_and_says_so(at: AppTest) -> None:
    for temperature in (0.35, 0.5):
        set_(at, "parameter.temperature", temperature)
        at.text_input(key="preset.name").set_value("Mine")
        well(at.button(key="preset.save").click().run())
    assert any("The earlier preset named Mine was replaced" in found.value for found in at.caption)
    well(at.button(key="reset").click().run())
    (mine,) = [found for found in at.button if found.label == "**Mine**"]
    well(mine.click().run())
    assert at.sidebar.select_slider(key="parameter.temperature").value == 0.5


@pytest.mark.usefixtures("folds_open")
def test_a_preset_with_model_and_system_prompt_fills_and_sends_both(at: AppTest, api: FakeAPI) -> None:
    well(picker(set_(at, "system_prompt", "Answer in rhymes.")).set_value("fake/beta").run())
    at.text_input(key="preset.name").set_value("Poet")
    next(found for found in at.sidebar.toggle if found.label == PRESET_WHOLE).set_value(True)
    well(at.button(key="preset.save").click().run())
    well(picker(set_(at, "system_prompt", "Answer in one word.")).set_value("fake/alpha").run())
    (poet,) = [found for found in at.button if found.label.startswith("**Poet**")]
    well(poet.click().run())
    assert (at.sidebar.text_area(key="system_prompt").value, picker(at).value) == ("Answer in rhymes.", "fake/beta")
    say(at, "Hello")
    assert api.asked[-1].body["model"] == "fake/beta"
    assert api.asked[-1].body["messages"][0]["content"] == "Answer in rhymes."


def test_the_address_holds_what_is_set_and_sets_it_again(visit: Open, api: FakeAPI) -> None:
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    set_(at, "parameter.temperature", 0.35)
    set_(at, "parameter.stop", ["secret words"])
    assert at.query_params["temperature"] in ("0.35", ["0.35"])
    assert "stop" not in at.query_params
    other = visit(
        AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url, query={"temperature": "0.35", "top_k": "-2", "seed": "x"}
    )
    assert other.sidebar.select_slider(key="parameter.temperature").value == 0.35
    assert "top_k" not in other.query_params


@pytest.mark.slow
def test_an_answer_is_held_against_the_schema_that_was_asked_for(at: AppTest, api: FakeAPI) -> None:
    at.session_state["parameter.response_format"] = "JSON schema"
    at.session_state["response_schema"] = '{"type": "object", "required": ["city"]}'
    api.play([stream('{"city": "Rome"}'), stream('{"town": "Rome"}'), stream("Rome")])
    say(open_folds(at), "One")
    assert "The answer keeps to the schema" in everything(at)
    say(at, "Two")
    assert "does not keep to the schema" in everything(at)
    assert "city" in everything(at)
    say(at, "Three")
    assert "it is no JSON" in everything(at)
    at.session_state["parameter.response_format"] = None  # of the next one
    assert "it is no JSON" in everything(well(at.run()))
    say(at, "Four")
    at.session_state["parameter.response_format"] = "JSON"
    assert "no JSON" not in everything(well(at.run()))
    say(at, "Five")
    assert "does not keep to its format" in everything(at)
