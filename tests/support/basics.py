"""What tests of every level use: where the project is, a key, short deadlines, a question, recorded cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backend.transport.client import Deadlines
from backend.types import ChatRequest, Message

ROOT = Path(__file__).parents[2]
KEY = "sk-test-0123456789abcdefghijklmnop"
CORPUS = ROOT.parent / "shared" / "corpus"
# Short enough for a test, long enough for a busy machine.
QUICK = Deadlines(connect=2, headers=2, blocking=2, first_data=2, idle=1, tail=0.3, total=10)


def corpus(name: str) -> list[Any]:
    """The rows of a recorded corpus file as test parameters; one skipped test where the corpus is not there."""
    path = CORPUS / name
    if not path.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"no recorded corpus: ../shared/corpus/{name}"))]
    rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip()]
    return [pytest.param(row, id=str(row.get("id", place))) for place, row in enumerate(rows)]


def ask(prompt: str = "Hi", **fields: Any) -> ChatRequest:
    """A question with one user message."""
    return ChatRequest("fake/alpha", (Message("user", prompt),), **fields)
