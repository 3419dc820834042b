"""Encode and decode JSON bodies, within the limits of this app on size and depth."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast  # noqa: TID251  (what a JSONDecoder gives is typed Any)

from backend import errors
from backend.types import JSON

LARGEST = 2**53 - 1  # JavaScript's Number.MAX_SAFE_INTEGER
# Shared: creating one per chunk took a tenth of the parsing time. Not strict: some servers do not escape tabs and
# line breaks in strings.
DECODER = json.JSONDecoder(parse_constant=lambda _: None, strict=False)


def encode(body: Mapping[str, JSON]) -> bytes:
    """Encode a request body as JSON. Raises BadInput for NaN and Infinity, which JSON cannot represent."""
    try:
        return json.dumps(body, allow_nan=False).encode()
    except ValueError as error:
        raise errors.BadInput("A number is NaN or infinite.", hint="Change the setting.") from error


def decode(text: str) -> JSON:
    """Parse untrusted JSON. NaN and Infinity become None. Raises ValueError for invalid JSON, and for nesting
    beyond the limit of the parser.
    """
    try:
        return cast(JSON, DECODER.decode(text))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def rounded(value: object) -> bool:
    """Whether the value contains a number that JavaScript cannot represent exactly."""
    if isinstance(value, Mapping | list | tuple):
        return any(rounded(item) for item in (value.values() if isinstance(value, Mapping) else value))
    return isinstance(value, int | float) and abs(value) > LARGEST
