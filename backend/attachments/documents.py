"""PDF and text files: their text, with the numbers of their pages.

A PDF is a program of strangers for a large parser: it is read in a child process with a time limit and a memory
limit (`python -m backend.attachments.pdf`), so that a hostile one ends there and nowhere else.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from typing import Any

from backend.attachments.common import Attachment, Unusable, count, data_url
from backend.child_process import ROOT, environment
from backend.text import clean
from backend.types import Media

CHARACTERS = 400_000  # of a document: some 100,000 tokens
SECONDS = 10  # a PDF may take; it stops by itself before, with the pages it has (pdf.py)
WAIT = 30  # seconds until it is one's turn: one PDF is read at a time, for all visitors
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")  # not Escape: logs have colours
_one_at_a_time = threading.Lock()
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def is_one(data: bytes) -> bool:
    return is_pdf(data) or _decoded(data) is not None


def read(name: str, data: bytes) -> Attachment:
    """A document with its text. Raises Unusable."""
    return _pdf(name, data) if is_pdf(data) else _text(name, _decoded(data) or "")


def is_pdf(data: bytes) -> bool:
    """A mark near the beginning; in a text, which may be about PDF files, at the very beginning."""
    return b"%PDF-" in data[:1024] and (not is_plain(data) or data.lstrip().startswith(b"%PDF-"))


def is_plain(data: bytes) -> bool:
    """UTF-8 without a control character: no picture, sound or other format for programs is such a text."""
    if _CONTROLS.search(data):
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _text(name: str, text: str) -> Attachment:
    text, about = _shortened(text.replace("\r\n", "\n").replace("\r", "\n"))
    if not text.strip():
        raise Unusable(f"{name} holds no text.")
    facts = [count(text.count("\n") + 1, "line"), *about]
    return Attachment(Media("file", "", text, name), ", ".join(facts), tokens(text))


def _pdf(name: str, data: bytes) -> Attachment:
    content = _read_by_child(name, data)
    text, about = _shortened(str(content["text"]))
    pages = int(content["pages"])
    facts = [count(pages, "page"), *about]
    if not text.strip():
        facts.append("no text in it: only a model that takes PDF files can read it")
    elif content["read"] < pages:
        facts.append(f"the text of the first {content['read']} pages")
    media = Media("file", data_url("application/pdf", data), text if text.strip() else "", name)
    return Attachment(media, ", ".join(facts), tokens(text) if text.strip() else None)


def _read_by_child(name: str, data: bytes) -> dict[str, Any]:
    """Pages and text of a PDF. Raises Unusable with the reason."""
    command = [sys.executable, "-m", "backend.attachments.pdf", str(CHARACTERS)]
    if not _one_at_a_time.acquire(timeout=WAIT):
        raise Unusable(f"{name} has to wait: other PDF files are being read. Attach it again in a minute.")
    try:
        process = subprocess.run(  # noqa: S603 - our own words only
            command, input=data, capture_output=True, timeout=SECONDS, cwd=ROOT, env=environment(), check=False
        )
        content: dict[str, Any] = json.loads(process.stdout)
    except subprocess.TimeoutExpired:
        raise Unusable(f"{name} takes longer than {SECONDS} s to read. Attach a part of it.") from None
    except ValueError:
        raise Unusable(f"{name} begins like a PDF file but cannot be read. Print it to a new one.") from None
    finally:
        _one_at_a_time.release()
    if reason := content.get("problem"):
        raise Unusable(f"{name} {reason}")
    return content


def _shortened(text: str) -> tuple[str, list[str]]:
    text = clean(text)
    if len(text) <= CHARACTERS:
        return text, []
    return text[:CHARACTERS], [f"cut to the first {CHARACTERS:,} characters"]


def tokens(text: str) -> int:
    """About what a text adds to the prompt: four characters a token, as is usual for English."""
    return max(1, len(text) // 4)


def _decoded(data: bytes) -> str | None:
    """The text in the bytes: UTF-8, UTF-16 with its mark, or an old Western file; None when it is no text."""
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8" or b"\x00" in data:
            return None
        text = data.decode("cp1252", errors="replace")
    odd = sum(not (mark.isprintable() or mark in "\t\n\r\f\ufeff") for mark in text[:10_000])
    return None if "\x00" in text or odd > len(text[:10_000]) // 50 else text
