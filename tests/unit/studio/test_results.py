"""Results that are no files, read out of what servers give, and given away."""

from __future__ import annotations

import base64
import io
import struct
from typing import Any

import numpy as np
import pytest

from backend.jobs.job import Job
from backend.studio import transcripts, vectors, verdicts
from backend.studio.families import KIND
from backend.studio.task import Task
from backend.studio.transcripts import TimedWord
from components.session.studio_runs import Run
from components.studio import query_ranking

DEEPGRAM = {
    "results": {
        "channels": [
            {
                "alternatives": [
                    {
                        "transcript": "The tide turns.",
                        "words": [
                            {"word": "the", "punctuated_word": "The", "start": 0.1, "end": 0.3, "speaker": 0},
                            {"word": "tide", "start": 0.3, "end": 0.6, "speaker": 1},
                        ],
                    }
                ]
            }
        ]
    }
}


@pytest.mark.parametrize(
    ("result", "text", "words"),
    [
        (DEEPGRAM, "The tide turns.", [("The", 0.1, "0"), ("tide", 0.3, "1")]),
        (
            {"results": {"channels": DEEPGRAM["results"]["channels"][0]}},  # type: ignore[index]
            "The tide turns.",
            [("The", 0.1, "0"), ("tide", 0.3, "1")],
        ),
        ({"text": "Hi.", "words": [{"text": "Hi.", "start": 100, "end": 300, "speaker": "A"}]}, "Hi.",
         [("Hi.", 0.1, "A")]),
        ({"text": "Hi.", "duration": 1, "segments": [{"text": " Hi.", "start": 0.5, "end": 1}]}, "Hi.",
         [("Hi.", 0.5, "")]),
        ({"text": "Hi."}, "Hi.", []),
        ("1\n00:00 --> 00:01\nHi", "1\n00:00 --> 00:01\nHi", []),
        ({"text": 7, "words": "no"}, "", []),
        ({"text": "x", "words": [{"text": "x", "start": "a", "end": None}, {"text": "y", "start": 5, "end": 2}]},
         "x", []),
        (None, "", []),
    ],
)  # fmt: skip
def test_every_form_of_a_transcript_is_read(result: Any, text: str, words: list[tuple[str, float, str]]) -> None:
    found = transcripts.read(result)
    assert found.text == text
    assert [(word.text, pytest.approx(word.start), word.speaker) for word in found.words] == words


def test_subtitles_follow_speech() -> None:
    said = [
        TimedWord("Hello.", 0.0, 0.5),
        TimedWord("A", 0.6, 0.7),
        TimedWord("-->", 0.7, 0.9),
        TimedWord("b", 3_661.5, 3_662.0),
    ]
    assert transcripts.subtitles(said) == (
        "1\n00:00:00,000 --> 00:00:00,500\nHello.\n\n"
        "2\n00:00:00,600 --> 00:00:00,900\nA ->\n\n"
        "3\n01:01:01,500 --> 01:01:02,000\nb\n"
    )
    assert transcripts.subtitles(said[:1], vtt=True) == "WEBVTT\n\n00:00:00.000 --> 00:00:00.500\nHello.\n"


def test_vectors_come_as_numbers_as_base64_or_one_for_each_token() -> None:
    packed = base64.b64encode(struct.pack("<2f", 0.5, -1.0)).decode()
    assert vectors.read([[0.5, -1], packed, [[0.0, 0.0], [1.0, -2.0]]]) == [(0.5, -1.0)] * 3


@pytest.mark.parametrize(
    "rows", [[[1, 2], [1]], [[]], [["x"]], ["%%%"], [[float("inf")]], [[1e39]], [[float("nan")]], [], [None]]
)
def test_vectors_that_cannot_be_compared_are_refused_in_words(rows: Any) -> None:
    with pytest.raises(vectors.Uneven, match="cannot be compared"):
        vectors.read(rows)


def test_the_nearest_are_the_nearest_and_the_plane_keeps_what_it_says() -> None:
    found = [(1.0, 0.0, 0.0), (0.9, 0.1, 0.0), (0.0, 1.0, 0.0)]
    matrix = vectors.similarities(found)
    assert matrix[0][0] == pytest.approx(1) and matrix[0][2] == pytest.approx(0)
    assert vectors.nearest(matrix)[0][:2] == (0, 1)
    points, kept = vectors.plane(found)
    assert kept == pytest.approx(1), "three points lie in a plane"
    for one in range(3):
        for other in range(3):
            far = sum((a - b) ** 2 for a, b in zip(found[one], found[other], strict=True))
            seen = sum((a - b) ** 2 for a, b in zip(points[one], points[other], strict=True))
            assert seen == pytest.approx(far, abs=1e-6)
    assert vectors.plane([(1.0, 1.0)] * 3) == ([(0.0, 0.0)] * 3, 1.0)


def test_texts_are_ranked_by_a_query_however_long_its_vector_is() -> None:
    found = [(0.0, 2.0), (3.0, 0.0), (1.0, 1.0), (0.0, 0.0), (-1e38, 0.0)]
    ranked = vectors.ranked((1e38, 0.0), found)
    assert [place for place, _ in ranked] == [1, 2, 0, 3, 4]
    assert [cosine for _, cosine in ranked] == pytest.approx([1, 0.5**0.5, 0, 0, -1])
    with pytest.raises(vectors.Uneven, match="another length"):
        vectors.ranked((1.0,), found)


def test_no_file_of_a_stranger_hides_a_run_as_a_query() -> None:
    """One that names itself, two that name each other, the query of a query: each is drawn."""
    about = {
        "run": "",
        "query": "run",
        "of a query": "query",
        "itself": "itself",
        "a": "b",
        "b": "a",
        "lost": "gone",
    }
    runs = [
        Run(Job(id_, KIND, "", "done", "", None, 0, "", 0, "", 0, 0), (), Task("embeddings", "m", "", query_of=of))
        for id_, of in about.items()
    ]
    assert [run.job.id for run in query_ranking.without_queries(runs)] == [id_ for id_ in about if id_ != "query"]


def test_a_file_of_numpy_holds_a_row_for_each_text() -> None:
    read = np.load(io.BytesIO(vectors.npy([(0.1, -2.0), (3.4e38, 0.0)])), allow_pickle=False)
    assert read.dtype == np.float32 and read.tolist() == np.array([[0.1, -2], [3.4e38, 0]], np.float32).tolist()


def test_a_table_of_vectors_runs_nothing_in_a_spreadsheet() -> None:
    assert vectors.table(["=1+1", "a,b"], [(1.0,), (2.0,)]) == 'text,0\n\'=1+1,1.0\n"a,b",2.0\n'


@pytest.mark.parametrize(
    ("answer", "state", "reasons"),
    [
        ("safe", "safe", ()),
        ("\n\n Safe ", "safe", ()),
        ("unsafe\nS1,S10", "unsafe", ("S1: violent crimes", "S10: hate")),
        ("unsafe \n 04", "unsafe", ("04",)),
        ("not unsafe", "none", ()),
        ("This is unsafe", "none", ()),
        ("", "none", ()),
    ],
)
def test_a_guard_says_safe_or_unsafe_or_gives_no_verdict(answer: str, state: str, reasons: tuple[str, ...]) -> None:
    found = verdicts.of_guard(answer)
    assert (found.state, found.reasons) == (state, reasons)


def test_a_row_of_categories_is_read() -> None:
    row = {"flagged": True, "categories": {"hate": True, "violence": False}, "category_scores": {"hate": 0.914}}
    assert verdicts.of_row(row) == verdicts.ModerationVerdict("unsafe", ("hate (91%)",), scores=("hate (91.4%)",))
    assert verdicts.of_row({"flagged": False}).state == "safe"
    assert verdicts.of_row({"flagged": "yes"}).state == "none" and verdicts.of_row(None).state == "none"
