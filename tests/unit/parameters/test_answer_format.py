"""A schema is wrapped as the API has it, and what comes in its wrapping goes out as it is written."""

from __future__ import annotations

import json
from typing import Any

from source import each

from backend.parameters import answer_format
from backend.parameters.parameter import read_object
from backend.protocol import wire
from backend.types import ChatRequest, Dialect

CITY: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
OPEN = {"type": "object", "properties": {"city": {"type": "string"}}}
WRAPPED: list[dict[str, Any]] = [
    {"type": "json_schema", "json_schema": {"name": "answer", "schema": CITY, "strict": True}},
    {"type": "json_schema", "json_schema": {"name": "answer", "schema": OPEN}},
    {
        "type": "json_schema",
        "json_schema": {"name": "weather", "description": "d", "schema": CITY, "strict": False},
    },
    {"type": "json_schema", "json_schema": {"name": "weather"}},
    {"type": "json_schema", "json_schema": {"name": "a", "schema": CITY, "of_one_server": 1}},
    {"type": "json_schema", "schema": CITY},
    {"type": "json_object", "schema": CITY},
    {"type": "grammar", "grammar": 'root ::= "a"'},
    {"type": "text"},
]


def test_a_plain_schema_is_wrapped_with_strict_where_strict_mode_takes_it() -> None:
    assert answer_format.read(CITY) == WRAPPED[0]
    assert answer_format.read(OPEN) == WRAPPED[1]
    assert answer_format.read({}) == {}


@each(WRAPPED)
def test_a_response_format_survives_the_schema_box(wire: dict[str, Any]) -> None:
    assert answer_format.read(read_object(answer_format.as_text(wire), "The schema")) == wire


def test_a_schema_alone_is_shown_without_its_wrapping() -> None:
    assert json.loads(answer_format.as_text(WRAPPED[0])) == CITY
    assert json.loads(answer_format.as_text(WRAPPED[2])) == WRAPPED[2]["json_schema"]


def test_a_format_copied_from_a_request_is_not_wrapped_twice() -> None:
    inside = WRAPPED[2]["json_schema"]
    for copied in (inside, WRAPPED[2], {"response_format": WRAPPED[2]}, {"type": "json_schema", **inside}):
        assert answer_format.read(copied) == WRAPPED[2]
    assert answer_format.read({"schema": CITY})["json_schema"]["name"] == "answer"  # type: ignore[index, call-overload]


def test_a_wrong_type_of_a_schema_is_still_one_of_a_schema() -> None:
    assert answer_format.schema(answer_format.read({"type": "dict", "properties": {}})) == {
        "type": "dict",
        "properties": {},
    }


def test_an_answer_is_held_against_a_schema_wherever_that_stands_and_never_against_none() -> None:
    found = [answer_format.schema(wire) for wire in WRAPPED]
    assert found == [CITY, OPEN, CITY, None, CITY, CITY, CITY, None, None]
    assert answer_format.schema("no format") is None


def test_a_format_of_one_server_is_whole_on_responses_too() -> None:
    for wire_format in (WRAPPED[6], WRAPPED[7]):
        request = ChatRequest("m", (), {"response_format": wire_format}, dialect=Dialect(format="responses"))
        assert wire.payload(request)["text"] == {"format": wire_format}
