"""The prompt library on the screen: a button, and the dialog with search, forms, a preview and one's own prompts.

Names and texts may come from an untrusted file: they are drawn as plain text only.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from backend.invisible import hidden_words
from backend.library import prompts
from backend.library.prompts import ABOUT, NAME, Prompt, PromptField, Unfilled
from components.elements import editing
from components.elements.markdown import label_text, plain
from components.notices import deleted, saving_trouble
from components.session.pages import PATHS
from components.session.session import Session
from components.sidebar import words
from components.sidebar.prompt_library import Library, editor_key, field_key

_STYLE = Path(__file__).parent / "prompts.css"
_ICON = ":material/library_books:"
_ICONS = {"system": ":material/theater_comedy:", "message": ":material/chat_bubble:"}


def opener(place: str, label: str = words.PROMPTS) -> None:
    """A button that opens the library; `place` distinguishes several buttons."""
    st.button(
        label,
        key=f"prompts.open.{place}",
        on_click=Library.current().show,
        icon=_ICON,
        type="tertiary",
        help=words.PROMPTS_HELP,
    )


def prompt_library() -> None:
    """Under the system prompt: the button, the replaced prompt, and the dialog while it is open."""
    library = Library.current()
    with st.container(horizontal=True, horizontal_alignment="distribute", key="prompts.row"):
        opener("sidebar")
        if library.undoable:
            st.button(
                words.UNDO_REPLACED,
                key="prompts.undo",
                on_click=library.undo_replaced,
                icon=":material/undo:",
                type="tertiary",
            )
    if library.undoable:
        st.caption(words.SYSTEM_PROMPT_NOW.format(name=plain(library.undoable.name)))
    if Session.current().dialogs.is_open("prompts"):
        _dialog()
    elif library.news:
        st.toast(plain(library.news), icon=_ICON)
        library.news = ""


def _on_dismiss() -> None:
    Library.current().close()


@st.dialog(words.LIBRARY_TITLE, width="large", icon=_ICON, on_dismiss=_on_dismiss)
def _dialog() -> None:
    library = Library.current()
    if library.leave:
        library.leave = False
        st.switch_page(PATHS["Chat"])
    if not Session.current().dialogs.is_open("prompts"):
        st.rerun()  # the last click closed it, which only a run of the whole page shows
    st.html(_STYLE)
    deleted(Session.current(), "prompts")
    saving_trouble()
    if library.editing is not None:
        _editor(library, library.editing)
    elif library.chosen is not None:
        _chosen_prompt(library, library.chosen)
    else:
        _list(library)


def _last_result(library: Library) -> None:
    """The result of the last click."""
    if library.trouble:
        st.error(plain(library.trouble), icon=":material/error:")
    elif library.news:
        st.success(plain(library.news), icon=":material/check:")


# ---- the list -----------------------------------------------------------------------------------------


def _list(library: Library) -> None:
    query = st.text_input(
        words.SEARCH,
        key="prompts.search",
        placeholder=words.SEARCH_PLACEHOLDER,
        type="search",
        live=True,
        label_visibility="collapsed",
    )
    chosen = st.pills(
        words.SHOW,
        list(words.PROMPTS_SHOWN),
        default="all",
        required=True,
        format_func=words.PROMPTS_SHOWN.__getitem__,
        key="prompts.show",
        label_visibility="collapsed",
    )
    own = library.saved_prompts.prompts()
    if chosen == "own":
        _own(library, own)
    shown = prompts.find(_filtered((*own, *prompts.bundled()), str(chosen)), query or "")
    if not shown:
        st.info(_nothing(query or "", str(chosen)), icon=":material/search_off:")
    for place in range(0, len(shown), 2):
        for column, prompt in zip(st.columns(2), shown[place : place + 2], strict=False):
            with column:
                _card(library, prompt)
    if chosen != "own":
        _own(library, own)


def _filtered(all_: tuple[Prompt, ...], chosen: str) -> tuple[Prompt, ...]:
    """The prompts of one kind, one's own, or all: `chosen` is an id of words.PROMPTS_SHOWN."""
    if chosen == "own":
        return tuple(prompt for prompt in all_ if not prompt.bundled)
    return tuple(prompt for prompt in all_ if chosen in ("all", prompt.kind))


def _nothing(query: str, chosen: str) -> str:
    if query.strip() or chosen != "own":
        return words.NOTHING_FOUND
    return words.NO_OWN_PROMPTS


def _card(library: Library, prompt: Prompt) -> None:
    with st.container(border=True, key=f"prompts.card.{prompt.id}", gap=None, height="stretch"):
        st.button(
            plain(prompt.name),
            key=f"prompts.choose.{prompt.id}",
            on_click=library.choose,
            args=(prompt,),
            icon=_ICONS[prompt.kind],
            type="tertiary",
            wrap=True,
        )
        st.caption(plain(prompt.about or prompt.text[:80]))
        category = prompt.category or words.OWN_CATEGORY
        st.caption(words.PROMPT_KIND.format(kind=words.KINDS[prompt.kind], category=category))


def _own(library: Library, own: tuple[Prompt, ...]) -> None:
    """Create own prompts, and export and import them."""
    _last_result(library)
    current = Session.current().settings.system_prompt
    with st.container(horizontal=True, key="prompts.own"):
        new = Prompt("", "")
        st.button(words.NEW_PROMPT, key="prompts.new", on_click=library.edit, args=(new,), icon=":material/add:")
        if current.strip():
            st.button(
                words.SAVE_CURRENT,
                key="prompts.keep",
                on_click=library.edit,
                args=(Prompt("", current),),
                icon=":material/bookmark_add:",
            )
        if own:
            st.download_button(
                words.EXPORT_PROMPTS,
                prompts.export(own),
                "prompts.json",
                "application/json",
                key="prompts.export",
                on_click="ignore",
                icon=":material/download:",
            )
    with st.expander(words.IMPORT_PROMPTS, icon=":material/upload:"):
        st.file_uploader(
            words.IMPORT_PROMPTS_FILE,
            type="json",
            key="prompts.file",
            on_change=library.take,
            args=("prompts.file",),
            max_upload_size=20,
        )


# ---- one prompt ---------------------------------------------------------------------------------------


def _chosen_prompt(library: Library, prompt: Prompt) -> None:
    st.button(
        words.ALL_PROMPTS, key="prompts.back", on_click=library.back, icon=":material/arrow_back:", type="tertiary"
    )
    with st.container(key="prompts.name", gap=None):
        st.subheader(plain(prompt.name), anchor=False)
        if prompt.about:
            st.caption(plain(prompt.about))
    for field in prompts.fields(prompt.text):
        _field(prompt, field)
    _preview(library, prompt)
    _last_result(library)
    _uses(library, prompt)


def _field(prompt: Prompt, field: PromptField) -> None:
    label, key = label_text(field.label), field_key(prompt, field.name)
    hint = field.default or ("" if field.default is None else words.FIELD_OPTIONAL)
    if field.long:
        st.text_area(label, key=key, placeholder=hint or words.LONG_FIELD_PLACEHOLDER, height=140)
    else:
        st.text_input(label, key=key, placeholder=hint, live=True)


def _preview(library: Library, prompt: Prompt) -> None:
    try:
        text = prompts.preview(prompt.text, library.values(prompt))
    except Unfilled as unfilled:
        st.error(plain(str(unfilled)), icon=":material/error:")
        return
    st.caption(words.PREVIEW)
    with st.container(border=True, key="prompts.preview", height=280 if len(text) > 600 else "content"):
        st.text(text)
    if unseen := hidden_words(text):
        st.caption(words.HIDDEN_WORDS.format(words=plain(unseen)))


def _uses(library: Library, prompt: Prompt) -> None:
    """Where the filled prompt can go, its own kind first; and the actions on the prompt itself."""
    system = prompt.kind == "system"
    if Session.current().settings.system_prompt.strip():
        st.caption(words.REPLACES_SYSTEM_PROMPT)
    places = [
        (words.USE_AS_SYSTEM, library.use_as_system, ":material/check:", system),
        (words.USE_AS_MESSAGE, library.use_as_message, ":material/edit:", not system),
    ]
    with st.container(horizontal=True, key="prompts.uses"):
        for label, use, icon, first in sorted(places, key=lambda place: not place[3]):
            key = f"prompts.{use.__name__}"
            st.button(label, key=key, on_click=use, icon=icon, type="primary" if first else "secondary")
        if prompt.bundled:
            copy = library.edit_copy
            st.button(words.CHANGE_COPY, key="prompts.copy", on_click=copy, args=(prompt,), type="tertiary")
        else:
            st.button(words.EDIT_PROMPT, key="prompts.edit", on_click=library.edit, args=(prompt,), type="tertiary")
            st.button(words.DELETE_PROMPT, key="prompts.delete", on_click=library.delete, type="tertiary")


# ---- the editor ---------------------------------------------------------------------------------------


def _editor(library: Library, prompt: Prompt) -> None:
    st.subheader(words.EDITOR_TITLE if prompt.id else words.EDITOR_TITLE_NEW, anchor=False)
    with editing.editor("prompt"):
        _editor_fields(library)


def _editor_fields(library: Library) -> None:
    st.text_input(
        words.PROMPT_NAME, key=editor_key("name"), max_chars=NAME, placeholder=words.PROMPT_NAME_PLACEHOLDER
    )
    st.segmented_control(
        words.PROMPT_KINDS,
        list(words.KINDS),
        key=editor_key("kind"),
        required=True,
        format_func=words.KINDS.__getitem__,
    )
    st.text_input(
        words.PROMPT_ABOUT, key=editor_key("about"), max_chars=ABOUT, placeholder=words.PROMPT_ABOUT_PLACEHOLDER
    )
    text = st.text_area(words.PROMPT_TEXT, key=editor_key("text"), height=240, help=words.PROMPT_TEXT_HELP)
    labels = ", ".join(field.label for field in prompts.fields(text or ""))
    st.caption(plain(words.PROMPT_FIELDS.format(fields=labels)) if labels else words.PROMPT_NO_FIELDS)
    _last_result(library)
    with editing.choices("prompt"):
        st.button(
            words.SAVE_PROMPT, key="prompts.save", on_click=library.save, type="primary", icon=":material/check:"
        )
        st.button(words.CANCEL_EDIT, key="prompts.cancel", on_click=library.cancel)
