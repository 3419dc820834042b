"""The answers of one cell: their figures, and each distinct text with its count."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

import streamlit as st

from backend.compare import kept_requests
from backend.compare.cell_statistics import Figures, Group, Spread, message, text
from backend.jobs.job import Job, JobStep
from backend.text import clean
from backend.untrusted import line
from components.compare import words
from components.compare.heat_map import figure
from components.elements.markdown import plain
from components.session import exhibit
from components.session.session import Session

_GROUPS, _LETTERS, _CALLS = 20, 4_000, 20  # shown at most


def cell_view(session: Session, job: Job, figures: Figures, steps: Sequence[JobStep]) -> None:
    """Draw the cell."""
    with st.container(key="experiment.answers"):
        if not figures.complete:
            st.caption(words.CELL_EMPTY)
        else:
            st.markdown(" · ".join(_figure_lines(figures)))
            for group in figures.groups[:_GROUPS]:
                _group(group, figures.complete)
            if len(figures.groups) > _GROUPS:
                st.caption(words.GROUPS_MORE.format(count=len(figures.groups) - _GROUPS))
            _calls(figures)
        _inspect(session, job, [step for step in steps if message(step)])
        for (why, hint), count in _failures(steps).most_common(_CALLS):
            st.caption(words.FAILURE.format(count=count, why=plain(why), hint=plain(hint)))
        if steps:
            with st.expander(words.REQUEST_OF_CELL, icon=":material/data_object:"):
                body = kept_requests.request(job.plan, steps[0].task).raw
                st.code(json.dumps(body, ensure_ascii=False, indent=1)[:50_000], language="json", wrap_lines=True)


def _inspect(session: Session, job: Job, answers: Sequence[JobStep]) -> None:
    """The inspector button for each of the answers."""
    if not answers:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="experiment.inspect"):
        labels = {step.place: _label(number, step) for number, step in enumerate(answers, 1)}
        chosen = st.selectbox(
            words.INSPECT_WHICH,
            list(labels),
            format_func=labels.__getitem__,
            key=f"experiment.inspected.{job.id}.{answers[0].task.get('cell')}",
            disabled=len(labels) == 1,
        )
        if st.button(words.INSPECT, key="experiment.inspect.open", icon=":material/search_insights:"):
            step = next((step for step in answers if step.place == chosen), answers[0])
            exhibit.inspect(session, exhibit.of_grid(job, step))
            st.rerun()


def _label(number: int, step: JobStep) -> str:
    """The label of an answer: its number and its beginning."""
    found = message(step)
    answer = text(found) if found else ""
    why = found.failure.title if found and found.failure else ""
    return words.INSPECT_ANSWER.format(number=number, text=line(answer or why, 60) or words.NO_TEXT)


def _figure_lines(figures: Figures) -> list[str]:
    """The figures as Markdown."""
    parts = [words.CELL_ANSWERS.format(complete=figures.complete, asked=figures.asked)]
    for name, label in words.CELL_FIGURES.items():
        value = getattr(figures, name)
        if value is None or (figures.complete == 1 and name in ("distinct", "agreement", "similarity")):
            continue
        parts.append(_spread(name, label, value) if isinstance(value, Spread) else _one(name, label, value))
    if figures.unpriced and figures.cost:
        parts.append(words.UNPRICED.format(count=figures.unpriced))
    return parts


def _one(name: str, label: str, value: float) -> str:
    return label.format(value=plain(figure(name, value)))


def _spread(name: str, label: str, value: Spread) -> str:
    middle = _one(name, label, value.p50)
    if value.low == value.high:
        return middle
    low, high, p90 = (plain(figure(name, part)) for part in (value.low, value.high, value.p90))
    return words.SPREAD.format(label=middle, low=low, high=high, p90=p90)


def _group(group: Group, complete: int) -> None:
    """One text; it is from a model, and is drawn unchanged."""
    st.caption(words.GROUP.format(count=len(group.places), complete=complete))
    st.code(clean(group.text[:_LETTERS]) or words.NO_TEXT, language=None, wrap_lines=True)
    if len(group.text) > _LETTERS:
        st.caption(words.TEXT_MORE.format(count=len(group.text) - _LETTERS))


def _failures(steps: Sequence[JobStep]) -> Counter[tuple[str, str]]:
    """Why requests did not become complete answers, with counts."""
    broken = [message(step) for step in steps if step.state in ("failed", "unknown")]
    return Counter((one.failure.title, one.failure.hint) for one in broken if one and one.failure)


def _calls(figures: Figures) -> None:
    lines = [
        words.CALL.format(count=count, name=name, arguments=arguments[:500])
        for name, calls in figures.calls.items()
        for arguments, count in sorted(calls.items(), key=lambda call: -call[1])
    ]
    if lines:
        st.caption(words.CALLS)
        st.code(clean("\n".join(lines[:_CALLS])), language=None, wrap_lines=True)
