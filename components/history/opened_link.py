"""Opens a shared link in this tab: its settings are filled in, its messages shown, and nothing is sent.

A link may come from anybody and be followed without a thought. So it changes no key, no address and no tool, and
nothing of it is saved: a conversation enters the visitor's history with the first action in it, like any new one.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from backend.compare import grid_setup, lane_settings
from backend.compare.grid import BadGrid
from backend.compare.grid_setup import SetUp
from backend.compare.suite import file
from backend.compare.suite.suite import Suite
from backend.conversation.chat import Chat
from backend.formats import share
from backend.formats.share import Shared
from backend.types import JSON
from backend.untrusted import Unreadable
from components.elements.markdown import plain
from components.history import words
from components.session import tab, widgets
from components.session.opened_share_link import OpenedShareLink
from components.session.session import Session

ADDRESS = "s"  # the query parameter with a link's content
_STYLE = Path(__file__).parent / "opened.css"


def arrive(session: Session) -> None:
    """Open the link in the address, once: it is removed from there, so that a reload or the Back button does not
    repeat it.

    Called before any widget is drawn: values can be put into widgets only until then.
    """
    text = tab.address(ADDRESS)
    tab.put_address(ADDRESS, "")
    if not text or text == session.opened.text:
        return
    try:
        _open(session, text, share.decode(text))
    except Unreadable as error:
        session.opened = OpenedShareLink(text, problem=str(error))


def _open(session: Session, text: str, shared: Shared) -> None:
    """A new conversation with the link's settings and messages, or its set-up. Raises Unreadable."""
    setup = _setup(shared)
    widget = _picker(session, shared.model)
    values = session.setup.values
    before: dict[str, JSON] = {
        "system_prompt": values.system_prompt,
        "parameters": dict(values.set_parameters),
        "streaming": values.streaming,
    }
    session.opened = opened = OpenedShareLink(
        text, shared, model_widget=widget, before=before, before_id=tab.address("c"), setup=setup
    )
    opened.waits = setup is not None
    opened.leads_on = setup is not None or bool(shared.lanes)
    opened.before_model = tab.value_as(str, widget)
    opened.before_extra = tab.value_as(str, widgets.EXTRA_JSON)
    tab.put_address("c", "")
    if shared.lanes:
        _line_up(session, shared)
    elif setup is None:
        session.chats.new()
        session.chats.current.conversation.graft(shared.messages, None)
    opened.chat = session.chats.race_chat if opened.leads_on else session.chats.current
    session.settings.put(
        {
            "system_prompt": shared.system_prompt,
            "parameters": dict(shared.parameters),
            "streaming": shared.streaming,
        }
    )
    if shared.model:
        tab.put_setting(widget, shared.model)


def _setup(shared: Shared) -> SetUp | Suite | None:
    """The experiment or the suite of a link; a suite without lanes, which are in the link itself. Raises
    Unreadable.
    """
    try:
        if shared.suite:
            return replace(file.of_value(dict(shared.suite)), lanes=())
        return grid_setup.read(shared.experiment) if shared.experiment else None
    except BadGrid as bad:
        raise Unreadable(str(bad)) from None


def _line_up(session: Session, shared: Shared) -> None:
    """A race with these lanes; its question is in the message box, and nothing is sent."""
    race = session.chats.new_race()
    race.blind = shared.blind
    for lane in shared.lanes:
        race.add(lane_settings.read(dict(lane)))
    session.composer.draft = next((message.content for message in shared.messages if message.role == "user"), "")


def undo(session: Session) -> None:
    """Return to the state before the link; messages sent since then stay in the history."""
    opened = session.opened
    opened.put_back()
    if opened.shared and opened.shared.lanes:
        session.chats.new_race()
        session.composer.draft = ""
    elif opened.setup is not None:
        pass  # it was put back
    elif opened.before_id:
        session.chats.open(opened.before_id, "Chat")
    else:
        session.chats.new()
    session.settings.put(opened.before)
    tab.put_setting(widgets.EXTRA_JSON, opened.before_extra or "")
    setup = session.setup
    if opened.before_model or opened.model_widget == setup.connection.model_widget:
        # A drawn widget keeps its value until another one is set: deleting it would change nothing.
        tab.put_setting(opened.model_widget, opened.before_model or setup.default_model)
    else:
        tab.drop(opened.model_widget)
    opened.dismiss()


def _picker(session: Session, model: str) -> str:
    """The key of the model picker for this id. Each connection has its own, and a local model runs only there."""
    connections, here = session.connections, model in [known.id for known in session.models.local]
    if here == connections.current.is_local:
        return connections.current.model_widget
    return (connections.local if here else connections.configured).model_widget


# ---- the notice -----------------------------------------------------------------------------------------


def notice(session: Session, over_box: DeltaGenerator) -> None:
    """In `over_box`, above the composer of the chat that a link has opened: what was filled in, and an undo button.

    Not at the top of the page: Streamlit scrolls a page with a composer to its end, and on a phone a note up there
    was out of sight before it could be read (measured at 390 px).
    """
    opened = session.opened
    chats = session.chats
    here = opened.chat is chats.current if opened.shared else bool(opened.problem) and chats.page == "Chat"
    if not here:
        return
    st.html(_STYLE)
    with over_box.container(border=True, key="opened", gap="xxsmall"):
        if opened.shared:
            sent = "" if _has_new_messages(chats.current, opened.shared) else words.NOTHING_SENT
            st.markdown(f"{words.OPENED.format(pieces=_filled_in(opened, opened.shared))} {sent}".rstrip())
            for caption in filter(None, (_answering(session, opened), *map(plain, opened.shared.dropped))):
                st.caption(caption)
            if unseen := share.hidden_words_in(opened.shared):
                st.caption(words.OPENED_HIDDEN.format(words=plain(unseen)))
            _actions(session, opened, opened.shared)
        else:
            st.markdown(words.NOT_OPENED.format(reason=plain(opened.problem)))
            _dismiss(opened)


def _has_new_messages(chat: Chat, shared: Shared) -> bool:
    """Whether more messages were sent in it than came with the link; a link to a race has none."""
    received = 0 if shared.lanes else len(shared.messages)
    return chat.running or len(chat.conversation.path()) > received


def _filled_in(opened: OpenedShareLink, shared: Shared) -> str:
    """What a link has filled in, separated by commas."""
    pieces = [words.OPENED_MODEL.format(model=shared.model)] if shared.model else []
    if isinstance(opened.setup, SetUp):
        pieces.append(words.OPENED_GRID.format(count=opened.setup.grid.size))
    elif opened.setup is not None:
        pieces.append(words.OPENED_SUITE.format(count=len(opened.setup.rows)))
    return plain(", ".join([*pieces, *share.summary(shared)]))


def _answering(session: Session, opened: OpenedShareLink) -> str:
    """The model that answers, if it is not, or may not be, the link's."""
    model = opened.shared.model if opened.shared else ""
    setup, connections = session.setup, session.connections
    here = plain(setup.connection.label)
    if model and opened.model_widget != setup.connection.model_widget:
        local = opened.model_widget == connections.local.model_widget
        there = plain((connections.local if local else connections.configured).label)
        template = words.MODEL_NEEDS_CHOICE if local else words.MODEL_NEEDS_KEY
        return template.format(model=plain(model), here=here, answering=plain(setup.model_name), there=there)
    if model and setup.model == model and setup.models and model not in setup.models:
        return words.MODEL_NOT_LISTED.format(model=plain(model), here=here)
    return ""


def _actions(session: Session, opened: OpenedShareLink, shared: Shared) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            words.UNDO_OPENED,
            key="opened.undo",
            on_click=undo,
            args=(session,),
            icon=":material/undo:",
            type="tertiary",
        )
        with st.popover(words.CONTENTS, icon=":material/data_object:", type="tertiary"):
            if shared.tools:
                st.caption(words.TOOLS_NOT_SWITCHED_ON)
            st.json(share.payload(shared), expanded=2)
        _dismiss(opened)


def _dismiss(opened: OpenedShareLink) -> None:
    st.button(
        words.DISMISS, key="opened.dismiss", on_click=opened.dismiss, icon=":material/close:", type="tertiary"
    )
