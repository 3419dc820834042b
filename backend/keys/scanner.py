"""Finds what looks like a secret in a text that is about to be shared: an API key, a token, a private key.

A finding names the kind and at most the first three characters. It does NOT find everything: not a
password that is an ordinary word, or a key that was split into small pieces or encoded twice.
"""

from __future__ import annotations

import base64
import html
import itertools
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import quote

SHORTEST_KNOWN = 8  # characters; local servers use "none" or "ollama" as a key, and those are words
SHORTEST_IN_ANY_CASE = 16  # a shorter key may be a word, which begins a sentence with a capital
_ALNUM = "A-Za-z0-9"
_START = rf"(?<![{_ALNUM}_-])"

# Every repetition is bounded or cannot fail late: the text may be a megabyte of untrusted input.
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "a private key",
        re.compile(r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY-----(?:\\r|\\n|\s){0,8}[\w+/]{4}"),
    ),
    ("a Google key", re.compile(rf"{_START}AIza[\w-]{{35}}")),
    ("a Google token", re.compile(rf"{_START}ya29\.[\w-]{{20}}")),
    ("a GitHub token", re.compile(rf"{_START}(?:gh[opsur]_[{_ALNUM}]{{30}}|github_pat_\w{{22}})")),
    ("a GitLab token", re.compile(rf"{_START}glpat-[\w-]{{20}}")),
    ("a Slack token", re.compile(rf"{_START}(?:xox[abeoprs]|xapp)-(?=[\w-]{{0,60}}\d)[\w-]{{10}}")),
    ("an AWS key id", re.compile(rf"{_START}A[KS]IA[0-9A-Z]{{16}}(?![{_ALNUM}])")),
    ("a Hugging Face token", re.compile(rf"{_START}hf_[{_ALNUM}]{{30}}")),
    ("a signed token (JWT)", re.compile(rf"{_START}eyJ[\w-]{{10,4000}}\.[\w-]{{10,8000}}\.[\w-]{{10}}")),
)
_API_KEY = re.compile(rf"{_START}sk-([\w-]{{16,300}})")
_BEARER = re.compile(r"\b(?:Bearer|Basic)\s{1,3}([\w.~+/=-]{16,4000})")
_ASSIGNED = re.compile(
    r"(?:api|access|auth|client|private|secret)?[ _-]?(?:key|token|secret|password|passwd|pwd)"
    r"[\"'`]?\s{0,3}(?:=|:|=>|:=)\s{0,3}[\"'`]?([\w+/.~-]{12,400})",
    re.IGNORECASE,
)
_IN_ADDRESS = re.compile(r"\b[a-z][a-z0-9+]{1,20}://[^\s:/@]{1,60}:([^\s:/@]{8,200})@", re.IGNORECASE)
_WORD = r"(?:keys?|tokens?|secrets?|passwords?|passwd|credentials?)"
_LONG = rf"(?<![{_ALNUM}+/_=.-])([{_ALNUM}+/_-]{{32,400}})"
_BESIDE = (
    re.compile(
        rf"(?<![A-Za-z])(?:api|access|auth|secret|private)?[ _-]?{_WORD}(?![A-Za-z])[^\n]{{0,30}}?{_LONG}", re.I
    ),
    re.compile(rf"{_LONG}[^\n{_ALNUM}][^\n]{{0,20}}?(?<![A-Za-z]){_WORD}(?![A-Za-z])", re.I),
)
_DATA_URI = re.compile(r"data:[\w/+.-]{1,80};base64,[\w+/=]+")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def keys_in(text: str, known: Iterable[str] = ()) -> list[str]:
    """Descriptions of what in `text` looks like a key: `an API key (sk-...)`. `known` are keys that are in use
    here.
    """
    # A picture in base64 is noise in which anything can be found, and not where keys are stored.
    bare = _DATA_URI.sub("data:", text)
    kinds = [*_known_keys(text, known), *_keys_by_shape(bare), *_assigned_keys(bare)]
    return list(dict.fromkeys(kinds))


def _known_keys(text: str, known: Iterable[str]) -> Iterator[str]:
    for key in known:
        if len(key) >= SHORTEST_KNOWN and any(form in text for form in forms(key)):
            yield f"a key that is in use here ({key[:3]}...)"


def forms(key: str, *, halves: bool = True) -> set[str]:
    """The forms in which a key can appear: itself and its halves, in an address, in HTML, in JSON, in hex, in
    base64 (also inside a longer text), in capitals or small letters.
    """
    raw, half = key.encode("utf-8", "replace"), len(key) // 2
    spellings = {raw.hex(), raw.hex().upper(), quote(raw), quote(raw, safe=""), *_in_html(key)}
    if len(key) >= SHORTEST_IN_ANY_CASE:
        spellings |= {key.upper(), key.lower()}
    spellings |= {re.sub("%..", lambda code: code[0].lower(), text) for text in (quote(raw), quote(raw, safe=""))}
    for part in (key, key[:half], key[half:]) if halves and half >= SHORTEST_KNOWN else (key,):
        spellings |= {part, json.dumps(part)[1:-1], json.dumps(part, ensure_ascii=False)[1:-1]}
        spellings.add(part.replace("/", "\\/"))  # as PHP writes JSON
    for before in range(3):  # three bytes become four characters: the result depends on the offset of the key
        coded = base64.b64encode(bytes(before) + raw).decode()
        whole = coded[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        spellings |= {whole, whole.replace("+", "-").replace("/", "_")}
    return spellings


def _in_html(key: str) -> Iterator[str]:
    """As pages write it: which characters beside `<`, `>`, `&` and quotes they escape, and how, differs."""
    for escaped in (html.escape(key), html.escape(key, quote=False), html.escape(key).replace("&#x27;", "&#39;")):
        for plus in ("+", "&#43;"):
            text = escaped.replace("+", plus)
            yield from (text, text.replace("/", "&#x2F;"), text.replace("/", "&#x2F;").replace("=", "&#x3D;"))


def _keys_by_shape(text: str) -> Iterator[str]:
    for kind, shape in _SHAPES:
        if match := shape.search(text):
            yield _words(kind, match[0])
    for match in _API_KEY.finditer(text):
        if any(len(run) >= 16 and _is_mixed(run) for run in re.split("[_-]", match[1])):
            yield _words("an API key", match[0])
    for match in _BEARER.finditer(text):
        if _random(match[1], 16):
            yield _words("a login token", match[1])
    for match in _IN_ADDRESS.finditer(text):
        if _is_mixed(match[1]):
            yield _words("a password in an address", match[1])


def _assigned_keys(text: str) -> Iterator[str]:
    """Assignments to a name like "key" whose value looks like one, and values after such a word that can be
    nothing else.
    """
    for match in _ASSIGNED.finditer(text):
        if _random(match[1], 12):
            yield _words("a key or password", match[1])
    for beside in _BESIDE:
        for match in beside.finditer(text):
            if _random(match[1], 32):
                yield _words("a key or password", match[1])


def _words(kind: str, secret: str) -> str:
    return f"{kind} ({secret[:3]}...)" if not secret.startswith("-") else kind


def _is_mixed(text: str) -> bool:
    """Whether it has letters and digits: neither a word nor a number."""
    return any(char.isdigit() for char in text) and any(char.isalpha() for char in text)


def _random(text: str, shortest: int) -> bool:
    """Whether it is machine-generated, not a name: letters and digits are mixed throughout.

    Names such as `sha256_of_file` change between letters and digits once or twice; random text does all the time.
    """
    if len(text) < shortest or not _is_mixed(text) or _UUID.search(text):
        return False
    digits = [char.isdigit() for char in text if char.isalnum()]
    changes = sum(one != other for one, other in itertools.pairwise(digits))
    return changes >= max(3, len(text) // 10) and _bits(text) >= 2.8


def _bits(text: str) -> float:
    """Shannon entropy per character: 1 for "abab", 4 for random hexadecimal digits."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())
