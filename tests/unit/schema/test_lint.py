"""A tool's schema is linted before it is sent: what servers refuse, and what makes models call it badly."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from schema_values import anything

from backend.schema import lint
from backend.schema.lint import PROBLEMS, SIZE_LIMIT

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
        ({"type": "string", "pattern": "a(?!b)", "description": "x"}, ".pattern", "look-around"),
        ({"type": "string", "pattern": r"(a)\1", "description": "x"}, ".pattern", "back reference"),
        ({"$ref": "https://example.com/schema.json"}, ".$ref", "never fetched"),
        ({"$ref": "#/$defs/nothing"}, ".$ref", "points to nothing"),
        ({"anyOf": [], "description": "x"}, ".anyOf", "at least one"),
        ({"type": "string", "if": {}, "description": "x"}, ".if", "strict modes"),
        ({"type": "string", "oneOf": [CITY], "description": "x"}, ".oneOf", "strict modes"),
        ({"type": "string", "minLength": "3", "description": "x"}, ".minLength", "must be a number"),
        ({"type": "string", "dependencies": {}, "description": "x"}, ".dependencies", "old draft"),
        (
            {"type": "object", "patternProperties": {"(": {}}, "description": "x"},
            ".patternProperties.(",
            "no regular",
        ),
        ({"$comment": 5, "type": "string", "description": "x"}, ".$comment", "not a text"),
        ("string", "", "not a JSON schema"),
        (obj(("a",)) | {"description": "x"}, ".required", 'names "a"'),
    ],
)
def test_each_fault_of_a_schema_is_named_where_it_is(schema: Any, path: str, word: str) -> None:
    assert word in said(tool(city=schema))[f"parameters.properties.city{path}"]


def test_a_fault_known_to_the_library_alone_is_an_error_beside_the_warning() -> None:
    problems = lint(tool(city={"type": "array", "items": CITY, "minContains": "3", "description": "x"}))
    assert [(p.path.rpartition(".")[2], p.level) for p in problems] == [
        ("minContains", "error"),
        ("minContains", "warning"),
    ]
    assert problems[0].words == '"3" is not an integer.'


def test_a_pattern_that_takes_linear_time_here_is_no_problem() -> None:
    assert said(tool(city={**CITY, "pattern": "(a+)+$"})) == {}


@pytest.mark.slow
def test_defaults_that_take_too_long_are_one_problem() -> None:
    names = {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(40)}
    endless = {"default": "x", "allOf": [{"$ref": "#/$defs/a0"}], "$defs": {**names, "a40": {"type": "object"}}}
    problems = lint(tool(**{f"p{n}": endless | {"title": str(n)} for n in range(8)}))
    assert [p.words for p in problems if p.level == "error"] == ["the schema is too involved to be checked here."]


def test_a_required_name_without_its_property_is_an_error_and_open_names_are_a_warning() -> None:
    definition = tool(city=CITY)
    definition["parameters"] |= {"required": ["town"]}
    del definition["parameters"]["additionalProperties"]
    assert [(p.path.rpartition(".")[2], p.level) for p in lint(definition)] == [
        ("required", "error"),
        ("additionalProperties", "warning"),
    ]


@pytest.mark.parametrize("parameters", ["x", 5, [], {"type": "string"}, {"properties": {}}])
def test_parameters_that_are_no_object_schema_are_an_error(parameters: Any) -> None:
    assert any(problem.level == "error" for problem in lint({**tool(), "parameters": parameters}))


@pytest.mark.parametrize("word", ["anyOf", "oneOf", "allOf", "enum", "not"])
def test_keywords_refused_by_providers_are_errors_only_at_the_top(word: str) -> None:
    given: Any = {"type": "object"} if word == "not" else [{"type": "object"}]
    definition = tool(city=CITY)
    definition["parameters"][word] = given
    (problem,) = [problem for problem in lint(definition) if problem.level == "error"]
    assert problem.path == f"parameters.{word}" and "at the top" in problem.words
    assert not any("at the top" in problem.words for problem in lint(tool(city={**CITY, word: given})))


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


@given(anything(WORDS))
def test_anything_at_all_can_be_linted(definition: Any) -> None:
    for problem in lint(definition):
        assert problem.words.endswith(".")
