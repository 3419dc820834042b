"""A transcript in one form, from the formats of several vendors: text, and words with times in seconds; as
subtitles (SubRip, WebVTT).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from backend.types import JSON
from backend.untrusted import Object, fields, integer, items, numeral, objects, string, text

WORDS = 50_000
LETTERS = 2_000_000
MOST = 6_000_000  # bytes of one in the database
_ALL_LETTERS, _ALL_WORDS = 50_000_000, 1_000_000  # characters and words that are counted
_LINE = 80  # letters of one subtitle
_SURE = 0.6  # minimum confidence (0..1) of a word that is not marked as doubtful
_LONGEST = 1e7  # seconds of a recording: a later time is invalid
_GAP = 1.5  # seconds of silence that end one
_WORD = 500  # letters of one
_LOOKED_AT = 200  # words that are checked to tell seconds from milliseconds
_TEXTS = ("text", "transcript", "transcription")


@dataclass(frozen=True)
class TimedWord:
    """`end` and `start` in seconds; `speaker` "" if unknown; `doubtful`: the model has low confidence."""

    text: str
    start: float
    end: float
    speaker: str = ""
    doubtful: bool = False


@dataclass(frozen=True)
class Transcript:
    """`cut`: what was dropped for lack of room, in characters and in words with times."""

    text: str
    words: tuple[TimedWord, ...] = ()
    cut: tuple[int, int] | None = None


def stored_form(result: JSON, most: int = MOST) -> JSON:
    """A transcript in stored form: unchanged, or, if the database has no room for it, its text alone up to this
    many bytes, with the original counts. MOST is less than a guest's limit for one run.
    """
    if _size(result) <= most:
        return result
    found = read(result, _ALL_LETTERS, _ALL_WORDS)
    whole: list[JSON] = [len(found.text), len(found.words)]
    text_ = _within(found.text, most // 2)
    room, rows = most - _size(text_) - 1_000, list[JSON]()
    for word in found.words[:WORDS]:
        row: dict[str, JSON] = {"word": word.text, "start": word.start, "end": word.end, "speaker": word.speaker}
        if word.doubtful:
            row["confidence"] = 0.0
        room -= _size(row) + 1
        if room < 0:
            break
        rows.append(row)
    made: dict[str, JSON] = {"task": "transcribe", "text": text_, "words": rows}
    return made if whole == [len(text_), len(rows)] else {**made, "cut": whole}


def _size(value: JSON) -> int:
    """Its bytes in the database."""
    return len(json.dumps(value, separators=(",", ":")))


def _within(words: str, most: int) -> str:
    """The characters that fit into this many bytes: a non-ASCII one takes six or twelve."""
    low, high = 0, min(len(words), most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _size(words[:middle]) <= most else (low, middle - 1)
    return words[:low]


def read(result: JSON, letters: int = LETTERS, words: int = WORDS) -> Transcript:
    """A transcript in Deepgram's format, AssemblyAI's (in milliseconds), OpenAI's, or plain text; at most this
    many characters and words with times.
    """
    if isinstance(result, str):
        return Transcript(text(result, letters))
    whole = fields(result)
    if "results" in whole:
        channels = fields(whole["results"]).get("channels")
        channel = next(iter(objects(channels)), fields(channels))  # a list in examples, an object in one schema
        best = next(iter(objects(channel.get("alternatives"))), {})
        return Transcript(text(best.get("transcript"), letters), _words(best.get("words"), 1.0, words))
    rows = _rows(whole, words)
    cut = [integer(count) or 0 for count in items(whole.get("cut"), 2)]
    plain = next((text(whole[name], letters) for name in _TEXTS if string(whole.get(name))), "")
    if not plain.strip():
        plain = "".join(_pieces(objects(_segments(whole), words)))[:letters].strip()
    timed = _words(rows, 1.0 if _in_seconds(whole, rows) else 1_000.0, words)
    return Transcript(plain, timed, (cut[0], cut[1]) if len(cut) == 2 else None)


def is_transcript(body: Object) -> bool:
    """Whether a reply is itself a transcript, even of a recording without speech."""
    words = any(isinstance(body.get(name), str) for name in _TEXTS)
    return words or "channels" in fields(body.get("results")) or isinstance(_segments(body), list)


def _segments(whole: Object) -> JSON:
    """The segments of Whisper; some servers wrap them in an object."""
    given = next((whole[name] for name in ("segments", "chunks", "utterances") if whole.get(name)), None)
    return fields(given).get("segments", given)


def _rows(whole: Object, most: int) -> list[Object]:
    """The parts with times: words if there are any, also those of a segment, otherwise whole segments."""
    segments = objects(_segments(whole), most)
    inner: Iterator[Object] = (
        {"speaker": segment.get("speaker"), **word}
        for segment in segments
        for word in objects(segment.get("words"), most)
    )
    return objects(whole.get("words"), most) or list(islice(inner, most)) or segments


def _pieces(segments: Sequence[Object]) -> Iterator[str]:
    """The texts of the parts. Whisper's begin with a space; those of others get one."""
    for segment in segments:
        piece = text(segment.get("text"))
        yield piece if piece[:1].isspace() else f" {piece}"


def _in_seconds(whole: Object, rows: Sequence[Object]) -> bool:
    """Times in seconds: AssemblyAI counts in whole milliseconds, all others in seconds."""
    if any(name in whole for name in ("duration", "segments", "chunks", "task")):
        return True
    return any(isinstance(time, float) for row in rows[:_LOOKED_AT] for time in _times(row))


def _times(row: Object) -> tuple[JSON, JSON]:
    """The start and the end of a word."""
    pair = items(row.get("timestamp"), 2)
    return (pair[0], pair[1]) if len(pair) == 2 else (row.get("start"), row.get("end"))


def _words(rows: JSON | Sequence[Object], per_second: float, most: int) -> tuple[TimedWord, ...]:
    """The words. One without a time, as aligners leave out figures, is joined to the previous one."""
    found, first = list[TimedWord](), ""
    for row in objects(rows, most):
        if word := _word(row, per_second):
            found.append(replace(word, text=f"{first}{word.text}"))
            first = ""
        elif _times(row) == (None, None) and (untimed := _word_text(row)):
            if not found:
                first = f"{first}{untimed} "[:_WORD]
            elif len(found[-1].text) < _WORD:
                found[-1] = replace(found[-1], text=f"{found[-1].text} {untimed}")
    return tuple(found)


def _word_text(row: Object) -> str:
    names = ("punctuated_word", "word", "text")
    return next((text(row.get(name), _WORD) for name in names if row.get(name)), "").strip()


def _word(row: Object, per_second: float) -> TimedWord | None:
    spelling, (start, end) = _word_text(row), map(numeral, _times(row))
    if not spelling or start is None or end is None or not 0 <= start <= end <= _LONGEST * per_second:
        return None
    speaker = row.get("speaker", row.get("speaker_id"))
    who = str(speaker)[:40] if isinstance(speaker, int | str) and not isinstance(speaker, bool) else ""
    confidence = numeral(row.get("confidence"))
    doubtful = confidence is not None and confidence < _SURE
    return TimedWord(spelling, start / per_second, end / per_second, string(who), doubtful)


def subtitles(words: Sequence[TimedWord], *, vtt: bool = False) -> str:
    """The subtitles as SubRip, or WebVTT."""
    mark = "." if vtt else ","
    blocks = ["WEBVTT"] if vtt else []
    for number, line in enumerate(_lines(words), 1):
        times = f"{_time(line[0].start, mark)} --> {_time(line[-1].end, mark)}"
        caption = " ".join(word.text for word in line).replace("-->", "->")
        blocks.append("\n".join(([] if vtt else [str(number)]) + [times, caption]))
    return "\n\n".join(blocks) + "\n"


def _lines(words: Sequence[TimedWord]) -> list[list[TimedWord]]:
    """Groups of words that are displayed together."""
    lines: list[list[TimedWord]] = []
    for word in words:
        last = lines[-1] if lines else []
        letters = sum(len(other.text) + 1 for other in last)
        goes_on = last and letters + len(word.text) <= _LINE and word.start - last[-1].end < _GAP
        if goes_on and last[-1].speaker == word.speaker and not last[-1].text.endswith((".", "!", "?")):
            last.append(word)
        else:
            lines.append([word])
    return lines


def _time(seconds: float, mark: str) -> str:
    whole = round(seconds * 1_000)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1_000 % 60:02}{mark}{whole % 1_000:03}"
