"""A recorded race that plays: every lane its own answers, all at the same speed.

    chat = PlayedRace(recording, is_open)
    while chat.advance(...): ...

It uses the race of the page with its lanes and figures, and sends no request.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, repeat

from backend.compare.race import Race
from backend.compare.race_chat import RaceChat
from backend.demos.pace import Pace
from backend.demos.player import START, Ahead, Player
from backend.demos.playing import PlayedChat, Unkept, played
from backend.demos.recording import Recording


class Paces(Pace):
    """The clocks of several lanes, each starting at its own point, behind one interface."""

    def __init__(self, paces: Sequence[Pace]) -> None:
        super().__init__()
        self._paces = tuple(paces)

    def _set(self, speed: float, *, paused: bool) -> None:
        super()._set(speed, paused=paused)
        for pace in self._paces:
            pace._set(speed, paused=paused)

    def skip(self, seconds: float) -> None:
        super().skip(seconds)
        for pace in self._paces:
            pace.skip(seconds)


class RacePlayer:
    """The playback controls for all lanes at once (as backend.demos.playing.Player)."""

    def __init__(self, recording: Recording, players: list[Player]) -> None:
        self.recording = recording
        self.pace = Paces([player.pace for player in players])
        self._players = players

    @property
    def over(self) -> bool:
        return all(player.over for player in self._players)

    @property
    def ended(self) -> bool:
        """Whether every answer has begun."""
        return all(player.ended for player in self._players)

    @property
    def holds(self) -> bool:
        """Whether every lane is paused, or waits for a step."""
        return all(player.holds for player in self._players)

    @property
    def by_steps(self) -> bool:
        """Whether each part waits for a step: one in every lane."""
        return all(player.by_steps for player in self._players)

    @by_steps.setter
    def by_steps(self, wanted: bool) -> None:
        for player in self._players:
            player.by_steps = wanted

    def step(self) -> None:
        for player in self._players:
            player.step()


class PlayedRace(RaceChat):
    """A race that plays a recording. It ignores what a visitor would ask or change."""

    def __init__(
        self,
        recording: Recording,
        is_open: Callable[[], bool],
        grace: float = 60.0,
        ahead: Sequence[Ahead] = (),
    ) -> None:
        players: dict[str, Player] = {}
        race = Race(lambda lane: players[lane.id], Unkept())
        race.played = True
        for lane, begins in zip(recording.lanes, chain(ahead, repeat(START)), strict=False):
            added = race.add(lane.settings)
            player = players[added.id] = Player(recording.lane(lane), is_open, grace, begins)
            added.chat = chat = PlayedChat(player)
            chat.lock, chat.recent = race.lock, race.recent
        self.player = RacePlayer(recording, list(players.values()))
        super().__init__(race)


def play(
    recording: Recording, is_open: Callable[[], bool], grace: float = 60.0, ahead: Sequence[Ahead] = ()
) -> PlayedChat | PlayedRace:
    """A chat or a race that plays this recording. `ahead`: the point where the chat, or each lane, begins."""
    if recording.page == "Compare":
        return PlayedRace(recording, is_open, grace, ahead)
    return played(recording, is_open, grace, next(iter(ahead), START))
