"""Text from outside, made safe for a protobuf, an SQLite or PostgreSQL text column and a JSON body.

Does NOT make text safe to render: that is components/view and components/elements/markdown.py.
"""

from __future__ import annotations

import re

# C0 controls but tab, newline and carriage return; PostgreSQL refuses NUL, terminals obey the rest.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """`text` without control characters, surrogate pairs joined and lone surrogates replaced by U+FFFD.

    JSON may legally carry lone surrogates ("\\ud83d"); protobuf and SQLite raise on them.
    """
    if not text.isascii() and _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROLS.sub("", text)


def trailing_high_surrogate(text: str) -> bool:
    """The text ends in half a character whose other half may come with the next delta."""
    return bool(text) and "\ud800" <= text[-1] <= "\udbff"
