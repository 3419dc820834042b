"""A failure on the page: the provider's sentence, and buttons of which none sends what was refused again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from basics import KEY
from fake_api import FakeAPI, Reply, completion, error, events, html, reply, stream
from streamlit.testing.v1 import AppTest
from visiting import Open, conversation, everything, picker, reload_tab, say, set_, well

from backend.conversation.recent import RecentTurns
from backend.types import Message

FINE = stream("Now it works")


def ways(at: AppTest) -> list[str]:
    """What is offered under the failure, in order."""
    return [unescaped(found.label) for found in at.button if str(found.key).startswith("failure.")]


def unescaped(label: str) -> str:
    return label.replace("\\", "").replace("\u2060", "")


def click(at: AppTest, label: str) -> AppTest:
    (button,) = [found for found in at.button if unescaped(found.label) == label]
    return well(button.click().run())


def bodies(api: FakeAPI) -> list[Any]:
    return [request.body for request in api.asked]


# ---- what is said -----------------------------------------------------------------------------------------


def test_the_providers_own_sentence_is_quoted_at_once(at: AppTest, api: FakeAPI) -> None:
    api.play([error(400, "Temperature   must be\nbelow one."), error(400, "word " * 200 + "end")])
    say(at, "Hi")
    assert "The server says: “Temperature must be below one\\.”" in at.error[0].value
    say(at, "Hi")
    assert "…" in at.error[0].value and "end" not in at.error[0].value, "a long one is whole in the details"


def test_a_fault_of_this_app_is_called_its_own(at: AppTest, api: FakeAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.transport.client.encode", lambda body: 1 / 0)
    say(at, "Hi")
    assert "fault of this app" in at.error[0].value and "provider's side" not in at.error[0].value
    assert "computer this app runs on" in at.error[0].value


# ---- which button is first, and that none sends the same again ----------------------------------------------

LIMIT = "You exceeded your current quota, see your billing details. Please retry in 34.07s."
LONG = "The input token count (9) exceeds the maximum number of tokens allowed (8)."


@pytest.mark.parametrize(
    ("broken", "first"),
    [
        (error(401, "Wrong key."), "Use the model on this computer"),
        (error(402, "Insufficient Balance"), "Use the model on this computer"),
        (error(403, "Your input was flagged", metadata={"reasons": ["hate"]}), "Edit the question"),
        (error(404, "The model `x` does not exist"), "Use fake/alpha instead"),
        (reply({"message": "Not Found", "statusCode": 404}, 404), "Use fake/alpha instead"),
        (error(400, "'stream_options' is not permitted"), "Retry without `stream_options`"),
        (error(400, "Your organization must be verified to stream this model."), "Retry without streaming"),
        (error(404, "This is not a chat model. Did you mean to use v1/completions?"), "Use fake/alpha instead"),
        (error(429, LIMIT), "Wait 35 s and retry"),
        (error(429, "Request too large on tokens per min (TPM): Limit 3, Requested 4"), "Edit the question"),
        (error(504, "Generation timeout"), "Try again"),
        (error(503, "Overloaded", {"Retry-After": "90"}), "Wait 90 s and retry"),
        (html("Welcome"), "Try again"),
        (error(400, "", code="tool_use_failed", failed_generation="<f>"), "Call again"),
    ],
)
@pytest.mark.usefixtures("no_backoff")
def test_the_first_button_is_what_most_likely_helps(at: AppTest, api: FakeAPI, broken: Reply, first: str) -> None:
    api.play(broken)
    say(at, "Hi")
    assert ways(at)[0] == first
    transient = first in ("Try again", "Call again") or first.startswith("Wait")
    assert transient or "Try again" not in ways(at)


def test_try_again_comes_back_when_something_else_would_be_sent(at: AppTest, api: FakeAPI) -> None:
    api.play([error(401, "No."), FINE])
    say(at, "Hi")
    assert "Try again" not in ways(at)
    well(picker(at).set_value("fake/beta").run())
    assert ways(at)[0] == "Try again"
    click(at, "Try again")
    assert [body["model"] for body in bodies(api)] == ["google/gemini-2.5-flash", "fake/beta"]
    assert conversation(at)[-1] == ("assistant", "Now it works")


def test_a_failure_of_another_day_can_be_tried_again_after_what_is_likelier(at: AppTest, api: FakeAPI) -> None:
    api.play([error(400, "'top_k' is not supported."), FINE])
    say(set_(at, "parameter.top_k", 5), "Hi")
    session = at.session_state["session"]
    session.chats.current.recent, session.exchanges.record = RecentTurns(), lambda node: None  # nothing was kept
    well(at.run())
    assert ways(at) == ["Retry without `top_k`", "Edit the question", "Try again"]


def test_a_key_is_put_in_at_the_failure_and_asked_with_at_once(visit: Open, api: FakeAPI) -> None:
    api.play([error(401, "no"), FINE])
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    say(at, "Hi")
    failed = at.session_state["session"].chats.current.conversation.leaf
    at.session_state[f"failure.{failed}.enter"] = True
    well(at.run())
    (field,) = [found for found in at.main.text_input if found.label == "API key for this server"]
    well(field.set_value("sk-other-0123456789ab").run())
    assert [request.headers["authorization"] for request in api.asked] == [
        f"Bearer {KEY}",
        "Bearer sk-other-0123456789ab",
    ]
    assert conversation(at)[-1] == ("assistant", "Now it works")


def test_a_new_key_in_the_sidebar_makes_another_request(at: AppTest, api: FakeAPI) -> None:
    api.play([error(401, "no"), FINE])
    say(at, "Hi")
    set_(at, "key_typed", "sk-other-0123456789ab")
    assert ways(at)[0] == "Try again"


@pytest.mark.usefixtures("folds_open")
def test_a_wrong_key_leads_to_the_model_on_this_computer_in_one_click(at: AppTest, api: FakeAPI) -> None:
    """That it answers: tests/browser/test_local.py."""
    api.play(error(401, "no"))
    say(at, "Hi")
    click(at, "Use the model on this computer")
    assert at.sidebar.selectbox(key="connection").value == "local"
    assert picker(at).value == at.session_state["session"].models.local[0].id
    assert ways(at)[0] == "Try again"


def test_another_model_is_used_in_one_click(at: AppTest, api: FakeAPI) -> None:
    api.play([error(404, "Gone: the model was removed."), FINE])
    say(at, "Hi")
    click(at, "Use fake/alpha instead")
    assert bodies(api)[-1]["model"] == "fake/alpha"
    assert picker(at).value == "fake/alpha"


@pytest.mark.parametrize("broken", [reply("404 page not found", 404), html("Welcome")], ids=["404", "a web page"])
def test_an_address_without_v1_is_mended_in_one_click(at: AppTest, api: FakeAPI, broken: Reply) -> None:
    address = api.url.removesuffix("/v1")
    api.play(lambda asked: FINE if asked.path.startswith("/v1/") else broken)
    set_(at, "connection", "other")
    set_(at, "base_url_typed", address)
    well(picker(at).set_value("fake/beta").run())
    say(at, "Hi")
    assert ways(at)[0] == f"Use {address}/v1"
    click(at, f"Use {address}/v1")
    assert api.asked[-1].path == "/v1/chat/completions"


def test_a_model_that_answers_on_responses_only_is_asked_there_in_one_click(at: AppTest, api: FakeAPI) -> None:
    refused = error(400, "Function tools are not supported here. To use function tools, use /v1/responses.")
    api.play(lambda asked: events() if asked.path.endswith("/responses") else refused)
    set_(at, "connection", "other")
    set_(at, "base_url_typed", api.url)
    well(picker(at).set_value("fake/beta").run())
    say(at, "Hi")
    click(at, f"Use {api.url}/responses")
    assert (api.asked[-1].path, api.asked[-1].body["model"]) == ("/v1/responses", "fake/beta")


def test_an_address_that_has_moved_is_taken_in_one_click(at: AppTest, api: FakeAPI) -> None:
    moved = reply(b"", 308, {"Location": f"{api.url}/chat/completions?secret=1"})
    api.play(lambda asked: moved if asked.path.startswith("/old/") else FINE)
    set_(at, "connection", "other")
    set_(at, "base_url_typed", api.url.replace("/v1", "/old/v1"))
    well(picker(at).set_value("fake/beta").run())
    say(at, "Hi")
    assert ways(at)[0] == f"Use {api.url}"
    click(at, f"Use {api.url}")
    assert api.asked[-1].path == "/v1/chat/completions"


def test_the_question_is_edited_where_a_filter_stopped_it(at: AppTest, api: FakeAPI) -> None:
    api.play(error(400, "Content Exists Risk"))
    say(at, "Hi")
    click(at, "Edit the question")
    assert [found.value for found in at.main.text_area] == ["Hi"]


# ---- what is left out, and remembered -------------------------------------------------------------------------


def test_send_anyway_does_not_bring_a_refused_parameter_back(at: AppTest, api: FakeAPI) -> None:
    api.play([error(400, "'top_k' is not supported."), FINE, error(400, "'top_k' is not supported."), FINE])
    say(set_(at, "parameter.top_k", 5), "Hi")
    click(at, "Retry without `top_k`")
    assert "refused it before" in everything(at)
    well(at.button(key="anyway.top_k").click().run())
    say(at, "Again")
    assert bodies(api)[-1]["top_k"] == 5
    click(at, "Retry without `top_k`")
    assert "top_k" not in bodies(api)[-1]
    assert conversation(at)[-1] == ("assistant", "Now it works")


def test_a_length_goes_under_the_name_that_the_server_knows_and_that_is_told(at: AppTest, api: FakeAPI) -> None:
    refused = "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."
    api.play([error(400, refused), FINE])
    say(set_(at, "parameter.max_tokens", 50), "Hi")
    click(at, "Retry with `max_completion_tokens` instead")
    assert [body.get("max_completion_tokens") for body in bodies(api)] == [None, 50]
    assert "max_tokens" not in bodies(api)[-1]
    assert any("it goes as" in found.value for found in at.sidebar.caption)


EXTRA = {"detail": [{"type": "extra_forbidden", "loc": ["body", "stream_options", "include_usage"], "msg": "No"}]}


def test_a_field_that_the_app_adds_is_left_out_remembered_told_and_taken_back(at: AppTest, api: FakeAPI) -> None:
    api.play([reply({"message": EXTRA}, 422), FINE])
    say(at, "Hi")
    click(at, "Retry without `stream_options`")
    say(at, "Again")
    assert ["stream_options" in body for body in bodies(api)] == [True, False, False]
    assert "stream_options" in next(found.value for found in at.sidebar.caption if "refused" in found.value)
    well(at.button(key="learned.forget").click().run())
    say(at, "And now")
    assert "stream_options" in bodies(api)[-1]


def test_after_a_reload_too_nothing_refused_is_offered_again(visit: Open, at: AppTest, api: FakeAPI) -> None:
    api.play(error(400, "Nothing of this is right."))
    at = reload_tab(visit, say(at, "Hi"))
    assert "Try again" not in ways(at)
    assert "Try again" in ways(set_(at, "system_prompt", "Be brief."))


def test_a_body_that_was_edited_by_hand_is_tried_again_as_it_was(at: AppTest, api: FakeAPI) -> None:
    api.play([stream("First"), error(500, "Down"), error(500, "Down"), error(500, "Down"), FINE])
    say(at, "Hi")
    session = at.session_state["session"]
    answer = session.chats.current.conversation.path()[-1].id
    request = replace(session.asker.ask.request([Message("user", "Hi")]), raw={**bodies(api)[0], "odd": 1})
    session.chats.current.beside(answer, lambda: session.asker.ask.turn(request))
    session.chats.current.turn.join(30)
    click(well(at.run()), "Try again")
    assert [body.get("odd") for body in bodies(api)] == [None, 1, 1, 1, 1]


def test_streaming_is_turned_off_where_it_is_refused(at: AppTest, api: FakeAPI) -> None:
    api.play([error(400, "You must be verified to stream this model.", param="stream"), completion("At once.")])
    say(at, "Hi")
    click(at, "Retry without streaming")
    say(at, "Again")
    assert [bool({"stream", "stream_options"} & set(body)) for body in bodies(api)] == [True, False, False]
    assert api.asked[-1].headers["accept"] == "application/json"
    assert conversation(at)[-1] == ("assistant", "At once.")


def test_the_older_half_is_left_out_where_it_is_too_long(at: AppTest, api: FakeAPI) -> None:
    api.play([stream("One"), stream("Two"), error(400, LONG), FINE])
    for word in ("a", "b", "c"):
        say(at, word)
    assert ways(at)[0] == "Retry without the older half"
    click(at, "Retry without the older half")
    assert len(bodies(api)[-1]["messages"]) < len(bodies(api)[-2]["messages"])


def test_a_single_question_that_is_too_long_is_to_be_edited(
    at: AppTest, api: FakeAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("components.session.setup.Setup.context_length", 8)
    api.play([stream("One"), error(400, LONG)])
    for words in ("a", "word " * 20):
        say(at, words)
    assert ways(at)[0] == "Edit the question"
