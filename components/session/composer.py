"""Writing and sending in one tab: the draft, and the message that is held. The chat itself has the queue."""

from __future__ import annotations

import time
from collections.abc import Callable

from streamlit.typing import ChatInputValue

from backend import attachments
from backend.compare.race_chat import RaceChat
from backend.conversation import queue
from backend.conversation.chat import Chat
from backend.demos.playing import PlayedChat, take_messages
from backend.demos.racing import PlayedRace
from backend.types import MediaKind, Message
from components.session import tab, widgets, words
from components.session.asker import Asker
from components.session.chats import Chats
from components.session.models import Models
from components.session.pending_message import PendingMessage
from components.session.setup import Setup

ON_ITS_WAY = 0.5  # seconds in which text for the message box may not have reached the browser


class Composer:
    """Sends into the chat in view. Nothing typed is lost, and nothing is sent without the visitor's action."""

    def __init__(self, setup: Callable[[], Setup], models: Models, chats: Chats, asker: Asker) -> None:
        self.draft = ""  # text to be put into the message box
        self._put = ("", 0.0)  # the last text put there, and until when it may be on its way
        self.pending = PendingMessage()
        self._empties = False  # the message box is emptied in the next run
        self._accepted: set[tuple[str, str]] = set()  # (model, kind of attachment) sent although not listed
        self._setup = setup
        self._models = models
        self._chats = chats
        self._asker = asker

    # ---- sending ------------------------------------------------------------------------------------------

    def process_submission(self) -> None:
        """Process what was just sent with the message box: text, files, a recording."""
        submission = tab.value_as(ChatInputValue, widgets.COMPOSER)
        if submission is None:
            return
        self._put = ("", 0.0)
        files = [*submission.files, *([submission.audio] if submission.audio else [])]
        setup = self._setup()
        message = self.pending.submit(
            submission.text, files, lambda message: not (setup.missing or self.unsupported_kinds(message, setup))
        )
        if message:
            self._send(message, self._chats.current, setup)

    def send(self, question: str | Message, to: Chat | None = None) -> None:
        """Send a message to the chat in view or to another one, or hold it if nothing can be sent yet."""
        message = Message("user", question) if isinstance(question, str) else question
        self._send(message, to or self._chats.current, self._setup())

    def _send(self, message: Message, chat: Chat, setup: Setup) -> None:
        if message.empty:
            return
        if setup.missing:
            self.pending.hold(message)
        elif isinstance(chat, PlayedChat):
            self._go_on(chat, message, setup)
        elif isinstance(chat, PlayedRace):
            self._ask_anew(message)
        elif chat.running and len(chat.queued.waiting) >= queue.MOST:
            self.pending.hold(message, [words.TOO_MANY_WAIT.format(count=queue.MOST)])
        else:
            chat.send(message, self._asker.asking(setup))

    def _go_on(self, played: PlayedChat, message: Message, setup: Setup) -> None:
        """Ask in a new chat that begins with the messages of a recording. It is sent as soon as the page is
        drawn.
        """
        self._chats.go_on(take_messages(played), setup.saved_settings(), self._chats.page)
        chat = self._chats.current
        chat.queued.add(message, chat.conversation.leaf)

    def _ask_anew(self, message: Message) -> None:
        """Put the text into the message box of a new race: the lanes of a recording cannot be asked."""
        self._chats.new()
        if not isinstance(self._chats.current, RaceChat):  # on the stage
            return self.send(message)
        self.draft = message.content
        return self.pending.keep(message)

    @staticmethod
    def stop(chat: Chat) -> None:
        """Stop its answer. Queued messages are kept, and sent only on request.

        The chat is the one whose answer was visible: a late click stops no other, such as the recording
        that the panic key has put in its place.
        """
        chat.stop()
        chat.queued.hold()

    def send_unsent(self) -> None:
        """Send the messages that were queued behind a stopped or interrupted answer, one after the other."""
        setup = self._setup()
        if setup.missing is None:
            self._chats.current.queued.release()
            self._chats.current.send_next(self._asker.asking(setup))

    def edit_unsent(self) -> None:
        """Put them into the message box, joined."""
        messages = self._chats.current.queued.drop_held()
        self.draft = "\n\n".join(filter(None, (message.content for message in messages)))
        for message in messages:
            self.pending.keep(message)

    def discard_unsent(self) -> None:
        self._chats.current.queued.drop_held()

    def hold_back(self) -> None:
        """Hold messages queued behind an answer that was stopped outside of the page, as `stop` does."""
        chat = self._chats.current
        if chat.queued.waiting and not chat.running and chat.turn is not None and chat.turn.state == "stopped":
            chat.queued.hold()

    # ---- a message that is held ---------------------------------------------------------------------------

    def unsupported_kinds(self, message: Message, setup: Setup) -> set[MediaKind]:
        """The kinds of attachments in this question, or before it, that the model in use does not list. Lanes of
        a race report that themselves.
        """
        if isinstance(self._chats.current, RaceChat):
            return set()
        path = [node.message for node in self._chats.current.conversation.path()]
        needed = attachments.kinds([*path, message])
        return {kind for kind in needed if setup.takes(kind) is False and (setup.model, kind) not in self._accepted}

    def release(self) -> None:
        """Send the held message nevertheless; this model's limits on its attachments are ignored from now on."""
        setup = self._setup()
        if setup.missing is None and (message := self.pending.release()):
            self._accepted |= {(setup.model, kind) for kind in self.unsupported_kinds(message, setup)}
            self._send(message, self._chats.current, setup)

    def use_able_and_send(self, kind: MediaKind) -> None:
        """Switch to a model that can read the held message, and send it; without a key it stays held."""
        self._models.use_able(kind)
        held, setup = self.pending.held, self._setup()
        if held and setup.endpoint.api_key and not (held.problems or self.unsupported_kinds(held.message, setup)):
            self.release()

    def take_back(self) -> None:
        """Put the held message back into the composer."""
        self.draft = self.pending.take_back()

    # ---- the message box ----------------------------------------------------------------------------------

    def empty(self) -> None:
        """Empty the message box with the next run, when a script's audience changes."""
        self.draft, self._put, self._empties = "", ("", 0.0), True

    def fill(self) -> None:
        """Before the message box is drawn: put the waiting text into it.

        Streamlit discards what a run has drawn but not sent yet when the next run begins, and an answer that is
        refused at once causes two runs within milliseconds: the second one puts the same text in again.
        """
        now, (text, until) = time.monotonic(), self._put
        empties, self._empties = self._empties, False
        if self.draft or empties:
            text, until, self.draft = self.draft, now + ON_ITS_WAY, ""
            self._put = (text, until)
        elif now >= until:
            return
        tab.put(widgets.COMPOSER, text)
