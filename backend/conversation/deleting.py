"""Deletes messages of a chat for good, and undoes that: in its tree, in the store, and in the recent turns. The
only destructive change of a chat.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from backend.conversation import removal
from backend.conversation.chat import Chat
from backend.conversation.removal import Removal
from backend.conversation.tree import NodeId


def delete(chat: Chat, nodes: Iterable[NodeId]) -> Removal:
    """Delete messages, with their copies in other branches; returns what `put_back` needs to undo it.

    A running answer is stopped. Raises a StoreError on failure; then nothing has changed.
    """
    with chat.lock:
        chat.stop()
        before = chat.conversation
        gone = removal.with_copies(before, [node for node in nodes if node in before])
        done = Removal(before, removal.without(before, gone))
        write_back = chat.journal.remove(done) if chat.journal is not None else None
        chat.conversation = done.after.copy()
        return replace(done, turns=chat.recent.take_out(done.affected_ids), write_back=write_back)


def put_back(chat: Chat, done: Removal) -> None:
    """Undo a deletion. Raises a StoreError on failure."""
    with chat.lock:
        conversation = removal.undo(chat.conversation, done)
        if done.write_back is not None:
            done.write_back(conversation)
        chat.conversation = conversation
        chat.recent.put_back(done.turns)
