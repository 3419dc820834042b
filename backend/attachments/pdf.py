"""The text of a PDF file, page by page. Runs only in the process of reading_process.py."""

from __future__ import annotations

import io
import time

from pypdf import PdfReader

from backend.attachments.attachment import Content, UnreadableDocument, count

PAGES = 2_000


def read(data: bytes, characters: int, end: float) -> Content:
    """The text with page numbers; stops at `end` (monotonic clock) with the pages read until then."""
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise UnreadableDocument("is locked with a password. Save a copy without one.")
    pages, texts, length, read = len(reader.pages), [], 0, 0
    if not pages:
        raise UnreadableDocument("has no pages.")
    for page in reader.pages:
        if read >= PAGES or length > characters or (read and time.monotonic() >= end):
            break
        text = page.extract_text().strip()
        read += 1
        if text:
            texts.append(f"[Page {read}]\n{text}")
            length += len(texts[-1])
    part = [f"the text of the first {count(read, 'page')}"] if texts and read < pages else []
    texts += [f"[{fact[0].upper()}{fact[1:]}.]" for fact in part]  # the model should know it as well
    return Content("\n\n".join(texts), [count(pages, "page"), *part])
