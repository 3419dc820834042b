"""A recorded race that plays: every lane its own answers, all of them by one clock.

    chat = PlayedRace(recording, is_open)
    while chat.advance(...): ...

It is the very race of the page, with its lanes and figures; it asks nobody.
"""

from __future__ import annotations

from collections.abc import Callable

from backend.compare.race import Race
from backend.compare.race_chat import RaceChat
from backend.demos.pace import Pace
from backend.demos.playing import PlayedChat, Player, Unkept, played
from backend.demos.recording import Recording


class RacePlayer:
    """What a bar needs of a play, for all of its lanes (as backend.demos.playing.Player)."""

    def __init__(self, recording: Recording, players: list[Player]) -> None:
        self.recording = recording
        self.pace = Pace()
        self._players = players
        for player in players:
            player.pace = self.pace

    @property
    def over(self) -> bool:
        return all(player.over for player in self._players)

    @property
    def ended(self) -> bool:
        """Every answer has begun."""
        return all(player.ended for player in self._players)

    @property
    def holds(self) -> bool:
        """Nothing begins now, in any lane."""
        return all(player.holds for player in self._players)

    @property
    def by_steps(self) -> bool:
        """Each part waits for a step: one in every lane."""
        return all(player.by_steps for player in self._players)

    @by_steps.setter
    def by_steps(self, wanted: bool) -> None:
        for player in self._players:
            player.by_steps = wanted

    def step(self) -> None:
        for player in self._players:
            player.step()


class PlayedRace(RaceChat):
    """A race that plays a recording. What a visitor would ask or change in it is not done."""

    def __init__(self, recording: Recording, is_open: Callable[[], bool], grace: float = 60.0) -> None:
        players: dict[str, Player] = {}
        race = Race(lambda lane: players[lane.id], Unkept())
        race.played = True
        for lane in recording.lanes:
            added = race.add(lane.settings)
            player = players[added.id] = Player(recording.lane(lane), is_open, grace)
            added.chat = chat = PlayedChat(player)
            chat.lock, chat.recent = race.lock, race.recent
        self.player = RacePlayer(recording, list(players.values()))
        super().__init__(race)


def play(
    recording: Recording, is_open: Callable[[], bool], grace: float = 60.0, ahead: float = 0.0
) -> PlayedChat | PlayedRace:
    """What plays a recording, in the place of a chat of its page. `ahead` as of a Player; a race has none."""
    if recording.page == "Compare":
        return PlayedRace(recording, is_open, grace)
    return played(recording, is_open, grace, ahead)
