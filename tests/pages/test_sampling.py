"""A model that a server of tools wants asked, drawn alone: what it costs is said, and a guest's budget pays."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

from basics import KEY
from fake_api import USAGE, FakeAPI, stream
from streamlit.testing.v1 import AppTest
from tools_page import button
from visiting import TOOLS, Open, well

from backend.guests.metering import OverBudget
from backend.mcp.sampling import SamplingRequest
from backend.mcp.sampling_prompt import SamplingPrompt
from backend.mcp.server import Server
from backend.types import Message
from components.elements.markdown import plain
from components.session import services


def _asked() -> None:
    import streamlit as st

    from components.mcp.questions import questions
    from components.session.session import Session

    Session.current().chats.begin("Tools", came=False)
    questions(st.session_state["line"], "here")


def test_a_guests_budget_pays_for_the_model_that_a_server_wants_asked(visit: Open, api: FakeAPI) -> None:
    limits = {"PLAYGROUND_SHARED": "1", "PLAYGROUND_GUEST_MESSAGES_PER_DAY": "1", "PLAYGROUND_GUEST_MODELS": "*"}
    visit(TOOLS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url, **limits)
    loop = asyncio.new_event_loop()
    prompt = SamplingPrompt((Message("user", "Name a **colour**."),))
    asking = SamplingRequest(prompt, 100, 0.5, (".",), ("a-model",), loop.create_future())
    at = AppTest.from_function(_asked, default_timeout=30)
    at.session_state["line"] = SimpleNamespace(
        server=Server("x"), sign_in=None, questions=SimpleNamespace(open=[asking])
    )
    well(at.run())
    assert "Name a **colour**." in [found.value for found in at.code]
    assert any("The server would like: a" in found.value for found in at.caption)
    api.play(stream("Blue", usage=USAGE))
    well(next(found for found in at.button if found.label.startswith("Ask ")).click().run())
    assert asking.turn
    asking.turn.join(30)
    assert services.ledger().usage("").messages == 1
    sent = api.asked[-1].body
    assert (sent["temperature"], sent["max_tokens"], sent["stop"], "tools" in sent) == (0.5, 100, ["."], False)
    assert [message["content"] for message in sent["messages"]] == ["Name a **colour**."]
    assert "Blue" in [found.value for found in well(at.run()).code]
    assert button(at, "Send to the server")
    other = SamplingRequest(prompt, 100, None, (), (), loop.create_future())
    at.session_state["line"].questions.open[:] = [other]
    well(at.run())
    well(next(found for found in at.button if found.label.startswith("Ask ")).click().run())
    assert other.turn
    other.turn.join(30)
    well(at.run())
    assert len(api.asked) == 1, "nothing is sent beyond the budget"
    assert isinstance(other.turn.error, OverBudget)
    assert [found.value for found in at.error] == [plain(f"{other.turn.error.title} {other.turn.error.hint}")]
    loop.close()
