"""The server's own list is read in the background, believed within reason, and never waited for."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from basics import KEY, QUICK
from fake_api import CUT, HANG, Pause, Reply, Request, html, reply
from live_lists import Server, after_refresh, everything, other, own, row

from backend.catalog import Catalogue, Metrics, ModelInfo, catalogue, metrics, snapshot
from backend.transport.client import Endpoint


def etag(body: Any, version: str) -> Callable[[Request], Reply]:
    """A list with a version, which answers "not modified" to whoever has it."""

    def respond(request: Request) -> Reply:
        if request.headers.get("if-none-match") == version:
            return Reply([], 304, {"ETag": version, "Content-Length": "0"}, "length")
        return reply(body, headers={"ETag": version})

    return respond


def asked(server: Server) -> list[Request]:
    return [request for request in server.requests if request.path.startswith("/v1/models")]


# ---- reading never waits --------------------------------------------------------------------------------


def test_the_bundled_list_is_there_before_the_server_answers(server: Server) -> None:
    server.listing = Reply([HANG])
    found = own(server)
    assert found.listing is snapshot()
    assert found.updated is None


def test_the_first_reader_starts_one_look_and_the_next_ones_none(server: Server) -> None:
    server.listing = reply(everything())
    found = own(server)
    for _ in range(20):
        assert found.listing.models
    assert found.wait(10)
    assert found.updated is not None
    _ = found.listing
    assert len(asked(server)) == 1


def test_many_readers_at_once_start_one_look(server: Server) -> None:
    server.listing = Reply([Pause(0.2), json.dumps(everything()).encode()])
    found = own(server)
    readers = [threading.Thread(target=found.refresh) for _ in range(20)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert found.wait(10)
    assert len(asked(server)) == 1


def test_a_look_that_is_due_is_taken(server: Server) -> None:
    found = Catalogue(Endpoint(server.url), every=0, deadlines=QUICK)
    for looks in (1, 2, 3):
        _ = found.listing
        assert found.wait(10)
        assert len(asked(server)) == looks


def test_a_thread_ends_with_its_look(server: Server) -> None:
    after_refresh(other(server))
    for thread in [thread for thread in threading.enumerate() if thread.name == "catalogue"]:
        thread.join(10)
        assert not thread.is_alive()


# ---- the key and the question ---------------------------------------------------------------------------


def test_the_provider_is_asked_for_prices_and_needs_no_key(server: Server) -> None:
    server.listing = reply(everything())
    after_refresh(own(server))
    (request,) = asked(server)
    assert request.path == "/v1/models?include=pricing,capabilities,modalities"
    assert "authorization" not in request.headers


def test_another_server_is_asked_plainly_and_gets_its_key(server: Server) -> None:
    after_refresh(other(server))
    (request,) = asked(server)
    assert request.path == "/v1/models"
    assert request.headers["authorization"] == f"Bearer {KEY}"


def test_the_key_is_in_nothing_that_is_printed(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    server.listing = reply({"error": {"message": f"Bad key {KEY}"}}, 401)
    caplog.set_level("DEBUG")
    found = after_refresh(other(server))
    shown = f"{found!r} {vars(found)} {vars(found._page)} {found.failure} {caplog.text}"
    assert found.failure is not None
    assert KEY not in shown


def test_the_providers_list_is_shared_by_everybody() -> None:
    one, two = (catalogue(Endpoint("https://api.aimlapi.com/v1", key)) for key in ("sk-one", "sk-two"))
    assert one is two


def test_a_servers_list_is_shared_only_by_those_with_its_key() -> None:
    one, two = (Endpoint("http://127.0.0.1:9/v1", key) for key in ("sk-one", "sk-two"))
    assert catalogue(one) is catalogue(replace(one, name="mine"))
    assert catalogue(one) is not catalogue(two)
    assert metrics(one) is metrics(two)


# ---- versions -------------------------------------------------------------------------------------------


def test_a_list_that_did_not_change_is_not_sent_again(server: Server) -> None:
    server.listing = etag(everything(row("acme/new")), 'W/"1"')
    found = after_refresh(own(server))
    first = found.listing
    after_refresh(found)
    assert [request.headers.get("if-none-match") for request in asked(server)] == [None, 'W/"1"']
    assert found.listing is first
    assert found.failure is None


def test_a_list_that_changed_is_read_again(server: Server) -> None:
    found = own(server)
    for version in ("one", "two"):
        server.listing = etag(everything(row(f"acme/{version}")), f'"{version}"')
        after_refresh(found)
        assert found.listing.find(f"acme/{version}").developer == "Acme"
    assert found.listing.find("acme/one") == ModelInfo("acme/one")


def test_not_modified_without_having_been_asked_is_a_failure(server: Server) -> None:
    server.listing = Reply([], 304, {"Content-Length": "0"}, "length")
    found = after_refresh(own(server))
    assert found.failure is not None
    assert found.listing is snapshot()


@pytest.mark.parametrize("version", ["x" * 5_000, '"caf\xe9"'])
def test_a_version_that_is_none_is_not_repeated(server: Server, version: str) -> None:
    server.listing = etag([{"id": "a"}], version)
    found = after_refresh(after_refresh(other(server)))
    assert [request.headers.get("if-none-match") for request in asked(server)] == [None, None]
    assert found.listing.models == (ModelInfo("a"),)


# ---- when it fails --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "broken",
    [
        html("Welcome"),
        html("Bad Gateway", 502),
        reply("not json"),
        reply("[" * 100_000),
        reply(""),
        Reply([b'{"data": [', CUT]),
        reply({"error": {"message": "No."}}, 500),
        Reply([HANG]),
    ],
    ids=["page", "gateway", "text", "nested", "empty", "cut", "500", "silent"],
)
def test_a_look_that_fails_leaves_what_there_was_and_says_why(server: Server, broken: Reply) -> None:
    server.listing = reply(everything(row("acme/new")))
    found = after_refresh(own(server))
    before, updated = found.listing, found.updated
    server.listing = broken
    after_refresh(found)
    assert found.failure is not None
    assert found.failure.title
    assert (found.listing, found.updated) == (before, updated)


def test_a_server_that_is_gone_is_not_asked_at_every_glance() -> None:
    with Server() as server:
        found = own(server)
    after_refresh(found)
    assert found.failure is not None
    failure = found.failure
    _ = found.listing
    assert found.wait(0), "no look is in progress"
    assert found.failure is failure


def test_a_failure_is_forgotten_when_the_server_is_back(server: Server) -> None:
    server.listing = reply({"error": "No."}, 500)
    found = after_refresh(other(server))
    assert found.failure is not None
    server.listing = reply([{"id": "a"}])
    after_refresh(found)
    assert found.failure is None
    assert found.listing.find("A").id == "a"


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_server_without_a_list_is_no_failure(server: Server, status: int) -> None:
    server.listing = reply({"message": "Not found"}, status)
    found = after_refresh(other(server))
    assert (found.failure, found.absent, found.listing.models) == (None, True, ())


@pytest.mark.parametrize("address", ["", "nonsense", "http://", "http://[", "ftp://x", "http://127.0.0.1:1/v1"])
def test_an_address_that_is_none_is_said(address: str) -> None:
    found = after_refresh(Catalogue(Endpoint(address), deadlines=QUICK))
    assert found.failure is not None
    assert found.listing.models == ()
    speed = Metrics(Endpoint(address), deadlines=QUICK)
    assert speed.speeds is None
    assert speed.wait(10)
