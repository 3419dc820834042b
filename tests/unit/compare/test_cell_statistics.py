"""What several answers to one request say together, beside the numbers of numpy and of rapidfuzz."""

from __future__ import annotations

import itertools
from statistics import mean

import numpy
import pytest
from rapidfuzz import fuzz

from backend.compare import cell_statistics
from backend.compare.cell_statistics import figures, similarity, spread
from backend.formats import archive
from backend.jobs.job import JobStep, StepState
from backend.types import Failure, Message, Timing, ToolCall


def step(place: int, text: str = "", state: StepState = "done", usd: float | None = 0.5, **more: object) -> JobStep:
    message = Message("assistant", text, **more)  # type: ignore[arg-type]
    return JobStep(place, {}, state, usd=usd, result={"message": archive.body(message)})


def test_equal_texts_are_one_group_the_largest_first() -> None:
    found = figures([step(0, "No."), step(1, " Yes. "), step(2, "Yes."), step(3, "<think>Hm</think>Yes.")])
    assert [(group.text, group.places) for group in found.groups] == [("Yes.", (1, 2, 3)), ("No.", (0,))]
    assert found.distinct == 2 and found.agreement == 0.75


TEXTS = ["The sky is blue.", "The sky is blue.", "The sky was blue", "Ninety-nine red balloons", ""]


def test_similarity_is_the_mean_over_all_pairs() -> None:
    pairs = [fuzz.ratio(one, other) / 100 for one, other in itertools.combinations(TEXTS, 2)]
    counted = [(text, TEXTS.count(text)) for text in dict.fromkeys(TEXTS)]
    assert similarity(counted) == pytest.approx(mean(pairs))
    assert similarity([("Hi", 3)]) == 1.0 and similarity([("Hi", 1)]) is None and similarity([]) is None


def test_of_very_many_texts_a_fixed_sample_of_pairs_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [(f"answer {number * number} of many", 1) for number in range(80)]
    whole = similarity(texts)
    monkeypatch.setattr(cell_statistics, "PAIRS", 300)
    assert similarity(texts) == similarity(texts) == pytest.approx(whole, abs=0.03)


@pytest.mark.parametrize(
    "values", [[1.0], [3.0, 1.0], [5.0, 1.0, 2.0, 9.0, 4.0], [float(n * n) for n in range(37)]]
)
def test_percentiles_are_those_of_numpy(values: list[float]) -> None:
    found = spread(values)
    assert found
    wanted = [numpy.percentile(values, share) for share in (0, 50, 90, 100)]
    assert [found.low, found.p50, found.p90, found.high] == pytest.approx(wanted)


def test_unknown_values_are_not_counted_as_zero() -> None:
    found = figures([step(0, "a", usd=None), step(1, "b", usd=0.2, timing=Timing(0.5, 2.0))])
    assert found.cost and found.cost.low == 0.2 and found.unpriced == 1
    assert found.first and found.first.p50 == 0.5
    nothing = figures([step(0, state="unknown"), JobStep(1, {})])
    assert nothing.distinct is nothing.similarity is nothing.words is nothing.refused is None
    assert nothing.unknown == 1 and nothing.asked == 2


def test_refusals_and_answers_that_were_cut_are_shares() -> None:
    filtered = step(3, state="failed", failure=Failure("Stopped", kind="ContentFiltered"))
    found = figures([step(0, "a", finish_reason="length"), step(1, refusal="I will not."), step(2, "b"), filtered])
    assert found.cut == pytest.approx(1 / 3) and found.refused == 0.5 and found.failed == 1


def test_answers_are_held_against_the_schema() -> None:
    schema = {"type": "object", "required": ["a"]}
    found = figures([step(0, '{"a": 1}'), step(1, '{"b": 1}'), step(2, "a"), step(3, '{"a": 2}')], schema)
    assert found.in_schema == 0.5
    assert figures([step(0, "a")]).in_schema is None


def test_calls_of_tools_are_counted_with_their_arguments() -> None:
    call = [ToolCall("1", "weather", '{"city": "Oslo"}'), ToolCall("2", "time", "{}")]
    found = figures([step(0, tool_calls=tuple(call)), step(1, tool_calls=(call[0],))])
    assert found.calls == {"weather": {'{"city": "Oslo"}': 2}, "time": {"{}": 1}}
