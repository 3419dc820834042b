"""One experiment: its progress, its actions, the map of its cells, and the answers of one cell."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from backend.compare import experiment, grid, job_files, tables
from backend.compare.cell_statistics import Figures, figures
from backend.jobs.job import Job, JobStep
from backend.types import JSON
from components.compare import words
from components.compare.cell_view import cell_view
from components.compare.heat_map import heat_map, number
from components.compare.job_bar import delete_button, job_bar
from components.elements.dates import day_and_time
from components.elements.markdown import plain
from components.session import tab
from components.session.experiments import cell_steps
from components.session.services import configured
from components.session.session import Session

_SHOWN = "experiment.shown"  # the figure on the map
_CELL = "experiment.cell"
_CLICKED = "experiment.clicked"  # clicked on the map, in the last run
_CACHE = "experiment.figures"
_GLANCE = 1.0  # seconds between two progress checks
_TITLE = 300  # letters


def experiment_view(session: Session, job: Job) -> None:
    """Draw it; while it is running, repeatedly."""
    with st.container(horizontal=True, vertical_alignment="center", key="experiment.head", gap="small"):
        st.markdown(f"**{plain(job.title[:_TITLE])}**", width="stretch")
        st.button(
            words.NEW_EXPERIMENT,
            key="experiment.new",
            on_click=session.experiments.show,
            args=("",),
            icon=":material/add:",
            type="tertiary",
        )
    model = plain(session.setup.known_as(str(job.plan.get("model") or "")))
    st.caption(words.EXPERIMENT_ABOUT.format(model=model, when=day_and_time(job.created)))
    at_work = job.at_work(time.time())
    with st.container(key="experiment.whole"):
        st.fragment(_whole, run_every=_GLANCE if at_work else None)(session, job.id, at_work)


def _whole(session: Session, id_: str, at_work: bool) -> None:
    job = session.experiments.saved_jobs.job(id_)
    if job is None or job.at_work(time.time()) != at_work:  # it began or ended: so does the timer
        st.rerun()
    steps = session.experiments.saved_jobs.steps(id_)
    left = experiment.seconds_left(steps, configured().at_once if job.plan.get("server") else 1)
    job_bar(session, job, left)
    layout = grid.read(job.plan)
    cells = _figures(job, steps, len(list(layout.cells())))
    chosen = 0
    if layout.axes:
        chosen = _map(job, layout, cells)
    cell_view(session, job, cells[chosen], [step for step in steps if step.task.get("cell") == chosen])
    _files(session, job, at_work)


# ---- the cells ------------------------------------------------------------------------------------------------


def _figures(job: Job, steps: Sequence[JobStep], count: int) -> list[Figures]:
    """The figures of each cell, cached until another step of the cell has ended."""
    schema, by_cell = experiment.schema(job.plan), cell_steps(steps)
    known: dict[object, Figures] = tab.value_as(dict, _CACHE) or {}
    fresh: dict[object, Figures] = {}
    for place in range(count):
        own = by_cell.get(place, [])
        key = (job.id, place, tuple((step.state, step.ended) for step in own))
        fresh[key] = known[key] if key in known else figures(own, schema)
    tab.put(_CACHE, fresh)
    return list(fresh.values())


def _map(job: Job, layout: grid.Grid, cells: Sequence[Figures]) -> int:
    """The map, and a list for those who cannot click on it; returns the number of the cell to show."""
    known = [name for name in words.MAP_FIGURES if any(number(cell, name) is not None for cell in cells)]
    options = known or ["distinct"]
    if tab.value(_SHOWN) not in options:
        tab.put(_SHOWN, options[0])
    shows = st.selectbox(words.MAP_SHOWS, options, key=_SHOWN, format_func=words.MAP_FIGURES.__getitem__)
    clicked = heat_map(layout, cells, shows, f"map.{job.id}.{shows}")
    if clicked is not None and clicked != tab.value(_CLICKED):
        tab.put(_CELL, clicked)
    tab.put(_CLICKED, clicked)
    if tab.value(_CELL) not in range(len(cells)):
        tab.put(_CELL, 0)
    names = [cell_name(cell) for cell in layout.cells()]
    return int(st.selectbox(words.CELL, range(len(cells)), key=_CELL, format_func=names.__getitem__))


def cell_name(cell: Mapping[str, JSON]) -> str:
    """The name of a cell by its values."""
    return " · ".join(
        words.CELL_PART.format(name=name, value=grid.value_label(value)) for name, value in cell.items()
    )


# ---- files ----------------------------------------------------------------------------------------------------


def _files(session: Session, job: Job, at_work: bool) -> None:
    with st.container(horizontal=True, key="experiment.files", gap="small"):
        whole = (words.EXPORT_EXPERIMENT, "json", job_files.export)
        table = (words.EXPORT_TABLE, "csv", tables.of_experiment)
        for label, ending, write in () if at_work else (whole, table):
            st.download_button(
                label,
                partial(_job_file, session, job, write),
                f"experiment-{job.id[:8]}.{ending}",
                key=f"experiment.export.{ending}",
                on_click="ignore",
                icon=":material/download:",
                type="tertiary",
            )
        delete_button(session, job, "experiment.delete")


def _job_file(session: Session, job: Job, write: Callable[[Job, Sequence[JobStep]], str]) -> str:
    return write(job, session.experiments.saved_jobs.steps(job.id))
