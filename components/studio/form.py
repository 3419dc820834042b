"""The form of a model: a loop over its own parameters, and the request made from its fields. What is not set is not
sent. Texts and numbers stay when another model is chosen; a choice belongs to one model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

import streamlit as st

from backend.parameters.parameter import read_object
from backend.studio import form_requests, queries
from backend.studio.families import Family, Way
from backend.studio.fields import MAIN, Field, form
from backend.studio.models import StudioModel
from backend.studio.shelf import Shelf
from backend.studio.task import Given, Task, typed_address
from backend.types import JSON
from components.elements.markdown import plain
from components.elements.reveal import reveal
from components.elements.widget_options import WidgetOptions
from components.session import tab, widgets
from components.studio import files, table_field, words
from components.studio.files import Incomplete

_SEGMENTS = 5  # maximum of options that are drawn side by side
_LINK = 8_000
_SHOWN = 2_000  # characters of a query
_OPERATORS = "bagoodex/"  # models whose documents describe operators in a query
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif")
# Fields whose file is sent as plain Base64 (the provider's documentation).
_BARE = {("gc-document-ai", "document"), ("alibaba/qwen-image-edit", "image")}


def key(family: Family, model: StudioModel, field: Field, part: str = "") -> str:
    """The widget key of a field."""
    own = f".{model.id}" if field.kind == "choice" else ""
    return f"{widgets.studio_field(family.name, field.name)}{own}{part}"


def extra_key(family: Family) -> str:
    return f"studio.{family.name}:extra"


# ---- drawing ------------------------------------------------------------------------------------------------


def draw(family: Family, model: StudioModel, wrong: str, shelf: Shelf) -> None:
    """All fields; rarely used ones in an expander. `wrong`: the name of the invalid field."""
    fields = form(model)
    waiting = tab.value(files.TAKEN)
    if isinstance(waiting, Given) and not files.accepts_taken(model):
        with st.container(key="studio.taken.nowhere"):
            st.caption(words.TAKES_NO_FRAME if isinstance(waiting, files.Frame) else words.TAKES_NO_PICTURE)
            reveal("studio.taken.nowhere", waiting.id, focus=True)
    groups: dict[str, list[Field]] = {"first": [], "files": [], "rest": []}
    for field in fields:
        in_sight = _is_asked_for(model, field) or _goes_with_taken(model, field)
        by_file = "files" if field.kind in files.KINDS and not in_sight else ""
        groups[by_file or ("first" if field.first or in_sight else "rest")].append(field)
    for field in groups["first"]:
        if not field.narrows:
            _row(family, model, field, wrong, shelf)
    _narrowing(family, model, [field for field in groups["first"] if field.narrows], wrong, shelf)
    if groups["files"]:
        # Always drawn: a file field that is not drawn loses its content.
        with st.expander(words.FILES, key=f"studio.{family.name}.files", icon=":material/attach_file:"):
            for field in groups["files"]:
                _row(family, model, field, wrong, shelf)
    _more(family, model, groups["rest"], wrong, shelf)


def _narrowing(family: Family, model: StudioModel, fields: Sequence[Field], wrong: str, shelf: Shelf) -> None:
    """The filters of a search in one line, and the query as it will be sent."""
    if not fields:
        return
    for column, field in zip(st.columns(len(fields), gap="small"), fields, strict=True):
        with column:
            _row(family, model, field, wrong, shelf)
    typed = {field.name: tab.value(key(family, model, field)) for field in form(model)}
    if not any(str(typed[field.name] or "").strip() for field in fields):
        return
    with suppress(ValueError):  # reported when it is sent
        given = {name: str(value) for name, value in typed.items() if value}
        query = queries.narrowed(given.pop("query", "…"), given)
        st.caption(words.QUERY_SENT)
        st.code(query[:_SHOWN], language=None, wrap_lines=True)
        if not model.id.startswith(_OPERATORS):
            st.caption(words.QUERY_WORDS)


def _goes_with_taken(model: StudioModel, field: Field) -> bool:
    """Whether it accepts the picture of a result, or a mask over it."""
    takes = next((one for one in form(model) if files.taken_picture(model, one)), None)
    return takes is not None and (field.name == takes.name or (takes.name == "image" and files.is_mask(field)))


def _is_asked_for(model: StudioModel, field: Field) -> bool:
    """Whether the model requires it, or one of a few."""
    return field.required or any(field.name in group for group in model.one_of)


def _more(family: Family, model: StudioModel, rest: Sequence[Field], wrong: str, shelf: Shelf) -> None:
    # The label is constant: with another one the expander would close.
    fold = st.expander(words.MORE, key=f"studio.{family.name}.more", icon=":material/tune:", on_change="rerun")
    if not fold.open:
        names = [field.label for field in rest if tab.value(key(family, model, field)) not in (None, "", [])]
        if names:
            st.caption(words.MORE_SET.format(names=plain(", ".join(names))))
        return
    with fold:
        for field in rest:
            _row(family, model, field, wrong, shelf)
        st.text_area(
            words.EXTRA,
            key=extra_key(family),
            persist_state="session",
            height=90,
            placeholder=words.EXTRA_PLACEHOLDER,
            help=words.EXTRA_HELP,
        )


def _row(family: Family, model: StudioModel, field: Field, wrong: str, shelf: Shelf) -> None:
    common: WidgetOptions = {
        "label": field.label + (" *" if field.required else ""),  # from the bundled list: letters and digits
        "key": key(family, model, field),
        "help": _help(family, field),
        "persist_state": "session",
    }
    with st.container(gap="xxsmall", key=f"studio.row.{field.name}{'.wrong' if field.name == wrong else ''}"):
        if field.kind in files.KINDS:
            files.draw(model, field, common, partial(key, family, model), shelf)
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


def _help(family: Family, field: Field) -> str:
    """How it is sent; for a field that is not sent by name, what becomes of it."""
    usual = words.FIELD_HELP.format(name=field.name, limits=plain(field.limits))
    return words.FIELDS_HELP.get((family.name, field.name), usual)


def _area(field: Field, common: WidgetOptions) -> None:
    placeholder = {"lines": words.LINES_PLACEHOLDER, "json": words.JSON_PLACEHOLDER}.get(field.kind)
    main = field.name in MAIN
    st.text_area(height=130 if main else 80, placeholder=placeholder or field.limits or None, **common)


def _choice(field: Field, common: WidgetOptions) -> None:
    """A segmented control; a second click on the chosen option unsets it."""
    if len(field.options) <= _SEGMENTS:
        st.segmented_control(options=field.options, format_func=str, **common)
    else:
        st.selectbox(
            options=field.options, index=None, format_func=str, placeholder=field.limits or words.NOT_SET, **common
        )


# ---- reading ------------------------------------------------------------------------------------------------


def read(family: Family, model: StudioModel, way: Way, shelf: Shelf, *, keep: bool = False) -> list[Task]:
    """The requests made from the form; its files are put on the shelf if they are to be stored.

    Raises Incomplete, and what the shelf raises.
    """
    body: dict[str, JSON] = {"model": model.id}
    uploads: dict[str, tuple[Given, ...]] = {}
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
        if field.kind in files.KINDS:
            given = files.field_files(model, field, partial(key, family, model), shelf, keep=keep)
            _require_count(field, value, given)
            uploads |= {field.name: given} if given else {}
            form_field = field.name if given and field.binary and not files.is_mask(field) else form_field
    _require(model, body, uploads)
    try:
        body |= read_object(str(tab.value(extra_key(family)) or ""), words.EXTRA)
    except ValueError as error:
        raise Incomplete(str(error)) from None
    lists = tuple(field.name for field in form(model) if field.as_list and field.kind in files.KINDS)
    typed = tuple(field.name for field in form(model) if field.typed)
    bare = tuple(name for id_, name in _BARE if id_ == model.id)
    path = way.edits if form_field and way.edits else way.path
    task = Task(family.name, str(body["model"]), path, way.poll, form_field, body, uploads, lists, typed, bare)
    try:
        made = form_requests.tasks_of(task, way)
    except queries.NoSite as error:
        raise Incomplete(str(error), queries.SITE) from None
    except ValueError as error:
        raise Incomplete(str(error), form_requests.TABLE if task.about.gives == "rows" else way.text) from None
    return [form_requests.storable(one, shelf) for one in made] if keep else made


def _value(family: Family, model: StudioModel, field: Field) -> JSON:
    typed = tab.value(key(family, model, field))
    if field.kind == "table":
        return table_field.read(key(family, model, field))
    if field.kind not in files.KINDS:
        return field.parse(typed)
    links = [line.strip() for line in str(typed or "").splitlines() if line.strip()]
    for link in links:
        if not link.startswith(("https://", "http://", "data:")) or len(link) > _LINK:
            raise ValueError(words.NO_LINK.format(name=field.label))
    if not links:
        return None
    if field.typed:
        return typed_address(links[0], picture=links[0].partition("?")[0].lower().endswith(_PICTURES))
    return [*links] if field.as_list or len(links) > 1 else links[0]


def _require_count(field: Field, links: JSON, given: Sequence[Given]) -> None:
    """Raises Incomplete for more files and links than the model accepts: none is silently left out."""
    count = len(given) + (len(links) if isinstance(links, list) else links is not None)
    if count > field.several:
        sentence = words.TOO_MANY_FILES.format(name=field.label, count=count, most=field.several)
        raise Incomplete(sentence, field.name)


def _require(model: StudioModel, body: Mapping[str, JSON], files: Mapping[str, Sequence[Given]]) -> None:
    """Raises Incomplete if something is missing that the model requires."""
    given = set(body) | set(files)
    for name in model.required:
        if name not in given:
            raise Incomplete(words.MISSING.format(name=Field(name, {}).label), name)
    groups = [group for group in model.one_of if set(group) & given]
    if model.one_of and len(groups) != 1:
        names = " or ".join(Field(group[0], {}).label.lower() for group in model.one_of)
        raise Incomplete(words.ONE_OF.format(names=names), model.one_of[0][0])
