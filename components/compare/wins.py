"""The table of wins under a blind race: which model is stronger by one's own votes, and the votes as files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from backend.compare import vote_files
from backend.compare.ranking import Ranking, Standing, ranking
from backend.compare.saved_votes import SavedVotes
from backend.compare.votes import Vote
from backend.store import StoreError
from backend.untrusted import Unreadable
from components.compare import words
from components.elements.markdown import plain
from components.elements.theme import accent
from components.session import services, tab
from components.session.session import Session

if TYPE_CHECKING:
    import altair

_OPEN, _ROUND, _NEWS = "wins.open", "wins.round", "wins.news"
_MEGABYTES = vote_files.FILE // 1_000_000


@dataclass
class Counted:
    """The ranking of one tab, and the version of the votes it is based on."""

    state: tuple[int, float] | None = None
    ranking: Ranking = field(default_factory=Ranking)


def wins(session: Session) -> None:
    """Draw it in a collapsed section. It is computed when opened, and again when the votes have changed."""
    saved = services.saved_votes(session.owner)
    with st.expander(words.WINS, key=_OPEN, icon=":material/leaderboard:", on_change="rerun") as fold:
        if fold.open:
            _table(_counted(saved))
            _files(saved)


def _counted(saved: SavedVotes) -> Ranking:
    counted, state = tab.one(Counted), saved.state()
    if counted.state != state:
        counted.state, counted.ranking = state, ranking(saved.all())
    return counted.ranking


def _table(found: Ranking) -> None:
    if not found.questions:
        st.markdown(words.WINS_NONE)
        return
    count = words.WINS_COUNT_ONE if found.questions == 1 else words.WINS_COUNT.format(count=f"{found.questions:,}")
    leader = words.WINS_LEADER.format(model=plain(found.leader.model)) if found.leader else words.WINS_CHANCE
    st.markdown(f"{count} {leader}")
    costs = {words.WINS_COLUMNS["cost"]: st.column_config.NumberColumn(format="%g")}  # otherwise four decimals
    st.dataframe([_row(one) for one in found.ranked], hide_index=True, column_config=costs, alt=words.WINS_TABLE)
    if found.apart:
        models = ", ".join(plain(one.model) for one in found.apart[:20])
        st.markdown(words.WINS_APART.format(models=models))
    st.caption(words.WINS_EXPLAINED)
    charts = (
        (_points(found.ranked, lambda one: one.cost), words.COST_AXIS, words.COST_CHART),
        (_points(found.ranked, lambda one: one.speed), words.SPEED_AXIS, words.SPEED_CHART),
    )
    drawable = [chart for chart in charts if len(chart[0]) > 1]  # a single point is no chart
    for place, (points, axis, alt) in zip(st.columns(len(charts)), drawable, strict=False):
        place.altair_chart(_chart(points, axis), alt=alt)


def _row(one: Standing) -> dict[str, object]:
    names = words.WINS_COLUMNS
    return {
        names["model"]: one.model,
        names["strength"]: round(one.strength or 0.0),
        names["interval"]: f"{one.low:.0f} – {one.high:.0f}",
        **{names[name]: getattr(one, name) for name in ("compared", "wins", "ties", "losses", "both_bad")},
        names["cost"]: None if one.cost is None else float(f"{one.cost:.3g}"),
        names["speed"]: None if one.speed is None else round(one.speed, 1),
    }


def _points(ranked: Sequence[Standing], value: Callable[[Standing], float | None]) -> list[dict[str, object]]:
    """A point for each model with known values."""
    return [
        {
            "model": one.model,
            "name": one.model.rpartition("/")[2],
            "x": known,
            "y": one.strength,
            "low": one.low,
            "high": one.high,
        }
        for one in ranked
        if (known := value(one)) is not None
    ]


def _chart(points: list[dict[str, object]], axis: str) -> altair.LayerChart:
    import altair as alt  # slow to import: only if there is something to draw

    root = alt.Scale(type="sqrt", nice=False, padding=32)  # an answer may have cost nothing
    base = alt.Chart(alt.InlineData(values=points)).encode(x=alt.X("x:Q", scale=root, title=axis).axis(tickCount=4))
    y = alt.Y("y:Q", scale=alt.Scale(zero=False, padding=16), title=words.STRENGTH_AXIS)
    colour = accent()
    lines = base.mark_rule(opacity=0.5, color=colour).encode(
        y=alt.Y("low:Q", title=words.STRENGTH_AXIS), y2="high:Q"
    )
    circles = base.mark_circle(size=90, color=colour).encode(
        y=y, tooltip=[alt.Tooltip("model:N", title=words.WINS_COLUMNS["model"])]
    )
    names = base.mark_text(align="left", dx=9, dy=-9, limit=120, color=colour).encode(y=y, text="name:N")
    chart: altair.LayerChart = (lines + circles + names).properties(height=280)
    return chart


# ---- as files -----------------------------------------------------------------------------------------------


def _files(saved: SavedVotes) -> None:
    news = tab.value(_NEWS)
    with st.container(key="wins.news"):
        if news:
            st.info(news)
    with st.container(horizontal=True, gap="small", key="wins.files"):
        if saved.state()[0]:
            _download(saved, "csv", words.VOTES_CSV, "text/csv", vote_files.as_csv)
            _download(saved, "json", words.VOTES_JSON, "application/json", vote_files.as_json)
        _import(saved)
        if saved.state()[0]:
            with st.popover(words.VOTES_DELETE, type="tertiary", icon=":material/delete:"):
                st.markdown(words.VOTES_DELETE_EXPLAINED)
                st.button(words.VOTES_DELETE_ALL, key="wins.delete", on_click=_delete, args=(saved,))


def _download(
    saved: SavedVotes, ending: str, label: str, mime: str, write: Callable[[Sequence[Vote]], bytes]
) -> None:
    """A download button; the file is made on demand."""
    st.download_button(
        label,
        data=lambda: write(saved.all()),
        file_name=f"votes.{ending}",
        mime=mime,
        key=f"wins.{ending}",
        on_click="ignore",
        icon=":material/download:",
    )


def _import(saved: SavedVotes) -> None:
    """A file uploader: a new one after each import, so that it closes and shows the outcome."""
    key = f"wins.import.{tab.value(_ROUND, 0)}"
    with st.popover(words.VOTES_IMPORT, type="tertiary", icon=":material/upload_file:", key=f"{key}.place"):
        st.file_uploader(
            words.VOTES_FILE,
            type=["csv", "json", "jsonl"],
            max_upload_size=_MEGABYTES,
            key=key,
            on_change=_take,
            args=(saved, key),
        )
        st.caption(words.VOTES_IMPORT_EXPLAINED.format(rows=vote_files.ROWS))


def _take(saved: SavedVotes, key: str) -> None:
    file = tab.upload(key)
    if file is None:
        return
    try:
        found = vote_files.read(file.getvalue())
        new = saved.add(found.votes)
    except (Unreadable, StoreError) as error:
        tab.put(_NEWS, plain(str(error)))
    else:
        sentences = [words.VOTES_TAKEN.format(count=f"{new:,}", known=f"{len(found.votes) - new:,}")]
        sentences += [words.VOTES_LEFT_OUT.format(count=f"{found.left_out:,}")] if found.left_out else []
        tab.put(_NEWS, " ".join(sentences))
    tab.put(_ROUND, (tab.value_as(int, _ROUND) or 0) + 1)


def _delete(saved: SavedVotes) -> None:
    try:
        saved.delete()
        tab.drop(_NEWS)
    except StoreError as error:
        tab.put(_NEWS, plain(str(error)))
