"""Escapes untrusted text for Streamlit's own elements: captions, labels, notices. components/view draws answers."""

from __future__ import annotations

import re
from urllib.parse import quote

from backend.keys.endpoint import host

_AUTOLINK = re.compile(r":(?=//)|www(?=\.)|@", re.IGNORECASE)
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_READ_BY_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>#~|$:@^=+!&]|(?<=www)\.", re.IGNORECASE)
_WEB = re.compile(r"https?://[^\s/?#@]+(?:[/?#]|$)", re.IGNORECASE)
_KEPT = "/:?#=&%+,;~@!*.-_"  # characters allowed in a link's address; all others are percent-encoded


def plain(text: str) -> str:
    """`text` on one line, with everything escaped that Markdown or Streamlit would interpret.

    Addresses do not become links, and text cannot reverse the direction of what follows it.
    """
    text = _AUTOLINK.sub("\\g<0>\u2060", _BIDI.sub("", " ".join(text.split())))
    return _PUNCTUATION.sub(r"\\\g<0>", text)


def label_text(text: str) -> str:
    """`text` as part of a field's label, without Markdown characters.

    Streamlit draws a label as Markdown and names the field by its source: a screen reader would read escapes aloud.
    """
    return " ".join(_READ_BY_MARKDOWN.sub(" ", _BIDI.sub("", text)).split())


def name_in_code(name: str) -> str:
    """The name of a field in backticks, which nothing in it can close."""
    return re.sub(r"[^\w.*-]", "", name)[:60]


def link(words: str, address: str) -> str:
    """A link to a web page, or only its text if the address is not http(s)."""
    if not _WEB.match(address) or not host(address):
        return plain(words)
    return f"[{plain(words[:200])}]({quote(address, safe=_KEPT)})"
