"""OCR of a document: the server returns the text of its pages, and their pictures are rendered here, so that both
can be compared side by side.

A PDF file is untrusted input for a large parser: it is rendered in a child process (page_process.py), within
limits of time, memory, pages and pixels. If rendering fails, the text is still available.
"""

from __future__ import annotations

import base64
import binascii
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from backend.child_process import ChildProcess, environment
from backend.errors import APIError
from backend.jobs.job import Hands, StepOutcome
from backend.studio import fetching
from backend.studio.media_types import MediaType
from backend.studio.replies import Reply
from backend.studio.shelf import MB, KeptFile, NoRoom, errno_words
from backend.studio.task import Task
from backend.studio.work import Making, file_json
from backend.transport.call import Call, Stopped
from backend.types import JSON
from backend.untrusted import fields, integer, items, number, string

PAGES = 20  # pages that are rendered of one file
SECONDS = 15.0  # seconds for all of them; those that are done by then are kept
DOCUMENT = 50 * MB  # bytes of one that is fetched (the limit in the provider's documentation of OCR)
FETCHING = 60.0  # seconds
_WAIT = 30.0  # seconds to wait in line: one file is rendered at a time, for all visitors
CUT_OUT = 16 * MB  # characters of all pictures in the text of one page
_NAMED = re.compile(r"\]\(([^()\s]{1,100})\)")
_PICTURE = 4 * MB  # bytes of one, as Base64
_JPEG = MediaType("image/jpeg", "jpg", "image")
_one_at_a_time = threading.Lock()


class DocumentWork(Making):
    """A backend.jobs.job.Work for OCR."""

    def _outcome(self, task: Task, reply: Reply, hands: Hands) -> StepOutcome:
        outcome = super()._outcome(task, reply, hands)
        if outcome.state != "done":
            return outcome
        given = [one for several in task.files.values() for one in several]
        file, fetched, problem = self.shelf.find(given[0].id) if given else None, dict[str, JSON](), ""
        if link := "" if given else _link(task.body.get("document")):
            file, problem = self._fetched(link, hands)
            fetched = {"source": file_json(file)} if file else {"undrawn": problem}
        if file is None or file.type.ending != "pdf":
            return replace(outcome, result={**outcome.result, **fetched})
        pictures, problem = self._pictures(file, _numbers(items(reply.result)), hands)
        return replace(outcome, result={**outcome.result, **fetched, "files": pictures, "undrawn": problem})

    def _fetched(self, link: str, hands: Hands) -> tuple[KeptFile | None, str]:
        """The document behind a link, or why it is not here. A visitor typed it: unlike a result's link it is
        fetched from the public web only, even if the API server itself is local.
        """
        try:
            with Call() as call:
                hands.when_stopped(call.stop)
                if link.lower().startswith("data:"):
                    file = fetching.decode(link, self.shelf)
                else:
                    file = fetching.fetch(link, self.shelf, call, None, self.adapter, DOCUMENT, FETCHING)
        except Stopped:
            return None, "Stopped while the document was fetched."
        except APIError as error:
            return None, f"The document could not be fetched to be drawn. {error.title}"
        if file.type.ending != "pdf" and file.type.show != "image":
            self.shelf.delete([file.id])
            return None, "The link leads to no PDF file and to no picture, so nothing is drawn."
        return file, ""

    def _pictures(self, file: KeptFile, pages: Sequence[int], hands: Hands) -> tuple[list[JSON], str]:
        """The pictures of these pages on the shelf, and why some are missing, "" if none are."""
        if not _one_at_a_time.acquire(timeout=_WAIT):
            return [], "Other files were being drawn."
        kept: list[JSON] = []
        try:
            for place, content in _rendered_pages(file, pages, hands):
                with self.shelf.new() as growing:
                    growing.write(content)
                    kept.append({**file_json(growing.keep(_JPEG)), "page": place})
        except Undrawn as problem:
            return kept, str(problem)
        except NoRoom as problem:
            return kept, problem.title
        except OSError as error:  # no process, or no disk: the text is available, and paid for
            return kept, f"The pages could not be drawn: {errno_words(error)}."
        finally:
            _one_at_a_time.release()
        return kept, ""


def with_pictures(markdown: str, pictures: Mapping[str, JSON]) -> str:
    """The Markdown of a page with its extracted pictures in place of their names. A page that names one picture
    a million times gets it only as often as there is room.
    """
    room = CUT_OUT

    def placed(name: re.Match[str]) -> str:
        nonlocal room
        content = string(pictures.get(name[1]))
        if not content or len(content) > room:
            return name[0]
        room -= len(content)
        return f"]({content if content.startswith('data:image/') else f'data:image/png;base64,{content}'})"

    return _NAMED.sub(placed, markdown)


def _link(document: JSON) -> str:
    """The address of a document in the form that the models accept: a text, or an object with a type."""
    reference = fields(document)
    found = string(document) or string(reference.get("document_url")) or string(reference.get("image_url"))
    return found if found.lower().startswith(("http://", "https://", "data:")) else ""


class Undrawn(Exception):
    """Pages were not rendered; `str()` says why."""


def _numbers(pages: Sequence[JSON]) -> list[int]:
    """The server's numbers of the first pages; their index if it did not number them."""
    numbers = [number(fields(page).get("number")) for page in pages[:PAGES]]
    if None in numbers or len(set(numbers)) < len(numbers):
        return list(range(len(numbers)))
    return [int(one or 0) for one in numbers]


def _rendered_pages(file: KeptFile, pages: Sequence[int], hands: Hands) -> Iterator[tuple[int, bytes]]:
    """The index among these pages and the JPEG of each, as they are rendered. Raises Undrawn."""
    child = ChildProcess(["-m", "backend.studio.page_process"], environment())
    late = threading.Timer(SECONDS, child.kill)
    late.start()
    hands.when_stopped(child.kill)
    come, problem = 0, ""
    try:
        with suppress(OSError):
            child.write({"path": str(file.path), "pages": [*pages]})
        while (rendered := child.read(_PICTURE)) is not None:
            problem = string(rendered.get("problem"))
            with suppress(binascii.Error):
                if content := base64.b64decode(string(rendered.get("jpeg")), validate=True):
                    yield integer(rendered.get("place")) or 0, content
                    come += 1
        if problem:
            raise Undrawn(f"The PDF file {problem}")
        if come < len(pages):
            raise Undrawn("Not all of its pages could be drawn.")
    finally:
        late.cancel()
        child.close()
