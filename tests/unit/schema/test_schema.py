"""A tool's schema is linted before it is sent, and arguments are checked with exact reasons, in bounds."""

from __future__ import annotations

import json
import re
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.schema import check, lint
from backend.schema.check import DEEPEST, REASONS
from backend.schema.lint import PROBLEMS, SIZE_LIMIT
from backend.schema.pattern import search

WORDS = [
    *("type", "properties", "items", "enum", "required", "$ref", "anyOf", "pattern", "default", "a", "name"),
    *("parameters", "function", "minimum", "maximum", "description", "additionalProperties"),
]
CITY = {"type": "string", "description": "A city."}


def tool(**properties: Any) -> dict[str, Any]:
    """A sound tool with these properties."""
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {"name": "find", "description": "Finds it.", "parameters": schema}


def said(definition: Any) -> dict[str, str]:
    """What lint says, by path."""
    return {problem.path: problem.words for problem in lint(definition)}


def obj(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


# ---- lint -----------------------------------------------------------------------------------------------


def test_a_sound_tool_has_no_problems_in_either_wrapping() -> None:
    assert lint(tool(city=CITY)) == []
    assert lint({"type": "function", "function": tool(city=CITY)}) == []


@pytest.mark.parametrize("name", ["", None, 5, "a b", "naïve", "a" * 65, "a.b", "a\n", "get$"])
def test_a_name_that_servers_refuse_is_an_error(name: Any) -> None:
    assert [problem.level for problem in lint({**tool(), "name": name}) if problem.path == "name"] == ["error"]


@pytest.mark.parametrize("description", [None, "", "  ", 5])
def test_a_missing_description_is_a_warning(description: Any) -> None:
    assert [(p.path, p.level) for p in lint({**tool(), "description": description})] == [("description", "warning")]


@pytest.mark.parametrize(
    ("schema", "path", "word"),
    [
        ({"type": "text", "description": "x"}, ".type", '"text" is no type'),
        ({"type": ["string", 5], "description": "x"}, ".type", "5 is no type"),
        ({"description": "x"}, ".type", "is missing"),
        ({"type": "string"}, ".description", "is missing"),
        ({"type": "array", "description": "x"}, ".items", "is missing"),
        ({"type": "array", "items": {"type": "array"}, "description": "x"}, ".items.items", "is missing"),
        ({"type": "array", "items": [CITY], "description": "x"}, ".items", "prefixItems"),
        ({"type": "string", "enum": [], "description": "x"}, ".enum", "at least one"),
        ({"type": "string", "enum": ["a", 1], "description": "x"}, ".enum", "1 is not of the type"),
        ({"type": "string", "enum": ["a", "a"], "description": "x"}, ".enum", "twice"),
        ({"type": "integer", "minimum": 5, "maximum": 1, "description": "x"}, ".minimum", "nothing fits"),
        ({"type": "integer", "minimum": "5", "description": "x"}, ".minimum", "must be a number"),
        ({"type": "integer", "default": "five", "description": "x"}, ".default", '"five" is not an integer'),
        ({"type": "string", "pattern": "(", "description": "x"}, ".pattern", "no regular expression"),
        ({"type": "string", "pattern": "(a+)+$", "description": "x"}, ".pattern", "too long"),
        ({"$ref": "https://example.com/schema.json"}, ".$ref", "never fetched"),
        ({"$ref": "#/$defs/nothing"}, ".$ref", "points to nothing"),
        ({"anyOf": [], "description": "x"}, ".anyOf", "at least one"),
        ({"type": "string", "if": {}, "description": "x"}, ".if", "not checked"),
        ("string", "", "not a JSON schema"),
        (obj(("a",)) | {"description": "x"}, ".required", 'names "a"'),
    ],
)
def test_each_fault_of_a_schema_is_named_where_it_is(schema: Any, path: str, word: str) -> None:
    assert word in said(tool(city=schema))[f"parameters.properties.city{path}"]


def test_a_required_name_that_is_no_property_is_an_error() -> None:
    definition = tool(city=CITY)
    definition["parameters"]["required"] = ["town"]
    assert [(p.path, p.level) for p in lint(definition)] == [("parameters.required", "error")]


def test_unsaid_additional_properties_are_a_warning() -> None:
    definition = tool(city=CITY)
    del definition["parameters"]["additionalProperties"]
    assert [(p.path, p.level) for p in lint(definition)] == [("parameters.additionalProperties", "warning")]


@pytest.mark.parametrize("parameters", ["x", 5, [], {"type": "string"}, {"properties": {}}])
def test_parameters_that_are_no_object_schema_are_an_error(parameters: Any) -> None:
    assert any(problem.level == "error" for problem in lint({**tool(), "parameters": parameters}))


def test_errors_come_before_warnings() -> None:
    levels = [problem.level for problem in lint(tool(a={"type": "text"}, b={"type": "string"}))]
    assert levels == sorted(levels)
    assert set(levels) == {"error", "warning"}


def test_a_definition_without_end_is_one_problem() -> None:
    assert [problem.path for problem in lint(tool(city={**CITY, "description": "x" * SIZE_LIMIT}))] == [""]


def test_a_schema_that_refers_to_itself_is_linted_once() -> None:
    assert said(tool(city={"$ref": "#"})) == {}


def test_many_problems_are_cut() -> None:
    assert len(lint(tool(**{f"p{n}": {"type": "x"} for n in range(200)}))) == PROBLEMS


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(WORDS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(anything)
def test_anything_at_all_can_be_linted(definition: Any) -> None:
    for problem in lint(definition):
        assert problem.words.endswith(".")


@given(anything, anything)
def test_anything_at_all_can_be_checked_against_anything(value: Any, schema: Any) -> None:
    assert all(isinstance(reason, str) for reason in check(value, schema if isinstance(schema, dict) else {}))


# ---- check ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "schema", "reason"),
    [
        ({}, obj(("city",), city=CITY), "city: is required and missing."),
        ({"city": 5}, obj(city=CITY), "city: 5 is not a text."),
        ({"town": "x"}, obj(city=CITY), "town: is not one of the names allowed here, which are: city."),
        ({"n": "5"}, obj(n={"type": "integer"}), 'n: "5" is not an integer.'),
        ({"n": 1.5}, obj(n={"type": "integer"}), "n: 1.5 is not an integer."),
        ({"n": True}, obj(n={"type": "integer"}), "n: true is not an integer."),
        ({"n": None}, obj(n={"type": ["integer", "string"]}), "n: null is not an integer or a text."),
        ({"n": 7}, obj(n={"maximum": 6}), "n: 7 is more than 6."),
        ({"n": 7}, obj(n={"exclusiveMinimum": 7}), "n: 7 is not more than 7."),
        ({"n": 7}, obj(n={"multipleOf": 2}), "n: 7 is not a multiple of 2."),
        ({"u": "kg"}, obj(u={"enum": ["m", "km"]}), 'u: "kg" is not one of "m", "km".'),
        ({"u": "kg"}, obj(u={"const": "m"}), 'u: "kg" is not "m".'),
        ({"u": "kg"}, obj(u={"minLength": 3}), "u: has 2 characters, fewer than 3."),
        (
            {"d": "2 May"},
            obj(d={"pattern": r"^\d{4}-\d\d$"}),
            'd: "2 May" does not match the pattern "^\\\\d{4}-\\\\d\\\\d$".',
        ),
        ({"l": [1, "a"]}, obj(l={"items": {"type": "integer"}}), 'l[1]: "a" is not an integer.'),
        ({"l": [1, 1.0]}, obj(l={"uniqueItems": True}), "l: an item stands in it twice."),
        ({"l": []}, obj(l={"minItems": 1}), "l: has 0 items, fewer than 1."),
        ({"o": {"p": {}}}, obj(o=obj(p=obj(("q",)))), "o.p.q: is required and missing."),
        (
            {"x": []},
            obj(x={"anyOf": [{"type": "string"}, {"type": "null"}]}),
            "x: fits none of the alternatives (x: [] is not a text or x: [] is not null).",
        ),
        ({"x": 1}, obj(x={"oneOf": [{}, {"type": "integer"}]}), "x: 1 fits more than one of the alternatives."),
        ({"x": 1}, obj(x={"not": {"type": "integer"}}), "x: 1 is excluded."),
        ({"x": 1}, obj(x={"$ref": "#/$defs/t"}) | {"$defs": {"t": CITY}}, "x: 1 is not a text."),
        ([], obj(), "arguments: [] is not an object."),
        ({"x": 1}, obj(x=False), "x: nothing is allowed here."),
    ],
)
def test_the_reason_is_exact(value: Any, schema: Any, reason: str) -> None:
    assert check(value, schema) == [reason]


def test_arguments_that_fit_have_no_reasons() -> None:
    assert check({"city": "Paris", "days": 2.0}, obj(("city",), city=CITY, days={"type": "integer"})) == []


def test_only_some_reasons_are_given() -> None:
    assert len(check({f"n{n}": 1 for n in range(100)}, obj())) == REASONS


def test_a_long_value_is_not_repeated() -> None:
    assert len(check({"n": "x" * 100_000}, obj(n={"type": "integer"}))[0]) < 100


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|a)*$", "(a*)*b", "a*a*a*a*a*a*b", "(?=(a+)+b)", r"(a)\1+b", "(a|aa){99999}"]
)
def test_a_pattern_that_could_run_for_ever_is_not_run(pattern: str) -> None:
    assert search(pattern, "a" * 60 + "!") is None
    assert check({"x": "a" * 60 + "!"}, obj(x={"pattern": pattern})) == []


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"^\d{4}-\d{2}-\d{2}$", "2026-02-13", True),
        (r"^\d{4}-\d{2}-\d{2}$", "13.2.2026", False),
        (r"^[A-Z]{2,3}-\d+$", "AB-1042", True),
        (r"^(red|green)$", "blue", False),
        (r"^\d{1,3}(\.\d{1,3}){3}$", "127.0.0.1", True),
        (r"^[^@\s]+@[^@\s]+$", "a@b.example", True),
        ("[]a]", "]", True),
        (r"^#(?:[0-9a-f]{3}){1,2}$", "#ffaa00", True),
    ],
)
def test_an_ordinary_pattern_is_run(pattern: str, text: str, found: bool) -> None:
    assert search(pattern, text) is found


@pytest.mark.filterwarnings("ignore:Possible")
@given(st.text(alphabet="ab(|)*+?{},12[]^\\.", max_size=14), st.text(alphabet="ab", max_size=30))
def test_a_pattern_that_is_run_ends_soon(pattern: str, text: str) -> None:
    assert search(pattern, text + "!") in (True, False, None)  # an endless one would take hours


def test_a_schema_that_refers_to_itself_is_checked_as_deep_as_the_value() -> None:
    tree = {"type": "object", "properties": {"next": {"$ref": "#"}}, "additionalProperties": False}
    assert check({"next": {"next": {}}}, tree) == []
    assert check({"next": {"next": {"odd": 1}}}, tree) == [
        "next.next.odd: is not one of the names allowed here, which are: next."
    ]


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}, {"$ref": "#"}]},
        {"anyOf": [{"$ref": "#"}, {"$ref": "#"}], "type": "object"},
        {
            "$ref": "#/$defs/a0",
            "$defs": {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(40)},
        },
    ],
    ids=["itself", "twice itself", "any of itself", "doubling"],
)
def test_references_that_never_end_are_given_up(schema: Any) -> None:
    assert check({}, schema) == ["the schema is too involved to be checked here."]


def test_a_value_nested_without_end_is_given_up() -> None:
    value: Any = 1
    for _ in range(DEEPEST + 5):
        value = [value]
    assert check(value, {"items": {"$ref": "#"}}) == ["the schema is too involved to be checked here."]


def test_no_reference_is_ever_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    for reference in ("https://example.com/s.json", "file:///etc/passwd", "other.json", "//host/x", "#anchor", 5):
        assert check({"x": 1}, obj(x={"$ref": reference})) == []


# ---- the same verdict as the reference implementation -----------------------------------------------------

names = st.sampled_from(["a", "b", "c"])
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.5, 1.0, -2.0])
    | st.sampled_from(["", "a", "abc", "7"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
kinds = st.sampled_from(["object", "array", "string", "integer", "number", "boolean", "null"])


def schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {},
        optional={
            "type": kinds | st.lists(kinds, min_size=1, max_size=2, unique=True),
            "enum": st.lists(values, min_size=1, max_size=3),
            "const": values,
            "properties": st.dictionaries(names, inner, max_size=2),
            "required": st.lists(names, max_size=2, unique=True),
            "additionalProperties": st.booleans() | inner,
            "items": inner,
            "prefixItems": st.lists(inner, min_size=1, max_size=2),
            "uniqueItems": st.booleans(),
            "minimum": st.integers(-2, 2),
            "exclusiveMaximum": st.integers(-2, 2),
            "multipleOf": st.sampled_from([2, 0.5]),
            "minLength": st.integers(0, 2),
            "maxItems": st.integers(0, 2),
            "minProperties": st.integers(0, 2),
            "pattern": st.sampled_from(["^a", r"^\d$", "b|c"]),
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "oneOf": st.lists(inner, min_size=1, max_size=2),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "not": inner,
        },
    )


@given(values, st.recursive(st.booleans() | schemas(st.booleans()), schemas, max_leaves=5))
def test_the_verdict_is_that_of_the_reference_implementation(value: Any, schema: Any) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    right = jsonschema.Draft202012Validator(schema).is_valid(value)
    wrapped = check({"value": value}, {"properties": {"value": schema}})
    assert (not wrapped) == right, (json.dumps(schema), wrapped)


def test_a_reason_has_no_address_in_it() -> None:
    assert not re.search(r"https?://", " ".join(check({"n": "5"}, obj(n={"type": "integer"}))))
