"""The record of an exchange: all that is known, without the key, and the same after it was written down."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from basics import ask
from fake_api import HANG, USAGE, FakeAPI, error, reply, stream
from hypothesis import given
from hypothesis import strategies as st
from keys import CANARY, every, leaked

from backend.answer import exchange_json
from backend.answer.exchange_json import BODY, HEADERS, MOMENTS, RAW, Packed, pack, size, unpack
from backend.answer.exchange_record import ExchangeRecord, Moment, Try, record_of
from backend.answer.turn import Turn
from backend.keys.endpoint import Endpoint
from backend.transport.client import ChatClient
from backend.types import JSON, Dialect, Media, Message, TextDelta, ToolCall
from backend.untrusted import Unreadable

PICTURE = "data:image/png;base64," + "iVBORw0KGgo" * 500


def answered(client: ChatClient, **fields: Any) -> Turn:
    return Turn(client, ask(**fields)).start().join(20)


def written(record: ExchangeRecord) -> ExchangeRecord:
    """As it is read again."""
    packed = pack(record)
    return unpack(packed.text, packed.large)


def total(packed: Packed) -> int:
    return size(packed.text) + sum(map(size, packed.large.values()))


# ---- what is in it --------------------------------------------------------------------------------------


def test_a_record_holds_request_reply_and_ending(api: FakeAPI, client: ChatClient) -> None:
    api.play([error(503), stream("Hello", " you", reasoning="Hm.", usage=USAGE)])
    turn = answered(client, parameters={"temperature": 0.5})
    record = record_of(turn)
    assert record.body == api.asked[-1].body
    assert [(one.method, one.status) for one in record.tries] == [("POST", 503), ("POST", 200)]
    kinds = [moment.kind for moment in record.moments]
    assert kinds.count("chunk") == 6 and {"retry", "reasoning", "text"} <= set(kinds)
    assert (record.state, record.finish_reason, record.error) == ("done", "stop", "")
    assert record.request_id == turn.message.request_id and record.client_request_id == turn.call.request_id
    assert record.elapsed == turn.elapsed and record.began > 1.7e9


def test_the_reasons_for_the_form_of_a_request_are_kept_with_it(api: FakeAPI, client: ChatClient) -> None:
    api.play(stream("Hello"))
    call = ToolCall("c", "f", "{}")
    elsewhere = Message("assistant", tool_calls=(call,), reasoning="Hm.", model="other")
    messages = (Message("user", "Hi"), elsewhere, Message("tool", "1", tool_call_id="c"))
    dialect = Dialect(reasons=("Sent without `x`, because y.",))
    turn = Turn(client, replace(ask(), messages=messages, dialect=dialect)).start().join(20)
    record = written(record_of(turn))
    assert (record.reasons, record.left_behind) == (("Sent without `x`, because y.",), 1)


@pytest.mark.parametrize("damaged", [{"reasons": 4}, {"reasons": [None, {"a": 1}], "left_behind": "x"}, {}])
def test_an_older_or_damaged_record_has_no_reasons(damaged: dict[str, Any]) -> None:
    item = {name: value for name, value in json.loads(pack(ExchangeRecord()).text).items() if name != "reasons"}
    record = unpack(json.dumps({**item, "left_behind": -1, **damaged}), {})
    assert (record.reasons, record.left_behind) == ((), 0)


def test_a_failure_names_its_class(api: FakeAPI, client: ChatClient) -> None:
    api.play(error(401, "no"))
    assert (record_of(answered(client)).state, record_of(answered(client)).error) == ("failed", "KeyRefused")


def test_a_running_answer_is_recorded_up_to_now(api: FakeAPI, client: ChatClient) -> None:
    api.play(stream("Hello", HANG))
    turn = Turn(client, ask()).start()
    next(item for item in turn.follow() if isinstance(item.event, TextDelta))
    assert record_of(turn).state == "running" and record_of(turn).body == api.asked[-1].body
    turn.stop()
    assert record_of(turn.join(5)).state == "stopped"


# ---- without the key ------------------------------------------------------------------------------------


def test_no_form_of_the_key_is_in_a_record(api: FakeAPI) -> None:
    client = ChatClient(Endpoint(api.url, CANARY))
    for said in every(CANARY):
        pieces = [said[start : start + 5] for start in range(0, len(said), 5)]
        asked = ask(f"My key: {said}", extra={"note": [said], said: 1})
        for played in (stream(*pieces), stream(said), reply("", 200, {"X-Echo": said}), error(400, said)):
            api.play(played)
            record = record_of(Turn(client, asked).start().join(20))
            packed = pack(record)
            assert leaked(CANARY, repr(record), packed.text, *packed.large.values()) == [], said
            assert record.tries[0].headers["Authorization"] == "Bearer [key]"
    client.close()


# ---- written and read -----------------------------------------------------------------------------------


def test_a_record_survives_writing_and_reading(api: FakeAPI, client: ChatClient) -> None:
    api.play(stream("Hello", reasoning="Hm.", usage=USAGE))
    question = Message("user", "Look: \ud83d \x00 '\"\\", media=(Media("image", PICTURE), Media("image", PICTURE)))
    record = record_of(Turn(client, replace(ask(), messages=(question,))).start().join(20))
    found = written(record)
    rounded = tuple(replace(moment, at=round(moment.at, 4)) for moment in record.moments)
    assert found == replace(record, moments=rounded, kept=True)


def test_a_long_text_is_kept_once() -> None:
    packed = pack(ExchangeRecord(body={"a": PICTURE, "b": [PICTURE, {"c": PICTURE}], "short": "x"}))
    assert PICTURE not in packed.text and len(packed.large) == 1 and total(packed) < 2 * len(PICTURE)


TEXT = st.text(max_size=30) | st.just("x" * 600)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=15,
)


@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_any_body_reads_back(body: dict[str, JSON]) -> None:
    found = written(ExchangeRecord(body=body))
    assert not found.cut and found.body == json.loads(json.dumps(body))


@given(VALUES, VALUES, VALUES, st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3))
def test_a_strangers_record_is_read_without_a_fault(a: JSON, b: JSON, c: JSON, large: dict[str, str]) -> None:
    for item in ({"body": a, "large": [[b, c]], "cut": b, "tries": [c], "moments": [a, [1, "chunk", b]]}, a):
        item = {**item, "version": 1} if isinstance(item, dict) else item
        try:
            found = unpack(json.dumps(item), large)
        except Unreadable:
            continue
        assert isinstance(found, ExchangeRecord)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"version": 2}', '{"version": true}', "[" * 100_000])
def test_a_value_that_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        unpack(text, {})


# ---- within limits --------------------------------------------------------------------------------------


def test_the_largest_text_of_a_body_that_is_too_large_is_left_out_and_named() -> None:
    body: dict[str, JSON] = {"messages": [{"content": "é" * BODY}, {"content": PICTURE}], "n": 1}
    packed = pack(ExchangeRecord(body=body))
    assert total(packed) < BODY
    found = unpack(packed.text, packed.large)
    assert found.cut
    assert found.body == {
        "messages": [{"content": "(900,000 characters, too many to be kept)"}, {"content": PICTURE}],
        "n": 1,
    }


def nested() -> dict[str, JSON]:
    value: JSON = 1
    for _ in range(100_000):
        value = [value]
    return {"x": value}


@pytest.mark.parametrize("body", [{"x": ["y" * 50] * 40_000}, nested()])
def test_a_body_of_endless_small_parts_is_not_kept(body: dict[str, JSON]) -> None:
    found = written(ExchangeRecord(body=body))
    assert found.body is None and found.cut


def test_chunks_beyond_the_limit_keep_their_times() -> None:
    moments = tuple(Moment(place / 10, "chunk", "c" * (RAW // 10)) for place in range(20))
    found = written(ExchangeRecord(moments=moments)).moments
    assert [moment.at for moment in found] == [moment.at for moment in moments]
    assert sum(bool(moment.text) for moment in found) == 9 and found[0].text == moments[0].text


def test_of_endless_chunks_the_first_and_last_are_kept_and_the_rest_counted() -> None:
    moments = tuple(Moment(float(place), "chunk", "x") for place in range(250_000))
    call = Moment(100_000.5, "tool call", "clock")
    record = ExchangeRecord(moments=(*moments[:100_001], call, *moments[100_001:]))
    found = written(written(record)).moments
    assert len(found) <= MOMENTS + 3 and call in found
    (left_out,) = [moment for moment in found if moment.kind == "left out"]
    assert int(left_out.text) + sum(moment.kind == "chunk" for moment in found) == 250_000


@pytest.mark.parametrize(("room", "chunks"), [(10**6, ["x" * 400] * 9), (1_500, [""] * 9), (500, []), (5, None)])
def test_in_little_room_the_texts_of_chunks_go_before_their_times(room: int, chunks: list[str] | None) -> None:
    moments = tuple(Moment(float(at), "chunk", "x" * 400) for at in range(9))
    tries = (Try("POST", "http://x/v1", {"a": "b"}, status=200),)
    text = exchange_json.within(ExchangeRecord({"model": "m" * 5_000}, tries, moments), room)
    assert size(text) <= room and bool(text) == (chunks is not None)
    if chunks is not None:
        found = unpack(text, {})
        assert ([moment.text for moment in found.moments], found.tries, found.body) == (chunks, tries, None)


def test_endless_headers_are_counted() -> None:
    headers = {f"x-{place}": "v" * 1000 for place in range(200)}
    (one,) = written(ExchangeRecord(tries=(Try("POST", "u", headers, reply=headers),))).tries
    assert one.headers["..."] == f"{200 - len(one.headers) + 1} more headers were not kept"
    assert sum(map(len, one.reply.values())) <= HEADERS


def test_all_limits_together_fit_into_what_one_conversation_may_have() -> None:
    from backend.store.exchanges import LIMIT

    headers = {f"x-{place}": "v" * 1000 for place in range(200)}
    packed = pack(
        ExchangeRecord(
            {"x": ["y" * 9_999] * 10, "z": ["é" * 60_000, "ü" * 380_000]},
            (Try("POST", "u" * 100_000, headers, reply=headers),) * 10,
            tuple(Moment(1 / 3 + place, "chunk", '"' * 100) for place in range(250_000)),
        )
    )
    assert total(packed) <= LIMIT
    assert exchange_json.VERSION == json.loads(packed.text)["version"] == 1
