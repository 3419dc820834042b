"""Draws attachments around the composer: those of the next message, a held message, and ways to attach more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from backend import attachments
from backend.attachments import Attachment, pictures
from backend.types import MediaKind
from components.chat import read_aloud, words
from components.chat.media import one
from components.chat.missing import missing
from components.elements.markdown import plain
from components.session import tab
from components.session.pending_message import HeldMessage, PendingMessage
from components.session.session import Session

_SELECT = 300  # pixels
_LOOK, _LINES, _LINE = 400_000, 3, 160  # characters; lines that show how a file is read, and characters of each
_LINK = "attach.link"  # the field for the address of a picture


def waiting(session: Session, over_box: DeltaGenerator) -> None:
    """Draw in `over_box`, above the composer: the held message, and the attachments of the next one."""
    pending = session.composer.pending
    if pending.held:
        _held_message(session, pending.held, over_box)
    if pending.attached:
        with over_box.container(horizontal=True, gap="small", key="attached"):
            for place, attachment in enumerate(pending.attached):
                _chip(pending, place, attachment, session.setup.model)


def _chip(pending: PendingMessage, place: int, attachment: Attachment, model: str) -> None:
    with st.container(width="content", gap="xxsmall", key=f"chip.{place}"):
        one(attachment.media, f"next.{place}", model)
        name = plain(attachment.media.name[:24] or words.RECORDING)
        about = ", ".join(filter(None, [attachment.about, _cost(attachment, pending.detail, model)]))
        st.caption(name, help=plain(about) if about else None)
        if attachment.guess:
            _read_as(pending, attachment, f"read_as.{place}")
        st.button(words.REMOVE, key=f"detach.{place}", on_click=pending.detach, args=(place,), type="tertiary")


def _read_as(pending: PendingMessage, attachment: Attachment, key: str) -> None:
    """The likely encodings of a text file, to choose another one than the guess."""
    choices = attachment.guess.choices if attachment.guess else ()
    tab.put(key, attachment.media.encoding)
    st.selectbox(
        words.READ_AS,
        choices,
        key=key,
        help=words.READ_AS_HELP,
        on_change=lambda: pending.read_as(attachment, str(tab.value(key))),
        width=_SELECT,
    )


def _guessed_encodings(pending: PendingMessage, held: HeldMessage) -> None:
    """Text files with a guessed encoding, with a preview for the visitor to check."""
    for place, attachment in enumerate(held.guessed):
        with st.container(key=f"guessed.{place}", gap="xsmall"):
            st.markdown(words.GUESSED.format(name=plain(attachment.media.name)))
            st.code(_telling(attachment.media.text), language=None, wrap_lines=True)
            _read_as(pending, attachment, f"held_read_as.{place}")


def _telling(text: str) -> str:
    """The first lines that show whether an encoding is right: those with non-ASCII letters."""
    lines = [line[:_LINE] for line in text[:_LOOK].splitlines() if not line.isascii()]
    return "\n".join(lines[:_LINES]) or text[:_LINE]


def _cost(attachment: Attachment, detail: str, model: str) -> str:
    """The tokens it adds to the prompt, if they can be estimated."""
    count = tokens(attachment, detail, model)
    return words.ABOUT_TOKENS.format(tokens=count) if count else ""


def tokens(attachment: Attachment, detail: str, model: str) -> int | None:
    """Estimate the tokens it adds to a model's prompt; None if that is impossible."""
    return pictures.tokens_of(replace(attachment.media, detail=detail), model) or attachment.tokens


def _held_message(session: Session, held: HeldMessage, over_box: DeltaGenerator) -> None:
    """A message that was not sent: the reason, and every way to continue. Nothing is lost, and nothing is sent
    without a click.
    """
    setup, composer = session.setup, session.composer
    lacking = sorted(composer.unsupported_kinds(held.message, setup))
    with over_box.container(border=True, key="held", gap="small"):
        for problem in held.problems:
            st.markdown(words.FILE_PROBLEM.format(problem=plain(problem)))
        _guessed_encodings(composer.pending, held)
        if lacking:
            kinds = words.AND.join(words.KINDS[kind] for kind in lacking)
            here = attachments.kinds([held.message]) & {*lacking}
            sentence = words.NOT_TAKEN if here else words.NOT_TAKEN_BEFORE
            st.markdown(sentence.format(model=plain(setup.model_name), kinds=kinds))
        elif setup.missing:
            st.markdown(words.MISSING[setup.missing])
            missing(session, setup)
        st.caption(words.NOT_SENT_YET.format(message=plain(_summary(held))))
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            if lacking:
                _switch(session, lacking[0])
            if not held.message.empty:
                label = _send_label(held, lacking, known=setup.info is not None)
                st.button(
                    label, key="release", on_click=composer.release, type="secondary" if lacking else "primary"
                )
            st.button(words.EDIT_HELD, key="take_back", on_click=composer.take_back, type="tertiary")
            st.button(words.DISCARD, key="discard_held", on_click=composer.pending.discard, type="tertiary")


def _switch(session: Session, kind: MediaKind) -> None:
    """A button that switches to a model that accepts it. The message is sent at once if there is a key."""
    able = session.models.able(kind)
    if able is None:
        return
    label = words.USE_ABLE.format(model=able.name or able.id)
    st.button(
        plain(label), key="use_able", on_click=session.composer.use_able_and_send, args=(kind,), type="primary"
    )


def _send_label(held: HeldMessage, lacking: Sequence[str], *, known: bool) -> str:
    if held.problems:
        return words.SEND_WITHOUT
    if not lacking:
        return words.SEND
    return words.SEND_ANYWAY if known else words.SEND_WITHOUT


def _summary(held: HeldMessage) -> str:
    names = [media.name or media.kind for media in held.message.media]
    return " · ".join(filter(None, [held.message.content[:80], *names]))


def more(session: Session) -> None:
    """Draw one menu under the composer: files, a recording, a picture's address, dictation, a camera, the
    picture detail.
    """
    pending = session.composer.pending
    with st.popover(words.ATTACH, icon=":material/attach_file:", type="tertiary", key="attach"):
        with st.container(horizontal=True, gap="small"):  # they click the buttons of the message box: page_keys.js
            st.button(words.CHOOSE_FILES, key="attach_files", icon=":material/upload_file:")
            st.button(words.RECORD, key="attach_recording", icon=":material/mic:")
            read_aloud.dictate_button(session)
        st.caption(words.ATTACH_HINT)
        st.text_input(
            words.PICTURE_LINK,
            key=_LINK,
            on_change=_linked,
            placeholder=words.PICTURE_LINK_PLACEHOLDER,
            help=words.PICTURE_LINK_HELP,
        )
        if pending.problem:
            st.caption(words.ATTACH_PROBLEM.format(problem=plain(pending.problem)))
        camera = st.toggle(words.CAMERA, key="attach.camera")
        photo = st.camera_input(words.TAKE_PICTURE, label_visibility="collapsed") if camera else None
        if pending.photograph(photo):
            st.rerun()  # the thumbnail is above, which this run has already drawn
        detail = st.segmented_control(
            words.PICTURE_DETAIL,
            attachments.DETAILS,
            default=pending.detail,
            required=True,
            key="attach.detail",
            persist_state="session",
            help=words.PICTURE_DETAIL_HELP,
        )
        pending.detail = detail or attachments.DETAILS[0]


def _linked() -> None:
    session = Session.current()
    if session.composer.pending.attach_link(str(tab.value(_LINK) or "")):
        tab.put(_LINK, "")
