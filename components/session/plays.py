"""Recordings that play in one tab, in place of the chat of their page, which returns afterwards."""

from __future__ import annotations

from backend.conversation.chat import Chat
from backend.demos.player import Player
from backend.demos.playing import PlayedChat
from backend.demos.racing import PlayedRace, RacePlayer, play
from backend.demos.recording import Recording
from components.session import tab
from components.session.chats import Chats
from components.session.pages import COMPARE, STAGE, TOOLS
from components.session.services import configured


class Plays:
    """`problem`: why a recording could not be played. `made`: the recording that is being reviewed."""

    def __init__(self, chats: Chats) -> None:
        self.problem = ""
        self.made: Recording | None = None
        self._chats = chats
        self._before: dict[str, Chat] = {}  # by page: the chat that was in view there

    @property
    def player(self) -> Player | RacePlayer | None:
        """The player in the chat in view."""
        chat = self._chats.current if self._chats.page in ("Chat", TOOLS, COMPARE, STAGE) else None
        return chat.player if isinstance(chat, PlayedChat | PlayedRace) else None

    def begin(self, recording: Recording) -> None:
        """Play it on its page, from its first question on."""
        self.problem = ""
        chat = play(recording, tab.tab_is_open(), configured().deadlines.abandoned)
        before = self._chats.put(recording.page, chat)
        if before is not None and not isinstance(before, PlayedChat | PlayedRace):
            self._before[recording.page] = before

    def again(self) -> None:
        """Play it again from its beginning, at the same speed."""
        if before := self.player:
            self.begin(before.recording)
            if now := self.player:
                now.by_steps = before.by_steps
                now.pace.run(before.pace.speed)

    def close(self) -> None:
        """Return to what was on the page before."""
        if self.player:
            page = self._chats.page
            self._chats.put(page, self._before.pop(page, None))
