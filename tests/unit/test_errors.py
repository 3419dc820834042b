"""An error becomes the class that says what to do, in words."""

from __future__ import annotations

import email.utils
import json
import time
from typing import Any

import pytest
from basics import recorded_cases
from hypothesis import given
from hypothesis import strategies as st
from sorting import openai, sorted_as

from backend import errors
from backend.errors import APIError

# ---- which class ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (301, "", errors.Redirected),
        (302, "", errors.Redirected),
        (308, "", errors.Redirected),
        (400, openai("Body validation error!"), errors.BadRequest),
        (401, openai("This request requires a valid API key"), errors.KeyRefused),
        (401, "", errors.KeyRefused),
        (402, openai("Payment required"), errors.OutOfCredit),
        (402, "", errors.OutOfCredit),
        (403, {"message": "You've run out of credits. Top up."}, errors.OutOfCredit),
        (403, {"message": "You have exhausted the available [plan] resource limit"}, errors.OutOfCredit),
        (403, {"message": "Key scope model:chat is missing"}, errors.Forbidden),
        (404, "", errors.AddressNotFound),
        (404, {"message": "Cannot POST /chat/completions"}, errors.AddressNotFound),
        (405, "", errors.AddressNotFound),
        (408, "", errors.ServerTrouble),
        (409, "", errors.ServerTrouble),
        (404, openai("No `x`", code="model_not_found"), errors.ModelNotFound),
        (410, "", errors.ModelNotFound),
        (404, openai("model: claude-does-not-exist", type="not_found_error"), errors.ModelNotFound),
        (400, openai("No", code="context_length_exceeded"), errors.ContextTooLong),
        (413, "", errors.TooLarge),
        (418, "", errors.BadRequest),
        (422, {"detail": [{"loc": ["body", "top_p"], "msg": "must be below 1"}]}, errors.BadRequest),
        (424, "", errors.ServerTrouble),
        (425, "", errors.ServerTrouble),
        (451, "", errors.Forbidden),
        (498, openai("Flex tier capacity exceeded."), errors.ServerTrouble),
        (429, openai("Insufficient balance"), errors.OutOfCredit),
        (429, openai("Too Many Requests"), errors.RateLimited),
        (429, openai("You exceeded your current quota", code="insufficient_quota"), errors.OutOfCredit),
        (429, openai("Slow down", type="insufficient_quota"), errors.OutOfCredit),
        (429, {"message": "Free-tier limit: you reached the free limit for the hour"}, errors.LimitUsedUp),
        (429, openai("Please stop uploading so fast"), errors.RateLimited),
        (500, openai("Internal server error"), errors.ServerTrouble),
        (502, "Bad Gateway", errors.ServerTrouble),
        (503, openai("The model is under maintenance"), errors.ServerTrouble),
        (504, "", errors.ServerTrouble),
        (529, openai("Overloaded"), errors.ServerTrouble),
        (600, "", errors.ServerTrouble),
        (101, "", errors.ServerTrouble),
        (400, {"temperature": ["The model does not exist."]}, errors.ModelNotFound),
        (422, {"errors": {"model": ["The model `x` does not exist"]}}, errors.ModelNotFound),
    ],
)
def test_a_status_and_its_words_tell_what_to_do(status: int, body: Any, expected: type[APIError]) -> None:
    assert type(sorted_as(status, body)) is expected


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (404, "The model `x` does not exist or you do not have access to it."),
        (400, "The requested model 'gpt-5.2-proo' does not exist."),
        (400, "Model nonexistent is not supported. Supported models are ['a', 'b']"),
        (404, "models/gemini-9 is not found for API version v1beta"),
        (404, "model 'x' not found, make sure that you have access to the model."),
        (404, "No endpoints found for foo/bar."),
        (400, "foo/bar is not a valid model ID"),
        (400, "Invalid model: foo"),
        (400, "The model `x` has been deprecated"),
        (404, "The API deployment for this resource does not exist."),
        (404, "The model 'x' is not available in your region"),
        (410, "Gone"),
    ],
)
def test_a_model_that_is_not_there_is_told_from_a_wrong_address(status: int, message: str) -> None:
    assert isinstance(sorted_as(status, openai(message)), errors.ModelNotFound)


@pytest.mark.parametrize(
    "message",
    [
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use another one.",
        "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
        "Image input is not supported by this model",
        "Streaming is not available for this model",
        "This model does not support effort level 'xhigh'.",
        "`temperature` is deprecated for this model.",
        "tools are not supported",
    ],
)
def test_a_setting_the_model_does_not_take_is_no_missing_model(message: str) -> None:
    assert type(sorted_as(400, openai(message))) is errors.BadRequest


@pytest.mark.parametrize(
    "message",
    [
        "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens",
        "prompt is too long: 200001 tokens > 200000 maximum",
        "the request exceeds the available context size",
        "Input exceeds the context window of this model",
    ],
)
def test_a_conversation_that_is_too_long_is_told_from_a_bad_setting(message: str) -> None:
    for status in (400, 413, 422):
        assert type(sorted_as(status, openai(message))) is errors.ContextTooLong


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.RateLimited(), True),
        (errors.ServerTrouble(), True),
        (errors.ConnectionFailed(), True),
        (errors.BadRequest(), False),
        (errors.KeyRefused(), False),
        (errors.OutOfCredit(), False),
        (errors.Forbidden(), False),
        (errors.ModelNotFound(), False),
        (errors.CertificateRefused(), False),
        (errors.CutOff(), False),
        (errors.TimedOut(), False),
    ],
)
def test_only_what_may_pass_by_itself_is_tried_again(error: APIError, expected: bool) -> None:
    assert error.retryable is expected


def every_class(cls: type[APIError] = APIError) -> list[type[APIError]]:
    return [cls, *(found for sub in cls.__subclasses__() for found in every_class(sub))]


@pytest.mark.parametrize("cls", every_class())
def test_every_error_says_what_happened_in_a_sentence(cls: type[APIError]) -> None:
    error = cls()
    assert error.title.endswith(".")
    assert str(error) == error.title
    assert error.failure().kind == cls.__name__
    assert cls is errors.BadInput or error.hint.endswith("."), "and what to do next"


# ---- recorded bodies ------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", recorded_cases("error_responses.jsonl"))
def test_the_words_of_a_recorded_error_are_found(row: dict[str, Any]) -> None:
    try:
        body = json.loads(row["body"])
    except ValueError:
        body = row["body"]
    error = sorted_as(row["status"], body)
    message = body
    while isinstance(message, dict):
        message = message.get("message") or message.get("error") or message.get("detail")
    assert (message or "") in error.detail
    assert "{" not in error.detail or "{" in (message or "")
    if row["status"] in (400, 404):
        about = json.dumps(body).lower()
        absent = "model" in about and any(
            said in about for said in ("does not exist", "not found", "does-not-exist")
        )
        unknown = absent or "Model nonexistent" in row["body"] or "DeploymentNotFound" in row["body"]
        assert isinstance(error, errors.ModelNotFound) == unknown


# ---- Retry-After ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        ("3", 3.0),
        ("0.5", 0.5),
        ("0", 0.0),
        ("-5", 0.0),
        ("soon", None),
        ("nan", None),
        ("inf", float("inf")),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 99 Oct 2015 07:28:00 GMT", None),
        ("Mon, 01 Jan 0001 00:00:00 -0000", 0.0),
        ("Mon, 01 Jan 99999 00:00:00 GMT", None),
        ("²", None),
        ("90s", 90.0),
        ("2m 5s", 125.0),
    ],
)
def test_retry_after_is_read_in_seconds(value: str | None, expected: float | None) -> None:
    assert errors.retry_after(value) == expected


def test_retry_after_may_be_a_date() -> None:
    now = time.time()
    assert errors.retry_after(email.utils.formatdate(now + 30, usegmt=True), now=now) == pytest.approx(30, abs=1)


@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{1,5} \d\d:\d\d:\d\d [-+GMT0-9]{0,5}"))
def test_no_retry_after_however_odd_raises(value: str) -> None:
    seconds = errors.retry_after(value)
    assert seconds is None or seconds >= 0
