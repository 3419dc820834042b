"""Recordings for the tests, and how one is played to its end."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import TypeVar

from fake_api import chunk

from backend.answer.turn import Turn
from backend.demos.playing import PlayedChat, played
from backend.demos.racing import PlayedRace
from backend.demos.recording import Answer, RecordedChunk, Recording, Round, Talk
from backend.types import Message, Tool

FAST = 1e9  # a recording at once


def piece(at: float, text: str = "", finish: str | None = None) -> RecordedChunk:
    """A chunk of a stream that says this."""
    return RecordedChunk(at, json.dumps(chunk({"content": text} if text else {}, finish)))


HELLO = Answer("fake/alpha", chunks=(piece(40, "Hel"), piece(50, "lo"), piece(60, finish="stop")), cost=0.25)
TWO = Recording(
    "Two", (Talk(Message("user", "One?"), (Round(HELLO),)), Talk(Message("user", "Two?"), (Round(HELLO),)))
)


def play(recording: Recording) -> PlayedChat:
    """Played to its end, or to where it waits."""
    chat = played(recording, lambda: True)
    chat.player.pace.run(FAST)
    chat.advance(chat.player)
    return wait_until_still(chat)


def play_race(recording: Recording) -> PlayedRace:
    """The same for a race."""
    chat = PlayedRace(recording, lambda: True)
    chat.player.pace.run(FAST)
    chat.advance(nobody)
    return wait_until_still(chat)


def nobody(transcript: Sequence[Message], offered: tuple[Tool, ...], *, more: bool, before: object = None) -> Turn:
    raise AssertionError("a recording asks nobody")


Played = TypeVar("Played", PlayedChat, PlayedRace)


def wait_until_still(chat: Played) -> Played:
    """Whatever follows by itself has followed."""
    until = time.monotonic() + 20
    while not chat.player.over and time.monotonic() < until:
        if not chat.running and chat.player.holds:
            break
        chat.advance(nobody)
        time.sleep(0.005)
    return chat
