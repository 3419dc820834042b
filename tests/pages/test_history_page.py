"""Kept conversations without a browser: files that come late, twice or broken; other tabs, and other guests."""

from __future__ import annotations

import pytest
from basics import KEY
from fake_api import FakeAPI, stream
from store_talks import say as keep
from streamlit.testing.v1 import AppTest
from visiting import Open, cards, conversation, items, say, well

from components.history import paging
from components.session import services

FILE = ("talk.jsonl", b'{"messages": [{"role": "user", "content": "Question"}]}', "application/json")


def test_a_file_is_taken_in_once_although_the_browser_sends_it_again(visit: Open) -> None:
    at = visit("pages/4_History.py")
    uploader = at.file_uploader(key="import.0").set_value(FILE)
    well(at.run())
    assert cards(at) == ["Question"]
    late = at._tree.get_widget_states()  # a click that was on its way before the page without the file was drawn
    late.widgets.append(uploader._widget_state)
    well(at._tree._runner._run(late))
    assert cards(at) == ["Question"]


def test_a_file_that_cannot_be_read_is_refused_in_words_and_nothing_is_kept(visit: Open) -> None:
    at = visit("pages/4_History.py")
    broken = b'{"messages": [{"role": "king"]}'
    at.file_uploader(key="import.0").set_value(("*odd*.jsonl", broken, "application/json"))
    words = well(at.run()).error[0].value.replace("\\", "")
    assert "Nothing was imported from *odd*.jsonl." in words
    assert "The file ends in the middle of it: it may have been cut off." in words
    assert cards(at) == []
    assert not well(at.button(key="import.close").click().run()).error


def test_guests_of_a_shared_app_never_see_each_others_conversations(visit: Open, api: FakeAPI) -> None:
    shared = {"AIMLAPI_API_KEY": KEY, "AIMLAPI_BASE_URL": api.url, "PLAYGROUND_SHARED": "1"}
    ann = say(visit(**shared), "a secret of mine")
    bob = visit(query={"c": ann.session_state["session"].chats.id}, **shared)
    assert conversation(bob) == []
    assert cards(well(bob.switch_page("pages/4_History.py").run())) == []
    assert cards(well(ann.switch_page("pages/4_History.py").run())) == ["a secret of mine"]


def test_two_tabs_on_one_conversation_lose_nothing_and_the_slower_learns_it(
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


def test_the_search_is_still_there_on_coming_back(at: AppTest) -> None:
    say(at, "a needle in the hay")
    well(at.switch_page("pages/4_History.py").run())
    well(at.text_input(key="history.search").set_value("needle").run())
    well(at.switch_page("app.py").run())
    well(at.switch_page("pages/4_History.py").run())
    assert at.text_input(key="history.search").value == "needle"
    well(at.text_input(key="history.search").set_value("").run())
    well(at.switch_page("app.py").run())
    well(at.switch_page("pages/4_History.py").run())
    assert not at.text_input(key="history.search").value


def test_a_preview_has_no_marks_of_markdown_and_marks_what_was_looked_for(at: AppTest, api: FakeAPI) -> None:
    api.play(stream("## Head\n\n**Die Straße** in `code`, [here](https://a.test/x) | *so*"))
    say(at, "Question")
    well(at.switch_page("pages/4_History.py").run())
    previews = [found.value.replace("\\", "") for found in at.caption]
    assert "Head Die Straße in code, here so" in previews
    well(at.text_input(key="history.search").set_value("strasse").run())
    previews = [found.value.replace("\\", "") for found in at.caption]
    assert "Head Die :yellow-background[Straße] in code, here so" in previews


def test_the_chosen_ones_are_deleted_together_and_had_back_together(visit: Open) -> None:
    at = visit("pages/4_History.py")
    lines = b"\n".join(b'{"messages": [{"role": "user", "content": "Question %d"}]}' % place for place in range(3))
    well(at.file_uploader(key="import.0").set_value(("talk.jsonl", lines, "application/json")).run())
    boxes = [box for box in at.checkbox if str(box.key).startswith("choose.")]
    boxes[0].check()
    boxes[1].check()
    well(at.run())
    well(at.button(key="chosen.delete").click().run())
    assert len(cards(at)) == 1
    deletions = at.session_state["session"].deletions
    assert "and 1 more" in deletions.undoable.text
    deletions.undo(deletions.undoable.id)
    well(at.run())
    assert len(cards(at)) == 3


def test_the_link_of_a_hit_opens_the_branch_that_holds_it(at: AppTest, visit: Open, api: FakeAPI) -> None:
    api.play([stream("A walrus."), stream("A penguin.")])
    say(at, "Which animal?")
    session = at.session_state["session"]
    path = session.chats.current.conversation.path()
    session.actions.do("regenerate", path[1].id)
    well(at.run())
    well(at.run())
    assert conversation(at)[-1] == ("assistant", "A penguin.")
    here = {"AIMLAPI_API_KEY": KEY, "AIMLAPI_BASE_URL": api.url}
    other = visit(query={"c": session.chats.id, "hit": str(path[1].id)}, **here)
    assert conversation(other)[-1] == ("assistant", "A walrus.")
    assert other.session_state["session"].chats.view.hit == path[1].id
    assert "hit" not in other.query_params


def test_back_to_the_address_of_a_conversation_opens_it_and_an_old_address_does_not(at: AppTest) -> None:
    say(at, "first")
    chats = at.session_state["session"].chats
    first = chats.id
    well(at.button(key="new_chat").click().run())
    say(at, "second")
    second = chats.id
    at.query_params["c"] = first  # of a click that was on its way
    well(at.run())
    assert chats.id == second
    at.query_params["c"], at.query_params["walked"] = first, "1"
    well(at.run())
    assert chats.id == first and conversation(at)[0] == ("user", "first")
    assert "walked" not in at.query_params


@pytest.mark.parametrize(
    "shared, limit", [("", "up to 20 MB"), ("1", "up to 20 MB, and conversations up to 25 MB")]
)
def test_guests_import_smaller_conversations_than_owners(
    visit: Open, api: FakeAPI, shared: str, limit: str
) -> None:
    settings = {
        "AIMLAPI_API_KEY": KEY,
        "AIMLAPI_BASE_URL": api.url,
        **({"PLAYGROUND_SHARED": shared} if shared else {}),
    }
    at = visit("pages/4_History.py", **settings)
    assert any(limit in caption.value for caption in at.caption)
    assert at.file_uploader(key="import.0").proto.max_upload_size_mb == 20


def test_every_conversation_of_a_long_list_can_be_come_to(visit: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "PAGE", 2)
    monkeypatch.setattr(paging, "TOGETHER", 2)
    at = visit("pages/4_History.py")
    titles = [f"talk {number}" for number in range(7)]
    for title in titles:
        keep(services.journals().store, title, owner="local")
    shown = [cards(well(at.run()))]
    while more := [button for button in at.button if button.key == "history.show_more"]:
        shown.append(cards(well(more[0].click().run())))
    assert shown == [titles[:4:-1], titles[:2:-1], titles[2:0:-1], titles[2::-1]]
    assert cards(well(at.text_input(key="history.search").set_value("talk").run())) == titles[:4:-1]
    well(at.text_input(key="history.search").set_value("").run())
    assert cards(well(at.button(key="history.show_first").click().run())) == titles[:4:-1]
