"""The child process that reads a PDF: bytes on stdin, one line of JSON on stdout. It may be killed at any time.

It is NOT imported by the app. What it says is `{"pages", "read", "text"}` or `{"problem"}`.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sys
import time

MEMORY = 300 * 1024**2  # bytes the child may use; it starts with some 60 MB
SECONDS = 7  # then it gives the pages it has; the parent ends it a little later
PAGES = 2_000


def main(characters: int) -> None:
    """Read the file on stdin and print what is in it."""
    _limit()
    logging.disable(logging.CRITICAL)  # pypdf's remarks quote the file
    try:
        result = _read(sys.stdin.buffer.read(), characters)
    except MemoryError:
        result = {"problem": "takes too much memory to read. Attach a part of it."}
    except Exception:  # noqa: BLE001 - a broken file can raise anything in the parser, and the answer is the same
        result = {"problem": "is damaged: it cannot be read as a PDF file."}
    sys.stdout.write(json.dumps(result))


def _limit() -> None:
    """A bomb fills this process only. Windows knows no such limit; there the time limit has to do."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _read(data: bytes, characters: int) -> dict[str, int | str]:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        return {"problem": "is locked with a password. Save a copy without one."}
    pages, texts, length, read = len(reader.pages), [], 0, 0
    end = time.monotonic() + SECONDS
    for page in reader.pages:
        if read >= PAGES or length > characters or (read and time.monotonic() >= end):
            break
        text = page.extract_text().strip()
        read += 1
        if text:
            texts.append(f"[Page {read}]\n{text}")
            length += len(texts[-1])
    return {"pages": pages, "read": read, "text": "\n\n".join(texts)} if pages else _NOTHING


_NOTHING: dict[str, int | str] = {"problem": "has no pages."}

if __name__ == "__main__":
    main(int(sys.argv[1]))
