"""PowerPoint files and Jupyter notebooks: their text, and what of them is left out."""

from __future__ import annotations

import json
from typing import Any

from office_files import pptx, shape

from backend import attachments
from backend.attachments import reading_process

# ---- PowerPoint ----------------------------------------------------------------------------------------------


def row(*cells: str) -> str:
    inside = (f"<a:tc><a:txBody><a:p><a:r><a:t>{cell}</a:t></a:r></a:p></a:txBody></a:tc>" for cell in cells)
    return f"<a:tr>{''.join(inside)}</a:tr>"


TABLE = f"<p:graphicFrame><a:tbl>{row('Item', 'Cost')}{row('Rent', '900')}</a:tbl></p:graphicFrame>"


def answer(data: bytes, characters: int = 10_000) -> dict[str, Any]:
    return reading_process.answer(data, characters)


def test_slides_come_in_the_order_in_which_they_are_shown_with_tables_and_notes() -> None:
    first = shape("Costs", kind="title") + TABLE + "<p:pic/>" + shape("7", kind="sldNum")
    data = pptx(first, shape("Welcome", "to all"), notes=shape("Say hello.") + shape("1", kind="sldNum"))
    found = attachments.read("talk.pptx", data)
    assert found.media.text == (
        "[Slide 1]\nWelcome\nto all\n\n"
        "[Slide 2]\nCosts\nItem | Cost\nRent | 900\n[Notes]\nSay hello.\n\n"
        "[Without the 1 picture in it.]"
    )
    assert "a PowerPoint file, 2 slides, without the 1 picture in it" in found.about


def test_a_hidden_slide_is_said_to_be_hidden_and_a_long_file_is_cut_with_a_word() -> None:
    assert answer(pptx(shape("A"), show='show="0"'))["text"] == "[Slide 1 (hidden)]\nA"
    cut = answer(pptx(*(shape("A" * 100) for _ in range(9))), 250)
    assert cut["facts"] == ["a PowerPoint file", "9 slides", "the text of the first 3 slides"]


def test_slides_of_a_stranger_end_in_words() -> None:
    assert "damaged" in answer(pptx("<p:grpSp>" * 500 + "</p:grpSp>" * 500))["problem"]
    assert answer(pptx(shape("&#65;")))["text"] == "[Slide 1]\nA"


# ---- notebooks -----------------------------------------------------------------------------------------------


def notebook(*cells: dict[str, Any]) -> bytes:
    metadata = {"kernelspec": {"language": "python"}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}).encode()


def test_a_notebook_is_its_cells_and_what_they_printed_without_the_letters_of_its_pictures() -> None:
    outputs = [
        {"output_type": "stream", "text": ["2\n"]},
        {"output_type": "display_data", "data": {"image/png": "iVBOR" * 9_000, "text/plain": "<Figure>"}},
        {"output_type": "error", "traceback": ["\x1b[31mKeyError\x1b[0m: 'a'"]},
    ]
    found = attachments.read(
        "a.ipynb",
        notebook(
            {"cell_type": "markdown", "source": ["# Sums\n", "of two"]},
            {"cell_type": "code", "source": "print(1 + 1)", "outputs": outputs},
            {"cell_type": "code", "source": [], "outputs": []},
        ),
    )
    assert found.media.text == (
        "# Sums\nof two\n\n```python\nprint(1 + 1)\n```\n\nOutput:\n\n```\n2\n<Figure>\nKeyError: 'a'\n```\n\n"
        "[Without the 1 picture in it.]"
    )
    assert "a notebook, 3 cells, without the 1 picture in it" in found.about


def test_json_that_only_looks_like_a_notebook_is_a_text_as_it_is() -> None:
    data = b'{"nbformat": 4, "cells": "none", "more": [1, 2]}'
    assert attachments.read("a.json", data).media.text == data.decode()


def test_a_notebook_that_ends_early_or_is_nested_without_end_is_refused_in_words() -> None:
    whole = notebook({"cell_type": "code", "source": "1", "outputs": []})
    assert "damaged" in answer(b'{"nbformat": 4, "cells": [' + b"[" * 100_000)["problem"]
    assert "notebook" in answer(whole[:10] + b'"nbformat": 4, "cells"')["problem"]
