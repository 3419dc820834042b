"""A race as a link: made in the Share dialog, followed on the front page, and nothing is sent before Enter."""

from __future__ import annotations

from basics import KEY
from fake_api import FakeAPI
from visiting import Open, race_of, say, well

from backend.compare.lane_settings import Overrides
from backend.formats import readable, share
from backend.formats.share import Shared
from backend.types import Message

COMPARE = "pages/2_Compare.py"
LINKED = Shared(
    "fake/beta",
    lanes=({"model": "fake/alpha"}, {"parameters": {"temperature": 1.5}}, {"system_prompt": "Be brief."}),
    blind=True,
    messages=(Message("user", "Why are there tides?"),),
)


def test_a_link_lines_up_the_race_and_nobody_is_asked_before_the_visitor_asks(visit: Open, api: FakeAPI) -> None:
    settings = {"AIMLAPI_API_KEY": KEY, "AIMLAPI_BASE_URL": api.url}
    at = visit(query={"s": share.encode(LINKED)}, **settings)
    race = race_of(at)
    assert [lane.changes for lane in race.lanes] == [
        Overrides(model="fake/alpha"),
        Overrides(parameters={"temperature": 1.5}),
        Overrides(system_prompt="Be brief."),
    ]
    assert race.blind and not race.has_question and api.asked == []
    assert at.session_state["session"].composer._put[0] == "Why are there tides?", "it is in the message box"
    assert any("3 lanes" in found.value and "Nothing was sent" in found.value for found in at.markdown)
    say(at, "Why are there tides?")
    race.join(20)
    assert {request.body["model"] for request in api.asked} == {"fake/alpha", "fake/beta"} and len(api.asked) == 3


def test_the_share_dialog_gives_the_set_up_of_a_race(visit: Open, api: FakeAPI) -> None:
    at = visit(COMPARE, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    first, second = race_of(at).lanes
    first.changes, second.changes = (
        Overrides(model="fake/alpha"),
        Overrides(connection="http://a/v1", system_prompt="Hm."),
    )
    say(at, "What is asked")
    race_of(at).join(20)
    at.session_state["session"].dialogs.open("share")
    well(at.run())
    well(at.button_group(key="share.what").set_value("messages").run())
    (link,) = [found.value for found in at.code if "?s=" in found.value]
    shared = share.decode(link.partition("?s=")[2])
    assert shared.lanes == ({"model": "fake/alpha"}, {"system_prompt": "Hm."}) and not shared.blind
    assert [message.content for message in shared.messages] == ["What is asked"]
    record = at.session_state["session"].chats.record()
    assert len(record.settings["lanes"]) == 2 and record.title == "What is asked"
    assert all(model in readable.markdown(record) for model in ("A · fake/alpha", "B · ")), (
        "the answers are in a file"
    )
    assert any("no answers" in found.value for found in at.caption), "and it is said that they are not in the link"


def test_a_race_that_waits_for_a_vote_has_no_link(visit: Open, api: FakeAPI) -> None:
    at = visit(COMPARE, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    race_of(at).blind = True
    say(at, "Hi")
    race_of(at).join(20)
    well(at.run())
    assert race_of(at).hidden and not [button for button in at.button if button.key == "share"]
