"""What was sent for an answer, made into a request again out of its record."""

from __future__ import annotations

import pytest

from backend.answer.exchange_record import ExchangeRecord, Try
from backend.protocol import wire
from components.session.exchanges import as_sent

BODY = {"model": "m", "stream": True, "odd": [1]}


@pytest.mark.parametrize(
    ("urls", "path"),
    [
        (["https://a.example/v1/chat/completions"], "chat/completions"),
        (["https://a.example/v1/messages"], "messages"),
        (["https://a.example/v1/responses?api-version=2"], "responses"),
        (["https://a.example/v1/messages", "https://a.example/v1/responses"], "responses"),
        (["https://a.example/v1/something"], "chat/completions"),
        ([], "chat/completions"),
    ],
)
def test_a_kept_request_goes_to_the_endpoint_it_went_to(urls: list[str], path: str) -> None:
    request = as_sent(ExchangeRecord(body=BODY, tries=tuple(Try("POST", url) for url in urls)))
    assert request and (wire.path(request), wire.payload(request)) == (path, BODY)


def test_without_a_body_there_is_no_request() -> None:
    assert as_sent(ExchangeRecord(tries=(Try("POST", "https://a.example/v1/messages"),))) is None
