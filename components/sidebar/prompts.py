"""The prompt library on the screen: a button, and the dialog with search, forms, a preview and one's own prompts.

Names and texts may come from a stranger's file: they are drawn as plain text only.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from backend.library import prompts
from backend.library.prompts import ABOUT, NAME, Field, Prompt, Unfilled
from components.elements.markdown import plain
from components.notices import saving_trouble
from components.session.session import Session
from components.sidebar.prompt_library import Library, editor_key, field_key

_STYLE = Path(__file__).parent / "prompts.css"
_ICON = ":material/library_books:"
_KINDS = {"system": "System prompt", "message": "Message"}
_ICONS = {"system": ":material/theater_comedy:", "message": ":material/chat_bubble:"}
_FILTERS = ("All", "System prompts", "Messages", "My own")


def opener(place: str, label: str = "Prompts") -> None:
    """A button that opens the library; `place` tells one such button from another."""
    st.button(
        label,
        key=f"prompts.open.{place}",
        on_click=Library.current().show,
        icon=_ICON,
        type="tertiary",
        help="Ready-made prompts, and your own.",
    )


def library() -> None:
    """Under the system prompt: the button, what was just replaced, and the dialog while it is open."""
    found = Library.current()
    with st.container(horizontal=True, horizontal_alignment="distribute", key="prompts.row"):
        opener("sidebar")
        if found.undoable:
            st.button(
                "Undo", key="prompts.undo", on_click=found.undo_replaced, icon=":material/undo:", type="tertiary"
            )
    if found.undoable:
        st.caption(f"Now: {plain(found.undoable.name)}. Undo brings back what stood here before.")
    if Session.current().dialogs.is_open("prompts"):
        _dialog()
    elif found.news:
        st.toast(plain(found.news), icon=_ICON)
        found.news = ""


def _dismissed() -> None:
    Library.current().close()


@st.dialog("Prompts", width="large", icon=_ICON, on_dismiss=_dismissed)
def _dialog() -> None:
    found = Library.current()
    if found.leave:
        found.leave = False
        st.switch_page("app.py")
    if not Session.current().dialogs.is_open(
        "prompts"
    ):  # the last click in here closed it, which only a run of the whole page shows
        st.rerun()
    st.html(_STYLE)
    saving_trouble()
    if found.editing is not None:
        _editor(found, found.editing)
    elif found.chosen is not None:
        _chosen(found, found.chosen)
    else:
        _list(found)


def _said(found: Library) -> None:
    """What came of the last click."""
    if found.trouble:
        st.error(plain(found.trouble), icon=":material/error:")
    elif found.news:
        st.success(plain(found.news), icon=":material/check:")


# ---- the list -----------------------------------------------------------------------------------------


def _list(found: Library) -> None:
    query = st.text_input(
        "Search",
        key="prompts.search",
        placeholder="Search, for example: email",
        type="search",
        live=True,
        label_visibility="collapsed",
    )
    chosen = st.pills(
        "Show", _FILTERS, default="All", required=True, key="prompts.show", label_visibility="collapsed"
    )
    _undo(found)
    own = found.saved.prompts()
    if chosen == _FILTERS[-1]:
        _own(found, own)
    shown = prompts.find(_filtered((*own, *prompts.bundled()), str(chosen)), query or "")
    if not shown:
        st.info(_nothing(query or "", str(chosen)), icon=":material/search_off:")
    for place in range(0, len(shown), 2):
        for column, prompt in zip(st.columns(2), shown[place : place + 2], strict=False):
            with column:
                _card(found, prompt)
    if chosen != _FILTERS[-1]:
        _own(found, own)


def _undo(found: Library) -> None:
    """A deleted prompt can be had back."""
    if found.deleted:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Deleted: {plain(found.deleted.name)}")
            st.button(
                "Undo", key="prompts.restore", on_click=found.restore, icon=":material/undo:", type="tertiary"
            )
        _said(found)


def _filtered(all_: tuple[Prompt, ...], chosen: str) -> tuple[Prompt, ...]:
    keep = {
        "System prompts": lambda prompt: prompt.kind == "system",
        "Messages": lambda prompt: prompt.kind == "message",
        "My own": lambda prompt: not prompt.bundled,
    }.get(chosen)
    return tuple(filter(keep, all_)) if keep else all_


def _nothing(query: str, chosen: str) -> str:
    if query.strip() or chosen != "My own":
        return "Nothing found. Try fewer or other words."
    return "No prompts of your own yet. Write one, or copy a ready-made one and change it."


def _card(found: Library, prompt: Prompt) -> None:
    with st.container(border=True, key=f"prompts.card.{prompt.id}", gap=None, height="stretch"):
        st.button(
            plain(prompt.name),
            key=f"prompts.choose.{prompt.id}",
            on_click=found.choose,
            args=(prompt,),
            icon=_ICONS[prompt.kind],
            type="tertiary",
            wrap=True,
        )
        st.caption(plain(prompt.about or prompt.text[:80]))
        st.caption(f"{_KINDS[prompt.kind]} · {prompt.category or 'My own'}")


def _own(found: Library, own: tuple[Prompt, ...]) -> None:
    """Making prompts of one's own, and carrying them from one playground to another."""
    if not found.deleted:
        _said(found)
    current = Session.current().settings.system_prompt
    with st.container(horizontal=True, key="prompts.own"):
        new = Prompt("", "")
        st.button("New prompt", key="prompts.new", on_click=found.edit, args=(new,), icon=":material/add:")
        if current.strip():
            st.button(
                "Save the current system prompt",
                key="prompts.keep",
                on_click=found.edit,
                args=(Prompt("", current),),
                icon=":material/bookmark_add:",
            )
        if own:
            st.download_button(
                "Export my prompts",
                prompts.export(own),
                "prompts.json",
                "application/json",
                key="prompts.export",
                on_click="ignore",
                icon=":material/download:",
            )
    with st.expander("Import prompts from a file", icon=":material/upload:"):
        st.file_uploader(
            "A file that was exported from a playground",
            type="json",
            key="prompts.file",
            on_change=found.take,
            args=("prompts.file",),
            max_upload_size=20,
        )


# ---- one prompt ---------------------------------------------------------------------------------------


def _chosen(found: Library, prompt: Prompt) -> None:
    st.button("All prompts", key="prompts.back", on_click=found.back, icon=":material/arrow_back:", type="tertiary")
    st.subheader(plain(prompt.name), anchor=False)
    if prompt.about:
        st.caption(plain(prompt.about))
    for field in prompts.fields(prompt.text):
        _field(prompt, field)
    _preview(found, prompt)
    _said(found)
    _uses(found, prompt)


def _field(prompt: Prompt, field: Field) -> None:
    label, key = plain(field.label), field_key(prompt, field.name)
    hint = field.default or ("" if field.default is None else "May stay empty")
    if field.long:
        st.text_area(label, key=key, placeholder=hint or "Paste or type the text here", height=140)
    else:
        st.text_input(label, key=key, placeholder=hint, live=True)


def _preview(found: Library, prompt: Prompt) -> None:
    try:
        text = prompts.preview(prompt.text, found.values(prompt))
    except Unfilled as unfilled:
        st.error(plain(str(unfilled)), icon=":material/error:")
        return
    st.caption("Preview")
    with st.container(border=True, key="prompts.preview", height=280 if len(text) > 600 else "content"):
        st.text(text)


def _uses(found: Library, prompt: Prompt) -> None:
    """Where the filled prompt goes, its own place first; and what can be done with the prompt itself."""
    system = prompt.kind == "system"
    if Session.current().settings.system_prompt.strip():
        st.caption("There is a system prompt already: another one replaces it. One click brings it back.")
    places = [
        ("Use as system prompt", found.use_as_system, ":material/check:", system),
        ("Put into the message box", found.use_as_message, ":material/edit:", not system),
    ]
    with st.container(horizontal=True, key="prompts.uses"):
        for label, use, icon, first in sorted(places, key=lambda place: not place[3]):
            key = f"prompts.{use.__name__}"
            st.button(label, key=key, on_click=use, icon=icon, type="primary" if first else "secondary")
        if prompt.bundled:
            copy = found.edit_copy
            st.button("Change a copy", key="prompts.copy", on_click=copy, args=(prompt,), type="tertiary")
        else:
            st.button("Edit", key="prompts.edit", on_click=found.edit, args=(prompt,), type="tertiary")
            st.button("Delete", key="prompts.delete", on_click=found.delete, type="tertiary")


# ---- the editor ---------------------------------------------------------------------------------------


def _editor(found: Library, prompt: Prompt) -> None:
    st.subheader("Edit the prompt" if prompt.id else "New prompt", anchor=False)
    st.text_input("Name", key=editor_key("name"), max_chars=NAME, placeholder="What you will look for")
    st.segmented_control(
        "Used as", list(_KINDS), key=editor_key("kind"), required=True, format_func=_KINDS.__getitem__
    )
    st.text_input(
        "In one sentence (optional)", key=editor_key("about"), max_chars=ABOUT, placeholder="What it does"
    )
    text = st.text_area(
        "Text",
        key=editor_key("text"),
        height=240,
        help="Fields to fill in: `{{topic}}`; with a default: `{{tone=friendly}}`; for a long text: "
        "`{{notes...}}`. A backslash before the braces keeps them as they are.",
    )
    labels = ", ".join(field.label for field in prompts.fields(text or ""))
    st.caption(
        plain(f"Fields to fill in: {labels}")
        if labels
        else r"Write \{\{topic\}\} where something is to be filled in."
    )
    _said(found)
    with st.container(horizontal=True):
        st.button("Save", key="prompts.save", on_click=found.save, type="primary", icon=":material/check:")
        st.button("Cancel", key="prompts.cancel", on_click=found.cancel)
