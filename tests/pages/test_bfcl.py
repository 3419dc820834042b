"""Conversations of the kind that the function-calling leaderboard has: made in the editor, asked, and answered.

The definitions are our own, in that leaderboard's dialect: `dict` and `float` for types, dots in names.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from agents import results
from basics import KEY
from fake_api import FakeAPI, stream, tool_stream
from tools_page import ask, button, open_
from visiting import TOOLS, Open, everything, well

from backend.tools import custom
from backend.tools.bfcl import standard

AREA: dict[str, Any] = {
    "name": "geometry.area_circle",
    "description": "The area of a circle.",
    "parameters": {
        "type": "dict",
        "properties": {
            "radius": {"type": "float", "description": "The radius."},
            "unit": {"type": "string", "description": "Of the radius.", "default": "cm"},
        },
        "required": ["radius"],
    },
}
WEATHER: dict[str, Any] = {
    "name": "weather.get",
    "description": "The weather of one day in a city.",
    "parameters": {
        "type": "dict",
        "properties": {
            "city": {"type": "string", "description": "The city."},
            "at": {"type": "tuple", "items": {"type": "float"}, "description": "Its latitude and longitude."},
            "options": {"type": "dict", "properties": {"days": {"type": "integer", "description": "How many."}}},
        },
        "required": ["city"],
    },
}


@pytest.mark.slow
def test_a_tool_in_the_leaderboards_dialect_is_made_in_the_editor_and_asked(visit: Open, api: FakeAPI) -> None:
    at = open_(visit(TOOLS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url), "toolbox.fold")
    well(button(at, "Own tools").click().run())
    well(at.text_area(key="own.schema").set_value(json.dumps(WEATHER)).run())
    well(next(found for found in at.button_group if found.key == "own.behaviour").set_value("fixed").run())
    well(at.text_area(key="own.result").set_value("Snow.").run())
    well(at.button(key="own.save").click().run())
    arguments = json.dumps({"city": "Oslo", "at": [59.9, 10.7]})
    api.play([tool_stream(("call_1", "weather_get", arguments)), stream("Answered.")])
    ask(at, "The weather in Oslo?")
    sent = {tool["function"]["name"]: json.dumps(tool) for tool in api.asked[0].body["tools"]}
    assert '"dict"' not in sent["weather_get"] and '"float"' not in sent["weather_get"]
    assert "does not fit" not in everything(at)
    waiting = [found for found in at.button if found.label == "Run" and "arguments" not in (found.key or "")]
    well(waiting[-1].click().run())
    assert results(api.asked[-1]) == ["Snow."]


def test_a_case_file_is_read_and_what_was_changed_is_said() -> None:
    found = custom.read(json.dumps({"id": "multiple_1", "question": [[]], "function": [AREA, WEATHER]}))
    assert [tool.name for tool in found.tools] == ["geometry_area_circle", "weather_get"]
    weather: Any = found.tools[1].parameters
    assert weather["type"] == "object"
    assert weather["properties"]["at"] == {
        "type": "array", "items": {"type": "number"}, "description": "Its latitude and longitude.",
    }  # fmt: skip
    assert "geometry.area_circle is named geometry_area_circle" in found.notes[0]


def test_a_json_schema_is_left_as_it_is() -> None:
    row: Any = {
        "name": "f",
        "parameters": {"type": "object", "properties": {"type": {"type": "string", "default": {"type": "dict"}}}},
    }
    assert standard(row) == (row, "")
    assert standard({"type": "function", "function": row}) == ({"type": "function", "function": row}, "")


@pytest.mark.parametrize("row", [None, 1, [], {}, {"function": 1}, {"name": 1, "parameters": "dict"}])
def test_a_value_that_is_no_tool_is_left_alone(row: Any) -> None:
    assert standard(row) == (row, "")
