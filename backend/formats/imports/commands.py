"""Extracts the JSON body of a request that was copied as a curl command, as fetch() or as HTTP text.

Nothing is executed, no file that the command names is read, and its address and headers are dropped.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import IO

from backend.untrusted import Unreadable, fields, string

LARGEST = 2_000_000  # bytes of a command
_BEGINS = re.compile(rb"\s*(?:\$\s+)?(?P<how>curl|fetch|POST)(?:\s|\()|\s*await\s+(?P<later>fetch)\(")
_OF_WINDOWS = re.compile(r"\^(\r?\n|.)", re.DOTALL)
# A shell word consists of pieces: quoted in one of three ways, an escaped character, or plain text. Possessive, so
# that matching is linear.
_PIECE = re.compile(
    r"\$'(?P<c>(?:[^'\\]++|\\.)*+)'|'(?P<plain>[^']*+)'|\"(?P<double>(?:[^\"\\]++|\\.)*+)\"|\\(?P<one>\r?\n|.)"
    r"|(?P<bare>[^\s'\"\\$]++|\$)|(?P<space>\s++)",
    re.DOTALL,
)
_C_ESCAPE = re.compile(r"\\(?:u([\da-fA-F]{1,4})|x([\da-fA-F]{1,2})|(.))", re.DOTALL)
_C_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_IN_DOUBLE = re.compile(r"\\([\"\\$`])")
_DATA = re.compile(r"--(?:data(?:-raw|-binary|-ascii)?|json)(?:=(.*))?|-d(.+)?", re.DOTALL)
_HERE = re.compile(r"<<-?[ ]*['\"]?(\w+)['\"]?[^\n]*\n")


def body(file: IO[bytes]) -> IO[bytes]:
    """The body of a command as a file; any other file unchanged. Raises Unreadable if a command has no body."""
    begins = _BEGINS.match(file.read(1_000))
    file.seek(0)
    if not begins:
        return file
    text = file.read(LARGEST + 1).decode("utf-8", "replace")
    if len(text) > LARGEST:
        raise Unreadable("The command is too long.")
    read = {b"curl": _curl_data, b"fetch": _fetched, b"POST": _http_body}
    sent = read[begins["how"] or begins["later"]](text)
    if sent.startswith("@"):
        raise Unreadable("The command sends a file, which is not in it. Import that file.")
    if not sent:
        raise Unreadable("The command sends no JSON: there is no --data in it.")
    return io.BytesIO(sent.encode())


def _fetched(text: str) -> str:
    try:
        options, _ = json.JSONDecoder().raw_decode(text, text.index("{"))
    except (ValueError, RecursionError):
        raise Unreadable("This fetch() cannot be read. Copy it again, as it is in the browser's tools.") from None
    return string(fields(options).get("body"))


def _http_body(text: str) -> str:
    """The text below the first empty line, up to the next request of an .http file."""
    return text.replace("\r\n", "\n").lstrip().partition("\n\n")[2].partition("\n###")[0].strip()


def _curl_data(text: str) -> str:
    """The value of --data; with `@-` the text of the here-document."""
    if '^"' in text:  # copied for the Windows command line
        text = _OF_WINDOWS.sub(lambda escaped: escaped[1].strip("\r\n"), text)
    words = _words(text)
    for word in words:
        if found := _DATA.fullmatch(word):
            sent = next((part for part in found.groups() if part is not None), None) or next(words, "")
            here = _HERE.search(text) if sent == "@-" else None
            return text[here.end() :].partition(f"\n{here[1]}")[0] if here else sent
    return ""


def _words(text: str) -> Iterator[str]:
    """The words of a shell command, unquoted. Raises Unreadable at an open quote."""
    word: list[str] = []
    at = 0
    while piece := _PIECE.match(text, at):
        at = piece.end()
        if piece.lastgroup == "space":
            if word:
                yield "".join(word)
            word = []
        else:
            word.append(_shell_text(piece))
    if at < len(text):
        raise Unreadable("The command ends in the middle of a quoted text. Copy it whole.")
    if word:
        yield "".join(word)


def _shell_text(piece: re.Match[str]) -> str:
    written = piece[piece.lastgroup or 0]
    if piece.lastgroup == "c":
        return _C_ESCAPE.sub(_escaped, written)
    if piece.lastgroup == "double":
        return _IN_DOUBLE.sub(r"\1", written.replace("\\\n", ""))
    return "" if piece.lastgroup == "one" and written.endswith("\n") else written


def _escaped(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2]
    return chr(int(code, 16)) if code else _C_LETTERS.get(escape[3], escape[3])
