"""The message that is about to be sent: text, attachments, and obstacles. Nothing here is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from backend import attachments
from backend.attachments import Attachment, UnusableFile
from backend.types import Media, Message
from components.session import words


class File(Protocol):
    """An uploaded file, in Streamlit's form."""

    name: str

    def getvalue(self) -> bytes: ...


@dataclass(frozen=True)
class HeldMessage:
    """A message that was not sent, and why: files could not be read, or their encoding had to be guessed
    (`guessed`). It waits for the visitor.
    """

    message: Message
    problems: tuple[str, ...] = ()
    guessed: tuple[Attachment, ...] = ()


class PendingMessage:
    """The attachments and the held message of one tab."""

    def __init__(self) -> None:
        self.attached: list[Attachment] = []
        self.held: HeldMessage | None = None
        self.detail = attachments.DETAILS[0]
        self.problem = ""
        self._read: set[str] = set()

    def submit(self, text: str, files: Sequence[File], ready: Callable[[Message], bool]) -> Message | None:
        """The message to send now; None if there is none, or it is held."""
        seen = len(self.attached)
        problems = [problem for file in files if (problem := self.attach(file.name, file.getvalue()))]
        message = Message("user", text, media=tuple(self._media()))
        guessed = [attachment for attachment in self.attached if attachment.guess]
        unseen = any(attachment.guess for attachment in self.attached[seen:])
        self.attached = []
        if problems or unseen or not (message.empty or ready(message)):
            self.hold(message, problems, guessed)
            return None
        return None if message.empty else message

    def attach(self, name: str, data: bytes) -> str:
        """Read a file and attach it to the next message. Returns the problem, "" for none."""
        return self._keep(lambda: attachments.read(name, data))

    def attach_link(self, address: str) -> bool:
        """Attach the address of a picture to the next message, once; `problem` says why not."""
        if any(kept.media.url == address.strip() for kept in self.attached):
            return True  # Enter and leaving the field may both send it
        self.problem = self._keep(lambda: attachments.linked(address))
        return not self.problem

    def _keep(self, reader: Callable[[], Attachment]) -> str:
        if len(self.attached) >= attachments.COUNT:
            return words.TOO_MANY_FILES.format(count=attachments.COUNT)
        try:
            self.attached.append(reader())
        except UnusableFile as refused:
            return str(refused)
        return ""

    def photograph(self, file: File | None) -> bool:
        """Attach a picture from the camera, once: the camera keeps showing it. True if it is new."""
        if file is None or (digest := str(hash(file.getvalue()))) in self._read:
            return False
        self._read.add(digest)
        self.problem = self.attach("photo.jpg", file.getvalue())
        return True

    def detach(self, place: int) -> None:
        del self.attached[place : place + 1]

    def read_as(self, attachment: Attachment, encoding: str) -> None:
        """Decode a text file with another encoding: an attached one, or one of the held message. Does nothing if
        it is gone: a browser may send its widget after it was removed.
        """
        other = attachments.read_as(attachment, encoding)
        self.attached = [other if one is attachment else one for one in self.attached]
        if held := self.held:
            guessed = tuple(other if one is attachment else one for one in held.guessed)
            media = tuple(other.media if one is attachment.media else one for one in held.message.media)
            self.held = replace(held, message=replace(held.message, media=media), guessed=guessed)

    def hold(self, message: Message, problems: Sequence[str] = (), guessed: Sequence[Attachment] = ()) -> None:
        """Hold a message that cannot be sent yet, joined to one that is held already."""
        if before := self.held:
            content = "\n\n".join(filter(None, (before.message.content, message.content)))
            message = replace(message, content=content, media=(*before.message.media, *message.media))
            problems, guessed = (*before.problems, *problems), (*before.guessed, *guessed)
        self.held = HeldMessage(message, tuple(problems), tuple(guessed))

    def release(self) -> Message | None:
        """The held message, to be sent nevertheless; None if nothing is left of it."""
        held, self.held = self.held, None
        return held.message if held and not held.message.empty else None

    def discard(self) -> None:
        self.held = None

    def take_back(self) -> str:
        """Open the held message again: its attachments go to the next one, its text is returned."""
        held, self.held = self.held, None
        if held is None:
            return ""
        self.keep(held.message, held.guessed)
        return held.message.content

    def keep(self, message: Message, known: Sequence[Attachment] = ()) -> None:
        """Keep the attachments of a message for the next one. `known` has more about some of them."""
        for media in message.media:
            self.attached.append(next((one for one in known if one.media is media), Attachment(media, "")))

    def _media(self) -> list[Media]:
        detail = "" if self.detail == attachments.DETAILS[0] else self.detail
        return [
            replace(attachment.media, detail=detail) if attachment.media.kind == "image" else attachment.media
            for attachment in self.attached
        ]
