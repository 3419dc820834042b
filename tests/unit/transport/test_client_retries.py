"""The client and a server that refuses: how long it waits before it asks again, and the id for the support."""

from __future__ import annotations

import pytest
from asking import done, run, within
from basics import ask
from fake_api import RESET, FakeAPI, Reply, error, reply, stream

from backend import errors
from backend.answer.turn import Turn
from backend.transport import client as client_module
from backend.transport.client import ChatClient
from backend.types import Retrying

pytestmark = pytest.mark.usefixtures("no_backoff")


OWN = 0.5 * 0.02  # the first pause by itself, see `no_backoff`


@pytest.mark.parametrize(
    ("value", "waits"),
    [("0.1", 0.1), ("Wed, 21 Oct 2015 07:28:00 GMT", OWN), ("0", OWN), ("-5", OWN), ("0.001", OWN), ("soon", OWN)],
)
def test_retry_after_is_obeyed_beyond_our_pause(api: FakeAPI, client: ChatClient, value: str, waits: float) -> None:
    api.play([error(429, headers={"Retry-After": value}), stream("Hello")])
    turn = run(client)
    done(turn, "Hello")
    (pause,) = [event.event for event in turn.events if isinstance(event.event, Retrying)]
    assert pause.after == waits
    assert api.asked[1].at - api.asked[0].at >= waits


def test_a_request_for_patience_is_shown_and_can_be_stopped(api: FakeAPI, client: ChatClient) -> None:
    api.play(error(429, headers={"Retry-After": "30"}))
    turn = Turn(client, ask()).start()
    assert any(isinstance(timed.event, Retrying) for timed in turn.follow())
    assert isinstance(turn.notice, Retrying)
    with within(2):
        turn.stop()
        turn.join()
        turn._thread.join(2)
    assert not turn._thread.is_alive()
    assert turn.state == "stopped"
    assert len(api.asked) == 1


def test_the_id_for_support_comes_from_the_server_or_is_ours(api: FakeAPI, client: ChatClient) -> None:
    api.play(
        [
            error(400, headers={"x-inference-id": "inf-1"}),
            reply({"message": "No", "requestId": "body-1"}, 400, {"x-request-id": "head-1"}),
            error(400),
            reply({"message": "No"}, headers={"x-request-id": "head-2"}),
            Reply([b"data: {}\n\n", RESET], headers={"x-request-id": "head-3"}),
            error(400, headers={"apim-request-id": "azure-1"}),
        ]
    )
    ids = [run(client).message.failure.request_id for _ in range(6)]  # type: ignore[union-attr]
    assert ids[:2] == ["inf-1", "body-1"]
    assert ids[2] == api.asked[2].headers["x-client-request-id"]
    assert ids[3:] == ["head-2", "head-3", "azure-1"]


def test_a_server_that_says_so_is_not_asked_again(api: FakeAPI, client: ChatClient) -> None:
    api.play(error(500, headers={"x-should-retry": "false"}))
    assert type(run(client).error) is errors.ServerTrouble
    assert len(api.asked) == 1


def test_the_pause_before_a_retry_doubles_and_varies_a_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    first, second = ([client_module._pause(errors.ServerTrouble(), n) or 0.0 for _ in range(50)] for n in (0, 1))
    assert 0.4 <= min(first) < max(first) <= 0.6
    assert 0.8 <= min(second) < max(second) <= 1.2
    assert client_module._pause(errors.ServerTrouble(), 2) is None
    assert (client_module._pause(errors.RateLimited(retry_after=0.0), 0) or 0.0) >= 0.4
    assert client_module._pause(errors.RateLimited(retry_after=30.0), 0) == 30.0
