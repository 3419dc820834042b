"""What went over the wire for an answer is kept with its conversation: bounded, without the key, gone with it."""

from __future__ import annotations

import zlib
from pathlib import Path
from random import Random
from string import ascii_letters, digits
from typing import Any

import pytest
from basics import KEY, QUICK, ask
from fake_api import HANG, FakeAPI, stream
from keys import CANARY, every, leaked
from sqlalchemy import text
from store_talks import ME, YOU, say

from backend.answer.exchange_record import ExchangeRecord, Moment, record_of
from backend.answer.turn import Turn
from backend.conversation.chat import Chat
from backend.conversation.tree import Conversation, NodeId
from backend.keys.endpoint import Endpoint
from backend.store import Journals, NoSuchConversation, Recorder, Store, Unavailable, edits, exchanges, new_id
from backend.store.exchanges import KEPT, LIMIT, KeptExchanges
from backend.transport.client import ChatClient
from backend.types import Message, TextDelta


def record(name: str = "m", size: int = 0) -> ExchangeRecord:
    """`size`: characters of a chunk that a compression makes a quarter smaller at most."""
    noise = "".join(Random(size).choices(ascii_letters + digits, k=size))
    return ExchangeRecord({"model": name}, moments=(Moment(1.0, "chunk", noise),), state="done", elapsed=2.0)


def conversation(store: Store, owner: str = ME, answers: int = 1) -> tuple[str, list[NodeId]]:
    id_, tree = say(store, *["Hi", "Hello"] * answers, owner=owner)
    return id_, [node.id for node in tree.path() if node.message.role == "assistant"]


def count(store: Store) -> tuple[int, int]:
    """Rows of exchanges, rows of their texts."""

    def rows(table: str) -> int:
        return int(
            store._write(lambda connection: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
        )

    return rows("exchanges"), rows("exchange_texts")


# ---- keeping --------------------------------------------------------------------------------------------


def test_an_exchange_is_kept_and_comes_back_to_its_owner_alone(store: Store) -> None:
    kept, (id_, (node,)) = KeptExchanges(store), conversation(store)
    kept.keep(ME, id_, node, record())
    found = kept.load(ME, id_, node)
    assert found is not None and found.kept and found.body == {"model": "m"} and found.elapsed == 2.0
    assert kept.nodes(ME, id_) == {node} and [place.id for place in kept.places(ME)] == [id_]
    assert kept.load(YOU, id_, node) is None and kept.nodes(YOU, id_) == set() and kept.places(YOU) == []
    assert kept.load(ME, id_, node + 1) is None and kept.load(ME, "no id", node) is None
    with pytest.raises(NoSuchConversation):
        kept.keep(YOU, id_, node, record())


def test_the_newer_record_of_an_answer_takes_the_place_of_the_older(store: Store) -> None:
    kept, (id_, (node,)) = KeptExchanges(store), conversation(store)
    for name in ("a" * 600, "b" * 600):
        kept.keep(ME, id_, node, record(name))
    found = kept.load(ME, id_, node)
    assert found is not None and found.body == {"model": "b" * 600} and count(store) == (1, 1)


def test_a_picture_that_is_sent_with_every_question_is_kept_once(store: Store) -> None:
    kept, (id_, nodes) = KeptExchanges(store), conversation(store, answers=5)
    picture = "data:image/png;base64," + "A" * 700_000
    for place, node in enumerate(nodes):
        kept.keep(ME, id_, node, ExchangeRecord({"messages": [picture, place]}))
    assert count(store) == (5, 1)
    for place, node in enumerate(nodes):
        found = kept.load(ME, id_, node)
        assert found is not None and found.body == {"messages": [picture, place]}


def test_only_the_last_exchanges_are_kept_with_the_texts_they_hold(store: Store) -> None:
    kept, (id_, nodes) = KeptExchanges(store), conversation(store, answers=KEPT + 3)
    for place, node in enumerate(nodes):
        kept.keep(ME, id_, node, record(f"{place} " * 300))
    assert kept.nodes(ME, id_) == set(nodes[3:]) and count(store) == (KEPT, KEPT)


def test_large_exchanges_leave_sooner_and_the_newest_always_stays(store: Store) -> None:
    kept, (id_, nodes) = KeptExchanges(store), conversation(store, answers=6)
    for node in nodes:
        kept.keep(ME, id_, node, record("m" * 10_000_000, 490_000))
    assert LIMIT // 490_000 - 2 <= len(kept.nodes(ME, id_)) <= LIMIT // 360_000
    assert nodes[-1] in kept.nodes(ME, id_)


def test_over_an_owners_limit_the_oldest_exchanges_go(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.store.exchanges.OWNER_LIMIT", 250_000)
    kept, (yours, (your_node,)) = KeptExchanges(store), conversation(store, YOU)
    kept.keep(YOU, yours, your_node, record())
    talks = [conversation(store) for _ in range(20)]
    for place, (id_, (node,)) in enumerate(talks):
        kept.keep(ME, id_, node, record(f"{place} " * 300, 20_000))
    left = [bool(kept.nodes(ME, id_)) for id_, _ in talks]
    assert left == sorted(left) and 8 <= sum(left) < 20
    assert kept.nodes(YOU, yours), "another owner's stay"
    assert count(store) == (sum(left) + 1, sum(left)), "their texts go with them"
    monkeypatch.setattr("backend.store.exchanges.OWNER_LIMIT", 1)
    kept.keep(ME, *(talks[0][0], talks[0][1][0]), record())
    assert [place.id for place in kept.places(ME)] == [talks[0][0]], "the one just written stays"


@pytest.mark.parametrize("size", [1, 5_000_000])
def test_a_record_in_a_file_that_is_damaged_or_too_large_is_not_read(store: Store, size: int) -> None:
    kept, (id_, (node,)) = KeptExchanges(store), conversation(store)
    kept.keep(ME, id_, node, record())
    damaged = zlib.compress(b" " * size + b"{}")[: 4 if size == 1 else None]
    store._write(lambda connection: connection.execute(text("UPDATE exchanges SET record = :r"), {"r": damaged}))
    assert kept.load(ME, id_, node) is None


def test_the_sum_for_an_owner_is_taken_from_an_index(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/p.db")
    plan = text(f"EXPLAIN QUERY PLAN {exchanges._TOTAL.text}")
    steps = store._write(lambda connection: [row[3] for row in connection.execute(plan, {"owner": ME})])
    assert sum("COVERING INDEX exchange" in step for step in steps) == 2 and not any("SCAN e" in s for s in steps)
    store.close()


# ---- gone -----------------------------------------------------------------------------------------------


def test_deleting_a_conversation_deletes_its_exchanges(store: Store) -> None:
    kept = KeptExchanges(store)
    talks = [conversation(store) for _ in range(3)]
    for id_, (node,) in talks:
        kept.keep(ME, id_, node, record("a secret plan " * 100))
    assert count(store) == (3, 3)
    (purged, _), (deleted, (node,)), (dropped, _) = talks
    store.purge(ME, purged)
    assert count(store) == (2, 2)
    store.delete(ME, deleted)
    assert kept.load(ME, deleted, node) is None and kept.nodes(ME, deleted) == set()
    assert [place.id for place in kept.places(ME)] == [dropped]
    store.restore(ME, deleted)
    assert kept.load(ME, deleted, node) is not None, "for some seconds it can be brought back"
    store.delete(ME, deleted)
    store._write(lambda connection: edits.sweep(connection, 1e12))
    assert count(store) == (1, 1)
    store._write(lambda connection: connection.execute(text("DELETE FROM conversations WHERE owner = 'me'")))
    assert count(store) == (0, 0), "a visitor is purged row by row"


def test_an_answer_of_a_purged_conversation_leaves_nothing(store: Store) -> None:
    id_, (node,) = conversation(store)
    store.purge(ME, id_)
    with pytest.raises(NoSuchConversation):
        KeptExchanges(store).keep(ME, id_, node, record())
    assert count(store) == (0, 0)


# ---- as answers end -------------------------------------------------------------------------------------


def asked(store: Store, recorder: Recorder, client: ChatClient, prompt: str = "Hi") -> tuple[str, NodeId, Turn]:
    """A question that is asked, and its answer followed."""
    id_, tree = new_id(), Conversation()
    question = tree.add(Message("user", "Hi"), None)
    turn = Turn(client, ask(prompt))
    answer = tree.add(turn.message, question)
    store.save(ME, id_, tree.nodes(), tree.view)
    recorder.follow(ME, id_, answer, question, turn.start())
    return id_, answer, turn


def asks(client: ChatClient) -> Any:
    return lambda transcript, offered, *, more, before="": Turn(client, ask())


def test_an_ended_answer_is_kept_with_all_that_is_known_of_it(
    store: Store, journals: Journals, api: FakeAPI, client: ChatClient
) -> None:
    api.play(stream("Hello", " you"))
    id_, node, turn = asked(store, journals.recorder, client)
    turn.join(10)
    assert journals.recorder.flush()
    found = journals.exchanges.load(ME, id_, node)
    assert found is not None and found.body == api.asked[-1].body and found.state == "done"
    assert [moment.text for moment in found.moments] == [moment.text for moment in record_of(turn).moments]
    assert found.last_try is not None and found.last_try.headers["Authorization"] == "Bearer [key]"


def test_the_end_of_the_process_keeps_what_there_is(store: Store, api: FakeAPI, client: ChatClient) -> None:
    recorder = Recorder(store)
    api.play(stream("Hello", HANG))
    id_, node, turn = asked(store, recorder, client)
    next(item for item in turn.follow() if isinstance(item.event, TextDelta))
    recorder.close()
    found = KeptExchanges(store).load(ME, id_, node)
    turn.stop()
    assert found is not None and found.state == "interrupted" and found.body == api.asked[-1].body


def test_a_bill_that_comes_later_is_kept_too(store: Store, journals: Journals, client: ChatClient) -> None:
    chat = Chat(journals.journal(ME, dict))
    chat.send("Hi", asks(client))
    assert chat.turn is not None
    chat.turn.join(10)
    chat.settle()
    assert journals.recorder.flush()
    chat.turn.bill(0.25)
    chat.billed(chat.turn)
    assert journals.recorder.flush()
    node, id_ = chat.conversation.path()[-1].id, store.conversations(ME)[0].id
    found, saved = journals.exchanges.load(ME, id_, node), store.load(ME, id_)
    assert found is not None and found.cost == 0.25
    assert saved is not None and saved.conversation[node].message.cost == 0.25


def test_a_bill_leaves_the_running_answer_in_sight(
    store: Store, journals: Journals, api: FakeAPI, client: ChatClient
) -> None:
    chat = Chat(journals.journal(ME, dict))
    api.play([stream("One"), stream("Two", HANG)])
    chat.send("Hi", asks(client))
    first = chat.turn
    assert first is not None
    first.join(10)
    chat.send("And?", asks(client))
    chat.billed(first)
    _, running = journals.open(ME, store.conversations(ME)[0].id)
    assert [turn for _, turn in running] == [chat.turn]
    chat.stop()


def test_with_the_database_in_trouble_only_the_exchange_is_lost(tmp_path: Path, client: ChatClient) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/p.db", pauses=(60,))
    id_, (node,) = conversation(store)
    store._in_trouble(OSError())
    with pytest.raises(Unavailable):
        KeptExchanges(store).keep(ME, id_, node, record())
    recorder = Recorder(store)
    id_, node, turn = asked(store, recorder, client)
    turn.join(10)
    assert recorder.flush() and KeptExchanges(store).load(ME, id_, node) is None
    saved = store.load(ME, id_)
    assert saved is not None and saved.conversation[node].message == turn.message
    recorder.close()
    store.close(0.1)


def test_no_form_of_the_key_is_in_the_file(tmp_path: Path, api: FakeAPI) -> None:
    """What is on the disk of an exchange. The question itself is a message, and kept as it was asked."""
    store = Store.open(f"sqlite:///{tmp_path}/p.db", pauses=(0.05,))
    recorder, client = Recorder(store), ChatClient(Endpoint(api.url, CANARY), QUICK)
    kept: list[ExchangeRecord | None] = []  # in the file they are compressed
    for said in every(CANARY):
        pieces = [said[start : start + 7] for start in range(0, len(said), 7)]
        api.play(stream(*pieces, " and ", said))
        id_, node, turn = asked(store, recorder, client, f"My key is {said}. {'x' * 600}")
        turn.join(10)
        assert recorder.flush()
        kept.append(KeptExchanges(store).load(ME, id_, node))
    assert None not in kept and leaked(CANARY, repr(kept).encode()) == []
    assert count(store)[0] == len(list(every(CANARY)))
    recorder.close()
    store.close()
    files = [path.read_bytes() for path in tmp_path.iterdir() if path.is_file()]
    assert leaked(CANARY, *files) == [] and KEY not in repr(files)
    client.close()
