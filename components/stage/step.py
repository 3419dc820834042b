"""The heading of the step in view, above the answers: its caption, its settings, the revealed text.

A script is untrusted text: it is drawn as plain text.
"""

from __future__ import annotations

import streamlit as st

from backend.compare.race_chat import RaceChat
from backend.demos.script import Step
from components.chat.words import NO_ANSWER
from components.elements.markdown import plain
from components.session.session import Session
from components.stage import words

_PROMPT = 80  # characters of a system prompt


def step(session: Session) -> None:
    """Draw it."""
    stage = session.stage
    shown = stage.step
    if session.composer.pending.held:
        st.info(words.HELD, icon=":material/power_off:")
    if shown is None:
        return
    if shown.caption:
        with st.container(key="stage_words" if shown.kind == "words" else "stage_caption"):
            st.markdown(plain(shown.caption))
    if shown.asks:
        _question_settings(session, shown)
    if shown.reveal and stage.revealed:
        with st.container(key="stage_reveal"):
            st.markdown(plain(shown.reveal))


def _question_settings(session: Session, shown: Step) -> None:
    """The settings of a question; or why it is not sent."""
    questions, chat = session.stage.questions, session.chats.current
    refusal = None if shown.recording else questions.refusal(shown)
    if refusal in words.NOT_ASKED:
        names = ", ".join(questions.unknown_models(shown) or shown.unusable_tools)
        st.info(words.NOT_ASKED[refusal].format(names=plain(names)), icon=":material/power_off:")
    elif isinstance(chat, RaceChat) and chat.race.refused:
        st.info(NO_ANSWER, icon=":material/power_off:")
    elif not session.plays.player and (settings := _with(session, shown)):
        with st.container(key="stage_with"):
            st.markdown(" ".join(f":gray-badge[{plain(one)}]" for one in settings))


def _with(session: Session, shown: Step) -> list[str]:
    setup = session.setup
    settings = [setup.known_as(setup.model)] if shown.model and setup.model else []
    settings += [words.PARAMETER.format(name=name, value=value) for name, value in shown.parameters.items()]
    settings += [words.WITH_TOOL.format(name=name) for name in shown.tools]
    prompt = " ".join(shown.system_prompt.split())
    if prompt:
        cut = prompt if len(prompt) <= _PROMPT else f"{prompt[:_PROMPT]}…"
        settings.append(words.WITH_PROMPT.format(prompt=cut))
    return [one[: _PROMPT + 10] for one in settings]
