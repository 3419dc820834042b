"""The text of PDF, Office and text files and notebooks, with page numbers and sheet names.

A PDF or Word file is untrusted input for a large parser: it is read in a child process with limits of time
and memory (`python -m backend.attachments.reading_process`), so that a hostile file can harm nothing else.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading

from backend.attachments import encodings, notebooks
from backend.attachments.attachment import Attachment, Guess, UnusableFile, count, data_url
from backend.child_process import ROOT, environment
from backend.text import clean
from backend.tokens import tokens
from backend.types import Media
from backend.untrusted import fields, items, string

CHARACTERS = 400_000  # of a document: some 100,000 tokens
SECONDS = 10  # seconds that reading may take; the child stops before, with what it has (reading_process.py)
WAIT = 30  # seconds to wait in line: one document is read at a time, for all visitors
LEFT_OUT = ". The rest is left out.]"  # the end of a text that was cut
_BYTES = 4 * CHARACTERS + 4  # bytes of a text file: no encoding needs more for this many characters
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")  # without Escape: logs contain colour codes
_one_at_a_time = threading.Lock()


def is_one(data: bytes) -> bool:
    return is_pdf(data) or is_zip(data) or encodings.read(data[:_BYTES]) is not None


def read(name: str, data: bytes) -> Attachment:
    """A document with its text. Raises UnusableFile."""
    if is_pdf(data):
        return _pdf(name, data)
    if is_zip(data) or notebooks.is_one(data):
        text, facts = _read_by_child(name, data)
        return _document(name, text, facts)
    reading = encodings.read(data[:_BYTES])
    if reading is None:
        raise UnusableFile(f"{name} holds no text.")
    guess = Guess(data[:_BYTES], reading.choices) if reading.choices else None
    return _text(name, reading, guess, whole=len(data) <= _BYTES)


def read_as(attachment: Attachment, encoding: str) -> Attachment:
    """The same text file, decoded with another of the encodings that its guess offers."""
    guess = attachment.guess
    if guess is None or encoding not in guess.choices:
        return attachment
    reading = encodings.read_as(guess.data, encoding)
    return _text(attachment.media.name, reading, guess, whole=len(guess.data) < _BYTES)


def is_pdf(data: bytes) -> bool:
    """Whether the PDF signature is near the beginning; for a text, which may be about PDF files, at the very
    beginning.
    """
    return b"%PDF-" in data[:1024] and (not is_plain(data) or data.lstrip().startswith(b"%PDF-"))


def is_zip(data: bytes) -> bool:
    """The signature of a zip, which Office files are; the second signature is that of an empty one."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def is_plain(data: bytes) -> bool:
    """Whether this is UTF-8 without control characters: no picture, sound or other binary format is."""
    if _CONTROLS.search(data):
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _text(name: str, reading: encodings.DecodedText, guess: Guess | None, *, whole: bool) -> Attachment:
    text = reading.text.replace("\r\n", "\n").replace("\r", "\n")
    facts = [count(_lines(text), "line") if whole else f"more than {count(text.count(chr(10)), 'line')}"]
    encoding = "" if reading.encoding == encodings.UTF_8 and not guess else reading.encoding
    if encoding:
        facts.append(f"read as {encoding}")
    if reading.lost:
        facts.append(f"{count(reading.lost, 'character')} of it cannot be read")
    return _document(name, text, facts, encoding, guess)


def _document(name: str, text: str, facts: list[str], encoding: str = "", guess: Guess | None = None) -> Attachment:
    """A document that is sent as its text."""
    text, about = _cut_to_limit(text, facts)
    if not text.strip():
        raise UnusableFile(f"{name} holds no text.")
    media = Media("file", "", text, name, encoding=encoding)
    return Attachment(media, ", ".join([*facts, *about]), tokens(text), guess)


def _pdf(name: str, data: bytes) -> Attachment:
    text, facts = _read_by_child(name, data)
    text, about = _cut_to_limit(text, facts)
    if not text.strip():
        about.append("no text in it: only a model that takes PDF files can read it")
    if not name.lower().endswith(".pdf"):  # providers tell the type of a file by its name
        name = f"{name}.pdf"
    media = Media("file", data_url("application/pdf", data), text if text.strip() else "", name)
    return Attachment(media, ", ".join([*facts, *about]), tokens(text) if text.strip() else None)


def _read_by_child(name: str, data: bytes) -> tuple[str, list[str]]:
    """The text of a document and facts about it. Raises UnusableFile with the reason."""
    command = [sys.executable, "-m", "backend.attachments.reading_process", str(CHARACTERS)]
    if not _one_at_a_time.acquire(timeout=WAIT):
        raise UnusableFile(f"{name} has to wait: other documents are being read. Attach it again in a minute.")
    try:
        process = subprocess.run(  # noqa: S603 - our own words only
            command, input=data, capture_output=True, timeout=SECONDS, cwd=ROOT, env=environment(), check=False
        )
        content = fields(json.loads(process.stdout))
        if not content:
            raise ValueError("no object")
    except subprocess.TimeoutExpired:
        raise UnusableFile(f"{name} takes longer than {SECONDS} s to read. Attach a part of it.") from None
    except ValueError:
        raise UnusableFile(
            f"{name} cannot be read. Save or print it to a new file, or attach a part of it."
        ) from None
    finally:
        _one_at_a_time.release()
    if reason := content.get("problem"):
        raise UnusableFile(f"{name} {reason}")
    return string(content.get("text")), [string(fact) for fact in items(content.get("facts"))]


def _cut_to_limit(text: str, facts: list[str]) -> tuple[str, list[str]]:
    """A text that is not too long, cut at the end of a line, and what is to be said of that. The model reads it as
    well, with the other facts: those that the text ended with were cut off.
    """
    text = clean(text)
    if len(text) <= CHARACTERS:
        return text, []
    kept = text[:CHARACTERS]
    if kept.rfind("\n") > CHARACTERS // 2:
        kept = kept[: kept.rfind("\n") + 1]
    about = f"cut to the first {count(_lines(kept), 'line')} ({len(kept):,} characters)"
    return f"{kept}\n[{', '.join([*facts, about])}{LEFT_OUT}", [about]


def _lines(text: str) -> int:
    return text.count("\n") + (not text.endswith("\n"))
