"""The saved scripts: opened, renamed, deleted. Collapsed, as a title may be that of a private chat."""

from __future__ import annotations

import streamlit as st

from backend.demos import script_file
from backend.library.saved_documents import Document
from components.elements.editing import editor
from components.elements.markdown import plain
from components.notices import deleted
from components.session import tab
from components.session.session import Session
from components.stage import words
from components.stage.open_script import use_kept

_RENAMED = "scripts.renamed"  # the id of the one whose title is open


def kept_scripts(session: Session) -> None:
    """The expander; nothing if none is saved and none was just deleted."""
    listed = session.stage.kept.all_scripts()
    if listed:
        with st.expander(words.KEPT.format(count=len(listed)), icon=":material/folder_open:", key="scripts"):
            st.markdown(words.KEPT_EXPLAINED)
            with st.container(key="script_kept", gap="xsmall"):
                for document in listed:
                    _row(session, document)
    deleted(session, "scripts")


def _row(session: Session, document: Document) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", wrap=False):
        here = document.id == session.stage.id
        label = words.KEPT_HERE.format(name=plain(document.name)) if here else plain(document.name)
        icon = ":material/slideshow:"
        if st.button(label, key=f"kept.{document.id}", icon=icon, width="stretch", disabled=here, wrap=True):
            use_kept(session, document.id)
        chosen = st.menu_button(
            words.DO_WITH_KEPT.format(name=plain(document.name)),
            [way for way in words.KEPT_WAYS if way != "rename" or not here],  # it has a field for its title above
            key=f"script.do.{document.id}",
            format_func=words.KEPT_WAYS.__getitem__,
            type="tertiary",
            icon=":material/more_vert:",
        )
    if chosen == "rename":
        tab.put(_RENAMED, document.id)
    elif chosen == "delete":
        _delete(session, document.id)
    if tab.value(_RENAMED) == document.id:
        _title(session, document)


def _title(session: Session, document: Document) -> None:
    key = f"kept.title.{document.id}"
    with editor("script.kept"):
        st.text_input(words.NAME, value=document.name, key=key, max_chars=script_file.TITLE)
        args = (session, document.id, key)
        st.button(words.DONE, key="kept.done", on_click=_rename, args=args)


def _rename(session: Session, id_: str, key: str) -> None:
    if tab.value(_RENAMED) == id_:  # a double click comes twice
        tab.drop(_RENAMED)
        session.stage.kept.rename(id_, str(tab.value(key)))


def _delete(session: Session, id_: str) -> None:
    """Delete one; one on the stage leaves it."""
    session.stage.kept.delete(id_)
    if id_ == session.stage.id:
        session.stage.use(None)
    st.rerun(scope="fragment" if session.dialogs.is_open("script") else "app")
