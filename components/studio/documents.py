"""The result of OCR: the text of a page, rendered like an answer, beside the picture of that page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from backend.studio import documents, ocr_boxes
from backend.studio.shelf import KeptFile, Shelf
from backend.types import JSON
from backend.untrusted import Object, fields, integer, items, string
from components.elements.markdown import plain
from components.session.studio_runs import Run
from components.studio import media, words
from components.studio.downloads import download, kept_json
from components.view import component
from components.view.component import Item

_PAGES = 20  # pages whose texts are drawn below each other

Page = Mapping[str, JSON]


def draw(run: Run, shelf: Shelf) -> None:
    """Its pages: of a PDF file the chosen one, beside its picture."""
    pages = list(map(fields, items(kept_json(run, "pages", shelf))))
    if not pages:
        st.caption(words.GONE)
        return
    source = _source(run, shelf)
    if pictures := _pictures(run):
        _one_page(run, pages, pictures, shelf)
        if why := string(run.step.result.get("undrawn")):
            st.caption(plain(why))
    elif source and source.type.show == "image":
        left, right = st.columns(2, gap="small")
        with left:
            _file(run, source, shelf, pages[0])
        with right:
            _texts(run, range(len(pages)), pages)
    else:
        st.caption(plain(string(run.step.result.get("undrawn"))) or words.PDF_NOT_DRAWN)
        _texts(run, range(len(pages)), pages)
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        whole = "\n\n".join(map(_with_pictures, pages))
        download(words.MARKDOWN_FILE, whole, f"document-{run.job.id[:8]}.md", "text/markdown", run)
    if source and source.type.show != "image":
        _file(run, source, shelf)


def as_markdown(run: Run, shelf: Shelf) -> str:
    """The text of all pages, without their pictures."""
    return "\n\n".join(string(fields(page).get("markdown")) for page in items(kept_json(run, "pages", shelf)))


def _source(run: Run, shelf: Shelf) -> KeptFile | None:
    """The source file, uploaded or downloaded; None if it is not here."""
    given = [one.id for several in run.task.files.values() for one in several]
    return shelf.find(given[0] if given else string(fields(run.step.result.get("source")).get("id")))


def _file(run: Run, source: KeptFile, shelf: Shelf, page: Page | None = None) -> None:
    file = {"id": source.id, "show": source.type.show, **_boxes(page or {})}
    media.draw([file], shelf, f"document-{run.job.id[:8]}", f"studio.page.{run.job.id}")


def _boxes(page: Page) -> dict[str, JSON]:
    """The boxes over the picture of a page. Omitted ones are reported."""
    if more := integer(page.get("more")):
        st.caption(words.BOXES_MORE.format(count=more))
    return ocr_boxes.valid_boxes(page)


def _pictures(run: Run) -> dict[int, Object]:
    """The pictures of pages, by their index among the texts."""
    return {place: file for file in run.files if isinstance(place := file.get("page"), int)}


def _one_page(run: Run, pages: Sequence[Page], pictures: Mapping[int, Object], shelf: Shelf) -> None:
    place = 0
    if len(pages) > 1:
        label = words.PAGE_OF.format(count=len(pages))
        key = f"studio.page_number.{run.job.id}"
        place = int(st.number_input(label, 1, len(pages), 1, key=key, width=180)) - 1
    left, right = st.columns(2, gap="small")
    with left:
        if picture := pictures.get(place):
            # Boxes in pixels refer to a picture that is not here: this one was rendered again.
            over = {} if pages[place].get("pixels") else _boxes(pages[place])
            file = {**picture, **over}
            media.draw([file], shelf, f"page-{place + 1}", f"studio.page_picture.{run.job.id}")
        else:
            st.caption(words.PAGE_NOT_DRAWN)
    with right:
        _texts(run, [place], pages)


def _texts(run: Run, places: Sequence[int], pages: Sequence[Page]) -> None:
    """The texts of these pages below each other."""
    items_ = [
        Item(str(place), "assistant", words.PAGE.format(number=place + 1), _with_pictures(pages[place]))
        for place in places[:_PAGES]
    ]
    with st.container(key=f"studio.pages.{run.job.id}"):
        component.draw(
            items_, f"studio.text.{run.job.id}", _nothing, conversation=f"studio.{run.job.id}", still=True
        )
    if len(places) > _PAGES:
        st.caption(words.PAGES_MORE.format(count=len(places) - _PAGES))


def _nothing() -> None:
    """Do nothing: a page has no actions."""


def _with_pictures(page: Page) -> str:
    """The Markdown of a page with its extracted pictures in place."""
    return documents.with_pictures(string(page.get("markdown")), fields(page.get("pictures")))
