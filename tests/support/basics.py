"""Shared by tests of every level: the project's path, a key, short deadlines, a question, recorded cases."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from backend.transport.deadlines import Deadlines
from backend.types import ChatRequest, Message

ROOT = Path(__file__).parents[2]
KEY = "sk-test-0123456789abcdefghijklmnop"
DATA = ROOT / "tests" / "data"
# A larger collection than the repository holds. Where it is present its cases are run too, by `make long`.
CORPUS = ROOT.parent / "shared" / "corpus"
# Short enough for a test, long enough for a busy machine.
QUICK = Deadlines(connect=2, headers=2, blocking=2, first_data=2, idle=1, tail=0.3, total=10)


def collections(name: str) -> list[Any]:
    """The repository's file of recordings and, `long`, that of CORPUS where it is: test parameters."""
    extra = [pytest.param(CORPUS / name, id="extra", marks=pytest.mark.long)] if (CORPUS / name).exists() else []
    return [pytest.param(DATA / name, id="own"), *extra]


def recorded_cases(name: str, where: Callable[[Any], object] = bool) -> list[Any]:
    """The cases of a file of recordings as test parameters, those that `where` is true of; of CORPUS as `long`."""
    return [
        pytest.param(case, id=f"{found.id}-{case.get('id', place)}", marks=found.marks)
        for found in collections(name)
        for place, case in enumerate(cases(found.values[0]))
        if where(case)
    ]


def cases(path: Path) -> list[Any]:
    """The values of a file with one JSON value a line."""
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip()]


def request_schemas() -> dict[str, dict[str, Any]]:
    """Name -> JSON schema of a request, by the OpenAPI documents of tests/data and those beside CORPUS."""
    folders = (DATA / "openapi", CORPUS.parent / "reference" / "openapi")
    return {path.stem: request_schema(path) for folder in folders for path in sorted(folder.glob("chat-*.json"))}


def request_schema(path: Path) -> dict[str, Any]:
    spec = json.loads(path.read_text("utf-8"))
    (operation,) = [item["post"] for item in spec["paths"].values() if "post" in item]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    return {**schema, "components": spec.get("components", {})}


def examples(usual: int) -> settings:
    """As many examples where the profile's fifty are too many or too few; in proportion in the other profiles."""
    return settings(max_examples=max(1, usual * settings.default.max_examples // 50))  # type: ignore[union-attr]


def ask(prompt: str = "Hi", **fields: Any) -> ChatRequest:
    """A question with one user message."""
    return ChatRequest("fake/alpha", (Message("user", prompt),), **fields)
