"""Pages of PDF files that were read, drawn for the side beside their text."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from fake_api import reply
from PIL import Image
from pypdf import PdfWriter
from studio import StudioAPI, files, making, worked_off

from backend.jobs.job import JobStep, StepOutcome
from backend.studio import documents, run_files
from backend.studio.documents import DocumentWork
from backend.studio.page_process import SIDE
from backend.studio.shelf import Shelf
from backend.studio.task import Given, Task


def pdf(*sizes: tuple[float, float], password: str = "") -> bytes:
    writer, written = PdfWriter(), io.BytesIO()
    for width, height in sizes:
        writer.add_blank_page(width, height)
    if password:
        writer.encrypt(password)
    writer.write(written)
    return written.getvalue()


def pdf_uri() -> str:
    return f"data:application/pdf;base64,{base64.b64encode(files()['page.pdf']).decode()}"


def read(folder: Path, content: bytes, numbers: Sequence[object]) -> tuple[StepOutcome, Shelf]:
    """A file, and the numbers that the server gives to its pages."""
    pages = [{"index": number, "markdown": f"# {number}"} for number in numbers]
    with StudioAPI(reply({"pages": pages})) as api, making(api, folder, kind=DocumentWork) as work:
        with work.shelf.new() as growing:
            growing.write(content)
            given = Given(growing.keep().id, "a.pdf")
        outcome, _ = worked_off(work, Task("ocr", "m", "/v1/ocr", files={"document": (given,)}))
        return outcome, work.shelf


@pytest.mark.slow
@pytest.mark.parametrize("numbers", [[1, 2], [2, 3]], ids=["from 0", "from 1"])
def test_the_pages_read_are_drawn_however_the_server_counts_them(tmp_path: Path, numbers: list[object]) -> None:
    """Of three pages the second is wide and the third is tall, however large they say they are."""
    outcome, shelf = read(tmp_path, pdf((200, 200), (2e6, 1e6), (1, 14_400)), numbers)
    files = outcome.result["files"]
    assert isinstance(files, list) and outcome.result["undrawn"] == ""
    shapes = []
    for place, file in enumerate(files):
        assert isinstance(file, dict) and file["page"] == place and file["show"] == "image"
        kept = shelf.find(str(file["id"]))
        assert kept and kept.id in run_files.file_ids([JobStep(0, {}, result=outcome.result)])
        shapes.append(Image.open(kept.path).size)
    assert shapes == [(SIDE, SIDE // 2), (1, SIDE)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "numbers", "why"),
    [
        (pdf((9, 9), password="x"), [0], "password"),
        (pdf((9, 9)), [0, 7, 1e300], "Not all"),
    ],
)
def test_an_undrawable_page_has_its_text_and_the_reason(
    tmp_path: Path, content: bytes, numbers: list[object], why: str
) -> None:
    outcome, shelf = read(tmp_path, content, numbers)
    assert outcome.state == "done" and shelf.find(outcome.result["pages"]["id"])  # type: ignore[index, call-overload]
    assert why in str(outcome.result["undrawn"])


@pytest.mark.slow
def test_a_document_that_a_link_leads_to_is_fetched_and_drawn(tmp_path: Path) -> None:
    for link in ("https://files.invalid/page.pdf", {"type": "document_url", "document_url": pdf_uri()}):
        pages = reply({"pages": [{"index": 0, "markdown": "# Hi"}]})
        with StudioAPI(pages) as api, making(api, tmp_path, kind=DocumentWork) as work:
            outcome, _ = worked_off(work, Task("ocr", "m", "/v1/ocr", body={"document": link}))
        (picture,) = outcome.result["files"]  # type: ignore[misc]
        kept = run_files.file_ids([JobStep(0, {}, result=outcome.result)])
        source = work.shelf.find(kept[-1])
        assert picture["page"] == 0 and outcome.result["undrawn"] == ""  # type: ignore[index, call-overload]
        assert source and source.type.ending == "pdf", "deleted and packed with its run"


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("https://127.0.0.1/a.pdf", "not open here"),
        ("https://files.invalid/gone.pdf", "could not be fetched"),
        ("https://files.invalid/tone.wav", "no PDF file"),
        ("data:text/html,<script>alert(1)</script>", "damaged"),
    ],
)
def test_a_link_to_no_document_takes_no_text_with_it(link: str, why: str, tmp_path: Path) -> None:
    pages = reply({"pages": [{"index": 0, "markdown": "# Hi"}]})
    with StudioAPI(pages) as api, making(api, tmp_path, kind=DocumentWork) as work:
        outcome, _ = worked_off(work, Task("ocr", "m", "/v1/ocr", body={"document": link}))
    assert outcome.state == "done" and why in str(outcome.result["undrawn"])
    assert run_files.file_ids([JobStep(0, {}, result=outcome.result)]) == [outcome.result["pages"]["id"]]  # type: ignore[index, call-overload]
    assert len(list(work.shelf._files())) == 1


def test_a_link_that_a_visitor_types_does_not_reach_the_server_near_by(tmp_path: Path) -> None:
    pages = reply({"pages": [{"index": 0, "markdown": "# Hi"}]})
    with StudioAPI(pages) as api, making(api, tmp_path, kind=DocumentWork) as work:
        link = f"{api.origin}/metrics.pdf"
        outcome, _ = worked_off(work, Task("ocr", "m", "/v1/ocr", body={"document": link}))
    assert len(api.requests) == 1 and "not open here" in str(outcome.result["undrawn"])


def test_a_page_that_names_a_picture_a_million_times_does_not_fill_the_memory() -> None:
    picture = "A" * 1_000_000
    whole = documents.with_pictures("![a](a.png) " * 100_000, {"a.png": picture, "b": "](a.png)" * 9})
    assert len(whole) < 2 * documents.CUT_OUT and whole.count(picture) == 16
    said = documents.with_pictures(
        "![x](b) ![y](c) [z](a.png)", {"b": "](a.png)", "a.png": "data:image/gif;base64,R"}
    )
    assert said == "![x](data:image/png;base64,](a.png)) ![y](c) [z](data:image/gif;base64,R)", (
        "each is put in once"
    )
