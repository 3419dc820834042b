"""What was not set is not sent, and what cannot be sent is said in a sentence."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source import each

from backend.catalog import ModelInfo, bundled
from backend.parameters import PARAMETERS, Parameter, body, fit
from backend.parameters.parameter import escaped, unescaped

NUMBERS = [parameter for parameter in PARAMETERS if parameter.kind in ("number", "integer")]
each_number = pytest.mark.parametrize("parameter", NUMBERS, ids=lambda parameter: parameter.name)
UNSET: list[Any] = [None, "", [], ()]


def named(name: str) -> Parameter:
    return next(parameter for parameter in PARAMETERS if parameter.name == name)


# ---- the table ------------------------------------------------------------------------------------------


def test_no_parameter_is_in_the_table_twice() -> None:
    assert len({parameter.name for parameter in PARAMETERS}) == len(PARAMETERS)
    assert len({parameter.label for parameter in PARAMETERS}) == len(PARAMETERS)


def test_the_knobs_that_every_playground_has_are_there() -> None:
    names = {parameter.name for parameter in PARAMETERS}
    assert {"temperature", "top_p", "max_tokens", "frequency_penalty", "presence_penalty", "stop", "seed"} <= names


@each(PARAMETERS)
def test_a_parameter_has_a_label_a_wire_name_a_meaning_and_choices_in_range(parameter: Parameter) -> None:
    assert parameter.label[0].isupper() and re.fullmatch(r"[a-z_]+(\.[a-z_]+)?", parameter.name)
    assert len(parameter.help) > 20 and parameter.help.endswith(".")
    choices = parameter.choices
    assert list(choices) == sorted(set(choices))
    assert all(parameter.parse(choice) == choice for choice in choices)
    assert not choices or (choices[0], choices[-1]) == (parameter.minimum, parameter.maximum)


def test_choices_are_round_numbers_and_not_binary_dust() -> None:
    assert 0.3 in named("temperature").choices
    assert 0.15 in named("top_p").choices
    assert 0 in named("presence_penalty").choices


@pytest.mark.parametrize("name", ["max_tokens", "seed", "stop"])
def test_a_parameter_without_a_natural_slider_offers_no_choices(name: str) -> None:
    assert named(name).choices == ()


# ---- unset ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", UNSET, ids=repr)
def test_an_unset_parameter_is_none_and_not_sent(value: object) -> None:
    assert {parameter.parse(value) for parameter in PARAMETERS} == {None}
    assert body({parameter.name: value for parameter in PARAMETERS}) == body({}) == {}


@each(NUMBERS)
def test_a_single_parameter_is_sent_alone(parameter: Parameter) -> None:
    assert parameter.minimum is not None
    alone = fit({parameter.name: parameter.minimum}, anyway={parameter.name}).body
    assert alone == {parameter.name: parameter.to_wire(parameter.minimum)}


# ---- numbers --------------------------------------------------------------------------------------------


@each(NUMBERS)
def test_both_ends_of_the_range_are_inside_and_what_is_beyond_is_said_in_a_sentence(parameter: Parameter) -> None:
    assert parameter.minimum is not None
    assert parameter.parse(parameter.minimum) == parameter.minimum
    with pytest.raises(ValueError, match=rf"^{parameter.label} must be .+\.$"):
        parameter.parse(parameter.minimum - 1)
    if parameter.maximum is not None:
        assert parameter.parse(parameter.maximum) == parameter.maximum
    if parameter.maximum:
        with pytest.raises(ValueError, match=rf"^{parameter.label} must be between .+ and .+\.$"):
            parameter.parse(parameter.maximum * 2)


@each(NUMBERS)
def test_values_that_are_no_finite_number_are_refused(parameter: Parameter) -> None:
    for value in ("warm", "1,5", "0x10", True, False, {}, {"a": 1}, object(), b"1", [1], (1,)):
        with pytest.raises(ValueError, match=f"^{parameter.label} must be a number"):
            parameter.parse(value)
    for value in ("nan", "inf", "-inf", *map(float, ("nan", "inf", "-inf")), 10**400, -(10**400), "9" * 400):
        with pytest.raises(ValueError, match=rf"^{parameter.label} must be .+\.$"):
            parameter.parse(value)


@pytest.mark.parametrize("value", [64, 64.0, "64", " 64 "])
def test_a_whole_number_is_sent_as_an_integer(value: object) -> None:
    parsed = named("max_tokens").parse(value)
    assert (parsed, type(parsed)) == (64, int)


def test_the_largest_seed_keeps_its_last_digit() -> None:
    assert named("seed").parse(2**53 - 1) == 9007199254740991


@each_number
@given(value=st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary(max_size=4))
def test_any_value_is_sent_within_the_range_or_refused_in_words(parameter: Parameter, value: object) -> None:
    try:
        parsed = parameter.parse(value)
    except ValueError as error:
        assert str(error).startswith(parameter.label)
        assert str(error).endswith(".")
        return
    if parsed is None:
        return
    assert isinstance(parsed, int | float)
    assert parameter.minimum is not None
    assert parameter.minimum <= parsed <= (parameter.maximum or float("inf"))
    json.dumps(parsed, allow_nan=False)


# ---- stop sequences -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("END", ["END"]),
        (["1", "2", "3", "4"], ["1", "2", "3", "4"]),
        (["", "a", ""], ["a"]),
        (["\n", "\n\n", " "], ["\n", "\n\n", " "]),
        (["  END\t", "終わり", "</s>"], ["  END\t", "終わり", "</s>"]),
    ],
)
def test_up_to_four_stop_sequences_are_sent_in_order_as_they_were_typed(typed: object, sent: list[str]) -> None:
    assert body({"stop": typed}) == {"stop": sent}


@given(st.text(alphabet="\\nrta \n\r\t", max_size=8))
def test_a_sequence_is_typed_in_one_line_and_comes_back_as_it_was(text: str) -> None:
    assert unescaped(escaped(text)) == text and escaped(text).splitlines() in ([], [escaped(text)])


def test_a_line_end_is_typed_as_in_json_and_a_backslash_twice() -> None:
    assert [unescaped(typed) for typed in (r"\n", r"\r\n###", r"\\nabla", r"\d")] == [
        "\n",
        "\r\n###",
        r"\nabla",
        r"\d",
    ]


# ---- all of it ------------------------------------------------------------------------------------------


ALL = {"temperature": 0.7, "top_p": 0.9, "max_tokens": 100, "stop": ["x"], "seed": 7}


@pytest.mark.parametrize(
    ("values", "sent"),
    [
        (ALL, ALL),
        ({"temperature": 0, "presence_penalty": 0.0}, {"temperature": 0.0, "presence_penalty": 0.0}),
        ({"stop": ["", ""]}, {}),
        ({"temperature": 1, "wormhole": {"1": 2}, "api_key": "sk-secret"}, {"temperature": 1.0}),
        ({"logit_bias": "15: -100\n16: 0.5"}, {"logit_bias": {"15": -100, "16": 0.5}}),  # some take no -100.0
    ],
    ids=["all", "zero", "nothing in a list", "unknown", "whole numbers"],
)
def test_known_parameters_are_sent_under_their_wire_names(values: dict[str, object], sent: dict[str, Any]) -> None:
    assert json.dumps(body(values)) == json.dumps(sent)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("max_tokens", 0, r"Max tokens must be 1 or more\."),
        ("max_tokens", 1.5, r".* must be a whole number\."),
        ("seed", 1.5, r".* must be a whole number\."),
        ("stop", ["a", "b", "c", "d", "e"], r"Stop sequences: at most 4\."),
        *(
            ("stop", value, r"Stop sequences must be text\.")
            for value in (5, [5], ["a", None], {"a": 1}, {"a"}, b"x")
        ),
    ],
    ids=str,
)
def test_a_value_of_the_wrong_kind_is_refused_in_words(name: str, value: object, words: str) -> None:
    with pytest.raises(ValueError, match=f"^{words}$"):
        named(name).parse(value)


def test_the_first_value_out_of_range_is_the_one_that_is_named() -> None:
    with pytest.raises(ValueError, match=r"^Temperature must be between 0 and 2\.$"):
        body({"seed": -1, "temperature": 9})


def test_sent_parameters_are_json() -> None:
    values: dict[str, object] = {parameter.name: parameter.minimum for parameter in NUMBERS}
    sent = body({**values, "stop": ["x"], "logprobs": True})
    assert json.loads(json.dumps(sent, allow_nan=False)) == sent
    assert set(sent) == {*values, "stop", "logprobs"}


# ---- the other kinds ------------------------------------------------------------------------------------

TYPED: list[tuple[str, object, object]] = [
    ("reasoning_effort", "low", "low"),
    ("logprobs", True, True),
    ("logprobs", False, False),
    ("logit_bias", "1234: -100\n5: 2.5, 6:1", {"1234": -100, "5": 2.5, "6": 1}),
    ("logit_bias", {"7": 3}, {"7": 3}),
    ("logit_bias", ' {"7": -100, "8": 0.5}', {"7": -100, "8": 0.5}),
    ("thinking", 2048, {"type": "enabled", "budget_tokens": 2048}),
    ("reasoning", 100, {"max_tokens": 100}),
    ("prediction", "def f():\n", {"type": "content", "content": "def f():\n"}),
    ("audio", "coral", {"voice": "coral", "format": "wav"}),
    ("web_search_options", "high", {"search_context_size": "high"}),
    ("search_after_date_filter", " 12/31/2025 ", "12/31/2025"),
    ("search_domain_filter", ["a.org"] * 10, ["a.org"] * 10),
    ("response_format", '{"type": "json_object"}', {"type": "json_object"}),
]


@pytest.mark.parametrize(("name", "typed", "sent"), TYPED, ids=str)
def test_a_typed_value_goes_in_its_shape(name: str, typed: object, sent: object) -> None:
    assert fit({name: typed}, anyway={name}).body == {name: sent}


@pytest.mark.parametrize(("name", "typed", "sent"), TYPED, ids=str)
def test_a_shape_from_the_wire_is_read_back(name: str, typed: object, sent: Any) -> None:
    parameter = named(name)
    assert parameter.from_wire(sent) == parameter.parse(typed)


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("reasoning_effort", "extreme", "must be one of none, minimal, low"),
        ("web_search_options.country", "Germany", "two letters"),
        ("logprobs", "yes", "on or off"),
        ("logit_bias", "hello", "must be lines"),
        ("logit_bias", '{"7": -100,}', "no valid JSON"),
        ("response_format", '{"a": 1e999}', "1e999 is no JSON number"),
        ("response_format", f'{{"a": {"1" * 5000}}}', "is no JSON number"),
        ("logit_bias", f"{'x' * 61}: 1", "60 characters"),
        ("logit_bias", "12: 101", "between -100 and 100"),
        ("logit_bias", "12: x", "must be a number"),
        ("search_after_date_filter", "2025-12-31", "month first"),
        ("search_domain_filter", ["a"] * 11, "at most 10"),
        ("response_format", "{", "no valid JSON"),
        ("response_format", "[1]", "must be a JSON object"),
        ("response_format", '{"a": NaN}', "no JSON number"),
        ("thinking", 100, "1024 or more"),
    ],
)
def test_a_value_that_cannot_be_sent_is_explained_in_a_sentence(name: str, typed: object, words: str) -> None:
    fitted = fit({name: typed, "temperature": 1})
    assert words in fitted.kept_back[name]
    assert fitted.body == {"temperature": 1}
    assert fitted.wrong == {name}


# ---- fitted to a model ----------------------------------------------------------------------------------

CLAUDE = ModelInfo("claude", parameters=frozenset({"temperature", "max_tokens"}), limits={"temperature": (0, 1)})


def test_a_parameter_unlisted_by_the_model_is_held_back_with_the_reason() -> None:
    fitted = fit({"temperature": 0.5, "top_k": 3}, CLAUDE)
    assert fitted.body == {"temperature": 0.5}
    assert fitted.kept_back == {"top_k": "Not listed for this model."}
    assert not fitted.wrong


def test_the_models_own_limits_count() -> None:
    fitted = fit({"temperature": 1.5}, CLAUDE)
    assert fitted.body == {}
    assert "between 0 and 1" in fitted.kept_back["temperature"]


def test_a_visitor_may_insist_but_not_on_nonsense() -> None:
    values = {"temperature": 1.5, "top_k": 3, "seed": 2**60}
    fitted = fit(values, CLAUDE, anyway=values)
    assert fitted.body == {"temperature": 1.5, "top_k": 3}
    assert set(fitted.kept_back) == {"seed"}


def test_an_unknown_model_may_be_sent_everything() -> None:
    assert fit({"top_k": 3}, ModelInfo("x")).body == {"top_k": 3}
    assert fit({"top_k": 3}, None).body == {"top_k": 3}


def test_a_refused_parameter_is_held_back_until_the_visitor_insists() -> None:
    assert "refused" in fit({"top_k": 3}, None, refused={"top_k"}).kept_back["top_k"]
    assert fit({"top_k": 3}, None, anyway={"top_k"}, refused={"top_k"}).body == {"top_k": 3}


def test_the_table_holds_what_one_model_in_twenty_lists() -> None:
    elsewhere = {"model", "messages", "stream", "stream_options", "tools", "tool_choice", "parallel_tool_calls"}
    elsewhere |= {"system", "metadata"}  # the system prompt has its own place; metadata is the extra JSON's
    models = [model for model in bundled() if model.parameters and not model.retired]
    listed = Counter(name for model in models for name in model.parameters or ())
    common = {name for name, count in listed.items() if count >= len(models) / 20}
    assert common - elsewhere <= {parameter.name for parameter in PARAMETERS}
