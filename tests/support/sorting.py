"""A status and a body sorted as an error, for the tests."""

from __future__ import annotations

from typing import Any

from basics import KEY

from backend import errors
from backend.errors import APIError
from backend.keys.redaction import Redactor


def sorted_as(status: int, body: Any) -> APIError:
    return errors.from_response(status, body, {}, redactor=Redactor(KEY))


def openai(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, **more}}
