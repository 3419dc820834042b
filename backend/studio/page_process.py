"""The child process that renders pages of a PDF file with PDFium: a line of JSON in, a line for each page out.

The app does NOT import it, and it may be killed at any time: a hostile file can harm nothing else.

In: `{"path", "pages"}`, the server's page numbers. Out: `{"place", "jpeg"}` for each of them that the
file has, its index in `pages` and its picture as Base64; or `{"problem"}`, a phrase that follows "The PDF file".
"""

from __future__ import annotations

import base64
import contextlib
import io
from collections.abc import Iterator, Sequence

import pypdfium2

from backend.child_process import ParentProcess, limit_memory

MEMORY = 300 * 1024**2  # bytes of address space of the process; pages scanned at 300 dpi take 100 MB
SIDE = 1_400  # pixels of the longer side of a picture: 8-point text on A4 is legible
_QUALITY = 82
_LOCKED, _DAMAGED = "is locked with a password.", "is damaged: its pages cannot be drawn."


def render(path: str, pages: Sequence[int]) -> Iterator[dict[str, object]]:
    """The output for one request."""
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        yield {"problem": _LOCKED if "password" in str(error).lower() else _DAMAGED}
        return
    count = len(document)
    # Servers count from 0 (the documentation). One whose last number exceeds the pages counts from 1.
    first = 1 if pages and min(pages) > 0 and max(pages) == count else 0
    for place, number in enumerate(pages):
        if first <= number < count + first:
            with contextlib.suppress(pypdfium2.PdfiumError):  # one damaged page of a file: the others are drawn
                picture = _picture(document[number - first])
                yield {"place": place, "jpeg": base64.b64encode(picture).decode()}


def _picture(page: pypdfium2.PdfPage) -> bytes:
    """Render a page, whatever size or proportions it declares."""
    longest = max(1.0, *page.get_size())
    buffer = io.BytesIO()
    page.render(scale=SIDE / longest).to_pil().convert("RGB").save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


if __name__ == "__main__":
    limit_memory(MEMORY)
    parent = ParentProcess()
    for question in parent.messages():
        for answer in render(**question):
            parent.write(answer)
        break
