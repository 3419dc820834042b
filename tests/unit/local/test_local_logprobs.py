"""How sure the model on this machine is of its words, for real: probabilities, alternatives, another way on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from local_model import ask

from backend.answer.turn import Turn
from backend.local import LocalChat
from backend.protocol import logprobs
from backend.types import Message

WANTED = {"logprobs": True, "top_logprobs": 3, "max_tokens": 12, "temperature": 0}


@pytest.mark.parametrize("stream", [True, False])
def test_the_local_model_tells_how_sure_it_was(chat: LocalChat, stream: bool) -> None:
    message = Turn(chat, ask("What is the capital of France?", stream=stream, **WANTED)).start().join(60).message
    assert message.content and "".join(token.text for token in message.logprobs).strip() == message.content.strip()
    assert all(len(token.alternatives) == 3 for token in message.logprobs)
    assert logprobs.least_certain(message)


def test_the_local_model_goes_on_from_another_word(chat: LocalChat) -> None:
    request = ask("Name a colour of the sea.", **WANTED)
    first = Turn(chat, request).start().join(60).message
    place = len(first.logprobs) // 2
    other = next(text for text, _ in first.logprobs[place].alternatives if text != first.logprobs[place].text)
    beginning = logprobs.until(first, place) + other
    asked = replace(request, messages=(*request.messages, Message("assistant", beginning)))
    sure = (*first.logprobs[:place], replace(first.logprobs[place], text=other))
    second = Turn(chat, asked, Message("assistant", beginning, logprobs=sure)).start().join(60).message
    assert second.state == "done" and second.content.startswith(beginning) and second.content != first.content
    assert len(second.logprobs) > len(sure)
