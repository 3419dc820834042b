"""The stage of one tab: a script, the step in view, and what became of each step.

Every step has a chat of its own, so going back shows what there was, and sends nothing again. Nothing of it is
kept, and the sidebar's settings are not those of the stage: a step has its own. Nothing is sent before a press.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backend.compare.race_chat import RaceChat
from backend.conversation.chat import Chat
from backend.demos.panic import following, in_place_of
from backend.demos.playing import PlayedChat, said
from backend.demos.racing import PlayedRace
from backend.demos.script import Script, Step
from backend.demos.tour import tour
from backend.store import is_id
from backend.types import Message
from backend.untrusted import Unreadable
from components.session import tab
from components.session.chats import Chats
from components.session.composer import Composer
from components.session.pages import STAGE
from components.session.pending_message import PendingMessage
from components.session.scripts import Scripts
from components.session.stage_questions import StageQuestions

ADDRESS = "stage"  # the parameter of the address
_TOUR = "tour"  # what it names, and behind it a full stop and the place


class Stage:
    """`place` is that of the step in view, from 1; 0 is before the first."""

    def __init__(self, chats: Chats, composer: Composer, questions: StageQuestions, kept: Scripts) -> None:
        self.on = False
        self.script: Script | None = None
        self.place = 0
        self.problem = ""  # why a script could not be used
        self.offered: Script | None = None  # of the conversation one came from
        self.kept = kept
        self.questions = questions
        self.id = ""  # of the script among those that are kept
        self._chats = chats
        self._composer = composer
        self._scenes: dict[int, Chat] = {}  # by place
        self._revealed: set[int] = set()
        self._moved = False  # entered or left, and the address may not say so yet
        self._pending = PendingMessage()  # what waits in the message box of the Chat page

    # ---- coming and going ---------------------------------------------------------------------------------

    def arrive(self) -> bool:
        """At the beginning of a run of the front page: is it the stage? A click may bring an address of before."""
        named = tab.address_names(ADDRESS)
        if named == self.on:
            self._moved = False
            if named:
                self._name()  # a click may bring that of the step before
        elif self._moved:
            self._name()
        elif named:
            if not self.script:
                self._come_back(tab.address(ADDRESS))
            self.enter()
        else:
            self.leave()
        return self.on

    def _come_back(self, address: str) -> None:
        """A reload: the script and the place that the address names. Nothing begins before a press."""
        name, _, place = address.partition(".")
        try:
            script = tour() if name == _TOUR else self.kept.open(name) if is_id(name) else None
        except Unreadable as refused:
            self.problem = str(refused)
            return
        if script:
            self.script, self.id = script, "" if name == _TOUR else name
            self.place = min(int(place[:3]) if place.isdecimal() else 0, len(script.steps))

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
        name = _TOUR if self.script == tour() else self.id
        at = f"{name}.{self.place}" if name else "on"
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

    def use(self, script: Script | None, id_: str = "") -> None:
        """Begin with another script, or choose one; one without an id is kept."""
        self.problem = ""
        self.script = script
        self.id = id_ or (self.kept.keep(script) if script else "")
        self.start_over()

    def change(self, script: Script) -> None:
        """The script was edited: what became of steps that are as they were stays, and what runs in one goes on."""
        if script == self.script:
            return
        current = self._keep()
        before, self.script = self.steps, script
        self.id = self.kept.keep(script, self.id)
        self._name()
        pairs = enumerate(zip(before, script.steps, strict=False), 1)  # as many as both have
        kept = {0, *(place for place, (old, new) in pairs if old.shows_as(new))}
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
        able = bool(step and (step.recording or self.questions.can_ask(step)))
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
        before = _said_before(self._scenes, self.place) if step.continues else []
        if step.recording and (step.kind == "play" or self.questions.refusal(step)):
            self.questions.play(following(step.recording, before))
        elif self.questions.can_ask(step):
            self.questions.ask(step, before)

    # ---- when something goes wrong ------------------------------------------------------------------------

    @property
    def can_stand_in(self) -> bool:
        """The step in view has a recording that does not play yet."""
        step = self.step
        return bool(step and step.recording) and not isinstance(self._chats.current, PlayedChat | PlayedRace)

    def panic(self) -> None:
        """The recording takes the place of the answer, and begins where that is; where there is none, it stops."""
        step = self.step
        self._chats.current.stop()
        if step and step.recording and self.can_stand_in:
            self.questions.play(*in_place_of(step.recording, step.prompt, _transcripts(self._chats.current)))

    def stand_in(self) -> None:
        """An answer that failed by itself: no error comes on the stage."""
        chat = self._chats.current
        refused = isinstance(chat, RaceChat) and chat.race.refused is not None
        if self.can_stand_in and (refused or any(_failed(said, self.step) for said in _transcripts(chat))):
            self.panic()


def _said_before(scenes: Mapping[int, Chat], place: int) -> Sequence[Message]:
    """What was said in the last step in which something was said, but for races."""
    for earlier in range(place - 1, 0, -1):
        chat = scenes.get(earlier)
        if chat and not isinstance(chat, RaceChat) and (path := chat.conversation.path()):
            return said(chat) if isinstance(chat, PlayedChat) else [node.message for node in path]
    return []


def _failed(transcript: Sequence[Message], step: Step | None) -> bool:
    """The last answer did, and it was to the question of this step."""
    question = next((message for message in reversed(transcript) if message.role == "user"), None)
    asked = question and step and question.content == step.prompt
    return bool(asked and transcript[-1].state == "failed")


def _transcripts(chat: Chat) -> list[list[Message]]:
    """What was said in a chat, or in each lane of a race."""
    chats = [lane.chat for lane in chat.race.lanes] if isinstance(chat, RaceChat) else [chat]
    return [[node.message for node in one.conversation.path()] for one in chats]
