"""The stage of one tab: a script, the step in view, and what became of each step.

Every step has a chat of its own, so going back shows what there was, and sends nothing again. Nothing of it is
kept, and the sidebar's settings are not those of the stage: a step has its own. Nothing is sent before a press.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backend.conversation.chat import Chat
from backend.demos.panic import following, length, reached
from backend.demos.playing import PlayedChat, said
from backend.demos.racing import PlayedRace, play
from backend.demos.recording import Recording
from backend.demos.script import Script, Step
from backend.demos.tour import tour
from backend.parameters import PARAMETERS
from backend.types import Message
from components.session import tab
from components.session.asker import Asker
from components.session.chats import Chats
from components.session.composer import Composer
from components.session.pages import STAGE
from components.session.pending_message import PendingMessage
from components.session.request_settings import Values
from components.session.services import configured

ADDRESS = "stage"  # the parameter of the address
_TOUR = "tour"  # what it names, and behind it a full stop and the place


class Stage:
    """`place` is that of the step in view, from 1; 0 is before the first."""

    def __init__(self, chats: Chats, asker: Asker, composer: Composer) -> None:
        self.on = False
        self.script: Script | None = None
        self.place = 0
        self.problem = ""  # why a script could not be used
        self.offered: Script | None = None  # of the conversation one came from
        self._chats = chats
        self._asker = asker
        self._composer = composer
        self._scenes: dict[int, Chat] = {}  # by place
        self._revealed: set[int] = set()
        self._moved = False  # entered or left, and the address may not say so yet
        self._pending = PendingMessage()  # what waits in the message box of the Chat page
        self._values: tuple[Step | None, Values] = (None, _values(None))

    # ---- coming and going ---------------------------------------------------------------------------------

    def arrive(self) -> bool:
        """At the beginning of a run of the front page: is it the stage? A click may bring an address of before."""
        named = tab.address_names(ADDRESS)
        if named == self.on:
            self._moved = False
        elif self._moved:
            self._name()
        elif named:
            place = _place_in(tab.address(ADDRESS))
            if place is not None and not self.script:  # a reload: nothing begins before a press
                self.script, self.place = tour(), min(place, len(tour().steps))
            self.enter()
        else:
            self.leave()
        return self.on

    def enter(self) -> None:
        """Go on the stage. What waits in the message box stays behind."""
        if not self.on:
            self._change(on=True)

    def leave(self, *, elsewhere: bool = False) -> None:
        """Back to the Chat page, or one is `elsewhere` by now; an answer that runs is stopped."""
        if self.on:
            self._keep().stop()
            self._change(on=False)
            self._moved = not elsewhere

    def _change(self, *, on: bool) -> None:
        self.on, self._moved = on, True
        composer = self._composer
        composer.pending, self._pending = self._pending, composer.pending
        composer.empty()
        self._name()

    def _name(self) -> None:
        at = f"{_TOUR}.{self.place}" if self.script == tour() else "on"
        tab.put_address(ADDRESS, at if self.on else "")

    # ---- the script ---------------------------------------------------------------------------------------

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.script.steps if self.script else ()

    @property
    def step(self) -> Step | None:
        """The one in view."""
        return self.steps[self.place - 1] if 0 < self.place <= len(self.steps) else None

    @property
    def revealed(self) -> bool:
        return self.place in self._revealed

    def use(self, script: Script) -> None:
        """Begin with another script."""
        self.problem = ""
        self.script = script
        self.start_over()

    def change(self, script: Script) -> None:
        """The script was edited: what became of steps that are as they were stays, and what runs in one goes on."""
        if script == self.script:
            return
        current = self._keep()
        before, self.script = self.steps, script
        pairs = enumerate(zip(before, script.steps, strict=False), 1)  # as many as both have
        kept = {0, *(place for place, (old, new) in pairs if _shows_as(old, new))}
        self._scenes = {place: chat for place, chat in self._scenes.items() if place in kept}
        self._revealed &= kept
        self.place = min(self.place, len(self.steps))
        if self._scenes.get(self.place) is not current:
            self._chats.put(STAGE, self._scenes.get(self.place))

    # ---- from step to step --------------------------------------------------------------------------------

    @property
    def hides(self) -> bool:
        """The step in view has something to reveal yet."""
        return bool(self.step and self.step.reveal) and not self.revealed

    @property
    def can_begin(self) -> bool:
        """The step in view asks or plays, and has not done so."""
        step, chat = self.step, self._chats.current
        able = bool(step and (step.recording or (step.kind == "ask" and not self._composer.missing)))
        return able and not isinstance(chat, PlayedChat | PlayedRace) and not chat.conversation.path()

    def next(self) -> None:
        """What one press does: begin what was not begun (after a reload, or another question), reveal, go on."""
        if self.step and self.can_begin:
            self._begin(self.step)
        elif self.hides:
            self._revealed.add(self.place)
        elif self.script and (place := self.script.after(self.place)) is not None:
            self.go(place)

    def back(self) -> None:
        if self.script and (place := self.script.before(self.place)) is not None:
            self.go(place)

    def go(self, place: int) -> None:
        """Bring a step into view: as it was left, or for the first time."""
        self._keep()
        self._show(place)

    def again(self) -> None:
        """The step in view from its beginning."""
        self._scenes.pop(self.place, None)
        self._revealed.discard(self.place)
        self._show(self.place)

    def start_over(self) -> None:
        """For the next group: nothing is left of this one. The script stays."""
        self._scenes.clear()
        self._revealed.clear()
        self._composer.pending = PendingMessage()
        self._composer.empty()
        self._show(0)

    def _keep(self) -> Chat:
        """What the step in view has come to; a question from the room may have put another chat in its place."""
        chat = self._chats.current
        self._scenes[self.place] = chat
        return chat

    def _show(self, place: int) -> None:
        self.place = place
        self._name()
        known = self._scenes.get(place)
        self._chats.put(STAGE, known)
        if known is None and (step := self.step):
            self._begin(step)

    def _begin(self, step: Step) -> None:
        before = self._before() if step.continues else []
        nobody = self._composer.missing or self._composer.must_wait
        if step.recording and (step.kind == "play" or nobody):
            self._play(following(step.recording, before))
        elif step.kind == "ask" and not self._composer.missing:
            chat = self._chats.current
            chat.conversation.graft(before, None)
            chat.send(step.prompt, self._asker.ask)

    def _before(self) -> Sequence[Message]:
        """What was said in the last step in which something was said."""
        for place in range(self.place - 1, 0, -1):
            chat = self._scenes.get(place)
            if chat and not isinstance(chat, PlayedRace) and (path := chat.conversation.path()):
                return said(chat) if isinstance(chat, PlayedChat) else [node.message for node in path]
        return []

    def _play(self, recording: Recording, ahead: float = 0.0) -> None:
        grace = configured().deadlines.abandoned
        self._chats.put(STAGE, play(recording, tab.tab_is_open(), grace, ahead))

    # ---- when something goes wrong ------------------------------------------------------------------------

    @property
    def can_stand_in(self) -> bool:
        """The step in view has a recording that does not play yet."""
        step = self.step
        return bool(step and step.recording) and not isinstance(self._chats.current, PlayedChat | PlayedRace)

    def panic(self) -> None:
        """The recording takes the place of the answer, and begins where that is; where there is none, it stops."""
        step, chat = self.step, self._chats.current
        chat.stop()
        if not (step and step.recording and self.can_stand_in):
            return
        path = [node.message for node in chat.conversation.path()]
        asked = [place for place, message in enumerate(path) if message.role == "user"]
        own = next((place for place in reversed(asked) if path[place].content == step.prompt), len(path))
        answer = path[own + 1 : own + 2] if asked and own == asked[-1] else []
        so_far = sum(map(length, answer))
        self._play(following(step.recording, path[:own]), reached(step.recording, so_far))

    def stand_in(self) -> None:
        """An answer that failed by itself: no error comes on the stage."""
        path = self._chats.current.conversation.path()
        own = len(path) > 1 and self.step and path[-2].message.content == self.step.prompt
        if own and path[-1].message.state == "failed" and self.can_stand_in:
            self.panic()

    # ---- what is asked ------------------------------------------------------------------------------------

    @property
    def values(self) -> Values:
        """The settings of the step in view, and none of the sidebar; the same object as long as nothing changes."""
        if self._values[0] is not self.step:
            self._values = self.step, _values(self.step)
        return self._values[1]


def _place_in(address: str) -> int | None:
    """The place in the script of the app that an address names."""
    name, _, place = address.partition(".")
    return int(place[:3]) if name == _TOUR and place.isdecimal() else None


def _shows_as(before: Step, after: Step) -> bool:
    """What became of a step is what becomes of the other: they differ in no more than words for the room, and in
    what stands by."""
    after = replace(after, caption=before.caption, reveal=before.reveal)
    if before.kind == "ask":
        after = replace(after, recording=before.recording, shelf=before.shelf)
    return after == before


def _values(step: Step | None) -> Values:
    own = dict(step.parameters) if step else {}
    prompt = step.system_prompt if step else ""
    return Values({parameter.name: own.get(parameter.name) for parameter in PARAMETERS}, prompt, True, {}, "")
