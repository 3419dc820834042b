"""What is remembered of an answer: when it happened, what was sent and came back, what it cost in the end."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from basics import KEY, ask
from fake_api import HANG, USAGE, FakeAPI, Pause, chunk, completion, error, events, stream, tool_stream
from hypothesis import given
from hypothesis import strategies as st

from backend.answer import billing, timeline
from backend.answer.cost import Price
from backend.answer.delayed_source import DelayedSource
from backend.answer.exchange_record import ExchangeRecord, Moment, MomentKind, record_of
from backend.answer.timeline import Span
from backend.answer.turn import Turn
from backend.conversation import recent
from backend.conversation.chat import Chat
from backend.conversation.recent import RecentTurns
from backend.conversation.transcript import middle
from backend.errors import APIError, ServerTrouble
from backend.transport.call import Call
from backend.transport.client import ChatClient
from backend.types import JSON, ChatRequest, ChunkReceived, Event, Message, Preparing, TextDelta


def answered(client: ChatClient, **fields: object) -> Turn:
    return Turn(client, ask(**fields)).start().join(20)  # type: ignore[arg-type]


def at(*times: float) -> list[Moment]:
    return [Moment(time, "chunk", "x") for time in times]


# ---- when -------------------------------------------------------------------------------------------------


def test_the_moments_of_an_answer_stand_in_order(api: FakeAPI, client: ChatClient) -> None:
    api.play(stream("Hello", " you", reasoning="Hm.", usage=USAGE))
    found = timeline.timeline(record_of(answered(client)))
    said = [mark.what for mark in found.marks]
    wanted = ["request sent", "headers: 200", "first chunk", "first token of reasoning", "first token"]
    assert [what for what in said if what in wanted] == wanted
    assert said[-1] == "complete" and [mark.at for mark in found.marks] == sorted(mark.at for mark in found.marks)
    assert {"waiting", "reasoning", "text"} <= {span.kind for span in found.spans}


def test_a_silence_in_the_middle_is_marked(api: FakeAPI, client: ChatClient) -> None:
    api.play(stream("a", "b", "c", Pause(0.8), "d", "e"))
    (stall,) = timeline.timeline(record_of(answered(client))).stalls
    assert stall.seconds >= 0.7


def test_an_even_stream_has_no_silence_however_slow_it_is() -> None:
    assert timeline.stalls(at(*(place * 2.0 for place in range(10)))) == []


@given(st.lists(st.floats(0, 1000), max_size=50))
def test_silences_lie_between_chunks_and_do_not_overlap(times: list[float]) -> None:
    found = timeline.stalls(at(*sorted(times)))
    assert all(isinstance(stall, Span) and stall.seconds > 0 for stall in found)
    assert all(one.end <= other.start + 1e-9 for one, other in pairwise(found))


@pytest.mark.parametrize("kind", ["text", "reasoning", "arguments"])
def test_no_bar_is_drawn_over_a_silence(kind: MomentKind) -> None:
    bar = "tool call" if kind == "arguments" else kind
    words = [moment for time in (1.0, 5.0, 5.125) for moment in (*at(time), Moment(time + 0.0078125, kind))]
    record = ExchangeRecord(moments=(*at(0.9), *words), state="done", elapsed=5.2)
    found = timeline.timeline(record)
    (stall,) = found.stalls
    assert (stall.start, stall.end, stall.during) == (1.0, 5.0, bar)
    bars = [span for span in found.spans if span.kind == bar]
    assert [(span.start, span.end) for span in bars] == [(1.0078125, 1.0078125), (5.0, 5.1328125)]


def test_a_silence_after_the_first_word_of_a_short_answer_is_seen() -> None:
    assert [stall.end for stall in timeline.stalls(at(0.1, 0.11, 5.0))] == [5.0]


def test_chunks_that_are_not_kept_are_counted_and_are_no_silence() -> None:
    moments = [*at(1.0, 1.1), Moment(90.0, "left out", "70"), *at(90.1, 90.2)]
    assert [chunk.number for chunk in timeline.chunks(moments)] == [1, 2, 73, 74]
    assert timeline.stalls(moments) == []


def test_each_tool_call_is_a_moment(api: FakeAPI, client: ChatClient) -> None:
    api.play(tool_stream(("a", "clock", '{"city": "Oslo"}'), ("b", "sum", "{}")))
    said = [mark.what for mark in timeline.timeline(record_of(answered(client))).marks]
    assert "tool call clock" in said and "tool call sum" in said


def test_every_chunk_has_its_time_and_its_own_text(api: FakeAPI, client: ChatClient) -> None:
    api.play(stream("Hello", Pause(0.2), " you"))
    found = timeline.chunks(record_of(answered(client)).moments)
    assert [chunk.number for chunk in found] == [1, 2, 3, 4]
    assert "Hello" in found[1].raw and found[2].after >= 0.15 and found[0].after == 0


def test_a_retry_is_seen(api: FakeAPI, client: ChatClient) -> None:
    api.play([error(503), stream("Hello")])
    turn = answered(client)
    said = [mark.what for mark in timeline.timeline(record_of(turn)).marks]
    assert said.count("request sent") == 2 and "headers: 503" in said and "headers: 200" in said


# ---- what was sent ----------------------------------------------------------------------------------------


def test_no_key_is_remembered_of_what_was_sent_and_what_came_back(api: FakeAPI, client: ChatClient) -> None:
    api.play(replace(completion("Hi"), headers={"Content-Type": "application/json", "X-Echo": f"Bearer {KEY}"}))
    turn = answered(client, stream=False)
    (exchange,) = turn.call.exchanges
    assert exchange.method == "POST" and exchange.url == f"{api.url}/chat/completions" and exchange.status == 200
    assert exchange.headers["Authorization"] == "Bearer [key]" and exchange.reply["X-Echo"] == "Bearer [key]"
    assert KEY not in repr(exchange) and api.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert exchange.headers["X-Client-Request-Id"] == turn.call.request_id
    assert {name.lower() for name in exchange.headers} | {"host"} == set(api.asked[0].headers), "all that left"


def test_a_body_edited_by_hand_is_sent_as_it_is(api: FakeAPI, client: ChatClient) -> None:
    raw: dict[str, JSON] = {
        "model": "fake/beta",
        "messages": [{"role": "odd", "content": "\n'\"$"}],
        "x": [1, None],
    }
    turn = Turn(client, replace(ask(), raw=raw, stream=False)).start().join(20)
    assert api.asked[0].body == raw and turn.message.by_hand and turn.state == "done"
    again = Turn(client, replace(ask(), raw=raw, again=True, stream=False)).start().join(20)
    assert api.asked[1].body == raw and not again.message.by_hand, "it is what was sent before"


# ---- kept -------------------------------------------------------------------------------------------------


class Silent:
    """A source that says a given number of characters."""

    def __init__(self, raw: int = 0) -> None:
        self.raw = raw

    def chat(self, request: ChatRequest, call: Call | None = None) -> Iterator[Event]:
        yield ChunkReceived("x" * self.raw)
        yield TextDelta("Hi")


def test_only_the_last_answers_are_kept() -> None:
    found = RecentTurns()
    turns = [Turn(Silent(), ask()).start().join(5) for _ in range(recent.COUNT + 5)]
    for node, turn in enumerate(turns):
        found.add(node, turn)
    assert found.get(4) is None and found.get(5) is turns[5] and found.node(turns[-1]) == recent.COUNT + 4


def test_large_answers_leave_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "RAW", 1_000)
    found = RecentTurns()
    for node in range(3):
        found.add(node, Turn(Silent(600), ask()).start().join(5))
    assert [node for node in range(3) if found.get(node)] == [2]


# ---- the bill ---------------------------------------------------------------------------------------------


class Books:
    """A usage log that knows more every time it is asked."""

    def __init__(self, *pages: JSON | APIError) -> None:
        self.pages = list(pages)
        self.asked: list[str] = []

    def get(self, path: str) -> JSON:
        self.asked.append(path)
        page = self.pages.pop(0) if self.pages else None
        if isinstance(page, APIError):
            raise page
        return page


def row(request_id: str, usd: JSON) -> JSON:
    return {"client_request_id": request_id, "cost": {"usd": usd, "credits": 1}}


def settled(turn: Turn, books: Books, pauses: Sequence[float] = (0.0, 0.0, 0.0)) -> list[float | None]:
    told: list[float | None] = []
    billing.watch(turn, books, "https://x", lambda: told.append(turn.message.cost), pauses)
    for _ in range(200):
        if not turn.awaits_bill:
            break
        time.sleep(0.02)
    return told


def stopped(api: FakeAPI, client: ChatClient) -> Turn:
    api.play(stream("Hello ", HANG))
    turn = Turn(client, ask(), price=Price(1.0, 2.0)).start()
    next(item for item in turn.follow() if isinstance(item.event, TextDelta))
    turn.stop()
    return turn.join(5)


def test_a_stopped_answer_is_billed_from_the_log_by_the_id_we_sent(api: FakeAPI, client: ChatClient) -> None:
    turn = stopped(api, client)
    assert turn.message.cost is None and (turn.message.estimate or 0) > 0
    books = Books(ServerTrouble(), {"data": [row("other", 9)]}, {"data": [row(turn.call.request_id, "0.0031")]})
    assert settled(turn, books) == [0.0031]
    assert turn.message.cost == 0.0031 and not turn.pending and books.asked[0].startswith("https://x/v2/logs?")
    assert api.asked[0].headers["x-client-request-id"] == turn.call.request_id


def test_a_log_that_knows_nothing_leaves_the_estimate(api: FakeAPI, client: ChatClient) -> None:
    turn = stopped(api, client)
    assert settled(turn, Books(None, {"data": "x"}, [])) == []
    assert turn.message.cost is None and turn.message.estimate and not turn.pending


def test_an_answer_with_its_bill_is_not_looked_up(api: FakeAPI, client: ChatClient) -> None:
    api.play(events(chunk({"content": "Hi"}, "stop"), {"meta": {"usage": {"usd_spent": 0.5}}}, "[DONE]"))
    books = Books()
    assert settled(answered(client), books) == [] and books.asked == []


def test_a_bill_reaches_the_conversation() -> None:
    chat = Chat()
    chat.send("Hi", lambda transcript, offered, *, more, before=None: Turn(Silent(), ask()))
    assert chat.turn is not None
    chat.turn.join(5)
    chat.settle()
    chat.turn.bill(0.25)
    chat.billed(chat.turn)
    assert chat.conversation.path()[-1].message.cost == 0.25


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["data", "client_request_id", "cost", "usd"]), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(JSON_VALUES)
def test_any_log_is_read_without_a_fault(page: JSON) -> None:
    found = billing.logged_cost(page, "id")
    assert found is None or found >= 0


def test_the_rows_of_retries_are_added_up() -> None:
    assert billing.logged_cost({"data": [row("a", 1), row("a", "0.5"), row("b", 7), row("a", -3)]}, "a") == 1.5


# ---- waiting and shortening -------------------------------------------------------------------------------


def test_a_patient_source_says_how_long_and_then_asks() -> None:
    found = list(DelayedSource(Silent(), 0.05).chat(ask(), Call()))
    assert isinstance(found[0], Preparing) and "1 s" in found[0].text and found[-1] == TextDelta("Hi")


def test_stop_ends_the_wait() -> None:
    turn = Turn(DelayedSource(Silent(), 300), ask()).start()
    next(turn.follow())
    turn.stop()
    assert turn.join(5).state == "stopped"


def test_the_older_half_is_left_out_and_nothing_is_lost() -> None:
    asked: list[list[str]] = []

    def answer(
        transcript: Sequence[Message], offered: object, *, more: bool, before: Message | None = None, **_: object
    ) -> Turn:
        asked.append([message.content for message in transcript])
        return Turn(Silent(), ask())

    chat = Chat()
    for text in ("one", "two", "three", "four"):
        chat.send(text, answer)
        assert chat.turn is not None
        chat.turn.join(5)
        chat.settle()
    count = len(chat.conversation)
    chat.shorten(chat.conversation.path()[-1].id, answer)
    assert asked[-1] == ["three", "Hi", "four"] and len(chat.conversation) == count + 4
    assert middle([Message("user", "one")]) == 0
