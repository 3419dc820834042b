"""Whose words an error shows: found in any body, and bounded."""

from __future__ import annotations

import time
from typing import Any

import pytest
from basics import KEY
from hypothesis import given
from hypothesis import strategies as st
from sorting import openai, sorted_as

from backend import errors
from backend.errors import APIError
from backend.keys.redaction import Redactor

# ---- whose words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"message": "It broke", "path": "/v1", "requestId": "r", "statusCode": 400}, "It broke"),
        ({"error": {"message": "It broke"}}, "It broke"),
        ({"error": "It broke"}, "It broke"),
        ({"detail": "It broke"}, "It broke"),
        ({"detail": {"message": "It broke"}}, "It broke"),
        ({"detail": {"error": {"message": "It broke"}}}, "It broke"),
        ({"error": [{"message": "a"}, "b"]}, "a; b"),
        ({"title": "It broke", "status": 400}, "It broke"),
        ({"detail": [{"loc": ["body"], "msg": "too big"}, {"msg": "too small"}]}, "too big; too small"),
        ([{"error": {"message": "It broke"}}], "It broke"),
        ({"success": False, "errors": [{"code": 5004, "message": "It broke"}]}, "It broke"),
        (
            {"detail": [{"loc": ["body", "messages", 0, "role"], "msg": "Field required", "type": "missing"}]},
            "messages.0.role: Field required",
        ),
        ({"error": {"message": "Out of range", "param": "temperature"}}, "temperature: Out of range"),
        ({"error": {"message": "top_p is out of range", "param": "top_p"}}, "top_p is out of range"),
        ({"error": {"message": "It broke", "param": None, "loc": {"a": 1}}}, "It broke"),
        ({"error": {"message": "It broke", "metadata": {"raw": "upstream said no"}}}, "It broke: upstream said no"),
        ("It broke", "It broke"),
        ("  It broke\n", "It broke"),
        (
            "<!DOCTYPE html><html><head><title>502\n Bad  Gateway</title></head></html>",
            "(an HTML page: 502 Bad Gateway)",
        ),
        ("<html><body>no title</body></html>", "(an HTML page)"),
        ({}, ""),
        (None, ""),
        (3, ""),
        ({"message": None, "error": {"message": "It broke"}}, "It broke"),
        ({"message": ["a", "b"]}, "a; b"),
        (
            {
                "message": "Body validation error!",
                "issues": [
                    {"path": ["top_p"], "message": "Too big"},
                    {"path": ["messages", 0, "role"], "message": "Invalid enum value"},
                ],
            },
            "Body validation error!\ntop_p: Too big\nmessages.0.role: Invalid enum value",
        ),
        (
            {"message": "Wrong", "meta": {"issues": [{"path": "top_p", "message": "Too big"}]}},
            "Wrong\ntop_p: Too big",
        ),
        ({"message": "Wrong", "issues": [{"message": "Too big"}, {"path": []}, 3]}, "Wrong\nToo big"),
    ],
)
def test_the_providers_own_sentence_is_found(body: Any, expected: str) -> None:
    assert errors.message_in(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"requestId": "r"}, "r"),
        ({"request_id": "r"}, "r"),
        ({"error": {"request_id": "r"}}, "r"),
        ({"error": "x"}, ""),
        ({"requestId": 3}, ""),
        ("r", ""),
        ({"requestId": "r" * 500}, "r" * 128),
    ],
)
def test_the_id_that_support_asks_for_is_found(body: Any, expected: str) -> None:
    assert errors.request_id_in(body) == expected


def test_only_the_beginning_of_a_very_long_error_is_kept() -> None:
    assert len(sorted_as(500, "x" * 100_000).detail) == errors.DETAIL_LIMIT


def nested(depth: int, key: str) -> Any:
    body: Any = "deep down"
    for _ in range(depth):
        body = {key: body}
    return body


@pytest.mark.parametrize("key", ["error", "message", "detail", "issues"])
def test_a_body_nested_without_end_is_no_trouble(key: str) -> None:
    for body in (nested(900, key), [nested(900, key)], {"error": nested(900, key)}):
        assert isinstance(errors.from_response(500, body, {}), APIError)
        errors.request_id_in(body)
    lists: Any = "deep down"
    for _ in range(900):
        lists = [lists]
    assert isinstance(errors.from_response(500, {"error": lists}, {}), APIError)


@pytest.mark.slow
@pytest.mark.parametrize("page", ["<html>" + "<title" * 40_000, "<html>" + "<title>" * 40_000])
def test_a_hostile_page_costs_no_more_than_a_moment(page: str) -> None:
    began = time.process_time()
    assert errors.message_in(page) == "(an HTML page)"
    assert isinstance(sorted_as(404, openai("model " * 40_000)), errors.AddressNotFound)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("path", [nested(900, "a"), [[1], {"a": 1}, "b", 2], True, None])
def test_the_path_of_an_issue_may_be_anything(path: Any) -> None:
    assert errors.message_in({"message": "Wrong", "issues": [{"path": path, "message": "Too big"}]}).startswith(
        "Wrong\n"
    )


KEYS = [
    *("error", "message", "detail", "issues", "meta", "path", "metadata", "raw", "code", "type", "status", "title"),
    *("request_id", "requestId", "statusCode", "status_code", "choices", "usage", "object"),
]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=20,
)


@given(JSON, st.integers(100, 999))
def test_no_error_body_however_odd_raises(body: Any, status: int) -> None:
    error = errors.from_response(status, body, {}, redactor=Redactor(KEY))
    assert isinstance(error, APIError)
    assert isinstance(errors.from_stream(body, redactor=Redactor(KEY)), APIError)
    if isinstance(body, dict):
        errors.error_in(body)


# ---- errors in mid-stream -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chunk", "is_error"),
    [
        ({"error": {"message": "x"}}, True),
        ({"error": "x"}, True),
        ({"error": {"message": "x"}, "choices": [{"finish_reason": "error"}]}, True),
        ({"error": None, "choices": []}, False),
        ({"error": {}, "choices": []}, False),
        ({"error": ""}, False),
        ({"object": "error", "message": "x"}, True),
        ({"type": "error", "message": "x"}, True),
        ({"message": "x", "statusCode": 500}, True),
        ({"message": "x", "statusCode": "500"}, True),
        ({"statusCode": 200}, False),
        ({"detail": "Not authenticated"}, True),
        ({"object": "chat.completion.chunk", "detail": "x"}, False),
        ({"choices": [{"delta": {}}], "type": "error"}, False),
        ({"choices": []}, False),
        ({"usage": {"prompt_tokens": 1}, "status_code": 400}, False),
        ({}, False),
    ],
)
def test_an_error_is_told_from_a_chunk_of_an_answer(chunk: Any, is_error: bool) -> None:
    assert (errors.error_in(chunk) is not None) is is_error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"code": 429, "message": "Slow down"}, errors.RateLimited),
        ({"code": "429", "message": "Slow down"}, errors.RateLimited),
        ({"code": "rate_limit", "message": "Slow down"}, errors.RateLimited),
        ({"status_code": 400, "message": "bad"}, errors.BadRequest),
        ({"statusCode": 403, "message": "You've run out of credits"}, errors.OutOfCredit),
        ("It broke", errors.ServerTrouble),
        ({"code": True, "message": "x"}, errors.ServerTrouble),
        ({"code": 1e400}, errors.ServerTrouble),
        ({}, errors.ServerTrouble),
    ],
)
def test_an_error_in_mid_stream_is_sorted_but_never_tried_again(error: Any, expected: type[APIError]) -> None:
    made = errors.from_stream(error)
    assert type(made) is expected
    assert made.retryable is False
