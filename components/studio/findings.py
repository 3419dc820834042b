"""The findings of a search: its answer, and a tab for each kind of finding. All of it is untrusted: text is
drawn as text, an address is a link to click, and the browser contacts none of the found pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from backend.studio.shelf import Shelf
from backend.types import JSON
from backend.untrusted import Object, fields, items, objects, string
from components.elements.markdown import link, plain
from components.session.studio_runs import Run
from components.studio import media, words
from components.view import component
from components.view.component import Item

_LINKS = 60


def draw(run: Run, shelf: Shelf) -> None:
    """Draw it."""
    found = fields(run.step.result.get("result"))
    drawn: dict[str, Callable[[Object], None]] = {
        "answer": partial(_answer, run.job.id),
        "links": lambda all_: _list(objects(all_.get("links"), _LINKS)),
        "pictures": lambda all_: _pictures(run, shelf),
        "videos": lambda all_: _list(objects(all_.get("videos"), _LINKS)),
        "weather": lambda all_: _weather(fields(all_.get("weather"))),
        "map": lambda all_: _map(fields(all_.get("map"))),
        "facts": lambda all_: _table(fields(all_.get("facts")), words.FACTS),
    }
    here = {**found, "pictures": run.files or found.get("images")}
    names = [name for name in drawn if here.get(name)]
    if not names:
        st.caption(words.NOTHING_FOUND)
        return
    tabs = st.tabs([words.FOUND[name] for name in names], key=f"studio.{run.job.id}.found")
    for name, place in zip(names, tabs, strict=True):
        with place:
            drawn[name](found)
    if missing := [words.FOUND_KINDS.get(string(kind), "") for kind in items(found.get("missing"))]:
        st.caption(words.FOUND_MISSING.format(kinds=", ".join(filter(None, missing))))


def as_text(run: Run) -> str:
    """The answer with its links, to be attached to a question."""
    found = fields(run.step.result.get("result"))
    rows = objects(found.get("links"), _LINKS)
    links = [" ".join(filter(None, (string(row.get("title")), string(row.get("url"))))) for row in rows]
    return "\n\n".join(filter(None, (string(found.get("answer")), "\n".join(links))))


def _nothing() -> None:
    """Do nothing: an answer has no actions."""


def _answer(id_: str, found: Object) -> None:
    with st.container(key=f"studio.answer.{id_}.place"):
        item = Item("0", "assistant", words.FOUND["answer"], string(found.get("answer")))
        component.draw([item], f"studio.answer.{id_}", _nothing, conversation=f"studio.answer.{id_}", still=True)
    if related := items(found.get("related")):
        st.caption(words.RELATED.format(questions=" · ".join(plain(string(one)) for one in related)))


def _list(rows: list[Object]) -> None:
    lines = []
    for row in rows:
        url, title = string(row.get("url")), string(row.get("title"))
        lines.append(f"1. {link(title or url, url)}" + (f" {plain(_host(url))}" if title else ""))
    st.markdown("\n".join(lines))


def _host(url: str) -> str:
    return f"({url.split('/')[2]})" if url.count("/") > 1 else ""


def _pictures(run: Run, shelf: Shelf) -> None:
    found = objects(fields(run.step.result.get("result")).get("images"))
    files = [file for file in run.files if shelf.find(string(file.get("id")))]
    if files:
        media.draw(files, shelf, f"picture-{run.job.id[:6]}", f"studio.media.{run.job.id}")
    rows = [
        {"url": string(one.get("page")) or string(one.get("url")), "title": string(one.get("title"))}
        for one in found
    ]
    _list([{**row} for row in rows])


def _weather(weather: Object) -> None:
    days = objects(weather.get("forecast"), 10)
    _table({name: value for name, value in weather.items() if name != "forecast"}, words.WEATHER)
    if days:
        rows = [{words.WEATHER.get(name, name): string(value) for name, value in day.items()} for day in days]
        st.dataframe(rows, hide_index=True, alt=words.FORECAST)


def _map(place: Object) -> None:
    st.markdown(link(words.OPEN_MAP, string(place.get("url"))))


def _table(rows: Mapping[str, JSON], names: Mapping[str, str]) -> None:
    """Names and their descriptions."""
    lines = [
        f"- **{plain(names.get(name, name.replace('_', ' ')))}**: {plain(str(value))}"
        for name, value in rows.items()
    ]
    st.markdown("\n".join(lines))
