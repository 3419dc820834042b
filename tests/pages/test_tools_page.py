"""The Tools page as a visitor uses it, through AppTest: toolbox, choices, rows, models without tools."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from agents import results
from basics import KEY
from fake_api import FakeAPI, completion, reply, stream, tool_stream
from streamlit.testing.v1 import AppTest
from tools_page import ask, button, click, open_
from visiting import TOOLS, Open, conversation, everything, well

from backend import local
from backend.snippets.tool_loop import loop_code
from backend.tools.custom import EXAMPLES, export
from backend.types import ChatRequest, Event, Finished, TextDelta
from components.session.connection import Connection
from components.session.dialogs import Name
from components.tools.state import DEFAULT

CALL = ("call_1", "current_time", '{"city_or_zone": "Tokyo"}')
MISFIT = ("call_1", "current_time", "{}")


@pytest.fixture
def box(tools: AppTest) -> AppTest:
    """The page with its toolbox open."""
    return open_(tools, "toolbox.fold")


def set_mode(at: AppTest, name: str, mode: str) -> AppTest:
    open_(at, f"tool.{name}")
    return well(next(w for w in at.main.button_group if w.key == f"tool.mode.{name}").set_value(mode).run())


# ---- the toolbox ----------------------------------------------------------------------------------------


def test_a_tool_shows_what_the_model_is_told(box: AppTest) -> None:
    open_(box, "tool.current_time")
    assert any("current_time" in found.value for found in box.main.get("json"))


def test_a_tool_can_be_run_by_hand_without_a_model(box: AppTest, api: FakeAPI) -> None:
    open_(box, "tool.current_time")
    field = next(found for found in box.main.text_area if "Arguments" in found.label)
    field.set_value('{"city_or_zone": "Paris"}')
    well(button(box, "Run").click().run())
    assert any("Europe/Paris" in found.value for found in box.code)
    assert api.asked == []


@pytest.mark.slow
def test_four_tools_are_offered_until_more_are_ticked(box: AppTest, api: FakeAPI) -> None:
    ask(box)
    assert {tool["function"]["name"] for tool in api.asked[-1].body["tools"]} == set(DEFAULT)
    click(box, "All")
    ask(box)
    assert len(api.asked[-1].body["tools"]) == 10
    box.checkbox(key="tool.on.find_model").uncheck().run()
    ask(box)
    assert len(api.asked[-1].body["tools"]) == 9


# ---- rows -----------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "typed", "go", "told"),
    [
        ("Type the result", "Midnight.", "Use as the result", "Midnight."),
        ("Reject", "Not now.", "Reject this call", "Error: the user did not allow this call. Not now."),
    ],
)
def test_a_call_can_be_answered_or_rejected_by_hand(
    box: AppTest, api: FakeAPI, what: str, typed: str, go: str, told: str
) -> None:
    set_mode(box, "current_time", "ask")
    api.play([tool_stream(CALL), stream("Late.")])
    ask(box)
    click(box, what)
    next(found for found in box.main.text_area if found.key.startswith(("type.", "reject."))).set_value(typed)
    click(box, go)
    assert results(api.asked[1]) == [told]


# ---- the rules of the loop ------------------------------------------------------------------------------


def test_the_choices_hold_when_the_toolbox_is_closed(box: AppTest, api: FakeAPI) -> None:
    open_(box, "tools.rules")
    next(found for found in box.main.button_group if found.key == "tools.parallel").set_value("off").run()
    box.session_state["toolbox.fold"] = False
    ask(well(box.run()))
    assert api.asked[-1].body["parallel_tool_calls"] is False


def test_a_run_that_costs_too_much_is_stopped_and_said(box: AppTest, api: FakeAPI) -> None:
    open_(box, "tools.rules")
    box.number_input(key="tools.limit").set_value(0.05).run()
    body = json.loads(completion(None, [CALL]).steps[0])  # type: ignore[arg-type]
    api.play([reply({**body, "meta": {"usage": {"usd_spent": 0.06}}}), stream("Never asked.")])
    ask(box)
    assert len(api.asked) == 1
    assert any("the limit is \\$0.05" in found.value for found in box.warning)


# ---- one's own ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_an_own_tool_is_made_from_an_example_and_is_there_in_the_next_session(visit: Open, api: FakeAPI) -> None:
    settings = {"AIMLAPI_API_KEY": KEY, "AIMLAPI_BASE_URL": api.url}
    first = open_(visit(TOOLS, **settings), "toolbox.fold")
    well(button(first, "Own tools").click().run())
    well(button(first, "get_weather").click().run())
    well(first.button(key="own.save").click().run())
    second = open_(visit(TOOLS, **settings), "toolbox.fold", "tool.get_weather")
    api.play([tool_stream(("c", "get_weather", '{"city": "Oslo"}')), stream("Snow.")])
    ask(second, "Weather in Oslo?")
    assert len(api.asked) == 1, "own tools ask first"
    click(second, "Run", -1)
    assert "snow" in results(api.asked[1])[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "This is not JSON"),
        ('{"name": "a b"}', "may hold only letters"),
        ('{"name": "f", "description": "", "parameters": {"type": "object", "required": ["x"]}}', "required"),
    ],
)
def test_the_editor_says_what_is_wrong_as_one_types(box: AppTest, text: str, words: str) -> None:
    well(button(box, "Own tools").click().run())
    well(box.text_area(key="own.schema").set_value(text).run())
    assert any(words in found.value for found in box.markdown)
    assert box.button(key="own.save").disabled


def test_a_python_signature_becomes_a_schema(box: AppTest) -> None:
    well(button(box, "Own tools").click().run())
    box.text_area(key="own.signature").set_value("def weigh(pounds: float): ...")
    well(button(box, "Make the schema").click().run())
    assert json.loads(box.text_area(key="own.schema").value)["parameters"]["properties"] == {
        "pounds": {"type": "number"}
    }


def test_tools_of_a_file_are_kept_and_a_name_in_use_is_refused(box: AppTest) -> None:
    kit = box.session_state["toolkit"]
    well(button(box, "Own tools").click().run())
    file = export((*EXAMPLES[:2],)).replace("search_documents", "calculator").encode()
    well(box.file_uploader(key="own.file").set_value(("tools.json", file, "application/json")).run())
    assert list(kit.own) == ["get_weather"]
    assert "calculator" in kit.trouble


# ---- models without tools -------------------------------------------------------------------------------


def test_without_a_key_the_page_says_emulated_and_offers_a_switch(visit: Open) -> None:
    at = visit(TOOLS)
    text = everything(at)
    assert "emulated" in text
    assert any(found.label.startswith("Use google") for found in at.main.button)
    well(at.button(key="tools.must").click().run())
    assert at.session_state["session"].chats.agent.loop.rules.choice == "required"


def test_an_example_without_a_key_is_asked_with_one_forced_tool(
    visit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[ChatRequest] = []

    class Small:
        def chat(self, request: ChatRequest, call: object = None) -> Iterator[Event]:
            sent.append(request)
            answers = ('{"tool": "find_order", "arguments": {"number": 1042}}', '{"answer": "It is late."}')
            yield TextDelta(answers[len(sent) > 1])
            yield Finished("stop")

    monkeypatch.setattr(local, "LocalChat", lambda *_: Small())
    at = visit(TOOLS)
    click(at, "Is order 1042 late?")
    rules = at.session_state["session"].chats.agent.loop.rules
    assert (list(rules.offers), rules.choice) == (["find_order"], "find_order")
    ask(at, "What time is it in Tokyo?")
    rules = at.session_state["session"].chats.agent.loop.rules
    assert (len(rules.offers), rules.choice) == (4, "auto"), "only that question"


def test_a_model_without_tool_calls_is_explained_and_sent_no_tools(
    tools: AppTest, api: FakeAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Connection, "lacks_tools", lambda *_: True)
    ask(well(tools.run()), "Hi")
    assert "tools" not in api.asked[-1].body
    assert "calls no tools" in everything(tools)


def test_an_emulated_loop_is_exported_for_a_model_that_calls_tools(
    tools: AppTest, api: FakeAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Connection, "emulates_tools", lambda *_: True)
    programs: list[str] = []
    monkeypatch.setattr(
        "components.tools.page.loop_code",
        lambda *given, **named: programs.append(loop_code(*given, **named)) or programs[-1],
    )
    api.play(
        [stream('{"tool": "current_time", "arguments": {"city_or_zone": "Tokyo"}}'), stream('{"answer": "Late."}')]
    )
    ask(well(tools.run()))
    asked = api.asked[0].body
    assert "tools" not in asked
    assert f'"model": "{asked["model"]}"' in programs[-1]
    assert '"name": "current_time"' in programs[-1] and "response_format" not in programs[-1]
    assert f"{api.url}/chat/completions" in programs[-1] and "You can use these tools" not in programs[-1]


# ---- kept ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_conversation_with_tools_is_kept_and_opened_on_its_page_again(visit: Open, api: FakeAPI) -> None:
    settings = {"AIMLAPI_API_KEY": KEY, "AIMLAPI_BASE_URL": api.url}
    first = visit(TOOLS, **settings)
    api.play([tool_stream(CALL), stream("It is late in Tokyo.")])
    ask(first)
    kept = first.session_state["session"].chats.id
    again = visit(TOOLS, query={"c": kept}, **settings)
    assert conversation(again) == conversation(first)
    assert "Tokyo" in everything(again)
    api.play(stream("Still late."))
    ask(again, "And now?")
    roles = [message["role"] for message in api.asked[-1].body["messages"]]
    assert roles == ["user", "assistant", "tool", "assistant", "user"]
    by_card = visit(query={"c": kept}, **settings)  # a link to the front page, as every card of the history is
    assert by_card.session_state["session"].chats.page == "Tools"
    assert conversation(by_card) == conversation(again)


@pytest.mark.slow
def test_a_call_that_waited_still_waits_when_the_conversation_is_opened_again(visit: Open, api: FakeAPI) -> None:
    settings = {"AIMLAPI_API_KEY": KEY, "AIMLAPI_BASE_URL": api.url}
    first = visit(TOOLS, **settings)
    api.play([tool_stream(MISFIT), stream("Repaired.")])
    ask(first)
    again = visit(TOOLS, query={"c": first.session_state["session"].chats.id}, **settings)
    assert len(api.asked) == 1, "nothing is sent by opening it"
    click(again, "Send the error to the model")
    assert len(api.asked) == 1, "and it goes on when told to"
    click(again, "Go on")
    assert "city_or_zone" in results(api.asked[1])[0]
    assert "Repaired." in everything(again)


def test_a_run_that_ends_while_the_page_is_drawn_is_drawn_again(
    tools: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the page would stand at "4 of 5 answers" until the next click."""

    class Ending:
        running = True

    ask(tools)
    again: list[bool] = []
    monkeypatch.setattr("streamlit.rerun", lambda: again.append(True))
    question = tools.session_state["session"].chats.current.conversation.path()[0].id
    tools.session_state["toolkit"].repeated[question] = [Ending()]
    monkeypatch.setattr("components.tools.page._above", lambda _: setattr(Ending, "running", False))
    well(tools.run())
    assert again == [True]


@pytest.mark.parametrize("dialog", ["inspector", "share", "tool editor"])
def test_a_page_with_an_open_dialog_comes_to_rest_while_something_runs(tools: AppTest, dialog: Name) -> None:
    """Or no click in the dialog would ever be heard: it waits for the end of the run."""

    class Forever:
        running = True

    ask(tools)
    session = tools.session_state["session"]
    question, answer = (node.id for node in session.chats.agent.conversation.path()[:2])
    tools.session_state["toolkit"].repeated[question] = [Forever()]
    if dialog == "inspector":
        session.inspect(answer)
    session.dialogs.open(dialog)
    well(tools.run())  # AppTest gives up after 30 s
