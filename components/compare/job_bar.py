"""The progress of a job, and its actions: for grids and for suites."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import streamlit as st

from backend.answer import cost
from backend.errors import APIError
from backend.jobs.job import Job, StepState
from backend.jobs.workers import LEFT
from backend.store import StoreError
from backend.untrusted import Unreadable
from components.compare import words
from components.elements.markdown import plain
from components.session.job_sources import OtherServer
from components.session.session import Session


def job_bar(session: Session, job: Job, left: float | None) -> None:
    """Draw it; `left`: seconds until its end, if they can be estimated."""
    _progress(session, job, left)
    with st.container(key="experiment.notices"):
        _notices(session, job)


def is_at_work(job: Job) -> bool:
    """Whether some process works on it now."""
    return job.at_work(time.time())


def _progress(session: Session, job: Job, left: float | None) -> None:
    at_work = job.at_work(time.time())
    parts = [words.PROGRESS.format(ended=job.ended_steps, total=job.total)]
    if at_work and (waits := session.experiments.wait_seconds(job)) >= 1:
        parts.append(words.PROGRESS_WAITS.format(time=_time(waits)))
    elif at_work and left is not None:
        parts.append(words.PROGRESS_LEFT.format(time=_time(left)))
    if job.usd:
        parts.append(words.PROGRESS_SPENT.format(usd=plain(cost.dollars(job.usd))))
    with st.container(horizontal=True, vertical_alignment="center", key="experiment.progress", gap="small"):
        st.progress(job.ended_steps / max(1, job.total), " · ".join(parts), width="stretch")
        if at_work:
            _button(words.STOP_EXPERIMENT, "stop", "stop_circle", lambda: session.experiments.cancel(job))
        elif job.counts.get("waiting") or job.counts.get("cancelled") or job.counts.get("running"):
            _button(words.GO_ON, "go_on", "play_arrow", lambda: session.experiments.go_on(job))


def _time(seconds: float) -> str:
    if seconds < 100:
        return words.SECONDS.format(count=max(1, round(seconds)))
    return words.MINUTES.format(count=round(seconds / 60))


def _button(label: str, name: str, icon: str, do: Callable[[], None]) -> None:
    st.button(
        label, key=f"experiment.{name}", on_click=attempt, args=(do,), icon=f":material/{icon}:", type="secondary"
    )


def attempt(do: Callable[[], None]) -> None:
    """Do it, or show why it cannot be done."""
    try:
        do()
    except Unreadable as error:
        st.toast(plain(str(error)), icon=":material/error:")
    except OtherServer:
        st.toast(words.OTHER_SERVER, icon=":material/error:")
    except StoreError as error:
        st.toast(plain(str(error)), icon=":material/error:")
    except APIError as error:
        st.toast(plain(f"{error.title} {error.hint}"), icon=":material/error:")


def _notices(session: Session, job: Job) -> None:
    """Why it has paused, and what a person has to decide. A container that always exists."""
    if job.state == "paused":
        st.warning(words.PAUSED.format(why=plain(job.why)), icon=":material/pause_circle:")
    elif job.state == "running" and not job.at_work(time.time()):
        count = job.counts.get("running", 0)
        flight = words.IN_FLIGHT_ONE if count == 1 else words.IN_FLIGHT.format(count=count) if count else ""
        st.warning(f"{words.INTERRUPTED} {flight}", icon=":material/power_off:")
    if job.at_work(time.time()):
        return
    undecided: tuple[tuple[StepState, str, str, str], ...] = (
        ("unknown", words.UNKNOWN_ONE, words.UNKNOWN, words.ASK_UNKNOWN),
        ("failed", words.FAILED_ONE, words.FAILED, words.ASK_FAILED),
    )
    for state, one, several, ask in undecided:
        if count := job.counts.get(state, 0):
            with st.container(horizontal=True, vertical_alignment="center", key=f"experiment.{state}"):
                st.caption(one if count == 1 else several.format(count=count))
                again = partial(session.experiments.go_on, job, (*LEFT, state))
                _button(ask, f"again.{state}", "replay", again)


def delete_button(session: Session, job: Job, key: str) -> None:
    """A delete button; deletion can be undone for a while."""
    st.button(
        words.DELETE_EXPERIMENT,
        key=key,
        on_click=session.experiments.delete,
        args=(job,),
        icon=":material/delete:",
        type="tertiary",
    )
