"""A share link and the dialog that makes one, without a browser: filled in, undone, refused, looked through."""

from __future__ import annotations

import pytest
from basics import KEY
from fake_api import FakeAPI, stream
from streamlit.testing.v1 import AppTest
from visiting import Open, cards, conversation, picker, press, say, set_, well

from backend.formats import links, share
from backend.formats.share import Shared
from backend.types import Message
from components.history import words

FILLED = Shared(
    "fake/beta",
    "Answer like a pirate.",
    {"temperature": 0.7, "max_tokens": 123, "stop": ["\n"]},
    False,
    (Message("user", "Name a colour."), Message("assistant", "Blue, **matey**.")),
)
OWN_KEY = "AbCdEfGh12345678IjKl"  # shaped like nothing in particular


@pytest.fixture
def followed(visit: Open, api: FakeAPI) -> AppTest:
    """The front page, opened by a link."""
    return visit(query={"s": share.encode(FILLED)}, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)


def notice(at: AppTest) -> str:
    """What is said of a link above the composer: that is outside of what `everything` sees."""
    return "\n".join(found.value for found in (*at.markdown, *at.caption)).replace("\\", "")


def shared(at: AppTest, what: str = "") -> AppTest:
    """With the dialog open, and this much of the chat chosen."""
    at.session_state["session"].dialogs.open("share")
    well(at.run())
    return well(at.button_group(key="share.what").set_value(what).run()) if what else at


def made(at: AppTest) -> Shared:
    """What is in the link that the dialog shows."""
    (link,) = [found.value for found in at.code if "?s=" in found.value]
    return share.decode(link.partition("?s=")[2])


# ---- a link that was followed ---------------------------------------------------------------------------


def test_every_setting_of_a_link_is_in_the_next_request_alone(followed: AppTest, api: FakeAPI) -> None:
    assert conversation(followed) == [("user", "Name a colour."), ("assistant", "Blue, **matey**.")]
    assert (picker(followed).value, api.asked, "s" in followed.query_params) == ("fake/beta", [], False)
    say(followed, "Another")
    body = api.asked[-1].body
    assert body["model"] == "fake/beta" and "stream" not in body
    assert (body["temperature"], body["max_tokens"], body["stop"]) == (0.7, 123, ["\n"])
    assert [message["role"] for message in body["messages"]] == ["system", "user", "assistant", "user"]


def test_undo_brings_back_what_was_before(followed: AppTest, api: FakeAPI) -> None:
    press(followed, "opened.undo")
    assert conversation(followed) == [] and "Opened from a link" not in notice(followed)
    assert picker(followed).value == "google/gemini-2.5-flash"
    say(followed, "Hi")
    assert set(api.asked[-1].body) == {"model", "messages", "stream", "stream_options"}


def test_the_notice_belongs_to_its_conversation_and_its_end_leaves_what_was_filled_in(followed: AppTest) -> None:
    press(followed, "opened.dismiss")
    assert "Opened from a link" not in notice(followed)
    assert len(conversation(followed)) == 2
    assert followed.sidebar.text_area(key="system_prompt").value == "Answer like a pirate."
    followed.query_params["s"] = share.encode(Shared("m", messages=FILLED.messages[:1]))
    assert "Opened from a link" in notice(well(followed.run()))
    assert "Opened from a link" not in notice(press(followed, "new_chat"))


def test_a_followed_link_is_not_in_the_history_until_something_is_done(followed: AppTest) -> None:
    def titles() -> list[str]:
        well(followed.switch_page("pages/4_History.py").run())
        return cards(followed)

    assert titles() == []
    say(well(followed.switch_page("app.py").run()), "Hello")
    assert titles() == ["Name a colour\\."]


def test_without_a_key_the_model_of_a_link_waits_for_the_connection(visit: Open, api: FakeAPI) -> None:
    at = visit(query={"s": share.encode(FILLED)}, AIMLAPI_BASE_URL=api.url)
    assert "fake/beta is not on This computer" in notice(at)
    set_(at, "connection", "configured")
    assert "is not on This computer" not in notice(at)
    assert (picker(at).value, len(conversation(at))) == ("fake/beta", 2)


BROKEN = {
    "cut": share.encode(FILLED)[:40],
    "no role": links.pack({"messages": [{"role": "root", "content": "x"}]}),
}


def test_a_broken_link_is_said_in_words_and_changes_nothing(at: AppTest) -> None:
    for name, text in BROKEN.items():
        at.query_params["s"] = text
        assert "The link could not be opened" in notice(well(at.run())), name
        assert [found.value for found in at.header] == ["What would you like to ask?"], name
        assert "The link could not be opened" not in notice(press(at, "opened.dismiss")), name


# ---- a link that is made --------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["sk-0123456789abcdefghijklmnop", KEY, OWN_KEY], ids=["a shape", "ours", "typed"])
def test_no_link_and_no_copy_of_it_is_made_while_a_key_is_in_it(at: AppTest, key: str) -> None:
    if key == OWN_KEY:
        set_(at, "key_typed", OWN_KEY)
    shared(set_(at, "system_prompt", f"The key is {key}, use it."))
    assert any("No link: something looks like a key" in found.value for found in at.error)
    assert "the system prompt" in at.error[0].value and not [code for code in at.code if "?s=" in code.value]
    set_(at, "system_prompt", "Be brief.")
    assert made(shared(at)) == Shared("google/gemini-2.5-flash", "Be brief."), "before anything was said"


def test_a_key_in_a_message_is_left_behind_with_the_messages(at: AppTest) -> None:
    say(at, "Here: ghp_abcdefghijklmnopqrstuvwxyz0123456789")
    assert "message 1: a GitHub token" in shared(at).error[0].value.replace("\\", "")
    assert made(shared(at, "settings")).messages == ()


def test_the_preview_shows_every_word_that_goes_and_says_what_does_not(at: AppTest, api: FakeAPI) -> None:
    api.play(stream("The answer.", reasoning="Let me think about it."))
    say(set_(at, "system_prompt", "Be very brief."), "The question?")
    inside = made(shared(at))  # nothing was chosen: a chat that has begun goes, and that is in sight
    assert any(words.MESSAGES_GO.format(count=2) == found.value for found in at.caption)
    assert [message.content for message in inside.messages] == ["The question?", "The answer."]
    assert any(found.value == "Left out: 1 block of reasoning." for found in at.caption)
    shown = "\n".join(found.value for found in at.code if "?s=" not in found.value)
    for told in (inside.model, inside.system_prompt, *(message.content for message in inside.messages)):
        assert told in shown


def test_a_chat_too_long_for_a_link_goes_as_a_file(at: AppTest, api: FakeAPI) -> None:
    noise = " ".join(f"{number * 7919 % 100_003:x}{number * 104_729 % 99_991:x}" for number in range(3_000))
    api.play(stream(noise))
    shared(say(at, "Tell me much"), "messages")
    assert any("Too long for a link:" in found.value for found in at.warning)
    assert {"Markdown", "JSON"} <= {found.proto.label for found in at.get("download_button")}
    assert "Web page" in [found.label for found in at.button]


def test_tools_go_as_descriptions_and_are_not_switched_on(visit: Open, tools: AppTest, api: FakeAPI) -> None:
    shared(tools)
    well(tools.checkbox(key="share.tools").check().run())
    inside = made(tools)
    assert inside.tools
    other = visit(query={"s": share.encode(inside)}, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    assert "tool description" in notice(other)
    say(other, "Hello")
    assert "tools" not in api.asked[-1].body
