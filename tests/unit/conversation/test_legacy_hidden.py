"""What earlier versions hid when it was deleted: found again, taken out for good, or put back into its place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.conversation import legacy_hidden
from backend.conversation.shaping import edit, insert
from backend.conversation.tree import Conversation, NodeId
from backend.types import Message

Work = Callable[[Conversation], None]


def talk(*texts: str) -> Conversation:
    conversation = Conversation()
    last: NodeId | None = None
    for text in texts:
        last = conversation.add(message(text), last)
    return conversation


def message(text: str) -> Message:
    return Message("user" if text.startswith("q") else "assistant", text)


def at(conversation: Conversation, text: str) -> NodeId:
    """The message in view with this text."""
    return next(node.id for node in conversation.path() if node.message.content == text)


def delete(text: str) -> Work:
    """As earlier versions did it."""

    def work(conversation: Conversation) -> None:
        node = at(conversation, text)
        parent, rest = conversation[node].parent, conversation.after(node)
        if rest:
            conversation.graft(rest, parent)
        else:
            conversation.end_at(parent)

    return work


def delete_after(text: str) -> Work:
    return lambda conversation: conversation.end_at(at(conversation, text))


def say(*texts: str) -> Work:
    return lambda conversation: conversation.graft([message(text) for text in texts], conversation.leaf) and None


def shown(conversation: Conversation) -> str:
    return " ".join(node.message.content for node in conversation.path())


def everything(conversation: Conversation) -> list[str]:
    return sorted(node.message.content for node in conversation.nodes())


# What was done to "q1 a1 q2 a2"; the texts that were deleted; what is in view once they are restored.
DELETED: dict[str, tuple[list[Work], list[str], str]] = {
    "the last answer": ([delete("a2")], ["a2"], "q1 a1 q2 a2"),
    "the last answer, and went on": ([delete("a2"), say("q3", "a3")], ["a2"], "q1 a1 q2 a2 q3 a3"),
    "the first question": ([delete("q1")], ["q1"], "q1 a1 q2 a2"),
    "one in the middle": ([delete("a1")], ["a1"], "q1 a1 q2 a2"),
    "one in the middle, and went on": ([delete("q2"), say("q3", "a3")], ["q2"], "q1 a1 q2 a2 q3 a3"),
    "two, one after the other": ([delete("a1"), delete("q2")], ["a1", "q2"], "q1 a1 q2 a2"),
    "two, the later one first": ([delete("q2"), delete("a1")], ["a1", "q2"], "q1 a1 q2 a2"),
    "all below": ([delete_after("a1")], ["a2", "q2"], "q1 a1 q2 a2"),
    "everything": ([delete(text) for text in ("q1", "a1", "q2", "a2")], ["a1", "a2", "q1", "q2"], "q1 a1 q2 a2"),
}


@pytest.mark.parametrize("works, texts, after", DELETED.values(), ids=list(DELETED))
def test_hidden_messages_are_found_removed_and_restored(works: list[Work], texts: list[str], after: str) -> None:
    conversation = talk("q1", "a1", "q2", "a2")
    for work in works:
        work(conversation)
    before, found = shown(conversation), legacy_hidden.hidden(conversation)
    assert sorted({conversation[node].message.content for node in found}) == texts
    without = legacy_hidden.remove(conversation, found).after
    assert shown(without) == before
    assert everything(without) == sorted(before.split())  # no word of it, and nothing is there twice
    assert shown(legacy_hidden.restore(conversation, found)) == after


def edited_twice(conversation: Conversation) -> None:
    edit(at(conversation, "q1"), "q1 again")(conversation)
    edit(at(conversation, "a1"), "a1 again")(conversation)


def asked_again(conversation: Conversation) -> None:
    conversation.add(message("a2 again"), at(conversation, "q2"))
    conversation.graft([message("q1 again"), message("a1 again")], None)


def put_in(conversation: Conversation) -> None:
    insert(message("q0"), None)(conversation)
    insert(message("a0"), at(conversation, "q1"))(conversation)
    insert(Message("user", "q9"), at(conversation, "q2"))(conversation)


@pytest.mark.parametrize("work", [edited_twice, asked_again, put_in])
def test_other_branches_are_not_taken_for_deleted_messages(work: Work) -> None:
    conversation = talk("q1", "a1", "q2", "a2")
    work(conversation)
    assert legacy_hidden.hidden(conversation) == frozenset()


def test_a_message_gone_back_to_is_no_longer_deleted() -> None:
    conversation = talk("q1", "a1", "q2", "a2")
    delete("a2")(conversation)
    found = legacy_hidden.hidden(conversation)
    conversation.choose(next(iter(found)))
    assert legacy_hidden.still(conversation, found) == frozenset()
    assert shown(legacy_hidden.remove(conversation, found).after) == "q1 a1 q2 a2"


def test_a_branch_that_went_on_elsewhere_stays_when_its_deleted_message_goes() -> None:
    conversation = talk("q1", "a1", "q2", "a2")
    old = at(conversation, "q2")
    delete("a1")(conversation)
    conversation.add(message("another"), old)
    conversation.choose(conversation.children(None)[0])
    copy = next(
        node for node in conversation.children(at(conversation, "q1")) if conversation[node].message.content == "q2"
    )
    conversation.choose(copy)
    after = legacy_hidden.remove(conversation, legacy_hidden.hidden(conversation)).after
    assert shown(after) == "q1 q2 a2"
    assert "another" in everything(after) and "a1" not in everything(after)
