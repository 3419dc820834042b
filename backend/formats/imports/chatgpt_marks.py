"""Converts ChatGPT's inline marks, which its own page draws, to text.

A mark is enclosed in U+E200 and U+E201, with parts separated by U+E202; the first part is its kind. Most stand for
something drawn beside the text, a citation or pictures, and are left out: the addresses are in the message's
metadata.
Others stand for words of the sentence: `entity` for a name, `url` and `link_title` for a link.
"""

from __future__ import annotations

import json
import re

from backend.untrusted import items, text

_MARK = re.compile("\ue200([^\ue200\ue201]*+)\ue201")
_APART, _HALF = "\ue202", str.maketrans("", "", "\ue200\ue201\ue202\ue203\ue204")  # U+E203 and U+E204: cited text
_DRAFT = re.compile(r":::writing\{.*\}\s*")  # a block, which ends with `:::`


def plain(written: str) -> str:
    """The text of an answer as ChatGPT's page shows it."""
    words = _MARK.sub(_words, written).translate(_HALF) if "\ue200" in written or "\ue203" in written else written
    return _unfenced(words) if ":::writing" in words else words


def _words(mark: re.Match[str]) -> str:
    kind, _, rest = mark[1].partition(_APART)
    first, _, second = rest.partition(_APART)
    if kind == "entity":
        return _name(rest)
    if kind == "url" and second.startswith(("https://", "http://")):
        return f"[{first}]({second})" if first else second
    return first if kind in ("url", "link_title") else ""


def _name(written: str) -> str:
    """The second of `["people", "Ada Lovelace", 0]`."""
    try:
        parts = items(json.loads(written))
    except (ValueError, RecursionError):
        return ""
    return text(parts[1]) if len(parts) > 1 else ""


def _unfenced(words: str) -> str:
    lines, inside = [], False
    for line in words.split("\n"):
        if _DRAFT.fullmatch(line):
            inside = True
        elif inside and line.rstrip() == ":::":
            inside = False
        else:
            lines.append(line)
    return "\n".join(lines)
