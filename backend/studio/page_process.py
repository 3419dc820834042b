"""The child process that draws pages of a PDF file, with PDFium: a line of JSON in, a line for each page out.

It is NOT imported by the app, and may be killed at any time: a hostile file ends here and nowhere else.

In: `{"path", "pages"}`, the numbers that a server gave to pages. Out: `{"place", "jpeg"}` for each of them that the
file has, its place in `pages` and its picture as Base64; or `{"problem"}`, words that go on behind "The PDF file".
"""

from __future__ import annotations

import base64
import contextlib
import io
from collections.abc import Iterator, Mapping
from typing import Any

import pypdfium2

from backend.child_process import ParentProcess, limit_memory

MEMORY = 300 * 1024**2  # bytes of addresses that the process may have; pages scanned at 300 dpi take 100 MB
SIDE = 1_400  # pixels of the longer side of a picture: text of 8 points on A4 can be read
_QUALITY = 82
_LOCKED, _DAMAGED = "is locked with a password.", "is damaged: its pages cannot be drawn."


def drawn(asked: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    """What is written for one question."""
    try:
        document = pypdfium2.PdfDocument(asked["path"])
    except pypdfium2.PdfiumError as error:
        yield {"problem": _LOCKED if "password" in str(error).lower() else _DAMAGED}
        return
    count, pages = len(document), asked["pages"]
    # Servers count from 0 (the documents). One whose last number no page has counts from 1.
    first = 1 if pages and min(pages) > 0 and max(pages) == count else 0
    for place, number in enumerate(pages):
        if first <= number < count + first:
            with contextlib.suppress(pypdfium2.PdfiumError):  # one damaged page of a file: the others are drawn
                picture = _picture(document[number - first])
                yield {"place": place, "jpeg": base64.b64encode(picture).decode()}


def _picture(page: pypdfium2.PdfPage) -> bytes:
    """However large a page says it is, and however narrow."""
    longest = max(1.0, *page.get_size())
    buffer = io.BytesIO()
    page.render(scale=SIDE / longest).to_pil().convert("RGB").save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


if __name__ == "__main__":
    limit_memory(MEMORY)
    parent = ParentProcess()
    for question in parent.messages():
        for answer in drawn(question):
            parent.write(answer)
        break
