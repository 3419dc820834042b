"""The child process that reads a PDF, an Office file or a notebook: bytes on stdin, one line of JSON on stdout.

The app does NOT import it, and it may be killed at any time. Its output is `{"text", "facts"}`, facts being notes
for the visitor ("3 pages"), or `{"problem"}`: a phrase that continues a sentence beginning with the file's name.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import warnings
from collections.abc import Callable

from backend.attachments.attachment import Content, UnreadableDocument
from backend.child_process import limit_memory

MEMORY = 300 * 1024**2  # bytes the child may use; it starts with about 60 MB
SECONDS = 7  # seconds until it returns what it has; the parent ends it a little later
Reader = Callable[[bytes, int, float], Content]


def main(characters: int) -> None:
    """Read the file on stdin and print its text."""
    limit_memory(MEMORY)
    logging.disable(logging.CRITICAL)  # pypdf's warnings quote the file
    warnings.simplefilter("ignore")
    sys.stdout.write(json.dumps(answer(sys.stdin.buffer.read(), characters)))


def answer(data: bytes, characters: int) -> dict[str, object]:
    """The text of a file, up to about `characters`; or the problem with it."""
    kind, read = _reader(data)
    try:
        text, facts = read(data, characters, time.monotonic() + SECONDS)
    except UnreadableDocument as refused:
        return {"problem": str(refused)}
    except Exception as error:  # noqa: BLE001 - a broken file can raise anything in a parser
        if isinstance(error, MemoryError) or isinstance(error.__cause__, MemoryError):
            return {"problem": "takes too much memory to read. Attach a part of it."}
        return {"problem": f"is damaged: it cannot be read as {kind}. Save or print it to a new file."}
    return {"text": text, "facts": facts}


def _reader(data: bytes) -> tuple[str, Reader]:
    """The reader for the apparent type of the file. The process imports only that one."""
    if data.startswith(b"PK"):
        from backend.attachments import office

        return "a Word, Excel or PowerPoint file", office.read
    from backend.attachments import notebooks

    if notebooks.is_one(data):
        return "a notebook", notebooks.read
    from backend.attachments import pdf

    return "a PDF file", pdf.read


if __name__ == "__main__":
    main(int(sys.argv[1]))
