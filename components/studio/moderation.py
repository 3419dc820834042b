"""The verdicts of moderation: a row for each text."""

from __future__ import annotations

import streamlit as st

from backend.studio import verdicts
from backend.studio.shelf import Shelf
from backend.types import JSON
from backend.untrusted import fields, items, string
from components.session.studio_runs import Run
from components.studio import words


def draw(run: Run, shelf: Shelf) -> None:
    """Draw it."""
    judged = list(_verdict_rows(run))
    unsafe = sum(verdict.state == "unsafe" for _, verdict in judged)
    st.caption(words.UNSAFE_COUNT.format(unsafe=unsafe, count=len(judged)))
    st.dataframe(table(run), hide_index=True, alt=words.VERDICT)


def table(run: Run) -> list[dict[str, str]]:
    """A row for each text."""
    judged = _verdict_rows(run)
    scored = any(verdict.scores for _, verdict in judged)
    return [
        {
            words.VERDICT_TEXT: text,
            words.VERDICT: words.VERDICT_STATES[verdict.state],
            words.VERDICT_WHY: ", ".join(verdict.reasons) or (verdict.raw if verdict.state == "none" else ""),
            **({words.VERDICT_SCORES: ", ".join(verdict.scores)} if scored else {}),
        }
        for text, verdict in judged
    ]


def _verdict_rows(run: Run) -> list[tuple[str, verdicts.ModerationVerdict]]:
    """Each text with its verdict: a step for each, or all of them in one."""
    given = items(run.task.body.get("input"))
    result = run.step.result.get("result")
    if given:
        rows: list[JSON] = items(result)
        return [
            (string(text), verdicts.of_row(rows[place] if place < len(rows) else None))
            for place, text in enumerate(given)
        ]
    judged = []
    for step in run.steps:
        messages = items(fields(step.task.get("body")).get("messages"))
        text = string(fields(messages[-1]).get("content")) if messages else ""
        judged.append((text, verdicts.of_guard(string(step.result.get("result")))))
    return judged
