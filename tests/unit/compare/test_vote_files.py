"""Votes out of files and into them: as LMArena names its columns, and whatever a stranger puts there."""

from __future__ import annotations

import json

import pytest

from backend.compare import vote_files
from backend.compare.vote_files import as_csv, as_json, read
from backend.compare.votes import Vote
from backend.untrusted import Unreadable

VOTES = (
    Vote("q1", "a/one", "b/two", "model_a", 2, "", 1700000000.5, 0.001, None, 12.5, 80.0),
    Vote("q1", "a/one", "=cmd()", "model_a"),
    Vote("q2", "'-x", "b/two", "tie (bothbad)", tstamp=1.0),
    Vote("q3", "a, “b”\u2028 c".replace("\u2028", " "), 'says "hi"', "tie", language="Yorùbá"),
)


@pytest.mark.parametrize("write", [as_csv, as_json])
def test_exported_votes_are_imported_unchanged(write: object) -> None:
    assert callable(write)
    assert read(write(VOTES)) == vote_files.Read(VOTES, 0)


def test_a_cell_that_a_spreadsheet_would_work_out_is_not_exported_as_one() -> None:
    cells = [cell.strip('"') for line in as_csv(VOTES).decode().splitlines() for cell in line.split(",")]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("mark", [";", "\t"])
def test_a_table_that_a_spreadsheet_of_another_country_wrote_is_read(mark: str) -> None:
    line = mark.join(("x", "y, the second", "tie", "0,0125"))
    (vote,) = read(f"{mark.join(('model_a', 'model_b', 'winner', 'cost_a'))}\r\n{line}\r\n".encode()).votes
    assert (vote.model_a, vote.model_b, vote.cost_a) == ("x", "y, the second", 0.0125)


def test_rows_of_lmarena_are_votes() -> None:
    rows: list[dict[str, object]] = [
        {"question_id": "58", "model_a": "x", "model_b": "y", "winner": "model_b", "judge": "arena_user_9",
         "conversation_a": [{}], "turn": 1, "anony": True, "language": "English", "tstamp": 1682351591.1},
        {"id": "u-1", "model_a": "x", "model_b": "y", "winner": "both_bad",
         "timestamp": "2025-05-01 12:00:00+00:00"},
    ]  # fmt: skip
    expected = (
        Vote("58", "x", "y", "model_b", 1, "English", 1682351591.1),
        Vote("u-1", "x", "y", "tie (bothbad)", tstamp=1746100800.0),
    )
    assert read(json.dumps(rows).encode()).votes == expected
    assert read("\n".join(map(json.dumps, rows)).encode()).votes == expected


def test_a_row_without_an_id_counts_once_however_often_it_is_imported() -> None:
    file = b"model_a,model_b,winner\nx,y,tie\nx,y,tie\ny,x,tie\n"
    once, again = read(file).votes, read(file).votes
    assert once == again and len({vote.question for vote in once}) == 3


def test_rows_that_say_nothing_of_use_are_counted_and_left_out() -> None:
    file = "model_a,model_b,winner,turn,tstamp,cost_a\nx,y,model_a,999999999,nan,-1\n"
    file += "x,x,tie,,,\n,y,tie,,,\nx,y,won,,,\n"
    result = read(file.encode())
    assert result.left_out == 3
    assert [(vote.turn, vote.tstamp, vote.cost_a) for vote in result.votes] == [(1, 0.0, None)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "columns"),
        (b"\xff\xfe\xfa", "UTF-8"),
        (b"[[[[", "not JSON"),
        (b"[" * 200, "nested"),
        (b'{"model_a": 1}\nx', "not JSON"),
        (b"[1, null, [], {}]", "columns"),
        (b"name,age\nx,3\n", "columns"),
        (b"model_a,model_b,winner\nx,x,tie\n", "No row"),
        (b"model_a,model_b,winner\n" + b"x,y,tie\n" * 20_002, "20,000"),
        (b'[{"model_a":"x"}' + b',{"model_a":"x"}' * 20_001 + b"]", "20,000"),
        (b'model_a,model_b,winner\n"' + b"x" * 200_000, "does not end"),
        (b"x" * 20_000_001, "20 MB"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_file_of_anybody_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read(content)


def test_names_of_anybody_are_one_line_and_short() -> None:
    (vote,) = read(
        json.dumps([{"model_a": "a\n\x00\u202eb" * 1000, "model_b": "y", "winner": "tie"}]).encode()
    ).votes
    assert "\n" not in vote.model_a and "\u202e" not in vote.model_a and len(vote.model_a) <= 300
