"""A page of the web that a server of tools wants opened in the middle of a call (elicitation by URL)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from mcp_types import ElicitRequestURLParams
from tool_server import LONG, program, until

from backend.keys.redaction import NO_KEY
from backend.mcp.connection import ToolServerConnection
from backend.mcp.questions import Question, Questions
from backend.mcp.running_call import ServerCall
from backend.mcp.server import Server
from backend.types import ToolCall

Open = Callable[[Server], ToolServerConnection]
Press = Callable[[Question], None]


def begun(connection: ToolServerConnection) -> tuple[ServerCall, Question]:
    """A call, and what it asks."""
    running = connection.start(ToolCall("c1", "add", "{}"), "add")
    until(lambda: bool(connection.questions.open) or running.ended)
    (question,) = connection.questions.open
    assert isinstance(question, Question)
    return running, question


def ended(running: ServerCall) -> str:
    outcome = running.wait(LONG)
    assert outcome
    return outcome.content


@pytest.mark.parametrize(
    ("press", "action"),
    [(Question.note_visit, "accept"), (Question.decline, "decline"), (Question.dismiss, "cancel")],
)
def test_the_server_learns_only_what_the_visitor_pressed(open_: Open, press: Press, action: str) -> None:
    running, question = begun(open_(program("page")))
    assert (question.host, question.address) == ("pay.example", "https://pay.example/?order=7")
    press(question)
    assert json.loads(ended(running)) == {"action": action}


@pytest.mark.parametrize(
    ("press", "expected"), [(Question.note_visit, "fine"), (Question.decline, "needs a page to be opened first")]
)
def test_a_call_that_needs_a_page_first_is_made_again_after_it(open_: Open, press: Press, expected: str) -> None:
    running, question = begun(open_(program("required")))
    press(question)
    assert expected in ended(running)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http://pay.example/",
        "https://bank.example@evil.example/",
        "https://bank.example\\@evil.example/",
        "https://b\u0430nk.example/",
        "https://bank.example/\u202e/evil",
        "https://bank.example/ evil",
        "https://bank.example\n.evil.example/",
        "https://[::1/",
        "https:///path",
        "https://bank.example/" + "a" * 2_000,
    ],
)
def test_an_address_that_nobody_can_judge_is_declined(address: str) -> None:
    async def asked() -> str:
        questions = Questions(NO_KEY)
        async with questions.patience():
            params = ElicitRequestURLParams(message="?", url=address, elicitation_id="e")
            return (await asyncio.wait_for(questions.ask(None, params), LONG)).action

    # On a thread of its own: the browser of other tests has a loop in this one.
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, asked()).result() == "decline"


@pytest.mark.parametrize(("host", "marked"), [("xn--bnk-6cd.example", True), ("bank.example", False)])
def test_letters_that_look_like_others_are_marked(host: str, marked: bool) -> None:
    loop = asyncio.new_event_loop()
    assert Question("", {}, (), loop.create_future(), f"https://{host}/").looks_alike is marked
    loop.close()
