"""Errors as providers send them (tests/data/provider_errors.jsonl): what each means, its words, how long to wait.

The bodies have the shapes and the telling words of the providers named in their ids; the rest is made up.
"""

from __future__ import annotations

from typing import Any

import pytest
from basics import DATA, KEY, cases
from hypothesis import given
from hypothesis import strategies as st

from backend import errors
from backend.errors import signs, waits
from backend.errors.kinds import by_name
from backend.keys.redaction import Redactor

ROWS = cases(DATA / "provider_errors.jsonl")


def sorted_row(row: dict[str, Any]) -> errors.APIError:
    redactor = Redactor(KEY)
    if row["status"] == 200:
        error = errors.error_in(row["body"])
        assert error is not None
        return errors.from_stream(error, redactor=redactor)
    return errors.from_response(row["status"], row["body"], row.get("headers", {}), redactor=redactor)


@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in ROWS])
def test_each_providers_error_body_is_understood(row: dict[str, Any]) -> None:
    error = sorted_row(row)
    assert type(error).__name__ == row["kind"]
    assert row.get("detail", "") in error.detail
    assert row.get("hint", "") in error.hint
    if "wait" in row:
        expected = None if row["wait"] < 0 else pytest.approx(row["wait"], abs=0.2)
        assert error.retry_after == expected


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=row["id"])
        for row in ROWS
        if isinstance(row["body"], dict) and "status_tells" not in row
    ],
)
def test_the_same_error_in_mid_stream_means_the_same(row: dict[str, Any]) -> None:
    """Many servers hand on a refusal of the one behind them as an event, without its status."""
    error = errors.from_stream(row["body"])
    assert error.retryable is False
    assert type(error).__name__ in (row["kind"], "ServerTrouble")


@pytest.mark.parametrize(
    "body",
    [
        {"code": 0, "msg": "success", "data": {}},
        {"code": 200, "message": "OK"},
        {"choices": [{"message": {}}], "base_resp": {"status_code": 0, "status_msg": ""}},
        {"base_resp": {"status_code": 0, "status_msg": "success"}},
        {"object": "chat.completion.chunk", "code": "", "msg": ""},
        {"promptFeedback": {"safetyRatings": []}},
        {"success": True, "errors": None},
        {"success": True, "errors": [], "result": {"response": "Hi"}},
    ],
)
def test_a_reply_that_says_it_is_well_is_no_error(body: Any) -> None:
    assert errors.error_in(body) is None


def test_words_of_a_person_are_not_taken_for_the_servers() -> None:
    """FastAPI and OpenRouter repeat the request in their errors."""
    echo = {"role": "user", "code": "insufficient_quota", "content": "invalid_api_key"}
    body = {"detail": [{"type": "missing", "loc": ["body", "n"], "msg": "Field required", "input": echo}]}
    assert type(errors.from_response(422, body, {})) is errors.BadRequest


def test_an_error_told_by_a_header_alone_is_recognised() -> None:
    refused = {"WWW-Authenticate": 'Bearer error="invalid_token", error_description="The token expired"'}
    assert errors.from_response(401, "", refused).detail == "The token expired"
    aws = {"x-amzn-ErrorType": "ThrottlingException:http://internal.amazon.com/coral/"}
    assert type(errors.from_response(400, {"message": "No."}, aws)) is errors.RateLimited
    assert type(errors.from_response(400, {"message": "No."}, {})) is errors.BadRequest


# ---- the table --------------------------------------------------------------------------------------------


def test_every_sign_means_a_class_of_ours_and_a_remedy_that_there_is() -> None:
    remedies = {"", "fold_system", "no_stream", "no_images", "strict_alternation", "filled", "thoughts"} | {
        "no_prefill"
    }
    for sign in signs.signs():
        assert issubclass(by_name(sign.error), errors.APIError)
        assert sign.remedy in remedies, sign.name
        assert sign.codes or sign.words or sign.types, sign.name
        assert all(text.endswith(".") for text in (sign.title, sign.hint) if text)


def test_every_wording_says_where_it_is_from() -> None:
    tables = signs.tables()
    for table in tables.values():
        for key in ("codes", "words", "types"):
            for wording, origin in table.get(key, {}).items():
                assert isinstance(origin, str) and origin, wording


def test_no_code_means_two_things() -> None:
    codes = [code for sign in signs.signs() for code in sign.codes]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("content_filter", True),
        ("content_filter: PROHIBITED_CONTENT", True),
        ("SAFETY", True),
        ("PROHIBITED_CONTENT", True),
        ("RECITATION", True),
        ("SPII", True),
        ("content-filter", True),
        ("sensitive", True),
        ("refusal", True),
        ("stop", False),
        ("length", False),
        ("", False),
        ("MALFORMED_FUNCTION_CALL", False),
    ],
)
def test_the_reasons_of_filters_are_known_in_every_spelling(reason: str, expected: bool) -> None:
    assert errors.is_filter(reason) is expected


@pytest.mark.parametrize(
    ("status", "title", "side"),
    [
        (407, "The network on the way to the server wants a login first.", "network"),
        (511, "The network on the way to the server wants a login first.", "network"),
        (451, "The server may not answer this, for legal reasons.", "you"),
    ],
)
def test_a_status_that_is_not_about_key_or_request_has_words_of_its_own(status: int, title: str, side: str) -> None:
    error = errors.from_response(status, "<html><title>Log in</title></html>", {})
    assert (error.title, error.side) == (title, side)


# ---- waiting ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("34.07s", 34.07),
        ("7m12s", 432.0),
        ("1h2m3.5s", 3723.5),
        ("120ms", 0.12),
        ("6m0s", 360.0),
        ("20", 20.0),
        ("2 minutes", 120.0),
        ("soon", None),
        ("", None),
        ("-3", None),
    ],
)
def test_a_span_is_read_in_seconds(text: str, seconds: float | None) -> None:
    assert waits.span(text) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        ("Please retry in 34.07s.", 34.07),
        ("Please try again in 1m26.4s. Visit the page.", 86.4),
        ("Please retry after 13 seconds.", 13.0),
        ("Try again in 2 minutes and 5 seconds", 125.0),
        ("Please wait 3 seconds", 3.0),
        ("We sent 30 s of sound and you can try again", None),
        ("try again in a moment", None),
    ],
)
def test_a_sentence_says_how_long(message: str, seconds: float | None) -> None:
    found = waits.wait_in(429, {}, message, {})
    assert found == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"Retry-After": "7"}, {"retry_after": 9}, 7.0),
        ({}, {"error": {"metadata": {"retry_after_seconds": 9}}}, 9.0),
        ({}, {"error": {"retryAfterMs": 1500}}, 1.5),
        ({"X-RateLimit-Reset": "30", "X-RateLimit-Remaining": "0"}, {}, 30.0),
        ({"x-ratelimit-reset-requests": "8.64s", "x-ratelimit-reset-tokens": "2s"}, {}, 8.64),
        ({"anthropic-ratelimit-requests-reset": "2001-01-01T00:00:00Z"}, {}, 0.0),
        ({"x-ratelimit-reset": "nonsense"}, {}, None),
        ({"x-ratelimit-reset": "1000000000"}, {}, 0.0),
    ],
)
def test_headers_and_fields_say_how_long(headers: dict[str, str], body: Any, seconds: float | None) -> None:
    assert waits.wait_in(429, body, "", headers) == seconds


@pytest.mark.parametrize(
    ("message", "headers", "alone"),
    [("retry in 34 s", {}, False), ("retry in 3 s", {}, True), ("retry in 3 s", {"Retry-After": "34"}, True)],
)
def test_a_long_wait_is_obeyed_only_where_a_header_asks(message: str, headers: dict[str, str], alone: bool) -> None:
    assert errors.from_response(429, {"error": message}, headers).retryable is alone


def test_a_reset_that_every_reply_has_is_no_wait_elsewhere() -> None:
    assert waits.wait_in(500, {}, "", {"x-ratelimit-reset-requests": "1s"}) is None


@given(
    st.text(), st.dictionaries(st.sampled_from(["retry-after-ms", "x-ratelimit-reset", "retry-after"]), st.text())
)
def test_no_wait_however_odd_raises(message: str, headers: dict[str, str]) -> None:
    seconds = waits.wait_in(429, {"retry_after": message}, message, headers)
    assert seconds is None or seconds >= 0
