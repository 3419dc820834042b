"""The mode Suite of the Compare page: inputs with checks, run over all lanes, as a grid of passed and failed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from backend.answer import cost
from backend.compare import tables
from backend.compare.kept_requests import USUAL, JobEstimate
from backend.compare.race import Race
from backend.compare.suite import file, job, results
from backend.compare.suite.check import Check
from backend.compare.suite.promptfoo import writing
from backend.compare.suite.results import Results
from backend.compare.suite.suite import Row, Suite
from backend.errors import APIError
from backend.formats import link_lanes
from backend.formats.share import Shared
from backend.jobs.job import Job
from backend.store import StoreError
from components.chat.bar import bar
from components.chat.missing import missing
from components.compare import starters
from components.compare import words as compare_words
from components.compare.job_bar import is_at_work, job_bar
from components.compare.kept_jobs import kept_jobs
from components.elements.markdown import plain
from components.history.opened_link import notice
from components.history.share import Given
from components.inspector.dialog import inspector
from components.session import exhibit, services, tab
from components.session.session import Session
from components.session.suites import SuiteDesk, names
from components.suite import words
from components.suite.compared_run import compared_run
from components.suite.editor import editor
from components.suite.grid import grid, live

_GLANCE = 1.0  # seconds between two refreshes of a run


def draw(session: Session) -> None:
    """Draw all that is below the switch of modes."""
    desk = tab.one(SuiteDesk)
    desk.follow(session)
    race = session.chats.race_chat.race
    if race.hidden:  # the names of its lanes, in order, would reveal the models
        race = desk.race_apart(session)
    starters.line_up(session, race)
    run = session.experiments.saved_jobs.job(desk.run, plan=False) if desk.run else None
    notice(session, st.container(key="suite.notice"))
    inspector(session)
    with st.container(key="suite"):
        with st.container(key="about"):
            st.header(words.TITLE, anchor=False)
            st.markdown(words.EXPLAINED)
        missing(session, session.setup)
        _files(desk, race, session)
        _left_out_notes(words.LEFT_OUT, desk.left_out)
        editor(desk)
        given = partial(_suite_setup, session, desk, race) if desk.suite.prompt else None
        bar(session, compare_words.UNTITLED, new=compare_words.NEW_RACE, share=False, given=given)
        _run(session, desk, race, run)
        with st.container(key="suite.refused"):
            if desk.refused:
                st.error(f"{plain(desk.refused)} {words.REFUSED}", icon=":material/error:")
            if desk.trouble:
                st.warning(plain(desk.trouble), icon=":material/save:")
        with st.container(key="suite.results"):
            if run:
                at_work = is_at_work(run)
                st.fragment(_results, run_every=_GLANCE if at_work else None)(session, desk, run.id, at_work)
        kept_jobs(session, job.KIND)


# ---- files ------------------------------------------------------------------------------------------------


def _files(desk: SuiteDesk, race: Race, session: Session) -> None:
    with st.container(horizontal=True, gap="small", key="suite.files"):
        with st.popover(words.OPEN, icon=":material/upload:"):
            key = f"suite.{desk.version}.file"
            take = partial(_open, session, desk, key)
            _saved_suites(desk, session)
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


def _saved_suites(desk: SuiteDesk, session: Session) -> None:
    """The saved suites."""
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
            args=(session, desk, key),
        )


def _open_kept(session: Session, desk: SuiteDesk, key: str) -> None:
    if isinstance(id_ := tab.value(key), str):
        desk.open_kept(session, id_)


def _open(session: Session, desk: SuiteDesk, key: str) -> None:
    if uploaded := tab.upload(key):
        desk.open(session, uploaded.getvalue())


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
        text, left_out = writing.config_file(whole, session.lanes.shared_settings.model)
        offers: list[tuple[str, str | Callable[[], str], str]] = [
            (words.SAVE_OWN, file.dump(whole), "suite.yaml"),
            (words.SAVE_PROMPTFOO, text, "promptfooconfig.yaml"),
        ]
        if desk.run:
            offers += [(words.SAVE_RESULTS, partial(_results_file, session, desk, _as_json), "results.json")]
            offers += [
                (words.SAVE_TABLE, partial(_results_file, session, desk, _as_table(session, desk)), "results.csv")
            ]
        for label, content, name in offers:
            st.download_button(label, content, name, on_click="ignore", key=f"suite.save.{name}", width="stretch")
        _left_out_notes(words.NOT_EXPORTED, left_out)
        gone = partial(desk.delete_kept, session.owner)
        st.button(words.DELETE, key="suite.delete", on_click=gone, width="stretch")


def _suite_setup(session: Session, desk: SuiteDesk, race: Race) -> Given:
    """The suite and its lanes, with the settings they take from the sidebar."""
    values, setup = session.setup.values, session.setup
    shared = Shared(
        setup.model,
        values.system_prompt,
        values.set_parameters,
        values.streaming,
        lanes=link_lanes.lanes_for_link(lane.changes.as_json() for lane in race.lanes),
        suite=file.as_value(desk.suite),
    )
    return Given(shared, lambda: file.dump(desk.whole(race)), "suite.yaml", "text/yaml")


def _results_file(session: Session, desk: SuiteDesk, write: Callable[[Results], str]) -> str:
    found = desk.results.whole(session.experiments, desk.run)
    return write(found) if found else ""


def _as_json(found: Results) -> str:
    return json.dumps(results.as_json(found), ensure_ascii=False)


def _as_table(session: Session, desk: SuiteDesk) -> Callable[[Results], str]:
    return lambda found: tables.of_suite(found, desk.before(session))


def _left_out_notes(title: str, left_out: Sequence[str]) -> None:
    """Notes about what was left out of a file, with untrusted text in them."""
    if left_out:
        with st.expander(title.format(count=len(left_out)), icon=":material/info:"):
            st.code("\n".join(left_out), language=None, wrap_lines=True)


# ---- running ----------------------------------------------------------------------------------------------


def _run(session: Session, desk: SuiteDesk, race: Race, run: Job | None) -> None:
    lanes = ", ".join(plain(name) for name in names(session.lanes, race))
    sentence = words.LANE if len(race.lanes) == 1 else words.LANES
    st.caption(sentence.format(count=len(race.lanes), names=lanes))
    estimate = desk.estimate(session, race)
    begin = partial(_begin, session, desk, race)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="suite.run_bar"):
        desk.cap = _cap(desk)
        count = len(desk.suite.rows) * len(race.lanes) if desk.suite.prompt.strip() else 0
        label = words.RUN if count > 1 else words.RUN_ONE if count else words.RUN_NOTHING
        st.button(
            label.format(count=f"{count:,}"),
            key="suite.run",
            on_click=begin,
            type="primary",
            disabled=isinstance(estimate, str),
            icon=":material/play_arrow:",
        )
        found = desk.results.of(session.experiments, run) if run and not is_at_work(run) else None
        missed = found.total - found.count("passed") if found else 0
        if missed and found and missed < found.total:
            again = words.FAILED.format(count=f"{missed:,}")
            st.button(
                again, key="suite.failed", on_click=begin, kwargs={"only_failed": True}, icon=":material/replay:"
            )
    with st.container(key="suite.price"):
        if isinstance(estimate, str):
            st.caption(f":orange[{plain(estimate)}]" if desk.suite.prompt.strip() else words.NOTHING)
        else:
            st.caption(_price(estimate))


def _cap(desk: SuiteDesk) -> float | None:
    cap = st.number_input(words.CAP, 0.0, None, desk.cap, 0.1, key="suite.cap", help=words.CAP_HELP, width=160)
    return None if cap is None else float(cap)


def _price(estimate: JobEstimate) -> str:
    """The cost of a run as Markdown."""
    requests = words.ONE_REQUEST if estimate.requests == 1 else words.REQUESTS.format(count=estimate.requests)
    if estimate.usd is None:
        return words.UNPRICED.format(requests=requests)
    if not estimate.usd:
        return words.FREE.format(requests=requests)
    costs = words.COSTS_OPEN if estimate.open else words.COSTS
    return costs.format(requests=requests, usd=plain(cost.dollars(estimate.usd)), tokens=USUAL)


def _begin(session: Session, desk: SuiteDesk, race: Race, *, only_failed: bool = False) -> None:
    try:
        if desk.begin(session, race, only_failed=only_failed):
            session.opened.note_start()
    except StoreError as error:
        desk.refused = str(error)
    except APIError as error:
        desk.refused = f"{error.title} {error.hint}"


def _results(session: Session, desk: SuiteDesk, id_: str, at_work: bool) -> None:
    """The progress of the run and its grid; reruns the whole page when it begins or ends."""
    run = session.experiments.saved_jobs.job(id_, plan=False)
    if run is None or is_at_work(run) != at_work:
        st.rerun()
    job_bar(session, run, desk.results.seconds_left(run))
    found = desk.results.of(session.experiments, run)
    if found is None:
        return
    if not at_work:
        compared_run(session, desk, run)
    before = desk.before(session)
    if at_work:
        live(found, before)
    elif chosen := grid(found, before, partial(desk.results.cell, session.experiments, run)):
        exhibit.inspect(session, chosen)
        st.rerun()
