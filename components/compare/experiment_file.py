"""Starts an experiment, from a file or from the form, and brings it into view."""

from __future__ import annotations

import json

import streamlit as st

from backend.answer import cost
from backend.compare import experiment, kept_requests
from backend.compare.grid import BadGrid
from backend.errors import APIError
from backend.jobs.job import Draft
from backend.store import StoreError
from backend.untrusted import Unreadable, parsed
from components.compare import words
from components.elements.markdown import plain
from components.session.session import Session

_FILE = "grid.file"


def begin(session: Session, draft: Draft) -> None:
    """Start it and bring it into view; on failure, show why."""
    try:
        session.experiments.show(session.experiments.begin(draft))
        session.opened.note_start()
    except StoreError as error:
        st.toast(plain(str(error)), icon=":material/error:")
    except APIError as error:
        st.toast(plain(f"{error.title} {error.hint}"), icon=":material/error:")


def price(draft: Draft, model: str) -> str:
    """The number of requests to a model, and their cost, as Markdown."""
    found, name = experiment.estimate(draft), plain(model)
    requests = words.GRID_ONE_REQUEST if found.requests == 1 else words.GRID_REQUESTS.format(count=found.requests)
    if found.usd is None:
        return words.GRID_UNPRICED.format(requests=requests, model=name)
    if found.usd == 0:
        return words.GRID_FREE.format(requests=requests, model=name)
    costs = words.GRID_COSTS_OPEN if found.open else words.GRID_COSTS
    usd = plain(cost.dollars(found.usd))
    return costs.format(requests=requests, model=name, usd=usd, tokens=kept_requests.USUAL)


def experiment_file(session: Session, cap: float | None) -> None:
    """The form to run the experiment of a file again, for at most `cap` US dollars."""
    with st.expander(words.EXPERIMENT_FILE, icon=":material/upload_file:"):
        file = st.file_uploader(words.EXPERIMENT_FILE, type="json", key=_FILE, label_visibility="collapsed")
        if file is None:
            return
        bounds = session.experiments.bounds
        if file.size > bounds.bytes:
            st.error(words.EXPERIMENT_TOO_LARGE.format(count=bounds.bytes))
            return
        try:
            draft = session.experiments.from_file(parsed(file.getvalue(), bounds.bytes), cap)
        except (BadGrid, Unreadable) as error:
            st.error(plain(str(error) or words.EXPERIMENT_UNREADABLE))
            return
        costs = price(draft, str(draft.plan.get("model") or ""))
        st.markdown(words.EXPERIMENT_FROM_FILE.format(title=plain(draft.title[:200]), price=costs))
        first = kept_requests.request(draft.plan, draft.tasks[0].task).raw
        st.code(json.dumps(first, ensure_ascii=False, indent=1)[:20_000], language="json", wrap_lines=True)
        st.button(words.GRID_START, key="grid.start_file", on_click=begin, args=(session, draft), type="primary")
