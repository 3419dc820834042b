"""Messages taken out of a tree for good, and put back: what is joined, what is in view, which copies go too."""

from __future__ import annotations

import random

import pytest

from backend.conversation import removal, shaping
from backend.conversation.removal import Removal
from backend.conversation.tree import Conversation, NodeId
from backend.types import Message, Timing


def talk(*words: str) -> tuple[Conversation, list[NodeId]]:
    """Questions and answers by turns, in one line."""
    conversation, nodes = Conversation(), list[NodeId]()
    for place, content in enumerate(words):
        answer = Message("assistant", content, timing=Timing(0.1, place))
        message = answer if place % 2 else Message("user", content)
        nodes.append(conversation.add(message, nodes[-1] if nodes else None))
    return conversation, nodes


def words(conversation: Conversation) -> list[str]:
    return [node.message.content for node in conversation.path()]


@pytest.mark.parametrize("place", range(3))
def test_where_a_branch_ends_with_what_is_gone_the_one_beside_it_comes_into_view(place: int) -> None:
    conversation, (question, *_) = talk("q", "first")
    answers = [conversation.children(question)[0]]
    answers += [conversation.add(Message("assistant", word), question) for word in ("second", "third")]
    conversation.choose(answers[place])
    left = removal.without(conversation, {answers[place]})
    assert words(left) == ["q", ("second", "first", "second")[place]]


def test_branches_that_were_out_of_view_hang_on_what_was_before() -> None:
    conversation, (question, answer, *_) = talk("q", "a", "b")
    conversation.add(Message("user", "beside b"), answer)
    left = removal.without(conversation, {answer})
    assert {left[node.id].parent for node in left.nodes()} == {None, question}
    assert words(left) == ["q", "beside b"]


@pytest.mark.parametrize("place", range(4))
def test_copies_that_an_edit_made_in_another_branch_go_too(place: int) -> None:
    conversation, nodes = talk("q", "a", "secret", "b")
    shaping.edit(nodes[1 if place > 1 else 0], "edited")(conversation)
    shown = conversation.path()[place]
    gone = removal.with_copies(conversation, [shown.id])
    assert {conversation[node].message.content for node in gone} == {shown.message.content}
    assert len(gone) == (2 if shown.message.content != "edited" else 1)


def test_the_same_words_at_another_place_or_in_another_branch_are_no_copy() -> None:
    conversation, nodes = talk("yes", "a", "yes", "b")
    assert removal.with_copies(conversation, [nodes[2]]) == {nodes[2]}, "said twice"
    other = conversation.add(Message("assistant", "again", timing=Timing(9.0, 9.0)), nodes[0])
    conversation.add(Message("user", "yes"), other)
    assert removal.with_copies(conversation, [nodes[2]]) == {nodes[2]}, "said to another answer"


@pytest.mark.parametrize("seed", range(40))
def test_undo_restores_any_tree_and_keeps_what_was_said_since(seed: int) -> None:
    dice = random.Random(seed)
    conversation, nodes = Conversation(), list[NodeId]()
    for number in range(dice.randint(1, 20)):
        parent = dice.choice([None, *nodes])
        nodes.append(conversation.add(Message(dice.choice(["user", "assistant"]), str(number)), parent))
        conversation.choose(dice.choice(nodes))
    gone = set(dice.sample(nodes, dice.randint(1, len(nodes))))
    done = Removal(conversation.copy(), removal.without(conversation, gone))
    assert done.removed_ids == gone and {node.id for node in done.after.nodes()} == set(nodes) - gone
    back = removal.undo(done.after.copy(), done)
    assert (back.nodes(), back.view) == (conversation.nodes(), conversation.view)
    now = done.after.copy()
    new = now.add(Message("user", "new"), now.leaf)
    later = removal.undo(now, done)
    assert new in [node.id for node in later.path()] and len(later) == len(nodes) + 1


def test_messages_that_follow_in_view_stay_in_view() -> None:
    conversation, nodes = talk("q", "a", "b", "c", "d", "e")
    left = removal.without(conversation, {nodes[1], nodes[2], nodes[4]})
    assert words(left) == ["q", "c", "e"]
    assert left[nodes[3]].parent == nodes[0]
