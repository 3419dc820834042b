"""The results of a family's runs, the newest first; refreshed while one is running."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from backend.studio import models, sidecar
from backend.studio import task as tasks
from backend.studio.aspect_ratios import aspect_ratios
from backend.studio.families import Family
from backend.studio.shelf import MB
from backend.studio.task import Given
from backend.untrusted import string
from components.elements.dates import ago
from components.elements.markdown import plain
from components.elements.streamlit_internals import clicks_are_of_the_page
from components.session import tab, widgets
from components.session.session import Session
from components.session.studio_runs import Run
from components.studio import (
    assistant_thread,
    batch_table,
    files,
    last_frame,
    media,
    metadata,
    model_names,
    price,
    query_ranking,
    repeat_run,
    restore_form,
    send_to_chat,
    text_results,
    words,
)
from components.studio.attempting import attempt, set_toast, show_toast

_GLANCE = 1.0  # seconds between two refreshes
_SHOWN = 12  # results that are drawn at first
_MORE = "studio.results.more"
_FIRST = "studio.results.first"
_TITLE = 300
_DETAILS = 20_000  # letters of them on the page; their file has all


def draw(session: Session, family: Family) -> None:
    """Draw them."""
    session.studio.kept.tidy()
    st.header(words.RESULTS, anchor=False)
    busy = _is_busy(session)
    st.fragment(_all, run_every=_GLANCE if busy else None)(session, family, busy)


def _all(session: Session, family: Family, busy: bool) -> None:
    clicks_are_of_the_page()
    show_toast()
    session.studio.look_after(session.studio.kept.all())
    if busy != _is_busy(session):  # a run began or ended: so does the timer
        st.rerun()
    first = tab.value(_FIRST)
    runs = session.studio.kept.all(family.name)
    runs.sort(key=lambda run: first not in (run.job.id, run.task.query_of))
    if not runs:
        st.caption(words.NO_RESULTS)
    shown = tab.value_as(int, _MORE) or _SHOWN
    groups = repeat_run.groups(query_ranking.without_queries(runs))
    for group in groups[:shown]:
        _group(session, family, group)
    if len(groups) > shown:
        st.button(words.MORE_RESULTS, key="studio.more_results", on_click=_show_more, args=(shown,))
    if runs:
        _room(session)


def _group(session: Session, family: Family, group: Sequence[Run]) -> None:
    """A run, or several with the same input side by side."""
    places = [st.container()] if len(group) == 1 else []
    if not places:
        st.caption(words.SIDE_BY_SIDE)
        places = [column for _ in range(0, len(group), 2) for column in st.columns(2, gap="small")]
    for place, run in zip(places, group, strict=False):
        with place, st.container(border=True, key=f"studio.run.{run.job.id}", gap="small"):
            _run(session, family, run)


def put_first(run: Run) -> None:
    """Draw this one before the others: the visitor opened it by a link."""
    tab.put(_FIRST, run.task.query_of or run.job.id)


def _is_busy(session: Session) -> bool:
    """Whether a run of any family is running."""
    return any(run.at_work for run in session.studio.kept.all())


def _show_more(shown: int) -> None:
    tab.put(_MORE, shown + _SHOWN)


def _room(session: Session) -> None:
    shelf = session.studio.shelf
    days = words.ROOM_DAYS.format(days=shelf.quota.days) if shelf.quota.days else ""
    used, whole = shelf.used_bytes / MB, shelf.quota.bytes // MB
    st.caption(
        words.ROOM.format(used=f"{used:,.1f}" if used < 10 else f"{used:,.0f}", whole=f"{whole:,}", days=days)
    )


# ---- one run ------------------------------------------------------------------------------------------------


def state(run: Run) -> str:
    """A key of words.STATES."""
    if run.job.state == "paused":
        return "parked" if run.step.handle else "failed"
    if run.job.state == "running":
        left = "parked" if run.step.handle else "unknown"
        return "running" if run.at_work else left
    # Of several moderated texts, the verdicts so far are shown.
    return "done" if any(step.state == "done" for step in run.steps) else run.step.state


def _run(session: Session, family: Family, run: Run) -> None:
    now = state(run)
    _head(session, family, run, now)
    growing = session.studio.shelf.growing(run.task.mark) if now == "running" else None
    if growing and family.gives == "thread":
        assistant_thread.growing(run, growing)
    elif growing:
        media.sound(growing, _name(run), f"studio.media.{run.job.id}", growing=True)
    elif now in ("running", "parked", "waiting"):
        _waiting(session, run, now)
        assistant_thread.ask_for_outputs(session, run)
    elif now == "done":
        if run.step.result.get("blocked"):
            st.warning(words.BLOCKED, icon=":material/block:")
        if error := string(run.step.result.get("error")):
            st.error(plain(error))
        elif family.gives == "files":
            shelf = session.studio.shelf
            before = media.input_picture(run.task, shelf)
            take = partial(last_frame.take, session, _name(run)) if session.studio.takes_pictures else None
            media.draw(run.files, shelf, _name(run), f"studio.media.{run.job.id}", before, take)
        else:
            text_results.draw(run, session.studio.shelf)
            if family.gives == "vectors":
                query_ranking.draw(session, run)
        metadata.draw(run)
    else:
        text_results.failed(run)
        assistant_thread.timeline(run)
    _actions(session, family, run, now)


def _name(run: Run) -> str:
    """The file name for its files: letters and digits of the model's id, nothing of the prompt."""
    model = "".join(letter if letter.isalnum() else "-" for letter in run.task.model)[:60].strip("-")
    return f"{model or 'result'}-{run.job.id[:6]}"


def _head(session: Session, family: Family, run: Run, now: str) -> None:
    name = model_names.of_run(run.task)
    handle = tasks.read_handle(run.step.handle)
    untold = now == "parked" and handle and handle.refused
    facts = [
        words.WAITS_FOR_YOU
        if assistant_thread.waits_for_outputs(run)
        else words.STATES["untold" if untold else now]
    ]
    if now == "running":
        facts = [words.ELAPSED.format(state=facts[0], time=_time(time.time() - run.job.created))]
        if usual := session.studio.kept.usual(run):
            facts.append(words.USUALLY.format(time=_time(usual)))
    elif now == "parked" and handle and handle.usd is not None:
        facts.append(price.cost_text(handle.usd))
    elif now in ("done", "failed", "unknown"):
        usd = None if any(step.usd is None for step in run.steps) else run.job.usd
        facts = [price.cost_text(usd)] if now == "done" else [*facts, price.cost_text(usd)]
        if seed := string(run.step.result.get("seed")):
            facts.append(words.SEED.format(seed=plain(seed)))
    if now != "running":
        facts.append(ago(run.job.created))
    st.markdown(f"**{plain(name)}** · {' · '.join(facts)}")
    files_ = ", ".join(one.name for several in run.task.files.values() for one in several if family.gives != "rows")
    if title := run.task.input_text.replace("\n", " · " if family.several else "\n") or files_:
        st.caption(plain(title[:_TITLE]) + ("…" if len(title) > _TITLE else ""))


def _time(seconds: float) -> str:
    whole = max(0, round(seconds))
    if whole < 100:
        return words.SECONDS.format(count=whole)
    return words.MINUTES.format(minutes=whole // 60, seconds=whole % 60)


def _waiting(session: Session, run: Run, now: str) -> None:
    handle = tasks.read_handle(run.step.handle)
    if now == "parked":
        st.info(plain(run.job.why) or words.LEFT_ALONE, icon=":material/hourglass_top:")
    elif handle and handle.word:
        sentence = words.WORD if handle.known else words.WORD_UNKNOWN
        st.caption(sentence.format(word=plain(handle.word)))
    if now == "running":
        usual = session.studio.kept.usual(run) or 30.0
        passed = time.time() - run.job.created
        media.frames(aspect_ratios(run.task, models.find(run.task.model)), f"studio.frames.{run.job.id}")
        st.progress(min(0.95, passed / (passed + usual)))
    if counts := batch_table.progress(run):
        st.caption(words.PROGRESS.format(counts=counts))
    if run.task.about.gives == "thread":
        assistant_thread.timeline(run)


def _actions(session: Session, family: Family, run: Run, now: str) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"studio.do.{run.job.id}"):
        if now == "parked":
            look = partial(session.studio.look_again, run)
            _button(words.LOOK_AGAIN, run, "look_again", "refresh", look)
        begun = tasks.read_handle(run.step.handle)
        if now in ("running", "parked") and begun and begun.id and run.task.about.gives in ("thread", "rows"):
            _button(words.CANCEL, run, "cancel", "stop_circle", partial(_cancel, session, run))
        if run.step.result.get("made"):
            _button(words.GO_ON, run, "go_on", "forum", partial(assistant_thread.go_on, session, run))
        if now == "done":
            send_to_chat.draw(session, run, _name(run))
            picture = next((file for file in run.files if file.get("show") == "image"), None)
            if picture and session.studio.takes_pictures and family.gives != "pages":
                given = Given(string(picture.get("id")), _name(run))
                _button(words.USE_AS_INPUT, run, "input", "input", partial(tab.put, files.TAKEN, given))
        repeat_run.draw(session, family, run)
        _button(words.USE_AGAIN, run, "use", "replay", partial(use_again, session, family, run))
        with st.popover(
            words.DETAILS, icon=":material/data_object:", type="tertiary", key=f"studio.details.{run.job.id}"
        ):
            made = sidecar.sidecar_json(run.task, run.step, run.job.created)
            st.code(made[:_DETAILS], language="json", wrap_lines=True)
            st.download_button(
                words.SAVE_DETAILS,
                made,
                f"{_name(run)}.json",
                "application/json",
                key=f"studio.sidecar.{run.job.id}",
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
            )
        working = now in ("running", "parked", "waiting")
        label = words.FORGET if working else words.DELETE
        with st.popover(label, icon=":material/delete:", type="tertiary", key=f"studio.delete.{run.job.id}"):
            st.caption(words.FORGET_SURE if working else words.DELETE_SURE)
            forget = partial(session.studio.kept.forget, run)
            st.button(
                words.DELETE_FOR_GOOD,
                key=f"studio.forget.{run.job.id}",
                on_click=attempt,
                args=(forget,),
                type="primary",
            )


def _cancel(session: Session, run: Run) -> None:
    session.studio.cancel(run)
    set_toast(words.CANCELLED, "stop_circle")


def _button(label: str, run: Run, name: str, icon: str, do: Callable[[], None]) -> None:
    key = f"studio.{name}.{run.job.id}"
    st.button(label, key=key, on_click=attempt, args=(do,), icon=f":material/{icon}:", type="tertiary")


def use_again(session: Session, family: Family, run: Run) -> None:
    """Restore the form of this run, with its model."""
    model = session.studio.model(family, run.task.model)
    tab.put(model_key(family), run.task.model)
    restore_form.fill(family, model, run.task)


def model_key(family: Family) -> str:
    """The key of the model widget of a family."""
    return widgets.studio_model(family.name)
