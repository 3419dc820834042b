"""Votes as CSV and JSON files, with the column names of LMArena's published votes.

Files are untrusted: they are limited in size, and unusable rows are left out and counted.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.compare.votes import NAME, WINNERS, Vote, Winner
from backend.text import is_formula
from backend.untrusted import Object, Unreadable, decoded, fields, line, numeral, parsed

FILE = 20_000_000  # bytes
ROWS = 20_000
_ID = 100  # characters of the id of a question
COLUMNS = ("question_id", "model_a", "model_b", "winner", "turn", "anony", "language", "tstamp")
_MEASURED = ("cost_a", "cost_b", "words_per_second_a", "words_per_second_b")  # LMArena has none of these
_WINNERS: Mapping[str, Winner] = {**{name: name for name in WINNERS}, "both_bad": "tie (bothbad)"}
_NEEDED = "The file has no votes: it needs the columns model_a, model_b and winner."


@dataclass(frozen=True)
class Read:
    """`left_out`: rows that cannot be counted because a model or the winner is missing."""

    votes: tuple[Vote, ...]
    left_out: int


# ---- out ----------------------------------------------------------------------------------------------


def as_json(votes: Sequence[Vote]) -> bytes:
    return json.dumps([_row(vote) for vote in votes], ensure_ascii=False, indent=1).encode()


def as_csv(votes: Sequence[Vote]) -> bytes:
    """The votes as CSV. A name that a spreadsheet would take for a formula gets an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, (*COLUMNS, *_MEASURED))
    writer.writeheader()
    for vote in votes:
        writer.writerow({name: _cell(value) for name, value in _row(vote).items()})
    return text.getvalue().encode()


def _row(vote: Vote) -> dict[str, object]:
    return {
        "question_id": vote.question,
        "model_a": vote.model_a,
        "model_b": vote.model_b,
        "winner": vote.winner,
        "turn": vote.turn,
        "anony": True,
        "language": vote.language,
        "tstamp": vote.tstamp,
        "cost_a": vote.cost_a,
        "cost_b": vote.cost_b,
        "words_per_second_a": vote.speed_a,
        "words_per_second_b": vote.speed_b,
    }


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and _is_quoted(value) else value


def _is_quoted(cell: str) -> bool:
    """Whether it gets an apostrophe: a formula, and what begins with one, so that reading takes away no other."""
    return cell.startswith("'") or is_formula(cell)


# ---- in -----------------------------------------------------------------------------------------------


def read(content: bytes) -> Read:
    """The votes in a file: JSON, JSON Lines, or CSV. Raises Unreadable with a message for the visitor."""
    if len(content) > FILE:
        raise Unreadable(f"The file is larger than {FILE // 1_000_000} MB.")
    begin = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    rows = list(_json_rows(content) if begin in (b"[", b"{") else _csv_rows(content))
    if len(rows) > ROWS:
        raise Unreadable(f"The file has more than {ROWS:,} votes. Split it.")
    if not any({"model_a", "model_b", "winner"} <= set(row) for row in rows):
        raise Unreadable(_NEEDED)
    votes = tuple(_votes(rows))
    if not votes:
        raise Unreadable("No row of the file can be counted: each needs two models and a winner that is known.")
    return Read(votes, len(rows) - len(votes))


def _json_rows(content: bytes) -> Iterator[Object]:
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"[":
        value = parsed(content, FILE)
        listed = value if isinstance(value, list) else []
    else:
        lines = [one for one in content.splitlines() if one.strip()]
        if len(lines) > ROWS:
            raise Unreadable(f"The file has more than {ROWS:,} votes. Split it.")
        listed = [parsed(one) for one in lines]
    return (fields(row) for row in listed)


def _csv_rows(content: bytes) -> Iterator[Object]:
    try:
        written = decoded(content)
        # the separator of a spreadsheet depends on the locale
        mark = max(",;\t", key=written.split("\n", 1)[0].count)
        reader = csv.DictReader(io.StringIO(written, newline=""), restkey="more", delimiter=mark)
        for number, row in enumerate(reader):
            if number > ROWS:
                raise Unreadable(f"The file has more than {ROWS:,} votes. Split it.")
            yield {name: _plain(value) for name, value in row.items() if isinstance(value, str)}
    except UnicodeDecodeError:
        raise Unreadable("The file is no text in UTF-8.") from None
    except csv.Error:
        raise Unreadable("The file is no CSV to read: one of its cells does not end.") from None


def _plain(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and _is_quoted(cell[1:]) else cell


def _votes(rows: Iterable[Object]) -> Iterator[Vote]:
    seen: dict[str, int] = {}
    for row in rows:
        winner = _WINNERS.get(line(row.get("winner"), 20))
        one, other = line(row.get("model_a"), NAME), line(row.get("model_b"), NAME)
        if winner is None or not one or not other or one == other:
            continue
        vote = Vote(
            line(row.get("question_id") or row.get("id"), _ID),
            one,
            other,
            winner,
            _turn(row.get("turn")),
            line(row.get("language"), 40),
            _time(row.get("tstamp") or row.get("timestamp")),
            *(_positive(row.get(name)) for name in _MEASURED),
        )
        yield vote if vote.question else _with_id(vote, seen)


def _with_id(vote: Vote, seen: dict[str, int]) -> Vote:
    """Give a vote without an id one that is derived from its content, so that importing the file twice adds
    nothing.
    """
    digest = hashlib.sha256(repr(vote).encode()).hexdigest()[:32]
    seen[digest] = seen.get(digest, -1) + 1
    return Vote(f"{digest}-{seen[digest]}", *list(vars(vote).values())[1:])


def _turn(value: object) -> int:
    """The turn from 1 on; 1 if it is not given."""
    number = numeral(value)
    return int(number) if number is not None and 1 <= number < 10_000 else 1


def _time(value: object) -> float:
    seconds = numeral(value)
    if seconds is None and isinstance(value, str):
        try:
            seconds = datetime.fromisoformat(value[:40]).timestamp()
        except (ValueError, OverflowError, OSError):
            seconds = None
    return seconds if seconds is not None and 0 <= seconds < 1e11 else 0.0


def _positive(value: object) -> float | None:
    number = numeral(value.replace(",", ".") if isinstance(value, str) else value)
    return number if number is not None and 0 <= number < 1e9 else None
