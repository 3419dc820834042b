"""Two questions about a transcript (the messages on one path): where its newer half begins, and whether a failed
answer is empty.
"""

from __future__ import annotations

from collections.abc import Sequence

from backend.types import Message


def middle(transcript: Sequence[Message]) -> int:
    """The index where the newer half of the questions begins; 0 if there is only one."""
    questions = [place for place, message in enumerate(transcript) if message.role == "user"]
    return questions[len(questions) // 2] if len(questions) > 1 else 0


def is_empty_failure(message: Message) -> bool:
    """Whether this is an answer that failed without content."""
    return message.role == "assistant" and message.state == "failed" and message.empty
