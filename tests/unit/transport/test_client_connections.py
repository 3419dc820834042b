"""The client and its connections: none to be had, TLS, Stop, and one that serves several answers."""

from __future__ import annotations

import socket
import sys
import threading
import time
from pathlib import Path

import pytest
from asking import closed_port, done, failed, raw, run, shows_key, within
from basics import KEY, QUICK, ask
from fake_api import CUT, HANG, RESET, FakeAPI, Pause, Reply, Script, completion, data, error, events, stream

from backend import errors
from backend.answer.turn import Turn
from backend.errors import APIError
from backend.transport import body_bytes, keep_alive
from backend.transport.client import Call, ChatClient, Endpoint, Stopped
from backend.transport.deadlines import Deadlines
from backend.transport.session import open_session
from backend.types import ChunkReceived, Retrying, TextDelta

pytestmark = pytest.mark.usefixtures("no_backoff")


# ---- no connection --------------------------------------------------------------------------------------


def test_a_proxy_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    said = failed(run(ChatClient(Endpoint("http://chat.invalid/v1", KEY), QUICK)), errors.ConnectionFailed)
    assert said.title == "The proxy could not be reached."


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (None, "Connection refused"),
        (Reply([RESET], framing="raw"), "Connection reset by peer"),
        (Reply([CUT], framing="raw"), "closed connection without response"),
        (raw(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"a"', CUT), "4 bytes read, 96 more expected"),
    ],
    ids=["nobody there", "reset", "closed", "cut"],
)
def test_network_errors_become_sentences(script: Script | None, words: str) -> None:
    """Its exceptions hold one another, and print as a tuple of Python's."""
    with FakeAPI(script or Reply()) as server:
        url = server.url if script else f"http://127.0.0.1:{closed_port()}/v1"
        error = run(ChatClient(Endpoint(url, KEY), QUICK)).error
    assert error is not None and words in error.detail
    assert not error.detail.startswith("(") and "Pool" not in error.detail and "Error(" not in error.detail


def test_a_certificate_that_nobody_vouches_for_is_refused_and_nothing_is_sent(api: FakeAPI, https: str) -> None:
    turn = run(ChatClient(Endpoint(https, KEY), QUICK))
    failed(turn, errors.CertificateRefused)
    assert not any(isinstance(timed.event, Retrying) for timed in turn.events)
    assert api.requests == []


def trusting(url: str, certificate: Path, deadlines: Deadlines = QUICK) -> ChatClient:
    client = ChatClient(Endpoint(url, KEY), deadlines)
    client._session.verify = str(certificate)
    return client


def test_an_answer_comes_over_tls_and_the_connection_is_kept(api: FakeAPI, https: str, certificate: Path) -> None:
    client = trusting(https, certificate)
    for _ in range(3):
        done(run(client), "You said: Hi")
    assert api.connections == 1


@pytest.mark.parametrize(
    ("script", "text"), [(raw(HANG), ""), (events(HANG), ""), (stream("Hel", "lo", HANG), "Hello")]
)
def test_stop_ends_a_silent_server_over_tls(
    api: FakeAPI, https: str, certificate: Path, script: Reply, text: str
) -> None:
    api.play(script)
    turn = Turn(trusting(https, certificate, Deadlines()), ask()).start()
    until = time.monotonic() + 5
    while (not api.asked or turn.message.content != text) and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.05)
    with within(2):
        turn.stop()
        assert api.asked[0].left.wait(2)
        turn._thread.join(2)
    assert not turn._thread.is_alive()
    assert (turn.state, turn.message.content) == ("stopped", text)


def test_silence_over_tls_is_ended_by_the_deadline(api: FakeAPI, https: str, certificate: Path) -> None:
    api.play(stream("Hel", "lo", HANG))
    with within(4):
        failed(run(trusting(https, certificate)), errors.CutOff, "Hello")


@pytest.mark.parametrize(
    "head", [b"nonsense\r\n\r\n", b"\x00\xff\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/9.9 200 OK\r\n\r\n"]
)
def test_a_server_that_speaks_no_http_is_an_error_in_words(api: FakeAPI, client: ChatClient, head: bytes) -> None:
    api.play(raw(head, CUT))
    assert isinstance(run(client).error, APIError)


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "nonsense",
        "chat.example.com/v1",
        "ftp://example.com/v1",
        "http://",
        "http:///v1",
        "http://[::1/v1",
        "http://exa mple.com/v1",
        "http://a:99999999/v1",
        "http://a:b/v1",
        "http://\x00/v1",
        "http://.../v1",
        "http://" + "a" * 300 + ".invalid/v1",
        "http://xn--/v1",
        "http://*/v1",
        "file:///etc/passwd",
    ],
)
def test_a_base_url_that_is_no_address_is_said_in_words(base_url: str) -> None:
    turn = run(ChatClient(Endpoint(base_url, KEY)))
    assert type(turn.error) in (errors.BadInput, errors.ConnectionFailed)
    assert not shows_key(turn)


# ---- Stop -----------------------------------------------------------------------------------------------


def test_a_call_stopped_before_it_began_asks_nothing(api: FakeAPI, client: ChatClient) -> None:
    call = Call()
    call.stop()
    with pytest.raises(Stopped):
        list(client.chat(ask(), call))
    assert api.requests == []


def test_text_is_told_as_it_arrives_and_a_reader_who_leaves_closes_the_connection(
    api: FakeAPI, client: ChatClient
) -> None:
    api.play(stream("Hello", HANG))
    answer = client.chat(ask())
    assert any(isinstance(event, TextDelta) for event in answer)
    assert not api.asked[0].played.is_set()
    answer.close()  # type: ignore[attr-defined]
    assert api.asked[0].left.wait(3)


def test_stop_does_not_disturb_another_answer_of_the_same_client(api: FakeAPI, client: ChatClient) -> None:
    api.play([stream("Hel", Pause(0.5), "lo"), stream("x", HANG)])
    first = Turn(client, ask()).start()
    while not api.asked:
        time.sleep(0.01)
    second = Turn(client, ask()).start()
    while not second.message.content:
        time.sleep(0.01)
    second.stop()
    done(first.join(5), "Hello")


def test_a_call_entered_again_is_watched_again() -> None:
    call = Call()
    with call:
        pass
    time.sleep(0.1)
    with call:
        call.arm(0.05, errors.TimedOut())
        until = time.monotonic() + 5
        while call.error is None and time.monotonic() < until:
            time.sleep(0.01)
    assert isinstance(call.error, errors.TimedOut)


def test_a_total_given_to_the_call_goes_before_the_clients(api: FakeAPI, client: ChatClient) -> None:
    api.play(stream(*["x"] * 100, pause=0.05))
    with within(4), pytest.raises(errors.TimedOut, match=r"longer than 0\.3 seconds"):
        list(client.chat(ask(), Call(total=0.3)))


# ---- connections ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "script",
    [
        stream("Hello"),
        completion("Hello"),
        Reply([*stream("Hello").steps[:-1], data("[DONE]")[0], b"\n\n"]),
        error(400),
    ],
    ids=["stream", "completion", "blanks after done", "refusal"],
)
def test_one_connection_serves_one_answer_after_the_other(api: FakeAPI, client: ChatClient, script: Script) -> None:
    api.play(script)
    for _ in range(4):
        run(client)
    assert len(api.asked) == 4
    assert api.connections == 1


def test_a_kept_connection_that_the_server_closed_is_opened_again(api: FakeAPI, client: ChatClient) -> None:
    done(run(client), "You said: Hi")
    api.drop_connections()
    time.sleep(0.05)
    done(run(client), "You said: Hi")
    assert len(api.asked) == 2


@pytest.mark.parametrize("by_proxy", [False, True], ids=["directly", "through a proxy"])
def test_a_line_on_which_nothing_moves_is_kept_open(api: FakeAPI, by_proxy: bool) -> None:
    """A model thinks for minutes, and a router in between forgets a quiet connection without telling anybody."""
    origin = api.url.removesuffix("/v1")
    named = {"http": origin} if by_proxy else {}
    with open_session() as session, session.get(api.url + "/models", proxies=named, stream=True) as response:
        options = response.raw.connection.sock.getsockopt
        assert options(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert options(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        if sys.platform == "linux":  # others ask after two hours where a time cannot be set
            assert options(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == keep_alive.IDLE < 60


def test_several_answers_run_at_the_same_time(api: FakeAPI, client: ChatClient) -> None:
    api.play(stream("Hel", Pause(0.3), "lo"))
    with within(3):
        turns = [Turn(client, ask()).start() for _ in range(8)]
        for turn in turns:
            done(turn.join(5), "Hello")


def test_in_a_crowd_readers_pause_and_lose_nothing(api: FakeAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_bytes, "CROWD", 0)
    chunks = {}
    for rest in (0.0, 0.2):
        monkeypatch.setattr(body_bytes, "REST", rest)
        api.play(stream(*["word "] * 20, pause=0.03))
        turn = run(ChatClient(Endpoint(api.url, KEY), Deadlines()))
        done(turn, "word " * 20)
        chunks[rest] = len({round(item.at, 2) for item in turn.events if isinstance(item.event, TextDelta)})
    assert chunks[0.2] < chunks[0.0], "fewer wake-ups for the same words"


def test_stop_ends_a_rest_at_once(api: FakeAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_bytes, "CROWD", 0)
    monkeypatch.setattr(body_bytes, "REST", 60.0)
    api.play(stream("Hello", Pause(0.2), HANG))
    turn = Turn(ChatClient(Endpoint(api.url, KEY), Deadlines()), ask()).start()
    next(item for item in turn.follow() if isinstance(item.event, ChunkReceived))  # and it rests for a minute
    turn.stop()
    turn._thread.join(20)
    assert (turn.state, turn._thread.is_alive()) == ("stopped", False)


def test_a_call_knows_when_its_request_has_left(api: FakeAPI) -> None:
    go_on = threading.Event()
    api.play(stream("Hel", go_on, "lo"))
    answer = Turn(ChatClient(Endpoint(api.url, KEY)), ask())
    assert not answer.call.wait_until_left(0)
    answer.start()
    assert answer.call.wait_until_left(30)
    go_on.set()
    done(answer.join(5), "Hello")


def test_a_request_has_left_before_the_server_can_know_of_it() -> None:
    """A server that reads nothing: the client is still sending. Who is stopped now may have been heard."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        answer = Turn(ChatClient(Endpoint(address, KEY)), ask("x" * 16_000_000)).start()
        with listener.accept()[0]:
            assert answer.call.wait_until_left(30)
            answer.stop()
        answer._thread.join(20)
    assert answer.state == "stopped"
