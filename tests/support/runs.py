"""Recordings for the tests, and how one is played to its end."""

from __future__ import annotations

import json
import time

from fake_api import chunk

from backend.demos.playing import PlayedChat, played
from backend.demos.recording import Answer, Chunk, Recording, Round, Talk
from backend.types import Message

FAST = 1e9  # a recording at once


def piece(at: float, text: str = "", finish: str | None = None) -> Chunk:
    """A chunk of a stream that says this."""
    return Chunk(at, json.dumps(chunk({"content": text} if text else {}, finish)))


HELLO = Answer("fake/alpha", chunks=(piece(40, "Hel"), piece(50, "lo"), piece(60, finish="stop")), cost=0.25)
TWO = Recording(
    "Two", (Talk(Message("user", "One?"), (Round(HELLO),)), Talk(Message("user", "Two?"), (Round(HELLO),)))
)


def play(recording: Recording) -> PlayedChat:
    """Played to its end, or to where it waits."""
    chat = played(recording, lambda: True)
    chat.player.pace.run(FAST)
    chat.advance(chat.player)
    return waited(chat)


def waited(chat: PlayedChat) -> PlayedChat:
    """Whatever follows by itself has followed."""
    until = time.monotonic() + 20
    while not chat.player.over and time.monotonic() < until:
        if not chat.running and chat.player.holds:
            break
        chat.advance(chat.player)
        time.sleep(0.005)
    return chat
