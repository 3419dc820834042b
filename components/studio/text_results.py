"""Results other than files: a transcript with its subtitles, OCR, embeddings compared with each
other, and those that other modules draw. All of it is untrusted and is drawn as plain text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from backend.studio import transcripts, vectors
from backend.studio.shelf import Shelf
from backend.studio.vectors import Vector
from backend.untrusted import items, string
from components.elements.markdown import plain
from components.elements.theme import accent
from components.session.studio_runs import Run
from components.studio import assistant_thread, batch_table, documents, findings, moderation, transcript, words
from components.studio.downloads import download, kept_json

if TYPE_CHECKING:
    import altair

_LETTERS = 40  # characters of a label on an edge
_CELLS = 40  # texts whose matrix can be read
_NUMBERED = 12  # texts whose matrix has room for numbers


def draw(run: Run, shelf: Shelf) -> None:
    """The result of a run without media files."""
    drawn = {
        "transcript": _transcript,
        "vectors": _vectors,
        "verdicts": moderation.draw,
        "pages": documents.draw,
        "findings": findings.draw,
        "thread": assistant_thread.draw,
        "rows": batch_table.draw,
    }
    drawn[run.task.about.gives](run, shelf)


def failed(run: Run) -> None:
    """Why a run failed."""
    result = run.step.result
    parts = [string(result.get(name)) for name in ("error", "hint")]
    st.error(plain(" ".join(filter(None, parts)) or run.job.why or words.STATES["unknown"]))
    if detail := string(result.get("detail")):
        st.code(detail[:4_000], language=None, wrap_lines=True)


def as_file(run: Run, shelf: Shelf) -> tuple[str, str]:
    """A result other than media as a file for the chat: an extension and a text, "" for none."""
    gives, result = run.task.about.gives, run.step.result.get("result")
    if gives == "transcript":
        return "txt", _by_speaker(transcripts.read(result))
    if gives == "pages":
        return "md", documents.as_markdown(run, shelf)
    if gives == "verdicts":
        return "csv", _as_csv(list(row.values()) for row in moderation.table(run))
    if gives == "vectors":  # the numbers themselves would mean nothing to a language model
        with suppress(vectors.Uneven):
            found = vectors_of(run, shelf)
            near = _nearest_rows(texts_of(run, len(found)), vectors.similarities(found)) if len(found) > 1 else []
            return "csv", _as_csv([list(near[0]), *(list(row.values()) for row in near)]) if near else ""
    if gives == "findings":
        return "txt", findings.as_text(run)
    if gives == "thread":
        return "txt", assistant_thread.as_text(run)
    if gives == "rows":
        return "csv", batch_table.as_csv(run, shelf)
    return "", ""


def _as_csv(rows: Iterable[Sequence[object]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue()


# ---- transcripts --------------------------------------------------------------------------------------------


def _transcript(run: Run, shelf: Shelf) -> None:
    found = transcripts.read(run.step.result.get("result"))
    if not found.text.strip():
        st.caption(words.NO_SPEECH)
        return
    if not transcript.draw(run, found, shelf):
        st.code(_by_speaker(found), language=None, wrap_lines=True)
    if found.cut:
        letters, timed = found.cut
        counts = {"kept": len(found.text), "letters": letters, "timed": len(found.words), "words": timed}
        st.warning(words.CUT_TRANSCRIPT.format(**counts), icon=":material/content_cut:")
    elif not found.words:
        st.caption(words.NO_TIMES)
    name = f"transcript-{run.job.id[:8]}"
    with st.container(horizontal=True, gap="small"):
        download(words.TEXT_FILE, found.text, f"{name}.txt", "text/plain", run)
        if found.words:
            download(words.SRT_FILE, transcripts.subtitles(found.words), f"{name}.srt", "text/plain", run)
            vtt = transcripts.subtitles(found.words, vtt=True)
            download(words.VTT_FILE, vtt, f"{name}.vtt", "text/vtt", run)


def _by_speaker(found: transcripts.Transcript) -> str:
    """The text; with a line for each turn if several people speak."""
    if len({word.speaker for word in found.words}) < 2:
        return found.text
    lines: list[tuple[str, list[str]]] = []
    for word in found.words:
        if not lines or lines[-1][0] != word.speaker:
            lines.append((word.speaker, []))
        lines[-1][1].append(word.text)
    return "\n".join(f"{words.SPEAKER.format(name=who)}: {' '.join(said)}" for who, said in lines)


# ---- vectors ------------------------------------------------------------------------------------------------


def vectors_of(run: Run, shelf: Shelf) -> list[Vector]:
    """The vectors of a run. Raises Uneven if they are gone."""
    return vectors.read(kept_json(run, "vectors", shelf))


def _vectors(run: Run, shelf: Shelf) -> None:
    try:
        found = vectors_of(run, shelf)
    except vectors.Uneven:
        st.caption(words.GONE)
        return
    texts = texts_of(run, len(found))
    st.caption(words.VECTORS.format(count=len(found), length=len(found[0])))
    if len(found) > 1:
        matrix = vectors.similarities(found)
        _nearest(texts, matrix)
        points, share = vectors.plane(found)
        title = words.PLANE.format(kept=share)
        st.markdown(title)
        st.altair_chart(_plane(texts, points), key=f"studio.{run.job.id}.plane", width="stretch", alt=title)
        if len(found) <= _CELLS:
            st.markdown(words.MATRIX)
            chart = _matrix(texts, matrix)
            st.altair_chart(chart, key=f"studio.{run.job.id}.matrix", width="stretch", alt=words.MATRIX)
    else:
        st.caption(words.ONE_VECTOR)
    name = f"vectors-{run.job.id[:8]}"
    with st.container(horizontal=True, gap="small"):
        download(words.CSV_FILE, lambda: vectors.table(texts, found).encode(), f"{name}.csv", "text/csv", run)
        download(words.NPY_FILE, lambda: vectors.npy(found), f"{name}.npy", "application/octet-stream", run)


def texts_of(run: Run, count: int) -> list[str]:
    """The input texts, one for each vector."""
    given = run.task.body.get("input")
    texts = [string(text) for text in (items(given) or [given])][:count]
    return texts + [""] * (count - len(texts))


def _nearest_rows(texts: Sequence[str], matrix: Sequence[Sequence[float]]) -> list[dict[str, object]]:
    return [
        {words.PAIR_ONE: texts[one], words.PAIR_OTHER: texts[other], words.PAIR_COSINE: round(cosine, 3)}
        for one, other, cosine in vectors.nearest(matrix)
    ]


def _nearest(texts: Sequence[str], matrix: Sequence[Sequence[float]]) -> None:
    st.markdown(words.NEAREST)
    st.dataframe(_nearest_rows(texts, matrix), hide_index=True, alt=words.NEAREST)


def _label(texts: Sequence[str], place: int) -> str:
    """A short, unique label for a text."""
    text = " ".join(texts[place].split())
    return f"{place + 1} {text[:_LETTERS]}{'…' if len(text) > _LETTERS else ''}"


def _plane(texts: Sequence[str], points: Sequence[tuple[float, float]]) -> altair.LayerChart:
    import altair as alt  # slow to import: only if there is something to draw

    rows = [{"x": x, "y": y, "text": _label(texts, place)} for place, (x, y) in enumerate(points)]
    scale = alt.Scale(zero=False, nice=False, padding=30)
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("x:Q", scale=scale, title=None, axis=alt.Axis(labels=False, ticks=False)),
        y=alt.Y("y:Q", scale=scale, title=None, axis=alt.Axis(labels=False, ticks=False)),
    )
    circles = base.mark_circle(color=accent(), size=90).encode(tooltip=[alt.Tooltip("text:N", title=None)])
    names = base.mark_text(align="left", dx=9, limit=160, color=accent()).encode(text="text:N")
    layers: altair.LayerChart = (circles + names).properties(height=320)
    return layers


def _matrix(texts: Sequence[str], matrix: Sequence[Sequence[float]]) -> altair.LayerChart:
    import altair as alt  # as above

    labels = [_label(texts, place) for place in range(len(texts))]
    rows = [
        {"down": labels[one], "across": str(other + 1), "value": value, "text": f"{value:.2f}"}
        for one, row in enumerate(matrix)
        for other, value in enumerate(row)
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("across:O", sort=None, title=None, axis=alt.Axis(labelAngle=0, orient="top")),
        y=alt.Y("down:O", sort=None, title=None, axis=alt.Axis(labelLimit=170)),
    )
    cells = base.mark_rect().encode(
        color=alt.Color("value:Q", scale=alt.Scale(scheme="tealblues"), legend=None),
        tooltip=[alt.Tooltip("down:N", title=None), alt.Tooltip("across:N", title=None), alt.Tooltip("text:N")],
    )
    middle = sum(row["value"] for row in rows if isinstance(row["value"], float)) / max(1, len(rows))
    dark = alt.condition(alt.datum.value > middle, alt.value("white"), alt.value("#15181b"))
    numbers = base.mark_text(fontSize=11 if len(texts) <= _NUMBERED else 0).encode(text="text:N", color=dark)
    layers: altair.LayerChart = (cells + numbers).properties(height=min(560, 60 + 34 * len(texts)))
    return layers
