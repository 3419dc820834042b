"""A suite as it is kept in the store, with what came of its last run, but for the answers: those are large."""

from __future__ import annotations

import json
from dataclasses import replace

from backend.compare.suite import file, results
from backend.compare.suite.results import Results
from backend.compare.suite.suite import Suite
from backend.library.saved_documents import SUITES, Document
from backend.untrusted import Unreadable, fields, parsed

UNTITLED = "Suite"


def document(suite: Suite, last: Results | None, id_: str = "") -> Document:
    """For `SavedDocuments(store, owner, SUITES)`."""
    told = {"suite": file.as_value(suite), "last": results.written(_bare(last)) if last else None}
    return Document(suite.name or UNTITLED, json.dumps(told, ensure_ascii=False), id_)


def read(saved: Document) -> tuple[Suite, Results | None]:
    """What `document` gave. Raises Unreadable."""
    item = fields(parsed(saved.text, SUITES.longest))
    suite = file.of_value(item.get("suite"))
    try:
        last = results.of_value(item["last"]) if item.get("last") else None
    except Unreadable:
        last = None
    return suite, last


def _bare(found: Results) -> Results:
    cells = {
        place: replace(cell, verdicts=(), answer="", calls=(), request={}) for place, cell in found.cells.items()
    }
    return replace(found, cells=cells)
