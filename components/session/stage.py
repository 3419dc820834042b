"""The stage of one tab: a script, the step in view, and the state of each step.

Every step has a chat of its own, so going back shows what was there, and sends nothing again. Nothing of it is
saved, and the sidebar's settings do not apply: a step has its own. Nothing is sent before a press.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backend.compare.race_chat import RaceChat
from backend.conversation.chat import Chat
from backend.demos.panic import following, in_place_of
from backend.demos.playing import PlayedChat, take_messages
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

ADDRESS = "stage"  # the query parameter
_TOUR = "tour"  # its value: the script, a full stop, and the place


class Stage:
    """`place` is the index of the step in view, from 1; 0 is before the first."""

    def __init__(self, chats: Chats, composer: Composer, questions: StageQuestions, kept: Scripts) -> None:
        self.on = False
        self.script: Script | None = None
        self.place = 0
        self.problem = ""  # why a script could not be used
        self.offered: Script | None = None  # the script made from the previous conversation
        self.kept = kept
        self.questions = questions
        self.id = ""  # the id of the script if it is saved
        self._chats = chats
        self._composer = composer
        self._scenes: dict[int, Chat] = {}  # by place
        self._revealed: set[int] = set()
        self._moved = False  # entered or left, and the address may not have changed yet
        self._pending = PendingMessage()  # the draft in the message box of the Chat page

    # ---- entering and leaving-----------------------------------------------------------------------------

    def arrive(self) -> bool:
        """At the beginning of a run of the front page: whether it is the stage. A click may bring an old
        address.
        """
        named = tab.address_names(ADDRESS)
        if named == self.on:
            self._moved = False
            if named:
                self._name()  # a click may bring that of the previous step
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
        """After a reload: restore the script and the place in the address. Nothing begins before a press."""
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
        """Enter the stage. The draft in the message box stays behind."""
        if not self.on:
            self._change(on=True)

    def leave(self, *, elsewhere: bool = False) -> None:
        """Return to the Chat page, unless the visitor went `elsewhere`; a running answer is stopped."""
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
        """The step in view."""
        return self.steps[self.place - 1] if 0 < self.place <= len(self.steps) else None

    @property
    def revealed(self) -> bool:
        return self.place in self._revealed

    def use(self, script: Script | None, id_: str = "") -> None:
        """Begin with another script, or choose one; one without an id is saved."""
        self.problem = ""
        self.script = script
        self.id = id_ or (self.kept.keep(script) if script else "")
        self.start_over()

    def change(self, script: Script) -> None:
        """The script was edited: the state of unchanged steps stays, including what is running."""
        if script == self.script:
            return
        current = self._keep()
        before, self.script = self.steps, script
        self.id = self.kept.keep(script, self.id)
        self._name()
        pairs = enumerate(zip(before, script.steps, strict=False), 1)  # the number both have
        kept = {0, *(place for place, (old, new) in pairs if old.shows_as(new))}
        self._scenes = {place: chat for place, chat in self._scenes.items() if place in kept}
        self._revealed &= kept
        self.place = min(self.place, len(self.steps))
        if self._scenes.get(self.place) is not current:
            self._chats.put(STAGE, self._scenes.get(self.place))

    # ---- from step to step --------------------------------------------------------------------------------

    @property
    def hides(self) -> bool:
        """Whether the step in view has something left to reveal."""
        return bool(self.step and self.step.reveal) and not self.revealed

    @property
    def can_begin(self) -> bool:
        """Whether the step in view asks or plays, and has not begun."""
        step, chat = self.step, self._chats.current
        able = bool(step and (step.recording or self.questions.can_ask(step)))
        return able and not isinstance(chat, PlayedChat | PlayedRace) and not chat.conversation.path()

    def next(self) -> None:
        """The action of a press: begin the step (after a reload, or another question), reveal, or go to the next
        one.
        """
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
        """Repeat the step in view from its beginning."""
        self._scenes.pop(self.place, None)
        self._revealed.discard(self.place)
        self._show(self.place)

    def start_over(self) -> None:
        """Reset for the next audience. The script stays."""
        self._scenes.clear()
        self._revealed.clear()
        self._composer.pending = PendingMessage()
        self._composer.empty()
        self._show(0)

    def _keep(self) -> Chat:
        """Store the state of the step in view; a question from the audience may have replaced its chat."""
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
        """Whether the step in view has a recording that is not playing yet."""
        step = self.step
        return bool(step and step.recording) and not isinstance(self._chats.current, PlayedChat | PlayedRace)

    def panic(self) -> None:
        """Replace the answer by its recording, continuing at the same point; without one, stop it."""
        step = self.step
        self._chats.current.stop()
        if step and step.recording and self.can_stand_in:
            self.questions.play(*in_place_of(step.recording, step.prompt, _transcripts(self._chats.current)))

    def stand_in(self) -> None:
        """Replace an answer that failed: no error is shown on the stage."""
        chat = self._chats.current
        refused = isinstance(chat, RaceChat) and chat.race.refused is not None
        if self.can_stand_in and (
            refused or any(_failed(transcript, self.step) for transcript in _transcripts(chat))
        ):
            self.panic()


def _said_before(scenes: Mapping[int, Chat], place: int) -> Sequence[Message]:
    """The messages of the last step that has any, except races."""
    for earlier in range(place - 1, 0, -1):
        chat = scenes.get(earlier)
        if chat and not isinstance(chat, RaceChat) and (path := chat.conversation.path()):
            return take_messages(chat) if isinstance(chat, PlayedChat) else [node.message for node in path]
    return []


def _failed(transcript: Sequence[Message], step: Step | None) -> bool:
    """Whether the last answer failed, and was to the question of this step."""
    question = next((message for message in reversed(transcript) if message.role == "user"), None)
    asked = question and step and question.content == step.prompt
    return bool(asked and transcript[-1].state == "failed")


def _transcripts(chat: Chat) -> list[list[Message]]:
    """The messages of a chat, or of each lane of a race."""
    chats = [lane.chat for lane in chat.race.lanes] if isinstance(chat, RaceChat) else [chat]
    return [[node.message for node in one.conversation.path()] for one in chats]
