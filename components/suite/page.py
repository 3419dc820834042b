"""The mode Suite of the Compare page: inputs with checks, run over all lanes, as a grid of passed and failed."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from functools import partial

import streamlit as st

from backend.compare.race import Race
from backend.compare.suite import file, results
from backend.compare.suite.check import Check
from backend.compare.suite.promptfoo import writing
from backend.compare.suite.suite import Row, Suite
from components.chat.bar import bar
from components.chat.missing import missing
from components.compare import starters
from components.compare import words as compare_words
from components.elements.markdown import plain
from components.session import services, tab
from components.session.session import Session
from components.session.suites import SuiteDesk, names
from components.suite import words
from components.suite.editor import editor
from components.suite.grid import grid, live

_GLANCE = 1.0  # seconds between two looks at a run


def draw(session: Session) -> None:
    """Draw all that is below the switch of modes."""
    desk = tab.one(SuiteDesk)
    race = session.chats.race_chat.race
    if not race.lanes:
        starters.line_up(session, race)
    desk.keep_results(session.owner, race)
    bar(session, compare_words.UNTITLED, new=compare_words.NEW_RACE, share=False)
    with st.container(key="suite"):
        with st.container(key="about"):
            st.header(words.TITLE, anchor=False)
            st.markdown(words.EXPLAINED)
        missing(session)
        _files(desk, race, session)
        _told(words.LEFT_OUT, desk.left_out)
        editor(desk)
        _run(session, desk, race)
        with st.container(key="suite.refused"):
            if desk.refused:
                st.error(f"{plain(desk.refused)} {words.REFUSED}", icon=":material/error:")
            if desk.trouble:
                st.warning(plain(desk.trouble), icon=":material/save:")
        with st.container(key="suite.progress"):
            running = desk.running
            if running:
                _progress(desk)
        with st.container(key="suite.results"):
            if not running:
                grid(desk)


# ---- files ------------------------------------------------------------------------------------------------


def _files(desk: SuiteDesk, race: Race, session: Session) -> None:
    with st.container(horizontal=True, gap="small", key="suite.files"):
        with st.popover(words.OPEN, icon=":material/upload:"):
            key = f"suite.{desk.version}.file"
            take = partial(_open, desk, race, key)
            _kept(desk, race, session)
            st.file_uploader(words.OPEN, type=["yaml", "yml", "json"], key=key, on_change=take)
            st.caption(words.OPEN_HELP)
        with st.popover(words.ROWS, icon=":material/table:"):
            key = f"suite.{desk.version}.table"
            take = partial(_open_rows, desk, key)
            st.file_uploader(words.ROWS, type=["csv", "tsv", "jsonl", "ndjson"], key=key, on_change=take)
            st.caption(words.ROWS_HELP)
        if desk.suite.prompt:
            _downloads(session, desk, race)
        else:
            st.button(words.EXAMPLE, key="suite.example", on_click=desk.take, args=(_example(),))


def _kept(desk: SuiteDesk, race: Race, session: Session) -> None:
    """The suites that are kept here."""
    names_of = {saved.id: saved.name for saved in services.saved_suites(session.owner).names()}
    if names_of:
        key = f"suite.{desk.version}.kept"
        st.selectbox(
            words.KEPT,
            list(names_of),
            index=None,
            key=key,
            format_func=names_of.__getitem__,
            placeholder=words.KEPT_CHOOSE,
            on_change=_open_kept,
            args=(desk, race, session.owner, key),
        )


def _open_kept(desk: SuiteDesk, race: Race, owner: str, key: str) -> None:
    if isinstance(id_ := tab.value(key), str):
        desk.open_kept(owner, id_, race)


def _open(desk: SuiteDesk, race: Race, key: str) -> None:
    if uploaded := tab.upload(key):
        desk.open(uploaded.getvalue(), race)


def _open_rows(desk: SuiteDesk, key: str) -> None:
    if uploaded := tab.upload(key):
        desk.open_rows(uploaded.getvalue(), uploaded.name)


def _example() -> Suite:
    rows = tuple(Row({"country": country, "capital": capital}) for country, capital in words.EXAMPLE_ROWS)
    checks = (Check("contains", "{{capital}}", ignore_case=True), Check("max_length", 40), Check("max_seconds", 30))
    return Suite(words.EXAMPLE_NAME, words.EXAMPLE_PROMPT, rows, checks)


def _downloads(session: Session, desk: SuiteDesk, race: Race) -> None:
    with st.popover(words.SAVE, icon=":material/download:"):
        keep = partial(desk.keep, session.owner, race)
        st.button(words.KEEP, key="suite.keep", on_click=keep, width="stretch", type="primary")
        st.caption(words.KEEP_HELP)
        whole = desk.whole(race)
        text, left_out = writing.written(whole, session.lanes.shared.model)
        found = desk.results
        offers = [(words.SAVE_OWN, file.written(whole), "suite.yaml")]
        offers += [(words.SAVE_PROMPTFOO, text, "promptfooconfig.yaml")]
        if found and not desk.running:
            offers += [(words.SAVE_RESULTS, json.dumps(results.written(found), ensure_ascii=False), "results.json")]
        for label, content, name in offers:
            st.download_button(label, content, name, on_click="ignore", key=f"suite.save.{name}", width="stretch")
        _told(words.NOT_EXPORTED, left_out)
        gone = partial(desk.delete_kept, session.owner)
        st.button(words.DELETE, key="suite.delete", on_click=gone, width="stretch")


def _told(title: str, left_out: Sequence[str]) -> None:
    """What of a file is missing, in words with a stranger's text in them."""
    if left_out:
        with st.expander(title.format(count=len(left_out)), icon=":material/info:"):
            st.code("\n".join(left_out), language=None, wrap_lines=True)


# ---- running ----------------------------------------------------------------------------------------------


def _run(session: Session, desk: SuiteDesk, race: Race) -> None:
    told = ", ".join(plain(name) for name in names(session.lanes, race))
    sentence = words.LANE if len(race.lanes) == 1 else words.LANES
    st.caption(sentence.format(count=len(race.lanes), names=told))
    begin = partial(_begin, session, desk, race)
    with st.container(horizontal=True, gap="small", key="suite.run_bar"):
        if desk.running:
            st.button(words.STOP, key="suite.stop", on_click=desk.stop, icon=":material/stop_circle:")
            return
        count = len(desk.suite.rows) * len(race.lanes)
        run, nothing = words.RUN.format(count=f"{count:,}"), count == 0
        st.button(
            run, key="suite.run", on_click=begin, type="primary", disabled=nothing, icon=":material/play_arrow:"
        )
        found = desk.results
        missed = found.total - found.count("passed") if found else 0
        if missed and found and missed < found.total:
            again = words.FAILED.format(count=f"{missed:,}")
            st.button(
                again, key="suite.failed", on_click=begin, kwargs={"only_failed": True}, icon=":material/replay:"
            )


def _begin(session: Session, desk: SuiteDesk, race: Race, *, only_failed: bool = False) -> None:
    """Kept before the first request, so that a reload does not lose it."""
    desk.begin(session.lanes, race, only_failed=only_failed)
    if desk.running:
        desk.keep(session.owner, race)


@st.fragment(run_every=_GLANCE)
def _progress(desk: SuiteDesk) -> None:
    """How far it is; the whole page when it is over."""
    found = desk.results
    if found is None or not desk.running:
        st.rerun()
        return
    done, total = found.total - found.count("waiting"), found.total
    text = words.PROGRESS.format(done=done, total=total)
    if done and desk.run and (began := desk.run.began) is not None:
        seconds = (time.monotonic() - began) / done * (total - done)
        text = words.PROGRESS_LEFT.format(done=done, total=total, seconds=f"{seconds:,.0f}")
    st.progress(done / total if total else 1.0, text)
    live(found, desk.before)
