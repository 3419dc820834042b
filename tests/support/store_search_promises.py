"""Search, two tabs and whose a conversation is: what is promised in either database."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
from basics import ROOT
from store_talks import ME, YOU, contents, say, titles_found

from backend.conversation.removal import Removal
from backend.conversation.tree import Conversation
from backend.store import ChangedElsewhere, NoSuchConversation, Store, edits, rows, summaries
from backend.store.removals import DeletedRows, Removals
from backend.types import Message

# ---- search ------------------------------------------------------------------------------------------------


def test_every_word_must_be_somewhere_in_the_conversation(store: Store) -> None:
    say(store, "apples and pears", "bananas")
    say(store, "apples only")
    assert titles_found(store, "apples bananas") == ["apples and pears"]
    assert titles_found(store, "apples") == ["apples only", "apples and pears"]
    assert titles_found(store, "apples cherries") == []


def test_a_word_may_be_a_part_of_one_unless_it_is_in_quotes(store: Store) -> None:
    say(store, "international relations")
    assert (
        titles_found(store, "internat") == titles_found(store, "international rel") == ["international relations"]
    )
    assert (
        titles_found(store, "national relat") == titles_found(store, '"relations"') == ["international relations"]
    )
    assert titles_found(store, '"internat"') == []


def test_a_phrase_stands_together(store: Store) -> None:
    say(store, "the quick brown fox")
    assert titles_found(store, '"quick brown"') == titles_found(store, "quick-brown") == ["the quick brown fox"]
    assert titles_found(store, '"brown quick"') == []


def test_case_and_accents_do_not_matter(store: Store) -> None:
    say(store, "Ein Café in MÜNCHEN")
    for query in ("cafe", "CAFÉ", "munchen", "münchen "):
        assert titles_found(store, query) == ["Ein Café in MÜNCHEN"], query


def test_words_inside_addresses_and_names_are_found(store: Store) -> None:
    say(store, "see https://example.com/some/path?x=1 or mail a.b@host.org about snake_case_name")
    for query in ("example ", "path ", "host ", "snake ", "case ", "example.com ", "snake_case"):
        assert titles_found(store, query), query


def test_languages_without_spaces_are_searched_by_characters(store: Store) -> None:
    say(store, "東京都に住んでいます")
    assert titles_found(store, "京都") == titles_found(store, "住") == ["東京都に住んでいます"]
    assert titles_found(store, "都京") == []
    assert store.conversations(ME, "京都")[0].snippet == "東京都に住んでいます"


def test_a_renamed_conversation_is_found_by_its_new_name(store: Store) -> None:
    id_, _ = say(store, "question", "answer")
    store.rename(ME, id_, "Holiday plans")
    assert titles_found(store, "holiday answer") == ["Holiday plans"]
    store.rename(ME, id_, "Other")
    assert titles_found(store, "holiday") == []


def test_text_that_an_answer_no_longer_has_is_not_found(store: Store) -> None:
    id_, conversation = say(store, "Hi", "walrus")
    answer = conversation.leaf
    assert answer is not None
    conversation.update(answer, Message("assistant", "penguin"))
    store.save(ME, id_, conversation[answer])
    assert (titles_found(store, "walrus"), titles_found(store, "penguin")) == ([], ["Hi"])


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


def test_any_text_can_be_searched_without_an_error(store: Store) -> None:
    say(store, "plain words a b x")
    for count, query in enumerate(QUERIES, 2):
        say(store, query, query)
        titles_found(store, query)
        titles_found(store, f"x {query} y")
        assert store.trouble == "", ascii(query)[:20]
        assert len(store.conversations(ME, limit=1_000)) == count


def test_blank_is_no_search_and_signs_find_nothing(store: Store) -> None:
    say(store, "Hi !!! 😀")
    assert titles_found(store, "   ") == ["Hi !!! 😀"]
    assert titles_found(store, "!!!") == []


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
    (summary,) = store.conversations(ME)
    assert (summary.title, summary.tags) == ("Mine", ("a",))


def test_edits_of_different_things_are_no_conflict(store: Store) -> None:
    id_, _ = say(store, "Hi")
    store.save(ME, id_, (), settings={"t": 1})
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
@pytest.mark.parametrize("count", [40, pytest.param(200, marks=pytest.mark.long)])
def test_four_processes_that_write_at_once_lose_nothing(store: Store, url: str, count: int) -> None:
    id_, _ = say(store, "Hi")
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, url, id_, str(name), str(count)], cwd=ROOT)
        for name in range(4)
    ]
    assert [process.wait(120) for process in writers] == [0, 0, 0, 0]
    record = store.load(ME, id_)
    assert record is not None
    kept = {node.message.content for node in record.conversation.nodes()}
    assert kept == {"Hi", *(f"{name}.{number}" for name in range(4) for number in range(count))}


# ---- whose it is -------------------------------------------------------------------------------------------

NOTHING = Removal(Conversation(), Conversation())
BY_ID: dict[str, Callable[[Store, str, str], object]] = {
    "rename": lambda store, owner, id_: store.rename(owner, id_, "stolen"),
    "tag": lambda store, owner, id_: store.tag(owner, id_, ["stolen"]),
    "pin": lambda store, owner, id_: store.pin(owner, id_),
    "settings": lambda store, owner, id_: store.save(owner, id_, (), settings={"stolen": True}),
    "view": lambda store, owner, id_: store.save(owner, id_, (), {None: None}),
    "delete": lambda store, owner, id_: store.delete(owner, id_),
    "restore": lambda store, owner, id_: store.restore(owner, id_),
    "remove": lambda store, owner, id_: Removals(store).remove(owner, id_, NOTHING),
    "put_back": lambda store, owner, id_: Removals(store).put_back(
        owner, id_, DeletedRows((), (), (), {}), NOTHING.after
    ),
    "purge": lambda store, owner, id_: store.purge(owner, id_),
    "save": lambda store, owner, id_: say(store, "stolen", owner=owner, id_=id_),
}


@pytest.mark.parametrize("method", BY_ID)
def test_nobody_else_can_touch_a_conversation(store: Store, method: str) -> None:
    id_, _ = say(store, "mine")
    before = store.load(ME, id_), store.conversations(ME)
    for other in (YOU, "", "ME", "me ", "me\x00", "m%", "' OR '1'='1"):
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
    assert summaries.title(store, other, id_) == "" != summaries.title(store, ME, id_)
    assert store.node_ids(other, id_) == set() != store.node_ids(ME, id_)
    assert store.conversations(other) == store.conversations(other, "alone") == []
    assert store.conversations(other, tag="private") == store.tags(other) == []


def test_nobody_else_can_end_the_time_in_which_a_conversation_comes_back(store: Store) -> None:
    id_, _ = say(store, "mine")
    store.delete(ME, id_)
    store.purge(YOU, id_, deleted=True)
    store.restore(ME, id_)
    assert contents(store, id_) == ["mine"]


def test_every_public_method_that_takes_an_id_is_tried_by_a_stranger() -> None:
    import inspect

    takes = {
        name
        for name, method in inspect.getmembers(Store, inspect.isfunction)
        if {"id_", "ids"} & set(inspect.signature(method).parameters)
    } | {name for name, _ in inspect.getmembers(Removals, inspect.isfunction)}
    assert {name for name in takes if name[0] != "_"} == {*BY_ID, "load", "node_ids"} - {"settings", "view"}


def test_every_statement_helper_asks_for_the_owner() -> None:
    import inspect

    for module in (rows, edits):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            parameters = inspect.signature(function).parameters
            assert "id_" not in parameters or "owner" in parameters, name
