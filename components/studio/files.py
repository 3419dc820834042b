"""File fields of a form: uploaded, recorded, taken from a result, or a link. The type of a file is told by its
content; what a model would reject is reported before anything is sent.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from backend.studio import masks, media_types
from backend.studio.fields import Field, form
from backend.studio.models import StudioModel
from backend.studio.shelf import MB, Shelf
from backend.studio.task import Given
from components.elements.markdown import plain
from components.elements.reveal import reveal
from components.elements.widget_options import WidgetOptions
from components.session import tab
from components.studio import painting, words

UPLOAD = 20 * MB  # bytes of one file
UPLOADER = ".file"  # behind the key of a field
KINDS = ("picture", "sound", "clip", "document")
TAKEN = "studio.taken"  # a picture of a result to be used in the next run
_SHOWS = {"picture": {"image"}, "sound": {"audio", "video"}, "clip": {"video"}, "document": {"image", "none"}}
_TYPES = {
    "picture": ["png", "jpg", "jpeg", "webp", "gif"],
    "sound": ["mp3", "wav", "ogg", "flac", "m4a", "webm", "mp4", "aac", "opus"],
    "clip": ["mp4", "webm", "mov"],
    "document": ["pdf", "png", "jpg", "jpeg", "webp", "gif"],
}
# Fields for the first frame of a clip, the best first.
_FIRST_FRAMES = ("first_frame_image", "image_url", "image")
Key = Callable[[Field, str], str]  # (field, part) -> the key of a part of a field's widget


class Frame(Given):
    """A frame of a clip, as the beginning of the next one."""


class Incomplete(Exception):
    """The form cannot be sent. `str()` is a sentence; `field` is the name of the invalid field."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


def taken_picture(model: StudioModel, field: Field) -> Given | None:
    """The picture of a result for this field: the first field of the model that accepts one; a frame only as the
    first frame of a clip.
    """
    given = tab.value(TAKEN)
    names = [one.name for one in form(model) if one.kind == "picture"]
    if isinstance(given, Frame) and model.family == "video":
        names = [name for name in _FIRST_FRAMES if name in names]
    first = next(iter(names), "")
    return given if isinstance(given, Given) and field.name == first else None


def accepts_taken(model: StudioModel) -> bool:
    """Whether this model has a field for what was taken from a result."""
    return any(taken_picture(model, field) for field in form(model))


def is_mask(field: Field) -> bool:
    return field.name == "mask" and field.binary


def chosen(uploader: str) -> list[str]:
    """The names of the files in an uploader."""
    one = tab.upload(uploader)
    return [file.name[:60] for file in tab.uploads(uploader) or ([one] if one else [])]


# ---- drawing ------------------------------------------------------------------------------------------------


def draw(model: StudioModel, field: Field, common: WidgetOptions, key: Key, shelf: Shelf) -> None:
    """The widgets of one field; `common` are their shared arguments."""
    st.file_uploader(
        common["label"],
        type=["png"] if is_mask(field) else _TYPES[field.kind],
        key=key(field, UPLOADER),
        accept_multiple_files=field.several > 1,
        help=words.MASK_HELP if is_mask(field) else words.FILE_HELP.format(most=UPLOAD // MB),
    )
    if given := taken_picture(model, field):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="studio.taken.line"):
            st.caption(words.TAKEN.format(name=plain(given.name)), width="stretch")
            st.button(
                words.TAKE_BACK, key="studio.taken.back", on_click=tab.put, args=(TAKEN, None), type="tertiary"
            )
            reveal("studio.taken.line", given.id, focus=True)
    if is_mask(field) and not tab.upload(key(field, UPLOADER)):
        painting.draw(picture_under(model, key, shelf))
    if field.kind == "sound" and field.binary:
        st.audio_input(words.RECORD, key=key(field, ".mic"), label_visibility="collapsed")
    if field.binary:
        return
    link: WidgetOptions = {**common, "label_visibility": "collapsed"}
    if field.several > 1:
        st.text_area(height=70, placeholder=words.LINKS_OR_FILES, **link)
    else:
        st.text_input(placeholder=words.LINK_OR_FILE, **link)


def picture_under(model: StudioModel, key: Key, shelf: Shelf | None) -> bytes | None:
    """The picture that a mask is for: the first one in the form; None if there is none."""
    field = next((one for one in form(model) if one.name == "image"), None)
    if field is None:
        return None
    one = tab.upload(key(field, UPLOADER))
    for file in tab.uploads(key(field, UPLOADER)) or ([one] if one else []):
        return file.getvalue() if file.size <= UPLOAD else None
    given = taken_picture(model, field)
    found = shelf.find(given.id) if given and shelf else None
    return found.path.read_bytes() if found and found.bytes <= UPLOAD else None


# ---- reading ------------------------------------------------------------------------------------------------


def field_files(model: StudioModel, field: Field, key: Key, shelf: Shelf, *, keep: bool) -> tuple[Given, ...]:
    """The files of a field by their content; put on the shelf if they are to be stored. Raises Incomplete, and
    what the shelf raises.
    """
    name = key(field, UPLOADER)
    one = tab.upload(name) or tab.upload(key(field, ".mic"))
    files = [
        (file.name[:60], file.getvalue())
        for file in tab.uploads(name) or ([one] if one else [])
        if _is_small(file.name, file.size, field)
    ]
    for file_name, content in files:
        _require_kind(file_name, content, field)
    if is_mask(field):
        files = _mask(files, picture_under(model, key, shelf))
    if not files and (result := taken_picture(model, field)):
        found = shelf.find(result.id)
        if found is None:
            raise Incomplete(words.GONE, field.name)
        files = [(result.name, found.path.read_bytes())]  # a copy: each run is deleted with its files
    return tuple([Given(_keep(shelf, content) if keep else "", file_name) for file_name, content in files])


def _keep(shelf: Shelf, content: bytes) -> str:
    with shelf.new() as growing:
        growing.write(content)
        return growing.keep().id


def _is_small(name: str, size: int, field: Field) -> bool:
    if size > UPLOAD:
        raise Incomplete(words.FILE_TOO_LARGE.format(name=name[:60], most=UPLOAD // MB), field.name)
    return True


def _require_kind(name: str, content: bytes, field: Field) -> None:
    """Raises Incomplete if the content is of another type than the field accepts, whatever its name."""
    type_ = media_types.of(content[: media_types.NEEDED])
    document = field.kind == "document" and type_.show == "none"
    if type_.show not in _SHOWS[field.kind] or (document and type_.ending != "pdf"):
        raise Incomplete(words.FILE_UNUSABLE.format(name=name, kind=words.KINDS[field.kind]), field.name)


def _mask(files: list[tuple[str, bytes]], picture: bytes | None) -> list[tuple[str, bytes]]:
    """A mask that matches its picture: uploaded or painted. Raises Incomplete."""
    if picture is None:
        if files:
            raise Incomplete(words.MASK_ALONE, "mask")
        return []
    for _, content in files:
        if wrong := masks.problem(content, picture):
            raise Incomplete(wrong, "mask")
    strokes = painting.strokes(picture)
    if files or not strokes:
        return files
    drawn = masks.mask_png(strokes, picture)
    if wrong := masks.problem(drawn, picture):
        raise Incomplete(wrong, "mask")
    return [(words.PAINTED_FILE, drawn)]
