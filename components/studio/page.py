"""The Studio page: the family, the model, its form, and the results."""

from __future__ import annotations

import json
import time
from difflib import SequenceMatcher
from pathlib import Path

import streamlit as st

from backend.errors import APIError
from backend.store import StoreError
from backend.studio import code, form_requests
from backend.studio.batching import REQUESTS
from backend.studio.families import FAMILIES, Family, Way
from backend.studio.models import StudioModel
from backend.studio.shelf import Shelf
from backend.studio.task import Given, Task
from backend.text import clean
from backend.untrusted import items
from components.elements.markdown import plain
from components.elements.watching import watch
from components.notices import saving_trouble
from components.session import tab
from components.session.session import Session
from components.session.studio import ADDRESS
from components.studio import account, draft, files, form, model_names, price, results, words
from components.studio.files import Incomplete
from components.studio.results import model_key

_STYLE = Path(__file__).parent / "studio.css"
_FAMILY = "studio.family"
_FAMILY_KEPT = "studio.family.kept"
_ARRIVED = "studio.arrived"  # what the address said last
_BEGUN = "studio.begun"  # what was begun last, and when
_DOUBLE = 1.5  # seconds within which a second click means the first
_WRONG = "studio.wrong"  # the error of the last click on Run: a sentence and the name of a field
_ADDRESS_FAMILY, _ADDRESS_MODEL = "family", "model"
_WIDE = [3, 5]  # columns of families with wide results: a page beside its text, or a table
_ID = 200  # characters of a model's id
_SHOWN = 100_000  # of a request that is shown
_LANGUAGE = "studio.language"
_HIGHLIGHTERS = {"curl": "bash", "requests": "python", "fetch": "javascript"}


def studio(session: Session) -> None:
    """Draw the page."""
    st.html(_STYLE)
    saving_trouble()
    _arrive(session)
    offered = session.studio.families()
    if not offered:
        _elsewhere(session)
        return
    family = _family(offered)
    connection = session.studio.connection
    with st.container(key="studio"):
        st.caption(words.ABOUT[family.name])
        if connection.is_local:
            _elsewhere(session)
        if connection.needs_key:
            st.info(words.NEEDS_KEY.format(name=plain(connection.label)), icon=":material/key:")
        left, right = st.columns(_WIDE if family.gives in ("pages", "rows") else [5, 6], gap="large")
        with left, st.container(key="studio.form", gap="small"):
            draft.put_back_model(family)
            model = _model(session, family)
            if model and family.gives == "thread":
                account.draw(session, family, model)
            _form(session, family, model)
            draft.keep(session, family, model)
        with right, st.container(key="studio.results", gap="small"):
            results.draw(session, family)
    tab.put_addresses({_ADDRESS_FAMILY: family.name, _ADDRESS_MODEL: model.id if model else ""})
    tab.put(_ARRIVED, (family.name, model.id if model else ""))


def _elsewhere(session: Session) -> None:
    """A note that only local models are available here, and the rest needs a server."""
    configured = session.connections.configured
    with st.container(horizontal=True, vertical_alignment="center", key="studio.elsewhere", gap="small"):
        st.caption(words.ONLY_LOCAL, width="stretch")
        label = words.USE_CONFIGURED.format(name=plain(configured.label))
        st.button(label, key="studio.use_configured", on_click=session.studio.use_configured)


# ---- family and model -----------------------------------------------------------------------------------------


def _arrive(session: Session) -> None:
    """Choose what the address names, once per value. Before any widget is drawn."""
    if run := session.studio.kept.one(tab.address(ADDRESS)):
        results.put_first(run)
        tab.put_addresses({ADDRESS: "", _ADDRESS_FAMILY: run.task.family, _ADDRESS_MODEL: run.task.model})
    named = (tab.address(_ADDRESS_FAMILY), tab.address(_ADDRESS_MODEL))
    if named == tab.value(_ARRIVED):
        return
    tab.put(_ARRIVED, named)
    family = next((family for name, family in FAMILIES.items() if name == named[0]), None)
    if family is None:
        return
    if family not in session.studio.families():
        session.studio.use_configured()
    tab.put(_FAMILY, family.name)
    if model := clean(named[1])[:_ID].strip():
        tab.put(model_key(family), model)


def _family(offered: list[Family]) -> Family:
    here = {family.name for family in offered}
    names = [name for name in words.FAMILIES if name in here]
    chosen = tab.value(_FAMILY) or tab.value(_FAMILY_KEPT)
    tab.put(_FAMILY, chosen if chosen in names else names[0])
    name = st.pills(
        words.FAMILY,
        names,
        key=_FAMILY,
        required=True,
        format_func=words.FAMILIES.__getitem__,
        label_visibility="collapsed",
        on_change=_on_change,
    )
    tab.put(_FAMILY_KEPT, name)
    return FAMILIES[name or names[0]]


def _on_change() -> None:
    """Another family or model: the previous error no longer applies to the form."""
    tab.put(_WRONG, None)


def _model(session: Session, family: Family) -> StudioModel | None:
    offered, setup = session.studio.models(family), session.setup
    names = model_names.names(offered)
    key = model_key(family)
    if not tab.value(key) and offered:
        tab.put(key, family.usual if family.usual in names else offered[0].id)
    chosen = str(tab.value(key) or "")
    options = [*names, *([chosen] if chosen and chosen not in names else [])]
    id_ = st.selectbox(
        words.MODEL,
        options,
        key=key,
        index=None,
        persist_state="session",
        format_func=setup.offered_as if setup.connection.is_local else lambda one: names.get(one, one),
        accept_new_options=True,
        placeholder=words.MODEL_PLACEHOLDER,
        on_change=_on_change,
    )
    if (catalogue := session.models.catalogue(session.studio.connection)) is not None:
        watch(catalogue.wait)  # names and prices are part of the server's list
    if not id_:
        return None
    model = session.studio.model(family, str(id_)[:_ID])
    if model.retired:
        st.warning(words.RETIRED_IN_USE, icon=":material/history:")
    return model


# ---- the form -----------------------------------------------------------------------------------------------


def _form(session: Session, family: Family, model: StudioModel | None) -> None:
    way = family.way(session.studio.connection.endpoint)
    if model is None or way is None:
        st.caption(words.MODEL_MISSING)
        return
    wrong, field = tab.value_as(tuple, _WRONG) or ("", "")
    draft.put_back(family, model)
    shelf = session.studio.shelf
    _offer_for_taken(session, family, model)
    form.draw(family, model, field, shelf)
    asked, problem = _form_requests(family, model, way, shelf)
    is_batch = family.gives == "rows"
    with st.container(horizontal=True, vertical_alignment="center", key="studio.line", gap="small"):
        st.button(
            words.RUN,
            key="studio.run",
            on_click=_run,
            args=(session, family, model, way),
            type="primary",
            icon=":material/play_arrow:",
        )
        count = words.REQUESTS.format(count=len(items(asked[0].body.get(REQUESTS)))) if asked and is_batch else ""
        st.caption(f"{count} {price.ahead(session, asked, model)}".strip(), width="stretch")
    with st.container(key="studio.wrong"):
        if lost := draft.lost_files(family, model):
            st.warning(plain(words.FILES_LOST.format(names=lost)), icon=":material/attach_file_off:")
            st.button(words.WITHOUT_FILES, key="studio.lost.go", on_click=draft.forget_lost_files, type="tertiary")
        if wrong:
            st.error(plain(wrong), icon=":material/error:")
    _request(session, asked, problem)


def _offer_for_taken(session: Session, family: Family, model: StudioModel) -> None:
    """If a picture of the results waits, or the last frame of a clip, and the model accepts none: offer the model
    with the most similar id that does.
    """
    if not isinstance(tab.value(files.TAKEN), Given) or files.accepts_taken(model):
        return
    able = [one for one in session.studio.models(family) if not one.retired and files.accepts_taken(one)]
    if able:
        best = max(able, key=lambda one: SequenceMatcher(None, one.id, model.id).ratio())
        label = words.USE_CONFIGURED.format(name=plain(best.label))
        st.button(label, key="studio.frame.model", on_click=tab.put, args=(model_key(family), best.id))


def _form_requests(family: Family, model: StudioModel, way: Way, shelf: Shelf) -> tuple[list[Task], str]:
    """The requests of the form now, or why there are none."""
    try:
        return form.read(family, model, way, shelf), ""
    except Incomplete as incomplete:
        return [], str(incomplete)


def _run(session: Session, family: Family, model: StudioModel, way: Way) -> None:
    tab.put(_WRONG, None)
    try:
        shelf = session.studio.shelf
        asked = form.read(family, model, way, shelf)  # before a file is put on the shelf
        before, at = tab.value_as(tuple, _BEGUN) or (None, 0.0)
        if before == asked and time.time() - at < _DOUBLE:
            return
        tab.put(_BEGUN, (asked, time.time()))
        session.studio.begin(form.read(family, model, way, shelf, keep=True), model)
        st.toast(words.BEGUN, icon=":material/play_arrow:")  # on a phone the results are below the visible part
    except Incomplete as incomplete:
        tab.put(_WRONG, (str(incomplete), incomplete.field))
    except StoreError as error:
        tab.put(_WRONG, (str(error), ""))
    except APIError as error:
        tab.put(_WRONG, (f"{error.title} {error.hint}", ""))


def _request(session: Session, asked: list[Task], problem: str) -> None:
    """The request of the form now: as JSON, and as code."""
    fold = st.expander(words.REQUEST, key="studio.request", icon=":material/code:", on_change="rerun")
    if not fold.open:
        return
    with fold:
        if not asked:
            st.caption(words.UNFINISHED.format(problem=plain(problem)))
            return
        language = st.segmented_control(
            words.REQUEST_AS,
            list(words.LANGUAGES),
            key=_LANGUAGE,
            required=True,
            default="json",
            persist_state="session",
            format_func=words.LANGUAGES.__getitem__,
            label_visibility="collapsed",
        )
        if language in (None, "json"):
            st.code(as_json(asked[0]), language="json", wrap_lines=True)
            return
        source = code.write(str(language), asked[0], session.studio.connection.endpoint)
        st.code(source[:_SHOWN], language=_HIGHLIGHTERS[str(language)], wrap_lines=True)


def as_json(task: Task) -> str:
    """A body as JSON; files are named, not included."""
    placeholder = words.FILE_IN_FORM if task.is_form else words.FILE_IN_JSON
    given = {name: placeholder.format(count=len(several)) for name, several in task.files.items()}
    body = form_requests.display_body(task)
    return json.dumps({**body, **given} if isinstance(body, dict) else body, ensure_ascii=False, indent=1)[:_SHOWN]
