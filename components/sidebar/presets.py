"""Presets in a popover of the panel: one click sets the parameters; own ones are saved, exported, imported."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from backend.library import presets
from backend.library.presets import BUNDLED, Preset
from backend.library.saved_documents import SavedDocuments
from backend.store import StoreError
from backend.untrusted import Unreadable, fields
from components.elements import editing
from components.elements.markdown import plain
from components.session import services, tab
from components.session.session import Session
from components.session.setup import Setup
from components.sidebar import words

_NAME, _WHOLE, _FILE = "preset.name", "preset.whole", "preset.import"
_PROBLEM, _NEWS = "preset.problem", "preset.news"  # the result of the last click


def preset_menu(session: Session, setup: Setup) -> None:
    """The popover. It is part of the panel's fragment, and a click redraws the panel."""
    with st.popover(words.PRESETS, icon=":material/bookmark:", type="tertiary", width="content", key="presets"):
        info = setup.info
        for preset in BUNDLED:
            fitting = presets.within(preset, info)
            _use(session, fitting, f"preset.{preset.name}", preset.about)
        own = presets.of_documents(_saved_presets(session).all())
        if own:
            st.caption(words.OWN_PRESETS)
        for id_, preset in own:
            _own(session, id_, preset)
        st.divider()
        _save(session)
        _import(session)
        if problem := tab.value(_PROBLEM):
            st.caption(words.PRESET_PROBLEM.format(problem=plain(str(problem))))
        if news := tab.value(_NEWS):
            st.caption(plain(str(news)))


def _own(session: Session, id_: str, preset: Preset) -> None:
    """A saved preset, with buttons to export and to delete it."""
    with st.container(horizontal=True, gap="xxsmall", vertical_alignment="center"):
        _use(session, preset, f"preset.{id_}", preset.about)
        st.download_button(
            words.EXPORT_PRESET,
            presets.export(preset),
            f"preset-{id_[:6]}.json",
            "application/json",
            key=f"preset.file.{id_}",
            type="tertiary",
            on_click="ignore",
        )
        key, args = f"preset.gone.{id_}", (session, id_, preset)
        st.button(words.DELETE_PRESET, key=key, on_click=_delete, args=args, type="tertiary")


def _saved_presets(session: Session) -> SavedDocuments:
    return services.saved_presets(session.owner)


def _use(session: Session, preset: Preset, key: str, about: str) -> None:
    template = words.PRESET_WITH_ABOUT if about else words.PRESET
    label = template.format(name=plain(preset.name), about=plain(about))
    st.button(label, key=key, on_click=_take, args=(session, preset), type="tertiary", wrap=True)


def _take(session: Session, preset: Preset) -> None:
    """Apply a preset. The model and the system prompt are outside of the panel."""
    with tab.for_the_page():
        session.restore(preset.settings)


def _save(session: Session) -> None:
    with (
        editing.editor("preset"),
        st.container(horizontal=True, gap="small", vertical_alignment="bottom"),
    ):
        st.text_input(words.PRESET_NAME, key=_NAME, max_chars=100, placeholder=words.PRESET_NAME_PLACEHOLDER)
        with editing.choices("preset"):
            st.button(words.SAVE_PRESET, key="preset.save", on_click=_keep, args=(session,))
    st.toggle(words.PRESET_WHOLE, key=_WHOLE)


def _keep(session: Session) -> None:
    name = " ".join(str(tab.value(_NAME) or "").split())
    setup = session.setup
    values = setup.values
    preset = Preset(
        name or words.PRESET_NAME_DEFAULT,
        values.set_parameters,
        streaming=values.streaming,
        extra=fields(setup.saved_settings().get("extra")),
    )
    if tab.value(_WHOLE):
        preset = replace(preset, model=setup.model, system_prompt=values.system_prompt)
    if _try(session, preset):
        tab.put(_NAME, "")


def _try(session: Session, preset: Preset) -> bool:
    try:
        replaced = _saved_presets(session).save(presets.document(preset))
    except StoreError as error:
        _say(problem=str(error))
        return False
    _say(news=words.PRESET_REPLACED.format(name=preset.name) if replaced else "")
    return True


def _say(problem: str = "", news: str = "") -> None:
    tab.put(_PROBLEM, problem)
    tab.put(_NEWS, news)


def _delete(session: Session, id_: str, preset: Preset) -> None:
    """Delete a preset. The bar with Undo is outside of the panel."""
    with tab.for_the_page():
        session.deletions.document(_saved_presets(session), replace(presets.document(preset), id=id_))
        _say()


def _import(session: Session) -> None:
    st.file_uploader(
        words.IMPORT_PRESET,
        key=_FILE,
        on_change=_imported,
        args=(session,),
        max_upload_size=1,
    )


def _imported(session: Session) -> None:
    file = tab.upload(_FILE)
    if file is None:
        return
    try:
        source = file.getvalue()
        if _try(session, presets.read(source)) and (names := presets.left_out(source)):
            news = words.PRESET_LEFT_OUT.format(names=", ".join(names))
            _say(news=" ".join(filter(None, (str(tab.value(_NEWS) or ""), news))))
    except Unreadable as refused:
        _say(problem=str(refused))
