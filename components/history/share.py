"""The Share dialog: a chat as a link. The link is shown here and nowhere kept; it is never put into the address."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

import streamlit as st

from backend.formats import share
from backend.formats.share import Shared
from backend.types import Message
from backend.untrusted import Unreadable
from components.elements.copy_button import copy_button
from components.elements.markdown import plain
from components.history.files import downloads
from components.history.opened_link import ADDRESS
from components.session.session import Session

_SETTINGS, _MESSAGES = "Settings only", "With the messages"
_CLOUD = "/~/+"  # Streamlit Community Cloud shows the app in a frame of this path


def share_button(session: Session) -> None:
    """The way into the dialog."""
    st.button(
        "Share",
        key="share",
        on_click=session.dialogs.open,
        args=("share",),
        icon=":material/share:",
        type="tertiary",
    )
    if session.dialogs.is_open("share"):
        _dialog(session)


def _dismissed() -> None:
    Session.current().dialogs.close("share")


@st.dialog("Share", width="medium", icon=":material/share:", on_dismiss=_dismissed)
def _dialog(session: Session) -> None:
    transcript = [node.message for node in session.chats.current.conversation.path()]
    shared = _chosen(session, transcript)
    secrets = share.secrets_in(shared, session.connections.keys)
    if secrets:
        _refusal(secrets, shared)
    else:
        _link(shared)
    left_out = share.left_out(transcript) if shared.messages else []
    _preview(shared, [*left_out, *(["the extra JSON"] if session.setup.values.extra else [])])
    if transcript:
        _files(session, secrets)


def _files(session: Session, secrets: Sequence[str]) -> None:
    """The conversation as it is, pictures and branches too: a file stays with the visitor who made it."""
    st.subheader("Or the whole conversation as a file", anchor=False)
    if secrets:
        st.caption(":orange[What looks like a key would be in the file as well.]")
    downloads(session.chats.record(), "share")


def _chosen(session: Session, transcript: Sequence[Message]) -> Shared:
    """What goes, as the visitor wishes: settings alone unless asked for more."""
    messages = share.text_only(transcript)
    what = _SETTINGS
    if messages:
        what = st.segmented_control(
            "What goes into the link", (_SETTINGS, _MESSAGES), default=_SETTINGS, required=True, key="share.what"
        )
    offered = session.chats.current.tools
    with_tools = bool(offered) and st.checkbox(
        "Tool descriptions too",
        key="share.tools",
        help="Names, descriptions and arguments, to be read. No tool is switched on by a link.",
    )
    setup = session.setup
    return Shared(
        model=setup.model,
        system_prompt=setup.values.system_prompt,
        parameters=setup.values.set_parameters,
        streaming=setup.values.streaming,
        messages=messages if what == _MESSAGES else (),
        tools=offered if with_tools else (),
    )


def _refusal(secrets: Sequence[str], shared: Shared) -> None:
    places = "\n".join(f"- {plain(words)}" for words in secrets)
    way = "Take it out, or leave the messages out." if shared.messages else "Take it out in the sidebar."
    st.error(f"**No link: something looks like a key.**\n{places}\n\n{way}", icon=":material/key_off:")


def _link(shared: Shared) -> None:
    """The link to copy; or why there is none."""
    text = share.encode(shared)
    link = f"{_base()}?{ADDRESS}={text}"
    if not share.fits(link):
        st.warning(
            f"**Too long for a link:** {len(link):,} characters, and {share.LIMIT:,} arrive everywhere. "
            f"Give the file away instead{', or the settings only' if shared.messages else ''}.",
            icon=":material/link_off:",
        )
        return
    try:
        share.decode(text)
    except Unreadable:  # made by other programs, or typed: names longer or stranger than a link may bring
        st.warning(
            "**This chat cannot go as a link:** it has more than 1,000 messages, or a name in it that is unusually "
            "long or has invisible characters. Give the file away instead.",
            icon=":material/link_off:",
        )
        return
    st.code(link, language=None)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        copy_button(link, "share.copy")
        st.caption(f"{len(link):,} characters, and everything is in them: whoever has the link can read it all.")
    _picture(link)


def _picture(link: str) -> None:
    with st.expander("QR code", icon=":material/qr_code_2:"):
        picture = share.qr(link)
        if picture:
            st.image(picture, width=320)
        else:
            st.caption(f"Too long for a QR code: {len(link):,} characters, and {share.QR_LIMIT:,} fit.")


def _preview(shared: Shared, left_out: Sequence[str]) -> None:
    """Exactly what goes, and nothing that does not."""
    with st.expander("See exactly what goes", icon=":material/visibility:"):
        lines = [f"model: {shared.model}"] if shared.model else []
        lines += [f"{name}: {value}" for name, value in shared.parameters.items()]
        lines += [] if shared.streaming else ["stream: false"]
        st.code("\n".join(lines), language=None, wrap_lines=True)
        if shared.system_prompt:
            st.caption("System prompt")
            st.code(shared.system_prompt, language=None, wrap_lines=True)
        if shared.messages:
            st.caption(f"Messages ({len(shared.messages)})")
            text = "\n\n".join(_said(number, message) for number, message in enumerate(shared.messages, 1))
            st.code(text, language=None, wrap_lines=True, height=300 if len(text) > 600 else "content")
        if left_out:
            st.caption(f"Left out: {', '.join(left_out)}.")
        st.caption("The same as data. No key, no server address, no headers.")
        st.json(share.payload(shared), expanded=1)


def _said(number: int, message: Message) -> str:
    calls = [f"calls {call.name} {call.arguments}" for call in message.tool_calls]
    head = " ".join(filter(None, (f"{number}. {message.role}", message.name)))
    return "\n".join([head, *filter(None, (message.content, *calls))])


def _base() -> str:
    """The address of this app's front page, without anything that was in it besides."""
    here = urlsplit(st.context.url or "")
    path = here.path.rstrip("/").removesuffix(f"/{Session.current().chats.page}").removesuffix(_CLOUD)
    return f"{here.scheme}://{here.netloc}{path}/" if here.netloc else "/"
