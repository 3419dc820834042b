"""Servers of tools on the Tools page, through AppTest: added, looked at, called by a model, tried by hand."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from agents import results
from basics import KEY
from fake_api import FakeAPI, stream, tool_stream
from streamlit.testing.v1 import AppTest
from tool_server import LONG, PROGRAM, Serving, until
from tools_page import ask, button, click, open_
from visiting import TOOLS, Open, everything, well

from backend import settings
from components.elements.markdown import plain
from components.mcp.servers import FILE, PASTED, SECRET, ToolServers, digest
from components.mcp.words import ONLY_HTTPS, OTHERS
from components.session import services

TOKEN = "sk-verysecret-0123456789abc"


@pytest.fixture
def box(tools: AppTest) -> Iterator[AppTest]:
    """The page with its toolbox open, and the fields for a server."""
    yield open_(tools, "toolbox.fold", "mcp.add")
    for connection in shelf(tools).connections.values():
        connection.close()


def shelf(at: AppTest) -> ToolServers:
    kept = at.session_state["toolservers"]
    assert isinstance(kept, ToolServers)
    return kept


def add(at: AppTest, pasted: str, secret: str = "") -> AppTest:
    at.text_area(key=PASTED).set_value(pasted)
    at.text_input(key=SECRET).set_value(secret)
    return click(at, "Add")


def card(at: AppTest, name: str) -> str:
    """What is said in a card; its state in words is in it."""
    return " ".join(found.value for found in at.main.markdown if f"**{name}**" in found.value)


def offered(api: FakeAPI) -> set[str]:
    return {tool["function"]["name"] for tool in api.asked[-1].body.get("tools", ())}


def command(*behaviour: str) -> str:
    return json.dumps({"mcpServers": {"bad": {"command": sys.executable, "args": [PROGRAM, *behaviour]}}})


def started(at: AppTest, *behaviour: str) -> AppTest:
    click(add(at, command(*behaviour)), "Start this command")
    assert shelf(at).connections["bad"].wait(LONG)
    return well(at.run())


def test_a_servers_tool_is_offered_asked_about_run_and_answered(
    box: AppTest, api: FakeAPI, tool_server: Serving
) -> None:
    add(box, tool_server.url, TOKEN)
    assert ":green-badge[connected]" in card(box, "127\\.0\\.0\\.1")
    api.play([tool_stream(("c1", "find", '{"number": 7}')), stream("It is late.")])
    ask(box, "Where is order 7?")
    assert {"find", "cancel", "calculator"} <= offered(api)
    assert len(api.asked) == 1, "it asks first"
    click(box, "Run")
    assert results(api.asked[-1]) == ["order 7 is late"]


def test_a_token_is_in_no_widget_no_element_and_no_row_of_the_database(box: AppTest, tool_server: Serving) -> None:
    add(box, tool_server.url, f"X-Api-Key: {TOKEN}")
    open_(box, f"server.about.{digest('127.0.0.1')}", f"server.wire.{digest('127.0.0.1')}")
    assert "Headers that go with each request: X" in everything(box), "its name is shown"
    assert TOKEN not in everything(box)
    assert (box.session_state[PASTED], box.session_state[SECRET]) == ("", "")
    assert TOKEN not in repr(vars(shelf(box)))
    assert TOKEN not in "".join(document.text for document in services.saved_servers("local").all())


def test_an_entry_that_is_no_server_is_refused_in_words_and_stays_typed(box: AppTest) -> None:
    add(box, "htp:/nowhere 'x", TOKEN)
    assert [found.value for found in box.error] == ["A quotation mark in the command is never closed\\."]
    assert box.text_area(key=PASTED).value == "htp:/nowhere 'x"
    assert TOKEN not in everything(box)
    assert "held" in " ".join(found.value for found in box.caption)


def test_a_command_is_shown_in_full_and_runs_after_a_click_only(box: AppTest) -> None:
    add(box, command("garbage"))
    assert f"{sys.executable} {PROGRAM} garbage" in [found.value for found in box.code]
    assert shelf(box).connections["bad"].state == "off"
    click(box, "Start this command")
    assert shelf(box).connections["bad"].wait(LONG)
    assert ":green-badge[connected]" in card(well(box.run()), "bad")
    click(box, "Stop")


def test_a_changed_tool_is_off_and_shown_until_it_is_allowed_again(box: AppTest, api: FakeAPI) -> None:
    started(box, "change")
    api.play([tool_stream(("c1", "add", "{}")), stream("Done.")])
    ask(box, "Add")
    assert "add" in offered(api)
    click(box, "Run")
    connection = shelf(box).connections["bad"]
    for _ in range(100):
        if "id_rsa" in connection.listing.tools[0].description:
            break
        well(box.run())
    well(box.run())
    assert "id_rsa" in " ".join(found.value for found in box.code), "the difference"
    ask(box, "Again")
    assert "add" not in offered(api)
    click(box, "Allow the new add")
    ask(box, "Once more")
    assert "add" in offered(api)


def test_of_many_tools_some_are_drawn_and_the_others_found_by_their_name(box: AppTest) -> None:
    def drawn() -> list[str]:
        return [key.removeprefix("tool.on.") for found in box.checkbox if "on.tool_" in (key := found.key or "")]

    started(box, "many")
    assert "Only the first 500 tools were read\\." in [found.value for found in box.caption]
    open_(box, f"server.tools.{digest('bad')}")
    assert len(drawn()) == 50
    well(box.text_input(key=f"server.find.{digest('bad')}").set_value(" TOOL_49 ").run())
    assert drawn() == ["tool_49", *(f"tool_{number}" for number in range(490, 500))]


def test_a_tool_that_destroys_is_never_run_unasked(box: AppTest, tool_server: Serving) -> None:
    add(box, tool_server.url)
    open_(box, "tool.cancel", "tool.find")
    modes: dict[str, Any] = {found.key: found.options for found in box.main.button_group}
    assert modes["tool.mode.cancel"] == ["Ask me first", "Mock"]
    assert modes["tool.mode.find"] == ["Run at once", "Ask me first", "Mock"]


def test_a_tool_is_tried_by_a_form_without_a_model(box: AppTest, api: FakeAPI, tool_server: Serving) -> None:
    add(box, tool_server.url)
    open_(box, "tool.find")
    box.text_input(key="arguments.find.number").set_value("12")
    well(box.button(key="run.find.go").click().run())
    until(lambda: all(running.ended for running in shelf(box).trying.values()))
    assert "order 12 is late" in [found.value for found in well(box.run()).code]
    box.text_input(key="arguments.find.number").set_value("many")
    well(box.button(key="run.find.go").click().run())
    assert any("do not fit" in found.value for found in box.code)
    assert api.asked == []


def test_a_resource_is_attached_and_a_prompt_goes_into_the_message_box(box: AppTest, tool_server: Serving) -> None:
    add(box, tool_server.url)
    key = digest("127.0.0.1")
    open_(box, f"server.resources.{key}", f"server.prompts.{key}")
    well(box.selectbox(key=f"resource.{key}").select_index(0).run())
    click(box, "Read")
    assert "Water the plants." in [found.value for found in box.code]
    click(box, "Attach to the next question")
    (attached,) = box.session_state["session"].composer.pending.attached
    assert attached.media.name == "today.txt"
    well(box.selectbox(key=f"prompt.{key}").select_index(0).run())
    box.text_area(key=f"prompt.argument.{key}.{digest('review')}.code").set_value("x = 1")
    click(box, "Get")
    click(box, "Put into the message box")
    assert box.session_state["composer"] == "Review this: x = 1" or "Review this" in everything(box)


def test_a_server_returns_without_its_keys_which_can_be_retyped(visit: Open, api: FakeAPI, box: AppTest) -> None:
    add(box, '{"mcpServers": {"git": {"command": "no-such-program", "env": {"TOKEN": "abcdefghij"}}}}')
    again = open_(visit(TOOLS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url), "toolbox.fold")
    assert button(again, "Start this command").disabled
    field = next(found for found in again.text_input if "TOKEN" in found.label)
    well(field.set_value("abcdefghij").run())
    click(again, "Start this command")
    shelf(again).connections["git"].wait(LONG)
    well(again.run())
    assert "There is no program named no" in again.error[0].value
    click(again, "Remove")
    assert services.saved_servers("local").all() == ()


def test_guests_find_the_owners_servers_and_their_tools_but_no_address(
    visit: Open, api: FakeAPI, tool_server: Serving
) -> None:
    entry = {
        "url": tool_server.url,
        "headers": {"Authorization": f"Bearer {TOKEN}"},
        "tools": ["find"],
        "ask": False,
    }
    listed = json.dumps({"mcpServers": {"orders": entry, "own": {"command": "rm"}}})
    shared = {"PLAYGROUND_SHARED": "1", "PLAYGROUND_TOOL_SERVERS": listed}
    at = open_(visit(TOOLS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url, **shared), "toolbox.fold")
    assert list(shelf(at).connections) == ["orders"], "no command"
    click(at, "Connect")
    open_(at, f"server.about.{digest('orders')}", "tool.find")
    assert tool_server.url not in everything(at)
    assert TOKEN not in everything(at)
    assert not {title for title, *_ in OTHERS.values()} & {fold.label for fold in at.expander}, "tools alone"
    api.play([tool_stream(("c1", "find", '{"number": 7}')), stream("Late.")])
    ask(at, "Where is order 7?")
    assert "find" in offered(api)
    assert "cancel" not in offered(api)
    assert results(api.asked[-1]) == ["order 7 is late"], "it runs without asking"
    shelf(at).connections["orders"].close()


@pytest.mark.parametrize("listed", ["{", "[]", '{"a": 1}', "nonsense"])
def test_a_list_of_servers_that_cannot_be_read_is_none(listed: str) -> None:
    assert settings.load([{"PLAYGROUND_TOOL_SERVERS": listed}]).tool_servers == ()


def test_a_shared_app_has_no_field_for_servers(visit: Open, api: FakeAPI) -> None:
    at = open_(visit(TOOLS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url, PLAYGROUND_SHARED="1"), "toolbox.fold")
    assert not [found for found in at.expander if "MCP" in found.label]
    assert FILE not in at.session_state


def test_guests_add_servers_by_https_alone_where_allowed(visit: Open, api: FakeAPI, tool_server: Serving) -> None:
    listed = json.dumps({"mcpServers": {"orders": {"url": tool_server.url}}})
    shared = {"PLAYGROUND_SHARED": "1", "PLAYGROUND_GUEST_TOOL_SERVERS": "1", "PLAYGROUND_TOOL_SERVERS": listed}
    shared |= {"PLAYGROUND_COMMANDS": "1"}
    at = visit(TOOLS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url, **shared)
    open_(at, "toolbox.fold", "mcp.add")
    for refused in (tool_server.url, command(), '{"a": {"url": "https://a.example"}, "b": {"command": "ls"}}'):
        add(at, refused)
        assert [found.value for found in at.error] == [plain(ONLY_HTTPS)]
    add(at, f"https://127.0.0.1:{urlsplit(tool_server.url).port}/mcp")
    own = shelf(at).connections["127.0.0.1"]
    assert not own.wait(LONG)
    assert own.problem.startswith("This address is not open here.")
    assert own.server.url in [found.value for found in well(at.run()).code], "a guest's own address is shown"
    click(at, "Connect")
    assert shelf(at).connections["orders"].wait(LONG), "the owner's may be anywhere"
    assert tool_server.url not in [found.value for found in open_(at, f"server.about.{digest('orders')}").code]
    assert not shelf(at).signs_in
    shelf(at).connections["orders"].close()


def test_no_command_starts_for_a_browser_on_another_machine(box: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.session.tab.on_this_machine", lambda: False)
    add(box, command())
    assert button(box, "Start this command").disabled
    shelf(box).connect("bad")
    assert shelf(box).connections["bad"].state == "off"
    assert "PLAYGROUND_COMMANDS" in box.warning[0].value
