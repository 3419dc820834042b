"""Cleans up pasted addresses, keys and names: removes the rest of a line from a file, a header, or quotation marks.

    key('export AIMLAPI_API_KEY="sk-1"\n')                          -> sk-1
    address("api.example.com/v1/chat/completions/")                 -> https://api.example.com/v1

It removes what certainly does not belong there, and validates nothing.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from backend.keys.endpoint import host, is_near, path_in
from backend.text import visible

LIMIT = 10_000  # characters that are read
# Paths that this app appends to a base URL.
_ENDPOINTS = re.compile(r"(?:/+(?:chat/+completions|completions|models))?/*$", re.IGNORECASE)
_QUOTES = ("\"'`<“‘„«", "\"'`>”’“»")
_SHELL = r"(?:(?:export|set|setx|env|-H|--header)\s+|\$env:)*"
# NAME=value; `name: value` with the name of a header or a variable.
_ASSIGNED = re.compile(
    rf"^{_SHELL}[\"']?(?:"
    r"(?:[A-Z][A-Z0-9_]*|[\w.-]*(?i:key|token|secret|url)[\w.-]*)[\"']?\s*=(?!=*$)"
    r"|(?:[A-Z][A-Z0-9]*_[A-Z0-9_]*|(?i:authorization|(?:[\w-]+[-_])?api[-_]key|base[-_]url))[\"']?\s*:(?!//)"
    r")\s*(?P<value>.+)$"
)
_SCHEME = re.compile(r"^(?:bearer|token)\s+(?=\S)", re.IGNORECASE)
# "http//", "https:", "https://https://", "https：//": the intention is clear; "http:8080" is a host of that name.
_SCHEMES = re.compile(r"^(?:(https?)(?:[:：]/{0,2}|//)(?!\d*(?:/|$)))+", re.IGNORECASE)
_HOST = re.compile(
    r"^(?:localhost|\[[0-9a-f:]+\]|[^\s/:]+\.[^\s/:]+|[^\s/:]+(?=:\d))(?::\d+)?(?:[/?#]|$)", re.IGNORECASE
)


def key(pasted: str) -> str:
    """A key: one word, in whichever form it was pasted. Several words stay several: no key contains a space."""
    lines = [line for line in map(visible, pasted[:LIMIT].splitlines()) if line]
    if len(lines) > 1 and not any(_ASSIGNED.match(line) for line in lines):
        return _bare("".join(lines))  # a key broken into several lines
    return _bare(next((line for line in lines if _ASSIGNED.match(line)), lines[0] if lines else ""))


def address(pasted: str) -> str:
    """A base URL with scheme and query, without what this app appends to it. An invalid one stays unchanged."""
    text = _bare(visible(pasted[:LIMIT])).partition("#")[0]
    if _version_6(text):
        text = f"[{text}]"
    if scheme := _SCHEMES.match(text):
        text = f"{scheme[1].lower()}://{text[scheme.end() :]}"
    elif "://" not in text and _HOST.match(text):
        text = f"{'http' if is_near(f'http://{text}') else 'https'}://{text}"
    if not host(text):
        return text
    path, mark, query = text.partition("?")
    return without_endpoint(path) + (mark + query if query else "")


def _version_6(text: str) -> bool:
    """Put a bare IPv6 address into brackets, as a URL requires."""
    try:
        return ip_address(text).version == 6
    except ValueError:
        return False


def without_endpoint(url: str) -> str:
    """An address without the paths that this app appends. Azure's own base URL may end in /models."""
    if (host(url) or "").endswith(".services.ai.azure.com") and urlsplit(url).path.rstrip("/") == "/models":
        return url.rstrip("/")
    return _ENDPOINTS.sub("", url)


def endpoint_base(url: str) -> str:
    """The base URL of an address that ends in an endpoint of this app; "" for any other address."""
    base = without_endpoint(url)
    return base if path_in(url) or base != url.rstrip("/") else ""


def name(pasted: str) -> str:
    """A name, such as that of a model, or a word: without quotation marks and invisible characters."""
    return _unquoted(visible(pasted[:LIMIT]))


def _bare(text: str) -> str:
    """Without surrounding names, quotation marks and schemes, in any order."""
    while True:
        match = _ASSIGNED.match(text)
        shorter = _SCHEME.sub("", _unquoted(match["value"] if match else text)).strip()
        if shorter == text:
            return text
        text = shorter


def _unquoted(text: str) -> str:
    """Without the quotation marks around it, however many."""
    while True:
        inner = text.rstrip(",; ")
        opening = inner[:1] in _QUOTES[0]
        inner = inner[1:] if opening else inner
        inner = inner.rstrip(_QUOTES[1]).strip() if opening or inner[-1:] in _QUOTES[1] else inner
        if inner == text:
            return text
        text = inner
