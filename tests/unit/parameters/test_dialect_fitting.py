"""Values that are parts of one field, and values that a dialect has a place for or none."""

from __future__ import annotations

from typing import Any

import pytest

from backend.catalog import ModelInfo
from backend.parameters import fit, parameter_named
from backend.protocol import dialects, wire
from backend.types import ChatRequest, Message


def test_parts_of_one_field_are_sent_together() -> None:
    values = {
        "reasoning": 500,
        "reasoning.effort": "low",
        "reasoning.exclude": True,
        "web_search_options": "low",
        "web_search_options.country": "DE",
        "web_search_options.city": "Ulm",
    }
    place = {"type": "approximate", "approximate": {"country": "DE", "city": "Ulm"}}
    fitted = fit(values)
    assert fitted.body == {
        "reasoning": {"max_tokens": 500, "effort": "low", "exclude": True},
        "web_search_options": {"search_context_size": "low", "user_location": place},
    }
    assert fitted.sent == set(values)
    assert {name: parameter_named(name).found_in(fitted.body) for name in values} == values


@pytest.mark.parametrize("way", ["adaptive", "disabled"])
def test_a_budget_has_no_place_beside_another_way_to_think(way: str) -> None:
    fitted = fit({"thinking": 2_000, "thinking.type": way})
    assert fitted.body == {"thinking": {"type": way}}
    assert way in fitted.kept_back["thinking"]


@pytest.mark.parametrize(
    ("name", "off", "range_"), [("seed", 0, "1 or more"), ("top_k", -1, "0 or more"), ("min_p", 0, "between 0.001")]
)
def test_a_value_that_disables_a_sampler_goes_where_no_schema_forbids_it(name: str, off: int, range_: str) -> None:
    assert fit({name: off}).body == fit({name: off}, ModelInfo("m")).body == {name: off}
    listed = ModelInfo("m", parameters=frozenset({name}))
    assert range_ in fit({name: off}, listed).kept_back[name]
    assert fit({name: off}, listed, anyway={name}).body == {name: off}
    assert fit({"seed": 7}, ModelInfo("m", parameters=frozenset({"seed"}))).body == {"seed": 7}


@pytest.mark.parametrize(
    ("name", "value", "beside"),
    [("top_logprobs", 5, {"logprobs": True}), ("audio", "ash", {"modalities": ["audio"]})],
)
def test_a_parameter_refused_alone_is_held_back_until_its_partner_is_set(
    name: str, value: Any, beside: dict[str, Any]
) -> None:
    assert "Only together with" in fit({name: value, **dict.fromkeys(beside, False)}).kept_back[name]
    assert name in fit({name: value, **beside}).sent


@pytest.mark.parametrize("effort", ["none", "minimal", "xhigh", "max"])
def test_an_effort_that_no_documented_model_lists_is_sent_elsewhere_and_when_one_insists(effort: str) -> None:
    listed = ModelInfo("m", parameters=frozenset({"reasoning_effort"}))
    assert "low, medium, high" in fit({"reasoning_effort": effort}, listed).kept_back["reasoning_effort"]
    assert fit({"reasoning_effort": effort}, listed, anyway={"reasoning_effort"}).sent
    assert fit({"reasoning_effort": effort}).body == {"reasoning_effort": effort}


def test_words_may_be_biased_where_a_provider_takes_them() -> None:
    assert fit({"logit_bias": "Paris: -5\na:b: 2"}).body == {"logit_bias": {"Paris": -5, "a:b": 2}}


def test_stream_only_parameters_are_held_back_without_a_stream() -> None:
    qwen = dialects.choose("alibaba/qwen3-32b", "https://api.aimlapi.com/v1")
    values = {"enable_thinking": True, "thinking_budget": 9, "stream_options": True}
    assert set(fit(values, dialect=qwen, stream=False).kept_back) == set(values)
    assert fit(values, dialect=qwen, stream=True).sent == set(values)
    assert fit({"enable_thinking": False}, dialect=qwen, stream=False).body == {"enable_thinking": False}
    own = dialects.choose("qwen3", "http://127.0.0.1:8000/v1")
    assert fit({"enable_thinking": True}, dialect=own, stream=False).sent


def test_a_field_that_a_format_does_not_have_is_kept_back() -> None:
    chosen = dialects.choose("m", "https://x.test/v1/responses")
    assert "Responses" in fit({"seed": 1}, dialect=chosen).kept_back["seed"]


@pytest.mark.parametrize(
    ("format_", "names"),
    [
        ("responses", {"stop_sequences": "x", "thinking": 2000, "web_search_options": "low", "search_mode": "web"}),
        ("messages", {"reasoning": 500, "reasoning.effort": "low", "web_search_options": "low"}),
        ("messages", {"web_search_options.city": "Ulm", "search_recency_filter": "day"}),
    ],
)
def test_parameters_of_other_services_are_held_back(format_: str, names: dict[str, Any]) -> None:
    chosen = dialects.choose("m", f"https://x.test/v1/{format_}")
    fitted = fit(names, dialect=chosen)
    assert (fitted.body, set(fitted.kept_back)) == ({}, set(names))


@pytest.mark.parametrize(
    ("format_", "refused", "values"),
    [
        ("responses", "max_output_tokens", {"max_tokens": 9}),
        ("responses", "reasoning", {"reasoning_effort": "low"}),
        ("messages", "stop_sequences", {"stop": "x"}),
    ],
)
def test_a_refusal_by_the_servers_own_name_counts(format_: str, refused: str, values: dict[str, Any]) -> None:
    chosen = dialects.choose("m", f"https://x.test/v1/{format_}")
    assert set(fit(values, refused={refused}, dialect=chosen).kept_back) == set(values)


def test_marks_for_a_cache_are_written_into_the_messages_where_they_are_taken() -> None:
    claude = dialects.choose("anthropic/claude-sonnet-5", "https://openrouter.ai/api/v1")
    fields = fit({"cache_control": "1h"}, dialect=claude).body
    messages = (
        Message("system", "Be brief."),
        Message("user", "A"),
        Message("assistant", "B"),
        Message("user", "C"),
    )
    body: Any = wire.payload(ChatRequest("m", messages, fields, dialect=claude))
    mark = {"type": "ephemeral", "ttl": "1h"}
    assert "cache_control" not in body
    marked = [isinstance(message["content"], list) for message in body["messages"]]
    assert marked == [True, False, False, True]
    assert body["messages"][3]["content"] == [{"type": "text", "text": "C", "cache_control": mark}]
    assert "cache" in fit({"cache_control": "1h"}).kept_back["cache_control"]
