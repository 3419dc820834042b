"""The form of a model: a loop over its own parameters, and the request that its fields make. What is not set is not
sent. Texts and numbers stay when another model is chosen; a choice is a model's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from backend.parameters.parameter import read_object
from backend.studio import media_types, shapes
from backend.studio.families import Family, Way
from backend.studio.fields import MAIN, Field, form
from backend.studio.models import StudioModel
from backend.studio.shelf import MB, Shelf
from backend.studio.task import Given, Task, said
from backend.types import JSON
from components.elements.markdown import plain
from components.session import tab
from components.studio import table_field, words

UPLOAD = 20 * MB  # bytes of one file
_SEGMENTS = 5  # options that are drawn side by side
_LINK = 8_000
_SHOWS = {"picture": {"image"}, "sound": {"audio", "video"}, "clip": {"video"}, "document": {"image", "none"}}
FILES = ("picture", "sound", "clip", "document")
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif")
# Fields whose file is sent as Base64 alone (the provider's documents).
_BARE = {("gc-document-ai", "document"), ("alibaba/qwen-image-edit", "image")}
_TYPES = {
    "picture": ["png", "jpg", "jpeg", "webp", "gif"],
    "sound": ["mp3", "wav", "ogg", "flac", "m4a", "webm", "mp4", "aac", "opus"],
    "clip": ["mp4", "webm", "mov"],
    "document": ["pdf", "png", "jpg", "jpeg", "webp", "gif"],
}


TAKEN = "studio.taken"  # a picture of a result that goes into the next run


class Incomplete(Exception):
    """The form cannot be sent as it is. `str()` is a sentence; `field` is the name of the field that is wrong."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


def key(family: Family, model: StudioModel, field: Field, part: str = "") -> str:
    """Of a field's widget."""
    own = f".{model.id}" if field.kind == "choice" else ""
    return f"studio.{family.name}.{field.name}{own}{part}"


def extra_key(family: Family) -> str:
    return f"studio.{family.name}:extra"


# ---- drawing ------------------------------------------------------------------------------------------------


def draw(family: Family, model: StudioModel, wrong: str) -> None:
    """All fields; those that few people set in a fold. `wrong`: the name of the field that was refused."""
    fields = form(model)
    if tab.value(TAKEN) and not any(field.kind == "picture" for field in fields):
        st.caption(words.TAKES_NO_PICTURE)
    groups: dict[str, list[Field]] = {"first": [], "files": [], "rest": []}
    for field in fields:
        in_sight = _is_asked_for(model, field) or _taken(model, field)
        by_file = "files" if field.kind in FILES and not in_sight else ""
        groups[by_file or ("first" if field.first else "rest")].append(field)
    for field in groups["first"]:
        _row(family, model, field, wrong)
    if groups["files"]:
        # Always drawn: a field for a file that is not drawn forgets what is in it.
        with st.expander(words.FILES, key=f"studio.{family.name}.files", icon=":material/attach_file:"):
            for field in groups["files"]:
                _row(family, model, field, wrong)
    _more(family, model, groups["rest"], wrong)


def _taken(model: StudioModel, field: Field) -> Given | None:
    """The picture of a result that goes into this field: the first of the model that takes one."""
    first = next((one.name for one in form(model) if one.kind == "picture"), "")
    given = tab.value(TAKEN)
    return given if isinstance(given, Given) and field.name == first else None


def _is_asked_for(model: StudioModel, field: Field) -> bool:
    """The model does nothing without it, or without one of a few."""
    return field.required or any(field.name in group for group in model.one_of)


def _more(family: Family, model: StudioModel, rest: Sequence[Field], wrong: str) -> None:
    # The label stays: with another one the fold would close.
    fold = st.expander(words.MORE, key=f"studio.{family.name}.more", icon=":material/tune:", on_change="rerun")
    if not fold.open:
        names = [field.label for field in rest if tab.value(key(family, model, field)) not in (None, "", [])]
        if names:
            st.caption(words.MORE_SET.format(names=plain(", ".join(names))))
        return
    with fold:
        for field in rest:
            _row(family, model, field, wrong)
        st.text_area(
            words.EXTRA,
            key=extra_key(family),
            persist_state="session",
            height=90,
            placeholder=words.EXTRA_PLACEHOLDER,
            help=words.EXTRA_HELP,
        )


def _row(family: Family, model: StudioModel, field: Field, wrong: str) -> None:
    common: dict[str, Any] = {
        "label": field.label + (" *" if field.required else ""),  # of our own list: letters and digits
        "key": key(family, model, field),
        "help": words.FIELD_HELP.format(name=field.name, limits=plain(field.limits)),
        "persist_state": "session",
    }
    with st.container(gap="xxsmall", key=f"studio.row.{field.name}{'.wrong' if field.name == wrong else ''}"):
        if field.kind in FILES:
            _file(family, model, field, common)
        elif field.kind == "table":
            table_field.draw(common)
        elif field.kind == "choice":
            _choice(field, common)
        elif field.kind == "flag":
            st.segmented_control(options=list(words.FLAGS), format_func=words.FLAGS.__getitem__, **common)
        elif field.kind in ("number", "integer"):
            whole = field.kind == "integer"
            st.number_input(
                value=None,
                step=1 if whole else 0.1,
                format="%d" if whole else None,
                placeholder=field.limits or words.NOT_SET,
                **common,
            )
        elif field.kind == "text" and not field.long:
            st.text_input(placeholder=field.limits or words.NOT_SET, **common)
        else:
            _area(field, common)


def _area(field: Field, common: Mapping[str, Any]) -> None:
    placeholder = {"lines": words.LINES_PLACEHOLDER, "json": words.JSON_PLACEHOLDER}.get(field.kind)
    main = field.name in MAIN
    st.text_area(height=130 if main else 80, placeholder=placeholder or field.limits or None, **common)


def _choice(field: Field, common: Mapping[str, Any]) -> None:
    """A second click on what is chosen unsets it."""
    if len(field.options) <= _SEGMENTS:
        st.segmented_control(options=field.options, format_func=str, **common)
    else:
        st.selectbox(
            options=field.options, index=None, format_func=str, placeholder=field.limits or words.NOT_SET, **common
        )


def _file(family: Family, model: StudioModel, field: Field, common: Mapping[str, Any]) -> None:
    st.file_uploader(
        common["label"],
        type=_TYPES[field.kind],
        key=key(family, model, field, ".file"),
        accept_multiple_files=field.several > 1,
        help=words.FILE_HELP.format(most=UPLOAD // MB),
    )
    if taken := _taken(model, field):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="studio.taken.line"):
            st.caption(words.TAKEN.format(name=plain(taken.name)), width="stretch")
            st.button(
                words.TAKE_BACK, key="studio.taken.back", on_click=tab.put, args=(TAKEN, None), type="tertiary"
            )
    if field.kind == "sound" and field.binary:
        mic = key(family, model, field, ".mic")
        st.audio_input(words.RECORD, key=mic, label_visibility="collapsed")
    if field.binary:
        return
    link = {**common, "label_visibility": "collapsed"}
    if field.several > 1:
        st.text_area(height=70, placeholder=words.LINKS_OR_FILES, **link)
    else:
        st.text_input(placeholder=words.LINK_OR_FILE, **link)


# ---- reading ------------------------------------------------------------------------------------------------


def read(family: Family, model: StudioModel, way: Way, shelf: Shelf | None = None) -> list[Task]:
    """The requests that the form makes; the files in it are put on the shelf, where one is given.

    Raises Incomplete, and what the shelf raises.
    """
    body: dict[str, JSON] = {"model": model.id}
    files: dict[str, tuple[Given, ...]] = {}
    if not model.id:
        raise Incomplete(words.MODEL_MISSING, "model")
    form_field = ""
    for field in form(model):
        try:
            value = _value(family, model, field)
        except ValueError as error:
            raise Incomplete(str(error), field.name) from None
        if value is not None:
            body[field.name] = value
        if field.kind in FILES and (given := _given(family, model, field, shelf)):
            files[field.name] = given
            form_field = field.name if field.binary else form_field
    _require(model, body, files)
    try:
        body |= read_object(str(tab.value(extra_key(family)) or ""), words.EXTRA)
    except ValueError as error:
        raise Incomplete(str(error)) from None
    lists = tuple(field.name for field in form(model) if field.as_list and field.kind in FILES)
    typed = tuple(field.name for field in form(model) if field.typed)
    bare = tuple(name for id_, name in _BARE if id_ == model.id)
    task = Task(family.name, str(body["model"]), way.path, way.poll, form_field, body, files, lists, typed, bare)
    try:
        made = shapes.shaped(task, way)
    except ValueError as error:
        raise Incomplete(str(error), shapes.TABLE if task.about.gives == "rows" else way.text) from None
    return [shapes.shelved(one, shelf) for one in made] if shelf else made


def _value(family: Family, model: StudioModel, field: Field) -> JSON:
    typed = tab.value(key(family, model, field))
    if field.kind == "table":
        return table_field.read(key(family, model, field))
    if field.kind not in FILES:
        return field.parse(typed)
    links = [line.strip() for line in str(typed or "").splitlines() if line.strip()]
    for link in links:
        if not link.startswith(("https://", "http://", "data:")) or len(link) > _LINK:
            raise ValueError(words.NO_LINK.format(name=field.label))
    if not links:
        return None
    if field.typed:
        return said(links[0], picture=links[0].partition("?")[0].lower().endswith(_PICTURES))
    return [*links] if field.as_list else links[0]


def _given(family: Family, model: StudioModel, field: Field, shelf: Shelf | None) -> tuple[Given, ...]:
    """The uploads of a field, by their content. Without a shelf they are looked at only."""
    name = key(family, model, field, ".file")
    one = tab.upload(name) or tab.upload(key(family, model, field, ".mic"))
    given = []
    for file in (tab.uploads(name) or ([one] if one else []))[: field.several]:
        if file.size > UPLOAD:
            raise Incomplete(words.FILE_TOO_LARGE.format(name=file.name[:60], most=UPLOAD // MB), field.name)
        content = file.getbuffer()
        type_ = media_types.of(bytes(content[: media_types.NEEDED]))
        is_pdf = type_.ending == "pdf"
        if type_.show not in _SHOWS[field.kind] or (
            field.kind == "document" and type_.show == "none" and not is_pdf
        ):
            kind = words.KINDS[field.kind]
            raise Incomplete(words.FILE_UNUSABLE.format(name=file.name[:60], kind=kind), field.name)
        if shelf is None:
            given.append(Given("", file.name[:60]))
            continue
        with shelf.new() as growing:
            growing.write(bytes(content))
            given.append(Given(growing.keep().id, file.name[:60]))
    if not given and (taken := _taken(model, field)):
        given.append(taken if shelf is None else _copied(taken, shelf))
    return tuple(given)


def _copied(taken: Given, shelf: Shelf) -> Given:
    """A file of its own for the run: each run is deleted with its files. Raises Incomplete."""
    found = shelf.find(taken.id)
    if found is None:
        raise Incomplete(words.GONE)
    with shelf.new() as growing:
        growing.write(found.path.read_bytes())
        return Given(growing.keep().id, taken.name)


def _require(model: StudioModel, body: Mapping[str, JSON], files: Mapping[str, Sequence[Given]]) -> None:
    """Raises Incomplete where something is missing without which the model refuses."""
    given = set(body) | set(files)
    for name in model.required:
        if name not in given:
            raise Incomplete(words.MISSING.format(name=Field(name, {}).label), name)
    groups = [group for group in model.one_of if set(group) & given]
    if model.one_of and len(groups) != 1:
        names = " or ".join(Field(group[0], {}).label.lower() for group in model.one_of)
        raise Incomplete(words.ONE_OF.format(names=names), model.one_of[0][0])
