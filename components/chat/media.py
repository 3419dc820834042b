"""Pictures, sounds and documents of a message: small in a question, playable and downloadable in an answer.

Media from a model is checked before a browser gets it: an embedded bitmap or sound is shown, an
address becomes a link that the visitor may follow. Nothing is fetched from anywhere.
"""

from __future__ import annotations

import streamlit as st

from backend.attachments import pictures, sounds
from backend.attachments.attachment import data_of
from backend.attachments.documents import LEFT_OUT
from backend.types import Media, Message
from components.chat import words
from components.elements.markdown import link, plain
from components.session import tab

_PREVIEWS, _KEPT = "previews", 60
_ICONS = {"image": "image", "audio": "volume_up"}  # of a link, by the kind of media
_ENDINGS = {b"\x89PNG": "png", b"\xff\xd8\xff\xe0": "jpg", b"GIF8": "gif", b"RIFF": "webp"}


def media(message: Message, key: str, model: str = "") -> None:
    """Draw all media of a message. `key` is unique on the page; `model` is the next one to read them."""
    if not message.media:
        return
    answer = message.role == "assistant"
    with st.container(key=f"media.{key}", horizontal=not answer, gap="small"):
        for place, item in enumerate(message.media):
            one(item, f"{key}.{place}", model, keep=answer)


def one(item: Media, key: str, model: str = "", *, keep: bool = False) -> None:
    """Draw one item; with `keep` it can be downloaded."""
    with st.container(key=f"medium.{key}", width="stretch" if keep else "content", gap="xxsmall"):
        if item.kind == "image":
            _picture(item, key, model, keep=keep)
        elif item.kind == "audio":
            _sound(item, key, keep=keep)
        else:
            _document(item)


def _picture(picture: Media, key: str, model: str, *, keep: bool) -> None:
    small = _preview(picture.url, key, 1400 if keep else 480)
    if small is None:
        _elsewhere(picture)
        return
    st.image(small, alt=picture.name or words.PICTURE)
    if not keep and (size := pictures.size(picture.url)):
        width, height = size
        tokens = pictures.tokens(width, height, picture.detail, model)
        st.caption(words.PICTURE_SIZE.format(width=width, height=height, tokens=tokens))
    data = pictures.displayable_bytes(picture.url) if keep else None
    if data:
        _save(data, f"picture.{_ENDINGS.get(data[:4], 'jpg')}", key)


def _preview(url: str, key: str, side: int) -> bytes | None:
    """The scaled picture, cached: Streamlit would scale it again in every run."""
    previews: dict[str, tuple[str, bytes | None]] = tab.value_as(dict, _PREVIEWS) or {}
    if previews.get(key, ("", None))[0] != url:
        previews = {**dict(list(previews.items())[-_KEPT:]), key: (url, pictures.preview(url, side))}
        tab.put(_PREVIEWS, previews)
    return previews[key][1]


def _sound(sound: Media, key: str, *, keep: bool) -> None:
    playable = sounds.playable(sound.url)
    if playable:
        data, media_type = playable
        st.audio(data, format=media_type, width="stretch" if keep else 320)
    elif sound.url:
        _elsewhere(sound)
    if sound.text and keep:
        st.text(sound.text)
    if playable and keep:
        _save(playable[0], f"answer.{playable[1].partition('/')[2]}", key)


def _document(document: Media) -> None:
    name = plain(document.name[:60] or words.UNNAMED_DOCUMENT)
    label = words.DOCUMENT_READ_AS if document.encoding else words.DOCUMENT
    encoding = plain(document.encoding[:60])
    label = label.format(name=name, size=_length(document), encoding=encoding)
    with st.expander(label, icon=":material/description:"):
        if document.text:
            st.code(document.text[:20_000], language=None, wrap_lines=True, height=240)
        else:
            st.caption(words.NO_TEXT)


def _length(document: Media) -> str:
    pages = document.text.count("[Page ") if document.url else 0
    if pages:
        return (words.PAGE if pages == 1 else words.PAGES).format(count=pages)
    if document.text.endswith(LEFT_OUT):  # the line in brackets says what was kept
        return plain(document.text.rpartition("\n[")[2].removesuffix(LEFT_OUT)[:200])
    return words.CHARACTERS.format(count=len(document.text)) if document.text else words.PDF


def _elsewhere(item: Media) -> None:
    """Media that is not embedded: an address to follow, or something of another type than declared."""
    if item.url.startswith(("http://", "https://")):
        st.markdown(f":material/{_ICONS[item.kind]}: {link(item.name or item.url, item.url)}")
        return
    data = data_of(item.url)
    if data:
        st.caption(words.CANNOT_BE_SHOWN_SIZE[item.kind].format(size=len(data)))
    else:
        st.caption(words.CANNOT_BE_SHOWN[item.kind])


def _save(data: bytes, name: str, key: str) -> None:
    st.download_button(
        words.SAVE_FILE,
        data,
        name,
        key=f"save.{key}",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )
