"""What the store promises in either database. test_store.py and test_store_postgres.py say which one `url` is."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from basics import ROOT
from sqlalchemy import text

from backend.conversation.tree import Conversation, NodeId
from backend.store import ChangedElsewhere, NoSuchConversation, Record, Store, edits, new_id, rows, writer
from backend.store.edits import UNDO
from backend.types import Failure, Message

ME, YOU = "me", "you"
WEIRD = [
    "\x00",
    "a\x00b",
    "\ud83d",
    "\ud83d\ude00",
    "𝕳𝖎 👩‍👩‍👧",
    "'; DROP TABLE messages; --",
    "{}[]%s%(a)s:name?$1",
    "\u202eevil",
    "a" * 5000,
]


def say(store: Store, *contents: str, owner: str = ME, id_: str = "") -> tuple[str, Conversation]:
    """A conversation of these messages, by turns, saved as it grows."""
    id_, conversation = id_ or new_id(), Conversation()
    last: NodeId | None = None
    for place, content in enumerate(contents):
        last = conversation.add(Message("assistant" if place % 2 else "user", content), last)
        store.save(owner, id_, conversation[last], conversation.view)
    return id_, conversation


def contents(store: Store, id_: str, owner: str = ME) -> list[str]:
    record = store.load(owner, id_)
    assert record is not None
    return [node.message.content for node in record.conversation.path()]


def found(store: Store, search: str, owner: str = ME) -> list[str]:
    return [summary.title for summary in store.conversations(owner, search)]


# ---- keeping --------------------------------------------------------------------------------------------


def test_a_conversation_comes_back_as_it_was_said(store: Store) -> None:
    id_, conversation = say(store, "Hi", "Hello", "How are you?")
    record = store.load(ME, id_)
    assert record is not None
    assert record.conversation.path() == conversation.path()


def test_another_process_sees_what_was_saved(store: Store, url: str) -> None:
    id_, _ = say(store, "Hi", "Hello")
    code = f"from backend.store import Store; print(len(Store.open({url!r}).load('me', {id_!r}).conversation))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "2"


def test_a_growing_answer_is_one_message(store: Store) -> None:
    id_, conversation = say(store, "Hi", "Hel")
    answer = conversation.leaf
    assert answer is not None
    for content in ("Hell", "Hello"):
        conversation.update(answer, Message("assistant", content))
        store.save(ME, id_, conversation[answer])
    assert contents(store, id_) == ["Hi", "Hello"]
    assert store.conversations(ME)[0].messages == 2


def test_branches_and_the_one_in_view_come_back(store: Store) -> None:
    id_, conversation = say(store, "Hi", "first")
    question, first = (node.id for node in conversation.path())
    second = conversation.add(Message("assistant", "second"), question)
    store.save(ME, id_, conversation[second], conversation.view)
    assert contents(store, id_) == ["Hi", "second"]
    conversation.choose(first)
    store.save_view(ME, id_, conversation.view)
    assert contents(store, id_) == ["Hi", "first"]
    conversation.end_at(question)
    store.save_view(ME, id_, conversation.view)
    assert contents(store, id_) == ["Hi"]


def test_several_messages_are_saved_at_once_or_not_at_all(store: Store) -> None:
    conversation, id_ = Conversation(), new_id()
    conversation.graft([Message("user", "a"), Message("assistant", "b")], None)
    store.save(ME, id_, conversation.nodes(), conversation.view, {"model": "m"})
    assert contents(store, id_) == ["a", "b"]
    record = store.load(ME, id_)
    assert record is not None and record.settings == {"model": "m"}


def test_a_message_needs_its_conversation(store: Store) -> None:
    conversation = Conversation()
    last = conversation.graft([Message("user", "a"), Message("assistant", "b")], None)
    assert last is not None
    with pytest.raises(NoSuchConversation):
        store.save(ME, new_id(), conversation[last])


@pytest.mark.parametrize("weird", WEIRD)
def test_hostile_text_goes_in_and_comes_out(store: Store, weird: str) -> None:
    id_, _ = say(store, weird, weird)
    store.rename(ME, id_, weird)
    store.tag(ME, id_, [weird, weird + "2"])
    store.save_settings(ME, id_, {weird: [weird, float("nan"), {"deep": weird}]})
    (summary,) = store.conversations(ME)
    assert len(summary.title) <= 200 and all(len(tag) <= 40 for tag in summary.tags)
    assert contents(store, id_)[0].replace("\ufffd", "") == "".join(
        c for c in weird.encode("utf-16", "surrogatepass").decode("utf-16", "ignore") if c != "\x00"
    )
    for tag in summary.tags:
        assert [found.id for found in store.conversations(ME, tag=tag)] == [id_]


@pytest.mark.parametrize("id_", ["", "x", "\x00", "\ud800", "../../etc/passwd", "A" * 32, "0" * 31, "0" * 10_000])
def test_a_hostile_id_is_no_conversation(store: Store, id_: str) -> None:
    assert store.load(ME, id_) is None
    for ask in (store.delete, store.restore, store.purge, store.pin):
        with pytest.raises(NoSuchConversation):
            ask(ME, id_)
    with pytest.raises(NoSuchConversation):
        say(store, "Hi", id_=id_ or "x")


def test_a_message_of_20_megabytes_is_kept(store: Store) -> None:
    big = "data:" + "A" * 20_000_000
    id_, _ = say(store, big)
    assert contents(store, id_) == [big]


def test_messages_added_in_one_conversation_keep_their_order_and_ids_are_never_shared() -> None:
    ids = []
    for _ in range(50):
        conversation = Conversation()
        conversation.graft([Message("user", str(number)) for number in range(100)], None)
        ids += [node.id for node in conversation.nodes()]
        assert [node.message.content for node in conversation.nodes()] == [str(number) for number in range(100)]
    assert len(set(ids)) == 5000
    assert max(ids) < 2**63


def test_an_unreadable_message_does_not_hide_the_others(store: Store) -> None:
    id_, _ = say(store, "Hi", "Hello")
    store._write(lambda c: c.execute(text("UPDATE messages SET body = '{not json' WHERE parent IS NOT NULL")))
    record = store.load(ME, id_)
    assert record is not None
    first, second = (node.message for node in record.conversation.path())
    assert first.content == "Hi"
    assert isinstance(second.failure, Failure) and "could not be read" in second.failure.title


def test_a_conversation_from_a_file_is_added_under_a_new_id(store: Store) -> None:
    conversation = Conversation()
    conversation.graft([Message("user", "from afar"), Message("assistant", "ok")], None)
    id_ = store.add(ME, Record(conversation, "Imported", {"model": "m"}, ("b", "a"), 5.0, 6.0, True))
    record = store.load(ME, id_)
    assert record is not None
    assert (record.title, record.settings, record.tags, record.pinned) == (
        "Imported",
        {"model": "m"},
        ("a", "b"),
        True,
    )
    assert (record.created, record.updated) == (5.0, 6.0)
    assert found(store, "afar") == ["Imported"]


# ---- answers that never ended ------------------------------------------------------------------------------


def running(store: Store) -> str:
    id_, conversation = say(store, "Hi")
    answer = conversation.add(Message("assistant", "Hel", state="running"), conversation.leaf)
    store.save(ME, id_, conversation[answer])
    return id_


def state(store: Store, id_: str) -> str:
    record = store.load(ME, id_)
    assert record is not None
    return record.conversation.path()[-1].message.state


def test_an_answer_that_is_being_written_is_running(store: Store) -> None:
    assert state(store, running(store)) == "running"


def test_an_answer_whose_process_is_gone_was_interrupted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    host = writer.ME.split("/")[0]
    monkeypatch.setattr(writer, "ME", f"{host}/{gone.pid}/abc")
    id_ = running(store)
    monkeypatch.undo()
    assert state(store, id_) == "interrupted"


def test_an_answer_that_has_been_silent_too_long_was_interrupted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = running(store)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + writer.SILENT + 1)
    assert state(store, id_) == "interrupted"


def test_a_writer_on_another_machine_is_given_its_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "ME", "elsewhere/1/abc")
    id_ = running(store)
    monkeypatch.undo()
    assert state(store, id_) == "running"


# ---- the list ----------------------------------------------------------------------------------------------


def test_the_first_question_gives_the_title(store: Store) -> None:
    say(store, "  What is\nthe capital of France?  ")
    assert store.conversations(ME)[0].title == "What is the capital of France?"


def test_a_long_question_is_cut_at_a_word(store: Store) -> None:
    say(store, "word " * 100)
    title = store.conversations(ME)[0].title
    assert len(title) <= 63 and title.endswith("word …")


def test_a_system_message_is_no_title(store: Store) -> None:
    id_, conversation = new_id(), Conversation()
    conversation.graft([Message("system", "You are kind."), Message("user", "Hi there")], None)
    for node in conversation.nodes():
        store.save(ME, id_, node)
    assert store.conversations(ME)[0].title == "Hi there"


def test_the_list_tells_what_there_is(store: Store) -> None:
    id_, _ = say(store, "Hi", "Hello   there\nfriend")
    (summary,) = store.conversations(ME)
    assert (summary.id, summary.snippet, summary.messages) == (id_, "Hello there friend", 2)
    assert time.time() - 60 < summary.created <= summary.updated <= time.time()


def test_the_newest_comes_first_and_pinned_ones_before(store: Store) -> None:
    ids = [say(store, title)[0] for title in ("a", "b", "c")]
    store.pin(ME, ids[0])
    assert [s.title for s in store.conversations(ME)] == ["a", "c", "b"]
    store.pin(ME, ids[0], False)
    assert [s.title for s in store.conversations(ME)] == ["c", "b", "a"]
    assert [s.title for s in store.conversations(ME, sort="title")] == ["a", "b", "c"]
    say(store, "x", id_=ids[0])
    assert [s.title for s in store.conversations(ME, sort="updated")] == ["a", "c", "b"]
    assert [s.title for s in store.conversations(ME, sort="created")] == ["c", "b", "a"]


def test_the_list_comes_in_pages(store: Store) -> None:
    for number in range(7):
        say(store, str(number))
    assert [s.title for s in store.conversations(ME, limit=3, offset=3)] == ["3", "2", "1"]
    assert store.conversations(ME, limit=-1, offset=-5) == []


def test_tags_filter_and_are_listed_most_used_first(store: Store) -> None:
    one, two = say(store, "one")[0], say(store, "two")[0]
    store.tag(ME, one, [" work ", "work", "", "a  b"])
    store.tag(ME, two, ["work"])
    assert store.tags(ME) == ["work", "a b"]
    assert [s.title for s in store.conversations(ME, tag="a b")] == ["one"]
    store.tag(ME, two, [])
    assert [s.tags for s in store.conversations(ME, tag="work")] == [("a b", "work")]


def test_a_deleted_conversation_can_be_brought_back(store: Store) -> None:
    id_, _ = say(store, "precious words")
    store.tag(ME, id_, ["t"])
    store.delete(ME, id_)
    assert (store.load(ME, id_), store.conversations(ME), found(store, "precious"), store.tags(ME)) == (
        None,
        [],
        [],
        [],
    )
    store.restore(ME, id_)
    assert contents(store, id_) == ["precious words"]
    assert found(store, "precious") == ["precious words"]


def test_a_purged_conversation_leaves_nothing(store: Store) -> None:
    id_, _ = say(store, "secret words")
    store.tag(ME, id_, ["t"])
    store.purge(ME, id_)
    with pytest.raises(NoSuchConversation):
        store.restore(ME, id_)
    for table in ("conversations", "messages", "tags", "documents"):
        assert store._write(lambda c, table=table: c.execute(text(f"SELECT count(*) FROM {table}")).scalar()) == 0


def test_what_was_deleted_a_day_ago_is_gone(store: Store) -> None:
    old, new = say(store, "old")[0], say(store, "new")[0]
    store.delete(ME, old)
    assert store._write(lambda c: edits.sweep(c, time.time() - UNDO)) == 0
    store._write(
        lambda c: c.execute(
            text("UPDATE conversations SET deleted = deleted - :day WHERE deleted > 0"), {"day": UNDO}
        )
    )
    other, _ = say(store, "other")
    store.delete(ME, other)
    store.restore(ME, other)
    assert store.load(ME, new) is not None
    with pytest.raises(NoSuchConversation):
        store.restore(ME, old)


# ---- search ------------------------------------------------------------------------------------------------


def test_every_word_must_be_somewhere_in_the_conversation(store: Store) -> None:
    say(store, "apples and pears", "bananas")
    say(store, "apples only")
    assert found(store, "apples bananas") == ["apples and pears"]
    assert found(store, "apples") == ["apples only", "apples and pears"]
    assert found(store, "apples cherries") == []


def test_the_last_word_may_be_unfinished_and_the_others_not(store: Store) -> None:
    say(store, "international relations")
    assert found(store, "internat") == found(store, "international rel") == ["international relations"]
    assert found(store, "internat relations") == []
    assert found(store, '"internat"') == []


def test_a_phrase_stands_together(store: Store) -> None:
    say(store, "the quick brown fox")
    assert found(store, '"quick brown"') == found(store, "quick-brown") == ["the quick brown fox"]
    assert found(store, '"brown quick"') == []


def test_case_and_accents_do_not_matter(store: Store) -> None:
    say(store, "Ein Café in MÜNCHEN")
    for query in ("cafe", "CAFÉ", "munchen", "münchen "):
        assert found(store, query) == ["Ein Café in MÜNCHEN"], query


def test_words_inside_addresses_and_names_are_found(store: Store) -> None:
    say(store, "see https://example.com/some/path?x=1 or mail a.b@host.org about snake_case_name")
    for query in ("example ", "path ", "host ", "snake ", "case ", "example.com ", "snake_case"):
        assert found(store, query), query


def test_languages_without_spaces_are_searched_by_characters(store: Store) -> None:
    say(store, "東京都に住んでいます")
    assert found(store, "京都") == found(store, "住") == ["東京都に住んでいます"]
    assert found(store, "都京") == []
    assert store.conversations(ME, "京都")[0].snippet == "東京都に住んでいます"


def test_a_renamed_conversation_is_found_by_its_new_name(store: Store) -> None:
    id_, _ = say(store, "question", "answer")
    store.rename(ME, id_, "Holiday plans")
    assert found(store, "holiday answer") == ["Holiday plans"]
    store.rename(ME, id_, "Other")
    assert found(store, "holiday") == []


def test_what_an_answer_no_longer_says_is_no_longer_found(store: Store) -> None:
    id_, conversation = say(store, "Hi", "walrus")
    answer = conversation.leaf
    assert answer is not None
    conversation.update(answer, Message("assistant", "penguin"))
    store.save(ME, id_, conversation[answer])
    assert (found(store, "walrus"), found(store, "penguin")) == ([], ["Hi"])


def test_the_snippet_shows_where(store: Store) -> None:
    say(store, "Hi", "filler " * 500 + "the needle lies here" + " filler" * 500, "last")
    snippet = store.conversations(ME, "needle")[0].snippet
    assert "needle lies here" in snippet and len(snippet) < 200
    assert snippet.startswith("… ") and snippet.endswith(" …")


QUERIES = [
    *(
        '"',
        '""',
        "'",
        "*",
        "a*",
        "^a",
        "a:b",
        "text:a",
        "rowid:1",
        "NEAR(a b)",
        "AND",
        "a AND",
        "NOT a",
        "OR",
        "a OR",
    ),
    *(
        "(",
        ")",
        "a & | !",
        "a:*",
        "a:A",
        "<->",
        "\\",
        "\\'",
        "%",
        "_",
        "?",
        ":x",
        "$1",
        "%s",
        "{a}",
        "a\x00b",
        "\ud800",
    ),
    *(
        "😀",
        "a" * 100_000,
        "a " * 10_000,
        "\u202e",
        "\n\t",
        "ß",
        "İ",
        "ﷺ",
        "e\u0301",
        "हिन्दी",
        "๑",
        "½",
        "1e5",
        "0x1f",
    ),
    *("-- x", "'; DROP TABLE documents; --", '"unclosed phrase', "a-", "-a", "+a", "http://", "a@b", "..", "#"),
]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: ascii(query)[:20])
def test_whatever_is_typed_is_a_search_and_no_error(store: Store, query: str) -> None:
    say(store, "plain words a b x")
    say(store, query, query)
    found(store, query)
    found(store, f"x {query} y")
    assert store.trouble == ""
    assert len(store.conversations(ME)) == 2


def test_blank_is_no_search_and_signs_find_nothing(store: Store) -> None:
    say(store, "Hi !!! 😀")
    assert found(store, "   ") == ["Hi !!! 😀"]
    assert found(store, "!!!") == []


# ---- two tabs ----------------------------------------------------------------------------------------------


def test_two_tabs_that_add_to_one_conversation_lose_nothing(store: Store) -> None:
    id_, _ = say(store, "Hi", "Hello")
    tabs = [store.load(ME, id_), store.load(ME, id_)]
    for name, tab in zip(("one", "two"), tabs, strict=True):
        assert tab is not None
        node = tab.conversation.add(Message("user", name), tab.conversation.leaf)
        store.save(ME, id_, tab.conversation[node], tab.conversation.view)
    record = store.load(ME, id_)
    assert record is not None
    assert {node.message.content for node in record.conversation.nodes()} == {"Hi", "Hello", "one", "two"}


def test_the_slower_edit_of_the_same_thing_is_told(store: Store) -> None:
    id_, _ = say(store, "Hi")
    store.rename(ME, id_, "Mine", was="Hi")
    with pytest.raises(ChangedElsewhere):
        store.rename(ME, id_, "Yours", was="Hi")
    store.tag(ME, id_, ["a"], was=[])
    with pytest.raises(ChangedElsewhere):
        store.tag(ME, id_, ["b"], was=[])
    store.save_settings(ME, id_, {"t": 1}, was={})
    with pytest.raises(ChangedElsewhere):
        store.save_settings(ME, id_, {"t": 2}, was={})
    (summary,) = store.conversations(ME)
    assert (summary.title, summary.tags) == ("Mine", ("a",))


def test_edits_of_different_things_are_no_conflict(store: Store) -> None:
    id_, _ = say(store, "Hi")
    store.save_settings(ME, id_, {"t": 1}, was={})
    store.rename(ME, id_, "Title", was="Hi")
    store.tag(ME, id_, ["a"], was=[])
    store.rename(ME, id_, "Title", was="Hi")  # what is wanted is there already


def test_one_id_under_two_parents_is_refused(store: Store) -> None:
    id_, conversation = say(store, "Hi", "Hello")
    _, answer = conversation.path()
    moved = type(answer)(answer.id, None, Message("user", "stolen"))
    with pytest.raises(ChangedElsewhere):
        store.save(ME, id_, moved)
    assert contents(store, id_) == ["Hi", "Hello"]


def test_a_question_brings_back_what_another_tab_deleted(store: Store) -> None:
    id_, conversation = say(store, "Hi", "Hello")
    store.delete(ME, id_)
    answer = conversation.leaf
    assert answer is not None
    store.save(ME, id_, conversation[answer])
    assert store.load(ME, id_) is None, "an answer that still arrives does not"
    question = conversation.add(Message("user", "Still there?"), answer)
    store.save(ME, id_, conversation[question])
    assert contents(store, id_) == ["Hi", "Hello", "Still there?"]


def test_an_answer_does_not_bring_back_what_was_purged(store: Store) -> None:
    id_, conversation = say(store, "Hi", "Hello")
    store.purge(ME, id_)
    answer = conversation.leaf
    assert answer is not None
    with pytest.raises(NoSuchConversation):
        store.save(ME, id_, conversation[answer])
    assert store.conversations(ME) == []


WRITER = """
import sys
from backend.store import Store
from backend.types import Message
url, id_, name, count = sys.argv[1:]
store = Store.open(url)
conversation = store.load("me", id_).conversation
for number in range(int(count)):
    node = conversation.add(Message("user", f"{name}.{number}"), conversation.leaf)
    store.save("me", id_, conversation[node], conversation.view)
    assert not store.trouble, store.trouble
store.close()
"""


@pytest.mark.slow
def test_four_processes_that_write_at_once_lose_nothing(store: Store, url: str) -> None:
    id_, _ = say(store, "Hi")
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, url, id_, str(name), "200"], cwd=ROOT) for name in range(4)
    ]
    assert [process.wait(120) for process in writers] == [0, 0, 0, 0]
    record = store.load(ME, id_)
    assert record is not None
    kept = {node.message.content for node in record.conversation.nodes()}
    assert kept == {"Hi", *(f"{name}.{number}" for name in range(4) for number in range(200))}


# ---- whose it is -------------------------------------------------------------------------------------------

BY_ID: dict[str, Callable[[Store, str, str], object]] = {
    "rename": lambda store, owner, id_: store.rename(owner, id_, "stolen"),
    "tag": lambda store, owner, id_: store.tag(owner, id_, ["stolen"]),
    "pin": lambda store, owner, id_: store.pin(owner, id_),
    "settings": lambda store, owner, id_: store.save_settings(owner, id_, {"stolen": True}),
    "view": lambda store, owner, id_: store.save_view(owner, id_, {None: None}),
    "delete": lambda store, owner, id_: store.delete(owner, id_),
    "restore": lambda store, owner, id_: store.restore(owner, id_),
    "purge": lambda store, owner, id_: store.purge(owner, id_),
    "save": lambda store, owner, id_: say(store, "stolen", owner=owner, id_=id_),
}


@pytest.mark.parametrize("method", BY_ID)
@pytest.mark.parametrize("other", [YOU, "", "ME", "me ", "me\x00", "m%", "' OR '1'='1"])
def test_nobody_else_can_touch_a_conversation(store: Store, method: str, other: str) -> None:
    id_, _ = say(store, "mine")
    before = store.load(ME, id_), store.conversations(ME)
    with pytest.raises(NoSuchConversation):
        BY_ID[method](store, other, id_)
    after = store.load(ME, id_), store.conversations(ME)
    assert before[1] == after[1]
    assert before[0] is not None and after[0] is not None
    assert before[0].settings == after[0].settings
    assert before[0].conversation.nodes() == after[0].conversation.nodes()


@pytest.mark.parametrize("other", [YOU, "", "ME", "me ", "me\x00", "%", "m_"])
def test_nobody_else_can_see_a_conversation(store: Store, other: str) -> None:
    id_, _ = say(store, "mine alone")
    store.tag(ME, id_, ["private"])
    assert store.load(other, id_) is None
    assert store.node_ids(other, id_) == set() != store.node_ids(ME, id_)
    assert store.conversations(other) == store.conversations(other, "alone") == []
    assert store.conversations(other, tag="private") == store.tags(other) == []


def test_every_public_method_that_takes_an_id_is_tried_by_a_stranger() -> None:
    import inspect

    takes = {
        name
        for name, method in inspect.getmembers(Store, inspect.isfunction)
        if "id_" in inspect.signature(method).parameters
    }
    assert {name for name in takes if name[0] != "_"} == {
        *BY_ID,
        "load",
        "node_ids",
        "save_settings",
        "save_view",
    } - {
        "settings",
        "view",
    }


def test_every_statement_helper_asks_for_the_owner() -> None:
    import inspect

    for module in (rows, edits):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            parameters = inspect.signature(function).parameters
            assert "id_" not in parameters or "owner" in parameters, name
