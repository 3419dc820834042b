"""Kept conversations without a browser: files that come late, twice or broken; other tabs, and other guests."""

from __future__ import annotations

from basics import KEY
from fake_api import FakeAPI, stream
from streamlit.testing.v1 import AppTest
from visiting import Open, conversation, items, say, well

FILE = ("talk.jsonl", b'{"messages": [{"role": "user", "content": "Question"}]}', "application/json")


def titles(at: AppTest) -> list[str]:
    return [found.label for found in at.button if str(found.key).startswith("open.")]


def test_a_file_is_taken_in_once_although_the_browser_sends_it_again(visit: Open) -> None:
    at = visit("pages/4_History.py")
    uploader = at.file_uploader(key="import.0").set_value(FILE)
    well(at.run())
    assert titles(at) == ["Question"]
    late = at._tree.get_widget_states()  # a click that was on its way before the page without the file was drawn
    late.widgets.append(uploader._widget_state)
    well(at._tree._runner._run(late))
    assert titles(at) == ["Question"]


def test_a_file_that_cannot_be_read_is_refused_in_words_and_nothing_is_kept(visit: Open) -> None:
    at = visit("pages/4_History.py")
    broken = b'{"messages": [{"role": "king"]}'
    at.file_uploader(key="import.0").set_value(("*odd*.jsonl", broken, "application/json"))
    words = well(at.run()).error[0].value.replace("\\", "")
    assert "Nothing was imported from *odd*.jsonl." in words
    assert "The file ends in the middle of it: it may have been cut off." in words
    assert titles(at) == []
    assert not well(at.button(key="import.close").click().run()).error


def test_guests_of_a_shared_app_never_see_each_others_conversations(visit: Open, api: FakeAPI) -> None:
    shared = {"AIMLAPI_API_KEY": KEY, "AIMLAPI_BASE_URL": api.url, "PLAYGROUND_SHARED": "1"}
    ann = say(visit(**shared), "a secret of mine")
    bob = visit(query={"c": ann.session_state["session"].chats.id}, **shared)
    assert conversation(bob) == []
    assert titles(well(bob.switch_page("pages/4_History.py").run())) == []
    assert titles(well(ann.switch_page("pages/4_History.py").run())) == ["a secret of mine"]


def test_two_tabs_on_one_conversation_lose_nothing_and_the_slower_one_is_told(
    at: AppTest, visit: Open, api: FakeAPI
) -> None:
    api.play([stream("First answer."), stream("From the other tab."), stream("From the slow tab.")])
    say(at, "Hello")
    other = visit(query={"c": at.session_state["session"].chats.id}, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    say(other, "I was faster")
    say(at, "I was slower")
    assert conversation(at)[-1] == ("assistant", "From the slow tab.")
    assert any("changed elsewhere" in found.value for found in (*at.markdown, *at.warning, *at.info))
    well(next(found for found in at.button if found.label == "Show the changes").click().run())
    branch = next(item["footer"]["branch"] for item in items(at) if item["footer"]["branch"])
    at.session_state["session"].actions.do("choose", int(branch["previous"]))
    well(at.run())
    assert conversation(at)[-1] == ("assistant", "From the other tab.")
