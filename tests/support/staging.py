"""The stage through Streamlit's AppTest: a script on it, what a press does, what is told."""

from __future__ import annotations

import time

from runs import TWO
from streamlit.testing.v1 import AppTest
from visiting import Open, well

from backend.demos.script import Script, Step
from components.session.stage import Stage

ASKED = Script("Mine", (Step("ask", "Watch.", "Told.", prompt="One?", recording=TWO), Step("words", "The end.")))


def stage(at: AppTest) -> Stage:
    found: Stage = at.session_state["session"].stage
    return found


def press(at: AppTest, button: str) -> AppTest:
    return well(at.button(key=f"stage-{button}").click().run())


def wait_until_ended(at: AppTest) -> AppTest:
    """The page once what answers or plays has come to its end."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        chat = at.session_state["session"].chats.current
        player = getattr(chat, "player", None)
        if not chat.running and (player is None or player.over or player.ended):
            break
        time.sleep(0.02)
    return well(well(at.run()).run())


def on_stage(visit: Open, script: Script = ASKED, **environment: str) -> AppTest:
    at = visit(query={"stage": "on"}, **environment)
    stage(at).use(script)
    return well(at.run())


def page_text(at: AppTest) -> str:
    kinds = (*at.markdown, *at.caption, *at.error, *at.warning, *at.info)
    return "\n".join(found.value for found in kinds).replace("\\", "")
