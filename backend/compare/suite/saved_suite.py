"""A suite as it is stored, under its name. The results of its runs are jobs (job.py)."""

from __future__ import annotations

import json

from backend.compare.suite import file
from backend.compare.suite.job import UNTITLED
from backend.compare.suite.suite import Suite
from backend.library.saved_documents import SUITES, Document
from backend.untrusted import fields, parsed


def document(suite: Suite, id_: str = "") -> Document:
    """The document for `SavedDocuments(store, owner, SUITES)`."""
    return Document(suite.name or UNTITLED, json.dumps({"suite": file.as_value(suite)}, ensure_ascii=False), id_)


def read(saved: Document) -> Suite:
    """The suite that `document` wrote. Raises Unreadable."""
    return file.of_value(fields(parsed(saved.text, SUITES.longest)).get("suite"))
