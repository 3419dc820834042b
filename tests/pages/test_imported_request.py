"""A request that the inspector gave away, imported as a conversation or as a preset: the same body goes out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from basics import KEY
from fake_api import FakeAPI
from streamlit.testing.v1 import AppTest
from visiting import TOOLS, Open, answered, well

from components.chat.items import footer
from components.elements.markdown import plain
from components.session import services
from components.tools.state import DEFAULT

CLOCK = {
    "type": "function",
    "function": {
        "name": "current_tide",
        "description": "The tide in a harbour right now.",
        "parameters": {
            "type": "object",
            "properties": {"harbour": {"type": "string", "description": "Its name."}},
            "required": ["harbour"],
        },
    },
}
BODY: dict[str, Any] = {
    "model": "fake/alpha",
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Is it high tide?"}],
    "temperature": 0.5,
    "stream": True,
    "stream_options": {"include_usage": True},
    "tools": [CLOCK],
    "tool_choice": "required",
    "odd": {"a": [1]},
}


def asked(api: FakeAPI) -> dict[str, Any]:
    """The last request without its messages."""
    return {name: value for name, value in api.asked[-1].body.items() if name not in ("messages", "model")}


def rest(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in ("messages", "model")}


def dropped(visit: Open, api: FakeAPI, body: dict[str, Any]) -> AppTest:
    """The body is imported on the History page, and opened."""
    at = visit("pages/4_History.py", AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    file = ("request.json", json.dumps(body).encode(), "application/json")
    well(at.file_uploader(key="import.0").set_value(file).run())
    return well(at.button(key="import.open").click().run())


def test_a_request_without_tools_is_a_chat(visit: Open, api: FakeAPI) -> None:
    body = {name: value for name, value in BODY.items() if name not in ("tools", "tool_choice")}
    answered(dropped(visit, api, body), "And now?")
    assert asked(api) == rest(body)


def test_a_pasted_command_is_answered_by_one_press_and_nobody_is_asked_before(visit: Open, api: FakeAPI) -> None:
    at = visit("pages/4_History.py", AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    body = {name: BODY[name] for name in ("model", "messages", "temperature", "stream")}
    at.text_area(key="import.0.pasted").set_value(f"curl https://a.example -H 'x: {KEY}' -d '{json.dumps(body)}'")
    well(at.button(key="import.0.paste").click().run())
    well(at.button(key="import.open").click().run())
    session = at.session_state["session"]
    (question,) = session.chats.current.conversation.path()
    assert "answer" in footer(session.chats.current, question).actions and api.asked == []
    session.actions.do("answer", question.id)
    session.chats.current.turn.join(20)
    assert [request.prompt for request in api.asked] == ["Is it high tide?"]
    assert "answer" not in footer(session.chats.current, question).actions
    assert len(session.chats.current.conversation.siblings(question.id)) == 1, "it is the same question"


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "current_tide"}}])
def test_after_a_reload_the_same_body_goes_out_still(visit: Open, api: FakeAPI, choice: Any) -> None:
    body = {**BODY, "tool_choice": choice}
    at = dropped(visit, api, body)
    assert at.session_state["session"].chats.page == "Tools"
    answered(at, "And now?")
    assert asked(api) == rest(body)
    assert api.asked[-1].body["messages"][0] == {"role": "system", "content": "Be brief."}
    assert services.journals().recorder.flush()
    (summary,) = services.journals().store.conversations("local")
    answered(visit(TOOLS, query={"c": summary.id}), "And later?")
    assert asked(api) == rest(body)


@pytest.mark.parametrize("ticked", [["current_time"], []])
def test_ticked_tools_return_and_a_choice_of_a_missing_tool_does_not(
    visit: Open, api: FakeAPI, ticked: list[str]
) -> None:
    at = visit(TOOLS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    for name in DEFAULT:
        at.session_state[f"tool.on.{name}"] = name in ticked
    answered(well(at.run()), "Hi")
    assert services.journals().recorder.flush()
    store = services.journals().store
    (summary,) = store.conversations("local")
    record = store.load("local", summary.id)
    assert record is not None and record.settings["ticked_tools"] == ticked
    store.save("local", summary.id, (), record.conversation.view, {**record.settings, "tool_choice": "gone"})
    answered(visit(TOOLS, query={"c": summary.id}), "And later?")
    assert [tool["function"]["name"] for tool in asked(api).get("tools", [])] == ticked
    assert "tool_choice" not in asked(api)


def test_a_conversation_that_names_no_tools_brings_the_usual_ones(visit: Open, api: FakeAPI) -> None:
    at = visit(TOOLS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    answered(at, "Hi")
    usual = [tool["function"]["name"] for tool in asked(api)["tools"]]
    assert services.journals().recorder.flush()
    store = services.journals().store
    (old,) = store.conversations("local")
    record = store.load("local", old.id)
    assert record is not None
    settings = {
        name: value for name, value in record.settings.items() if name not in ("ticked_tools", "tool_choice")
    }
    store.save("local", old.id, (), record.conversation.view, {**settings, "page": "Tools"})
    other = visit(TOOLS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    for name in DEFAULT:
        other.session_state[f"tool.on.{name}"] = name == "current_time"
    answered(well(other.run()), "Hi again")
    assert [tool["function"]["name"] for tool in asked(api)["tools"]] == ["current_time"]
    other.session_state["session"].chats.open(old.id)
    answered(well(other.run()), "And now?")
    assert [tool["function"]["name"] for tool in asked(api)["tools"]] == usual


LEFT_OUT = {"api_key": "sk-0123456789abcdef0123456789", "webhook_url": "https://evil.example", "*odd*": "http://x"}


def test_fields_left_out_of_an_import_are_listed(visit: Open, api: FakeAPI) -> None:
    body = {**BODY, **LEFT_OUT, "tools": [CLOCK, {"type": "mcp", "server_url": "https://evil.example"}]}
    at = visit("pages/4_History.py", AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    file = ("request.json", json.dumps(body).encode(), "application/json")
    well(at.file_uploader(key="import.0").set_value(file).run())
    (told,) = _left_out(at)
    assert all(plain(name) in told for name in (*LEFT_OUT, "tools: mcp"))
    assert "sk-0123" not in told and "evil" not in told and "odd," not in told.replace(plain("*odd*"), "")


@pytest.mark.usefixtures("folds_open")
def test_fields_left_out_of_a_preset_are_listed(visit: Open, api: FakeAPI) -> None:
    at = visit(TOOLS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    file = ("request.json", json.dumps({**BODY, **LEFT_OUT}).encode(), "application/json")
    well(at.sidebar.file_uploader(key="preset.import").set_value(file).run())
    told = " ".join(element.value for element in (*at.sidebar.caption, *at.sidebar.success, *at.sidebar.info))
    assert all(plain(name) in told for name in LEFT_OUT)


def test_a_request_that_is_taken_whole_says_nothing_of_it(visit: Open, api: FakeAPI) -> None:
    at = visit("pages/4_History.py", AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    file = ("request.json", json.dumps(BODY).encode(), "application/json")
    well(at.file_uploader(key="import.0").set_value(file).run())
    assert not _left_out(at)


def _left_out(at: AppTest) -> list[str]:
    return [part.value for part in at.main.markdown if "Left out" in part.value]


def test_opening_another_conversation_takes_the_fields_away(visit: Open, api: FakeAPI) -> None:
    body = {name: value for name, value in BODY.items() if name not in ("tools", "tool_choice")}
    at = answered(dropped(visit, api, body), "And now?")
    at.session_state["session"].chats.new()
    other = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    answered(other, "Something else")
    well(at.switch_page("pages/4_History.py").run())
    at.query_params["c"] = other.session_state["session"].chats.id  # its card is a link
    answered(well(at.switch_page("app.py").run()), "And this?")
    assert "odd" not in asked(api)


def test_an_imported_tool_replaces_none_of_its_name(visit: Open, api: FakeAPI) -> None:
    other = json.loads(json.dumps(CLOCK).replace("current_tide", "current_time"))
    at = dropped(visit, api, {**BODY, "tools": [other, CLOCK]})
    answered(at, "And now?")
    tools = {tool["function"]["name"]: tool for tool in api.asked[-1].body["tools"]}
    assert set(tools) == {"current_time", "current_tide"} and tools["current_time"] != other
    assert "harbour" not in json.dumps(tools["current_time"])


@pytest.mark.usefixtures("folds_open")
def test_a_preset_comes_with_tools_and_other_fields(visit: Open, api: FakeAPI) -> None:
    at = visit(TOOLS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    file = ("request.json", json.dumps(BODY).encode(), "application/json")
    well(at.sidebar.file_uploader(key="preset.import").set_value(file).run())
    (button,) = [found for found in at.sidebar.button if found.label.startswith("**Request to fake")]
    assert "Tools that come with it" in button.label
    answered(well(well(button.click().run()).run()), "And now?")
    assert asked(api) == rest(BODY)
