"""The Share dialog: a chat as a link. The link is only shown here and stored nowhere; it is never put into the
address.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import streamlit as st

from backend.compare.race_chat import RaceChat
from backend.formats import link_lanes, links, share
from backend.formats.share import Shared
from backend.keys.endpoint import is_near
from backend.types import Message
from backend.untrusted import Unreadable
from components.elements.copy_button import copy_button
from components.elements.markdown import plain
from components.history import words
from components.history.files import downloads
from components.history.opened_link import ADDRESS
from components.session.session import Session

_CLOUD = "/~/+"  # Streamlit Community Cloud shows the app in a frame with this path


@dataclass(frozen=True)
class Given:
    """A set-up to be shared as a link; as a file if it is too long for one. `written` makes its content."""

    shared: Shared
    written: Callable[[], str]
    file: str
    mime: str
    left_out: tuple[str, ...] = ()  # in words


def share_button(session: Session, given: Callable[[], Given] | None = None) -> None:
    """The button of the dialog; `given`: a set-up that is shared instead of the conversation."""
    st.button(
        words.SHARE,
        key="share",
        on_click=session.dialogs.open,
        args=("share",),
        icon=":material/share:",
        type="tertiary",
    )
    if session.dialogs.is_open("share"):
        _dialog(session, given)


def _on_dismiss() -> None:
    Session.current().dialogs.close("share")


@st.dialog(words.SHARE_TITLE, width="medium", icon=":material/share:", on_dismiss=_on_dismiss)
def _dialog(session: Session, given: Callable[[], Given] | None) -> None:
    if given:
        _share_setup(session, given())
    else:
        _conversation(session)


def _share_setup(session: Session, given: Given) -> None:
    """A set-up: as a link, or as a file."""
    shared = given.shared
    st.caption(words.SHARE_SETUP)
    size = len(links.compact(share.payload(shared)))
    if size > links.LARGEST:
        st.warning(words.TOO_LONG.format(length=size, limit=share.LIMIT), icon=":material/link_off:")
    elif secrets := share.secrets_in(shared, session.connections.keys):
        _refusal(secrets, words.NO_LINK_SETUP_KEY)
        return
    else:
        _link(shared, words.TOO_LONG, words.NO_LINK_OF_SETUP)
        _preview(shared, [*given.left_out, *([words.EXTRA_JSON] if session.setup.values.extra else [])])
    st.download_button(
        words.SHARE_FILE,
        given.written,
        given.file,
        given.mime,
        key="share.file",
        on_click="ignore",
        icon=":material/download:",
    )


def _conversation(session: Session) -> None:
    chat = session.chats.current
    transcript = [node.message for node in chat.conversation.path()]
    if isinstance(chat, RaceChat):  # its answers stay here: a link contains only the question and its settings
        transcript = [message for message in transcript if message.role == "user"][:1]
    shared = _chosen_content(session, transcript)
    secrets = share.secrets_in(shared, session.connections.keys)
    if secrets:
        _refusal(secrets, words.NO_LINK_MESSAGES_KEY if shared.messages else words.NO_LINK_SETTINGS_KEY)
    else:
        _link(shared, words.TOO_LONG_WITH_MESSAGES if shared.messages else words.TOO_LONG, words.NO_LINK_POSSIBLE)
    left_out = share.left_out(transcript) if shared.messages else []
    _preview(shared, [*left_out, *([words.EXTRA_JSON] if session.setup.values.extra else [])])
    if transcript:
        _files(session, secrets)


def _files(session: Session, secrets: Sequence[str]) -> None:
    """The conversation in full, pictures and branches included: a file stays with the visitor who made it."""
    st.subheader(words.SHARE_AS_FILE, anchor=False)
    if secrets:
        st.caption(words.KEY_IN_FILE)
    downloads(session.chats.record(), "share")


def _chosen_content(session: Session, transcript: Sequence[Message]) -> Shared:
    """What is shared, as the visitor chooses: a chat that has begun, or only the settings."""
    messages = share.text_only(transcript)
    race = session.chats.current.race if isinstance(session.chats.current, RaceChat) else None
    part = _part(len(messages), of_race=race is not None) if messages else "settings"
    offered = session.chats.current.tools
    with_tools = bool(offered) and st.checkbox(
        words.SHARE_TOOLS,
        key="share.tools",
        help=words.SHARE_TOOLS_HELP,
    )
    setup = session.setup
    return Shared(
        model=setup.model,
        system_prompt=setup.values.system_prompt,
        parameters=setup.values.set_parameters,
        streaming=setup.values.streaming,
        messages=messages if part == "messages" else (),
        tools=offered if with_tools else (),
        lanes=link_lanes.lanes_for_link(lane.changes.as_json() for lane in race.lanes) if race else (),
        blind=race is not None and race.blind,
    )


def _part(count: int, *, of_race: bool) -> str:
    """How much is shared, as the visitor chooses: an id of words.SHARED_PARTS. Its content is shown."""
    parts = words.SHARED_PARTS_OF_RACE if of_race else words.SHARED_PARTS
    part = st.segmented_control(
        words.SHARED_PART,
        tuple(parts),
        default="messages",
        required=True,
        key="share.what",
        format_func=parts.__getitem__,
    )
    goes = words.MESSAGES_GO if count > 1 else words.ONE_MESSAGE_GOES
    goes = words.QUESTION_GOES if of_race else goes.format(count=count)
    st.caption(goes if part == "messages" else words.SETTINGS_GO)
    return part


def _refusal(secrets: Sequence[str], template: str) -> None:
    places = "\n".join(f"- {plain(place)}" for place in secrets)
    st.error(template.format(places=places), icon=":material/key_off:")


def _link(shared: Shared, too_long: str, impossible: str) -> None:
    """The link to copy; or why there is none."""
    text = share.encode(shared)
    link = f"{front_page()}?{ADDRESS}={text}"
    if not share.fits(link):
        st.warning(too_long.format(length=len(link), limit=share.LIMIT), icon=":material/link_off:")
        return
    try:
        share.decode(text)
    except Unreadable:  # from other programs, or typed: names that a link may not contain
        st.warning(impossible, icon=":material/link_off:")
        return
    st.code(link, language=None, wrap_lines=True, height=150 if len(link) > 600 else "content")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        copy_button(link, "share.copy")
        st.caption(words.LINK_EXPLAINED.format(length=len(link)))
    _picture(link)


def _picture(link: str) -> None:
    with st.expander(words.QR_CODE, icon=":material/qr_code_2:"):
        if is_near(link):
            st.caption(words.QR_CODE_LOCAL)
            return
        picture = share.qr(link)
        if picture:
            st.image(picture, width=320)
        else:
            st.caption(words.NO_QR_CODE.format(length=len(link), limit=share.QR_LIMIT))


def _preview(shared: Shared, left_out: Sequence[str]) -> None:
    """Exactly what is shared."""
    with st.expander(words.PREVIEW, icon=":material/visibility:"):
        lines = [f"model: {shared.model}"] if shared.model else []
        lines += [f"{name}: {value}" for name, value in shared.parameters.items()]
        lines += [] if shared.streaming else ["stream: false"]
        st.code("\n".join(lines), language=None, wrap_lines=True)
        if shared.system_prompt:
            st.caption(words.PREVIEW_SYSTEM_PROMPT)
            st.code(shared.system_prompt, language=None, wrap_lines=True)
        if shared.messages:
            st.caption(words.PREVIEW_MESSAGES.format(count=len(shared.messages)))
            text = "\n\n".join(_preview_text(number, message) for number, message in enumerate(shared.messages, 1))
            st.code(text, language=None, wrap_lines=True, height=300 if len(text) > 600 else "content")
        if left_out:
            st.caption(words.LEFT_OUT.format(pieces=", ".join(left_out)))
        st.caption(words.PREVIEW_DATA)
        st.json(share.payload(shared), expanded=1)


def _preview_text(number: int, message: Message) -> str:
    calls = [words.PREVIEW_CALL.format(tool=call.name, arguments=call.arguments) for call in message.tool_calls]
    head = " ".join(filter(None, (f"{number}. {message.role}", message.name)))
    return "\n".join([head, *filter(None, (message.content, *calls))])


def front_page() -> str:
    """The address of this app's front page, without parameters."""
    here = urlsplit(st.context.url or "")
    path = here.path.rstrip("/").removesuffix(f"/{Session.current().chats.page}").removesuffix(_CLOUD)
    return f"{here.scheme}://{here.netloc}{path}/" if here.netloc else "/"
