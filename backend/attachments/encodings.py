"""The text in the bytes of a file: UTF-8, UTF-16 and UTF-32 are certain, older encodings are guessed.

    read(data)                          ->  Reading("Привет", "Windows-1251 (Cyrillic)", choices=(...))
    read_as(data, "KOI8-R (Cyrillic)")  ->  the same bytes in the encoding that the visitor chose

The guess is the encoding in which the text is likeliest: by how frequent its letters are, whether capitals begin
words, whether scripts mix within one. A guessed reading has `choices`, the likeliest first.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend.attachments.letter_frequencies import ENCODINGS, Encoding

UTF_8 = "UTF-8"
SAMPLE = 6_000  # bytes of lines with non-ASCII letters, by which the encoding is guessed
_LINE = 2_000
_HIGH, _LINE_END = re.compile(rb"[\x80-\xff]"), re.compile(rb"[\r\n]|\Z")
_BROKEN = 1 / 50  # share of letters: a file with more undecodable ones is no text in this encoding
_MARKS = (  # the longer ones first: a UTF-32 file begins like a UTF-16 one
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF8, "utf-8-sig", UTF_8),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_WIDE = {"utf-16-le": "UTF-16 LE", "utf-16-be": "UTF-16 BE", "utf-32-le": "UTF-32 LE", "utf-32-be": "UTF-32 BE"}
_MAIL = re.compile(rb"\x1b\$[@B]|\x1b\(J")  # ISO-2022-JP: Japanese in seven bits
_CODECS = {**{one.label: one.codec for one in ENCODINGS}, UTF_8: "utf-8"}
_PUNCTUATION = frozenset("“”‘’„‚–—…«»€°§№·¿¡\xa0")


@dataclass(frozen=True)
class DecodedText:
    """A text, and how it was decoded. `lost` counts the undecodable places, which hold U+FFFD."""

    text: str
    encoding: str
    choices: tuple[str, ...] = ()
    lost: int = 0


def read(data: bytes) -> DecodedText | None:
    """The text in the bytes; None if they are no text."""
    reading = _certain(data) or _best_guess(data)
    return reading if reading and _is_text(reading.text) else None


def read_as(data: bytes, encoding: str) -> DecodedText:
    """The text in the bytes, decoded with one of the `choices` of their reading."""
    text = data.decode(_CODECS[encoding], "replace")
    return DecodedText(text, encoding, lost=text.count("\ufffd"))


def _certain(data: bytes) -> DecodedText | None:
    """A reading that needs no guess: by its byte order mark, by its form, or because no other encoding is
    possible.
    """
    for mark, codec, label in _MARKS:
        if data.startswith(mark):
            return _decoded(data, codec, label)
    if b"\x00" in data:
        return next((reading for codec in _WIDE if (reading := _wide(data, codec))), None)
    if _MAIL.search(data) and (reading := _decoded(data, "iso2022_jp", "ISO-2022-JP (Japanese)")).lost == 0:
        return reading
    return _utf_8(data)


def _utf_8(data: bytes) -> DecodedText | None:
    """Decode as UTF-8. Text in another encoding is almost never valid UTF-8 by accident: a few broken places, or an
    end within a letter, do not make it another encoding.
    """
    text, end = codecs.utf_8_decode(data, "replace", False)
    letters = sum(map(len, re.findall("[^\x00-\x7f]+", text)))
    lost = text.count("\ufffd") - data.count("\ufffd".encode())
    if lost > (letters - lost) / 10 or (end < len(data) and letters == lost):
        return None
    return DecodedText(text + "\ufffd" * (end < len(data)), UTF_8, lost=lost + (end < len(data)))


def _decoded(data: bytes, codec: str, label: str) -> DecodedText:
    text = data.decode(codec, "replace")
    return DecodedText(text, label, lost=text.count("\ufffd"))


def _wide(data: bytes, codec: str) -> DecodedText | None:
    """Text in UTF-16 or UTF-32 without a byte order mark: its NULs are halves of letters, and none is left over."""
    width = 2 if "16" in codec else 4
    try:
        text = data[: len(data) // width * width].decode(codec)
    except UnicodeDecodeError:
        return None
    plain = sum("\t" <= mark <= "\x7f" for mark in text[:10_000])
    whole = "\x00" not in text and _is_text(text) and plain >= len(text[:10_000]) / 10
    return DecodedText(text, _WIDE[codec], lost=int(len(data) % width > 0)) if whole and text else None


def _is_text(text: str) -> bool:
    start = text[:10_000]
    odd = sum(not (mark.isprintable() or mark in "\t\n\r\f\x1b\x85\ufeff\u2028\u2029\u3000\xa0") for mark in start)
    return "\x00" not in text and odd <= len(start) * _BROKEN


# ---- guessing -------------------------------------------------------------------------------------------


def _best_guess(data: bytes) -> DecodedText | None:
    if b"\x00" in data:
        return None
    sample = _sample(data)
    texts = {one.label: sample.decode(one.codec, "replace") for one in ENCODINGS}
    ranked = sorted(ENCODINGS, key=lambda one: _unlikeliness(texts[one.label], one))
    fitting = [one.label for one in ranked if texts[one.label].count("\ufffd") <= len(texts[one.label]) * _BROKEN]
    best = read_as(data, (fitting or [ranked[0].label])[0])
    return DecodedText(best.text, best.encoding, (*(fitting or [best.encoding]), UTF_8), best.lost)


def _sample(data: bytes) -> bytes:
    """Lines with non-ASCII letters: a large file may have few of them, far from its beginning."""
    return b"\n".join(_lines(data))


def _lines(data: bytes) -> Iterator[bytes]:
    size, at = 0, 0
    while size < SAMPLE and (found := _HIGH.search(data, at)):
        begin = max(at, found.start() - 40)
        begin = max(begin, data.rfind(b"\n", begin, found.start()) + 1, data.rfind(b"\r", begin, found.start()) + 1)
        end = _LINE_END.search(data, found.end(), found.end() + _LINE)
        at = end.start() if end else found.end() + _LINE
        yield data[begin:at]
        size += at - begin


def _unlikeliness(text: str, encoding: Encoding) -> float:
    """How improbable a text is in this encoding: smaller is likelier. The numbers are rough natural logarithms of
    one in N letters. ASCII is the same in all encodings and costs nothing.
    """
    rank = {letter: place / len(encoding.common) for place, letter in reversed([*enumerate(encoding.common)])}
    total, before = 0.0 if encoding.is_latin else 3.0, " "
    for letter in text:
        if letter < "\x80":
            total += 4 * (letter.isalpha() and before.isalpha() and not (_goes_with_ascii(before, encoding)))
        else:
            total += _surprise(letter, before, encoding, rank)
        before = letter
    return total


def _surprise(letter: str, before: str, encoding: Encoding, rank: dict[str, float]) -> float:
    """How improbable the non-ASCII `letter` is after `before`."""
    lower = letter.lower()
    if letter == "\ufffd":
        return 20
    if letter in _PUNCTUATION:
        return 6
    if encoding.two_bytes:
        return _surprise_of_two_bytes(letter, encoding, rank)
    if lower not in rank:
        return 9 if letter.isalpha() else 10 if letter.isprintable() else 15
    cost = 2.5 + 3.2 * rank[lower] + 1.5 * encoding.is_latin
    cost += 4 * (before < "\x80" and before.isalpha() and not encoding.is_latin)
    if letter != lower:
        return cost + (6 if before.islower() else 0.6)
    return cost + 0.6 * (before > "\x7f" and before.isupper())


def _surprise_of_two_bytes(letter: str, encoding: Encoding, rank: dict[str, float]) -> float:
    if letter in rank:
        return 5.5
    if "\u3000" <= letter <= "\u30ff" or "\uff00" <= letter <= "\uff9f":  # kana, wide and narrow letters
        return 6
    lead, *trail = letter.encode(encoding.codec, "replace")
    return 9 if len(trail) == 1 and encoding.leads[0] <= lead <= encoding.leads[1] else 12


def _goes_with_ascii(letter: str, encoding: Encoding) -> bool:
    """Whether it mixes with ASCII within a word: German umlauts do, Greek letters do not; Japanese has no word
    spaces.
    """
    return letter < "\x80" or encoding.is_latin or encoding.two_bytes
