"""A tool from a pasted signature: read, never run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from custom_tools import properties
from hypothesis import given
from hypothesis import strategies as st

from backend.schema import check, lint
from backend.tools.calls import describe
from backend.tools.custom import SignatureError, from_signature


def one(annotation: str) -> Any:
    """The schema of a single parameter of this type."""
    return properties(f"def f(a: {annotation}): ...")["a"]


# ---- a pasted signature ---------------------------------------------------------------------------------

GOOGLE = '''
def find_flights(origin: str, to: str, day: date, seats: int = 1, cabin: Literal["economy", "business"] = "economy",
                 via: list[str] | None = None) -> list[dict]:
    """Find flights between two cities.

    Prices are in euro.

    Args:
        origin (str): Where the journey begins,
            as a city or airport.
        to: Where it ends.
        day: The day: of departure.
        seats: How many.

    Returns:
        A list of flights.
    """
    raise RuntimeError("this must never run")
'''


SPHINX = '''
    async def find_flights(origin: str, to: str, day: date, seats: int = 1, cabin=..., via=None):
        """Find flights between two cities.

        Prices are in euro.

        :param str origin: Where the journey begins,
            as a city or airport.
        :param to: Where it ends.
        :param day: The day: of departure.
        :param seats: How many.
        :returns: A list of flights.
        """
'''


NUMPY = '''
def find_flights(origin: str, to: str, day: date, seats: int = 1):
    """
    Find flights between two cities.

    Prices are in euro.

    Parameters
    ----------
    origin : str
        Where the journey begins,
        as a city or airport.
    to
        Where it ends.
    day : date, optional
        The day: of departure.
    seats : int
        How many.

    Returns
    -------
    list
        A list of flights.
    """
'''


@pytest.mark.parametrize(
    "text", [GOOGLE, SPHINX.replace(", cabin=..., via=None", ""), NUMPY], ids=["Google", "Sphinx", "NumPy"]
)
def test_a_docstring_of_any_style_describes_the_tool_and_its_arguments(text: str) -> None:
    tool = from_signature(text)
    assert tool.name == "find_flights"
    assert tool.description == "Find flights between two cities. Prices are in euro."
    described: Any = tool.parameters["properties"]
    assert [described[name]["description"] for name in ("origin", "to", "day", "seats")] == [
        "Where the journey begins, as a city or airport.",
        "Where it ends.",
        "The day: of departure.",
        "How many.",
    ]


def test_types_defaults_and_what_is_required_become_the_schema() -> None:
    assert from_signature(GOOGLE).parameters == {
        "type": "object",
        "properties": {
            "origin": {"type": "string", "description": "Where the journey begins, as a city or airport."},
            "to": {"type": "string", "description": "Where it ends."},
            "day": {"type": "string", "format": "date", "description": "The day: of departure."},
            "seats": {"type": "integer", "default": 1, "description": "How many."},
            "cabin": {"type": "string", "enum": ["economy", "business"], "default": "economy"},
            "via": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["origin", "to", "day"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        ("str", {"type": "string"}),
        ("int", {"type": "integer"}),
        ("float", {"type": "number"}),
        ("bool", {"type": "boolean"}),
        ("dict", {"type": "object"}),
        ("list", {"type": "array", "items": {}}),
        ("'str'", {"type": "string"}),
        ("list[int]", {"type": "array", "items": {"type": "integer"}}),
        (
            "typing.List[typing.Optional[int]]",
            {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
        ),
        ("set[str]", {"type": "array", "items": {"type": "string"}, "uniqueItems": True}),
        ("tuple[int, ...]", {"type": "array", "items": {"type": "integer"}}),
        (
            "tuple[int, str]",
            {
                "type": "array",
                "prefixItems": [{"type": "integer"}, {"type": "string"}],
                "minItems": 2,
                "maxItems": 2,
            },
        ),
        ("dict[str, float]", {"type": "object", "additionalProperties": {"type": "number"}}),
        ("Literal['a', 'b']", {"type": "string", "enum": ["a", "b"]}),
        ("Literal[1, 'b', -2]", {"enum": [1, "b", -2]}),
        ("int | str | None", {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]}),
        ("Union[int, int]", {"type": "integer"}),
        ("Annotated[str, 'A city.']", {"type": "string", "description": "A city."}),
        (
            "Annotated[int, Field(description='Years.', ge=0, lt=150)]",
            {"type": "integer", "description": "Years.", "minimum": 0, "exclusiveMaximum": 150},
        ),
        ("Annotated[str, Doc('A city.')]", {"type": "string", "description": "A city."}),
        ("datetime.datetime", {"type": "string", "format": "date-time"}),
    ],
)
def test_each_type_has_its_schema(annotation: str, schema: Any) -> None:
    assert one(annotation) == schema


def test_a_parameter_with_none_as_its_default_is_optional_and_not_nullable() -> None:
    assert properties("def f(a: int | None = None, b: Optional[str] = None): ...") == {
        "a": {"type": "integer"},
        "b": {"type": "string"},
    }


def test_a_parameter_without_a_type_has_that_of_its_default() -> None:
    assert properties("def f(a=1, b='x', c=True, d=0.5)") == {
        "a": {"type": "integer", "default": 1},
        "b": {"type": "string", "default": "x"},
        "c": {"type": "boolean", "default": True},
        "d": {"type": "number", "default": 0.5},
    }


def test_a_default_that_only_running_would_tell_makes_it_optional() -> None:
    tool = from_signature("def f(a: float = time.time(), b: str = os.environ['KEY'])")
    assert tool.parameters["properties"] == {"a": {"type": "number"}, "b": {"type": "string"}}
    assert "required" not in tool.parameters


@pytest.mark.parametrize(
    "text",
    ["def f(a: int)", "def f(a: int):", "def f(a: int) -> str", "def f(a: int) -> str:", "  def f(a: int): pass\n",
     "@tool\ndef f(a: int): ...", "import os\n\ndef f(a: int):\n    return a", "async def f(self, a: int): ..."],
)  # fmt: skip
def test_a_head_is_enough_and_more_does_no_harm(text: str) -> None:
    tool = from_signature(text)
    assert (tool.name, tool.parameters["required"]) == ("f", ["a"])


def test_keyword_only_and_further_arguments_are_told() -> None:
    parameters = from_signature("def f(a: int, /, b: int = 2, *, c: str, d: str = 'x', **rest)").parameters
    assert parameters["required"] == ["a", "c"]
    assert parameters["additionalProperties"] is True


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("", 1, "there is no function"),
        ("x = 1", 1, "there is no function"),
        ("class A:\n    def f(self): ...", 1, "there is no function"),
        ("def f(): ...\ndef g(): ...", 2, "second function"),
        ("def f(a: int,\n      b: Path): ...", 2, "'Path' is no type that is known here"),
        ("def f(\n  a: list[Foo]): ...", 2, "'Foo'"),
        ("def f(\n  a: 'Foo'): ...", 2, "'Foo'"),
        ("def f(a: Foo[int]): ...", 1, "'Foo[int]'"),
        ("def f(a: dict[int, str]): ...", 1, "dict[str, ...]"),
        ("def f(a: Literal[1.5]): ...", 1, "Literal takes"),
        ("def f(a: int,\n  b): ...", 2, "'b' has no type"),
        ("def f(*parts: str): ...", 1, "*parts has no name"),
        ("def größe(): ...", 1, "not made of A-Z"),
        ("def f(a: int\n  b: int): ...", 1, "not Python"),
        ("def f(a: 1 + 2): ...", 1, "'1 + 2'"),
        ("def f(a: (lambda: 1)()): ...", 1, "is no type"),
        ("def f(a: __import__('os').system('id')): ...", 1, "is no type"),
        ("def f(a: list[()]): ...", 1, "is no type"),
        ("def f(a: " + "list[" * 20 + "int" + "]" * 20 + "): ...", 1, "nested too deeply"),
        ("def f(a: " + "(" * 3000 + "int" + ")" * 3000 + "): ...", 1, ""),
        ("def f(a: " + "int|" * 2000 + "int): ...", 1, "nested too deeply"),
        ("x" * 20_000, 1, "longer than"),
        ("def f(a: int): '" + "\\", 1, "not Python"),
    ],
)
def test_a_signature_that_cannot_be_a_tool_is_refused_with_its_line(text: str, line: int, word: str) -> None:
    with pytest.raises(SignatureError) as error:
        from_signature(text)
    assert str(error.value).startswith(f"Line {line}: ")
    assert word in str(error.value)


def test_nothing_that_is_pasted_runs(tmp_path: Path) -> None:
    made = tmp_path / "made"
    evil = f"open({str(made)!r}, 'w')"
    from_signature(f"{evil}\n@{evil}\ndef f(a: int = {evil}):\n    {evil}\n\n{evil}")
    assert not made.exists()


@given(
    st.text(max_size=80)
    | st.text(alphabet="def f(a: int, b=1)[]|'\"\n\t*:.#\\", max_size=60).map("def f({}".format)
)
def test_any_text_is_a_tool_or_an_error_in_words(text: str) -> None:
    try:
        tool = from_signature(text)
    except SignatureError:
        return
    assert not [
        problem
        for problem in lint(
            {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
        )
        if problem.path == "name"
    ]


def test_the_schema_is_the_one_pydantic_makes_of_the_same_function() -> None:
    text = "def add(a: int, b: float = 2.0, unit: Literal['m', 'km'] = 'm', many: list[str] = []):\n    'Adds.'\n"
    from typing import Literal

    def add(a: int, b: float = 2.0, unit: Literal["m", "km"] = "m", many: list[str] = []) -> None:  # noqa: B006
        """Adds."""

    add.__annotations__["unit"] = Literal["m", "km"]
    ours, theirs = from_signature(text), describe(add)
    assert (ours.name, ours.description) == (theirs.name, theirs.description)
    for name, schema in theirs.parameters["properties"].items():  # type: ignore[union-attr]
        assert {key: value for key, value in schema.items() if key != "title"} == ours.parameters["properties"][
            name
        ]  # type: ignore[union-attr, index, call-overload]
    for arguments in ({}, {"a": 1}, {"a": "1"}, {"a": 1, "unit": "cm"}, {"a": 1, "x": 1}, {"a": 1, "many": [1]}):
        assert bool(check(arguments, ours.parameters)) == bool(check(arguments, theirs.parameters))
