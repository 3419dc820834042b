"""A recorded race that plays: every lane its own answers, all of them equally fast.

    chat = PlayedRace(recording, is_open)
    while chat.advance(...): ...

It is the very race of the page, with its lanes and figures; it asks nobody.
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
    """The clocks of several lanes, each of which begins at a place of its own, told as one."""

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
    """What a bar needs of a play, for all of its lanes (as backend.demos.playing.Player)."""

    def __init__(self, recording: Recording, players: list[Player]) -> None:
        self.recording = recording
        self.pace = Paces([player.pace for player in players])
        self._players = players

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
    """What plays a recording, in the place of a chat of its page. `ahead`: where each lane begins, or the chat."""
    if recording.page == "Compare":
        return PlayedRace(recording, is_open, grace, ahead)
    return played(recording, is_open, grace, next(iter(ahead), START))
