"""A conversation forgets nothing, and what is in view is always one way from the first message to a last."""

from __future__ import annotations

import pytest
from basics import examples
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from backend.conversation.tree import Conversation, NodeId
from backend.types import Message


def say(conversation: Conversation, *words: str, after: NodeId | None = None) -> list[NodeId]:
    """Messages one under the other, by turns; the ids they got."""
    ids: list[NodeId] = []
    for place, word in enumerate(words):
        after = conversation.add(Message("assistant" if place % 2 else "user", word), after)
        ids.append(after)
    return ids


def view(conversation: Conversation) -> list[str]:
    return [node.message.content for node in conversation.path()]


# ---- growing --------------------------------------------------------------------------------------------


def test_an_empty_conversation_has_nothing_in_view() -> None:
    empty = Conversation()
    assert (len(empty), empty.path(), empty.leaf, empty.path_to(None)) == (0, [], None, [])


# ---- branches -------------------------------------------------------------------------------------------


def test_a_branch_remembers_how_it_went_on() -> None:
    conversation = Conversation()
    question, first = say(conversation, "Hi", "first")
    say(conversation, "and then?", "the end", after=first)
    conversation.add(Message("assistant", "second"), question)
    assert view(conversation) == ["Hi", "second"]
    assert [node.message.content for node in conversation.path_to(first)] == ["Hi", "first"], "also out of view"
    conversation.choose(first)
    assert view(conversation) == ["Hi", "first", "and then?", "the end"]


@pytest.mark.parametrize("ask", ["__getitem__", "siblings", "choose", "path_to"])
def test_a_message_that_is_not_there_is_not_made_up(ask: str) -> None:
    with pytest.raises(KeyError):
        getattr(Conversation(), ask)(7)


def test_a_message_cannot_hang_under_one_that_is_not_there() -> None:
    conversation = Conversation()
    with pytest.raises(KeyError):
        conversation.add(Message("user", "lost"), 7)
    assert len(conversation) == 0


def test_a_thousand_messages_are_no_recursion() -> None:
    conversation = Conversation()
    ids = say(conversation, *(str(number) for number in range(5_000)))
    assert len(conversation.path()) == len(conversation.path_to(ids[-1])) == 5_000


# ---- shaping --------------------------------------------------------------------------------------------


def test_the_children_of_a_message_are_listed_in_order() -> None:
    conversation = Conversation()
    first, _, third = say(conversation, "a", "b", "c")
    assert [message.content for message in conversation.after(first)] == ["b", "c"]
    assert conversation.after(third) == []
    assert [message.content for message in conversation.after(None)] == ["a", "b", "c"]


def test_nothing_follows_a_message_that_is_not_in_view() -> None:
    conversation = Conversation()
    question, first = say(conversation, "Hi", "first")
    conversation.add(Message("assistant", "second"), question)
    assert conversation.after(first) == []


def test_a_conversation_can_end_earlier_and_go_on_again() -> None:
    conversation = Conversation()
    first, second = say(conversation, "a", "b")
    conversation.end_at(first)
    assert view(conversation) == ["a"]
    conversation.choose(second)
    assert view(conversation) == ["a", "b"]


def test_a_conversation_can_end_before_it_began() -> None:
    conversation = Conversation()
    say(conversation, "a", "b")
    conversation.end_at(None)
    assert (view(conversation), conversation.leaf, len(conversation)) == ([], None, 2)


# ---- whatever is done to it -----------------------------------------------------------------------------


class Growing(RuleBasedStateMachine):
    """Messages added, replaced and chosen in any order, beside a plain list that forgets nothing either."""

    def __init__(self) -> None:
        super().__init__()
        self.conversation = Conversation()
        self.said: dict[NodeId, tuple[NodeId | None, str]] = {}
        self.ended: set[NodeId | None] = set()

    def some(self, data: st.DataObject) -> NodeId:
        return data.draw(st.sampled_from(sorted(self.said)))

    @rule(text=st.text(max_size=3))
    def begin(self, text: str) -> None:
        self.said[self.conversation.add(Message("user", text), None)] = (None, text)

    @rule(text=st.text(max_size=3))
    def go_on(self, text: str) -> None:
        parent = self.conversation.leaf
        made = self.conversation.add(Message("user", text), parent)
        self.said[made] = (parent, text)
        assert self.conversation.leaf == made

    @rule(data=st.data(), text=st.text(max_size=3))
    def branch(self, data: st.DataObject, text: str) -> None:
        if self.said:
            parent = self.some(data)
            made = self.conversation.add(Message("assistant", text), parent)
            self.said[made] = (parent, text)
            assert self.conversation.siblings(made)[-1] == made

    @rule(data=st.data(), text=st.text(max_size=3))
    def grow(self, data: st.DataObject, text: str) -> None:
        if self.said:
            node = self.some(data)
            self.conversation.update(node, Message("assistant", text))
            self.said[node] = (self.said[node][0], text)

    @rule(data=st.data())
    def choose(self, data: st.DataObject) -> None:
        if self.said:
            node = self.some(data)
            before = [found.id for found in self.conversation.path_to(self.conversation[node].parent)]
            in_view = [found.id for found in self.conversation.path()]
            self.conversation.choose(node)
            if in_view[: len(before)] == before:
                assert node in [found.id for found in self.conversation.path()]

    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        if self.said:
            node = self.some(data)
            self.conversation.end_at(node)
            self.ended.add(node)
            assert self.conversation.after(node) == []

    @rule(data=st.data(), texts=st.lists(st.text(max_size=3), max_size=3))
    def graft(self, data: st.DataObject, texts: list[str]) -> None:
        parent = self.some(data) if self.said else None
        last = self.conversation.graft([Message("user", text) for text in texts], parent)
        added = [node.id for node in self.conversation.path_to(last)][-len(texts) :] if texts else []
        for made, text in zip(added, texts, strict=True):
            self.said[made] = (parent, text)
            parent = made
        assert last == parent

    @invariant()
    def nothing_is_lost(self) -> None:
        assert len(self.conversation) == len(self.said)
        for node, (parent, text) in self.said.items():
            assert (self.conversation[node].parent, self.conversation[node].message.content) == (parent, text)

    @invariant()
    def the_view_is_one_way_from_the_first_message_to_a_last(self) -> None:
        path = self.conversation.path()
        parents = [node.parent for node in path]
        assert parents == [None, *(node.id for node in path[:-1])][: len(path)]
        if path:
            went_on = {parent for parent, _ in self.said.values()} - self.ended
            assert path[-1].id not in went_on
            assert path == self.conversation.path_to(path[-1].id)

    @invariant()
    def siblings_have_one_parent_and_are_all_there(self) -> None:
        for node, (parent, _) in self.said.items():
            assert self.conversation.siblings(node) == [
                other for other in sorted(self.said) if self.said[other][0] == parent
            ]


Growing.TestCase.settings = settings(examples(30), stateful_step_count=25)
TestWhateverIsDoneToIt = Growing.TestCase
