"""A transcript in one shape, out of the shapes of several vendors: text, and words with times in seconds; as
subtitles (SubRip, WebVTT)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.types import JSON
from backend.untrusted import Object, fields, items, numeral, objects, string, text

WORDS = 50_000
_LETTERS = 2_000_000
_LINE = 80  # letters of one subtitle
_SURE = 0.6  # of 1, from which on a word is taken for what was said
_LONGEST = 1e7  # seconds of a recording: past that a time is none
_GAP = 1.5  # seconds of silence that end one


@dataclass(frozen=True)
class TimedWord:
    """`end` and `start` in seconds; `speaker` "" where nobody says who; `doubtful`: the model is not sure of it."""

    text: str
    start: float
    end: float
    speaker: str = ""
    doubtful: bool = False


@dataclass(frozen=True)
class Transcript:
    text: str
    words: tuple[TimedWord, ...] = ()


def read(result: JSON) -> Transcript:
    """What a server gave: Deepgram's form, AssemblyAI's (in milliseconds), OpenAI's, or plain text."""
    if isinstance(result, str):
        return Transcript(text(result, _LETTERS))
    whole = fields(result)
    if "results" in whole:
        channels = fields(whole["results"]).get("channels")
        channel = next(iter(objects(channels)), fields(channels))  # a list in examples, an object in one schema
        best = next(iter(objects(channel.get("alternatives"))), {})
        return Transcript(text(best.get("transcript"), _LETTERS), _words(best.get("words"), 1.0))
    per_second = 1.0 if "duration" in whole or "segments" in whole or "task" in whole else 1_000.0
    rows = whole.get("words") or whole.get("segments")
    return Transcript(text(whole.get("text"), _LETTERS), _words(rows, per_second))


def _words(rows: JSON, per_second: float) -> tuple[TimedWord, ...]:
    return tuple([word for row in objects(items(rows, WORDS)) if (word := _word(row, per_second))])


def _word(row: Object, per_second: float) -> TimedWord | None:
    said = next((text(row.get(name), 500) for name in ("punctuated_word", "word", "text") if row.get(name)), "")
    start, end = numeral(row.get("start")), numeral(row.get("end"))
    if not said.strip() or start is None or end is None or not 0 <= start <= end <= _LONGEST * per_second:
        return None
    speaker = row.get("speaker")
    who = str(speaker)[:40] if isinstance(speaker, int | str) and not isinstance(speaker, bool) else ""
    confidence = numeral(row.get("confidence"))
    doubtful = confidence is not None and confidence < _SURE
    return TimedWord(said.strip(), start / per_second, end / per_second, string(who), doubtful)


def subtitles(words: Sequence[TimedWord], *, vtt: bool = False) -> str:
    """SubRip, or WebVTT."""
    mark = "." if vtt else ","
    blocks = ["WEBVTT"] if vtt else []
    for number, line in enumerate(_lines(words), 1):
        times = f"{_time(line[0].start, mark)} --> {_time(line[-1].end, mark)}"
        said = " ".join(word.text for word in line).replace("-->", "->")
        blocks.append("\n".join(([] if vtt else [str(number)]) + [times, said]))
    return "\n\n".join(blocks) + "\n"


def _lines(words: Sequence[TimedWord]) -> list[list[TimedWord]]:
    """Words that are shown together."""
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
