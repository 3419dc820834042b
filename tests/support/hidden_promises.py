"""What earlier versions only hid is shown once, in either database: test_deletion.py and test_store_postgres.py say
in which one. It is made here as those versions made it.
"""

from __future__ import annotations

from contextlib import closing

import pytest
from deletion_promises import SECRET, everything
from sqlalchemy import Connection, text
from store_talks import ME, YOU, contents, say, titles_found
from stores import without_later_tables

from backend.conversation.tree import NodeId
from backend.store import Store, schema
from backend.store.legacy_hidden import HiddenMessages
from backend.store.legacy_hidden_rows import TABLE
from backend.store.removals import Removals
from backend.types import Message

WORDS = ["one", "two", "three", "four"]


def as_before(connection: Connection) -> None:
    """The database as it was before there was a table for what is hidden."""
    steps = schema.STEPS[connection.dialect.name]
    before = next(place for place, step in enumerate(steps) if TABLE in step)
    without_later_tables(connection, before)
    connection.execute(text("UPDATE playground_schema SET version = :version"), {"version": before})


def an_old_database(url: str, place: int, owner: str = ME) -> str:
    """One with a conversation in which an earlier version deleted the message at this place."""
    words = [*WORDS[:place], SECRET, *WORDS[place + 1 :]]
    store = Store.open(url)
    id_, conversation = say(store, *words, owner=owner)
    node = conversation.path()[place]
    if rest := conversation.after(node.id):
        before = {one.id for one in conversation.nodes()}
        conversation.graft(rest, node.parent)
        for one in conversation.nodes():
            if one.id not in before:
                store.save(owner, id_, one)
    else:
        conversation.end_at(node.parent)
    store.save(owner, id_, (), conversation.view)
    store._write(as_before)
    store.close()
    return id_


def hidden(store: Store) -> HiddenMessages:
    return HiddenMessages(store, Removals(store))


@pytest.mark.parametrize("place", range(4))
def test_a_message_hidden_by_an_earlier_version_is_offered_once_and_deleted(url: str, place: int) -> None:
    id_ = an_old_database(url, place)
    with closing(Store.open(url)) as store:
        listed = hidden(store).hidden_conversations(ME)
        assert [(one.id, one.count, one.messages[0].content) for one in listed] == [(id_, 1, SECRET)]
        assert hidden(store).hidden_conversations(YOU) == []
        hidden(store).delete(YOU, [id_])
        hidden(store).delete(ME, [id_])
        assert "quixotry" not in everything(store) and titles_found(store, "quixotry") == []
        assert contents(store, id_) == [word for word in WORDS if word != WORDS[place]]
        assert len(_nodes(store, id_)) == 3, "nothing is there twice"
    with closing(Store.open(url)) as again:
        assert hidden(again).hidden_conversations(ME) == []


def test_deleting_a_hidden_message_can_be_undone_and_is_offered_again(url: str) -> None:
    id_ = an_old_database(url, 1)
    with closing(Store.open(url)) as store:
        before = _nodes(store, id_)
        undo = hidden(store).delete(ME, [id_])
        undo()
        assert _nodes(store, id_) == before and len(titles_found(store, "quixotry")) == 1
        assert [one.id for one in hidden(store).hidden_conversations(ME)] == [id_]


@pytest.mark.parametrize("place", range(4))
def test_a_message_hidden_by_an_earlier_version_is_restored_into_its_place(url: str, place: int) -> None:
    id_ = an_old_database(url, place)
    with closing(Store.open(url)) as store:
        hidden(store).restore(YOU, [id_])
        assert SECRET not in contents(store, id_)
        hidden(store).restore(ME, [id_])
        assert contents(store, id_) == [*WORDS[:place], SECRET, *WORDS[place + 1 :]]
        assert hidden(store).hidden_conversations(ME) == []
        end = store.load(ME, id_)
        assert end is not None
        node = end.conversation.add(Message("user", "five"), end.conversation.leaf)
        store.save(ME, id_, end.conversation[node], end.conversation.view)
        assert contents(store, id_)[-1] == "five"


def test_a_message_that_the_visitor_went_back_to_is_not_offered(url: str) -> None:
    id_ = an_old_database(url, 3)
    with closing(Store.open(url)) as store:
        record = store.load(ME, id_)
        assert record is not None
        record.conversation.choose(record.conversation.nodes()[-1].id)
        store.save(ME, id_, (), record.conversation.view)
        assert hidden(store).hidden_conversations(ME) == []
        hidden(store).delete(ME, [id_])
        assert contents(store, id_)[-1] == SECRET


def _nodes(store: Store, id_: str) -> list[tuple[NodeId, NodeId | None, str]]:
    record = store.load(ME, id_)
    assert record is not None
    return [(node.id, node.parent, node.message.content) for node in record.conversation.nodes()]
