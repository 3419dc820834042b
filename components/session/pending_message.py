"""What is about to be sent: words, what is attached to them, and what stands in the way. Nothing here is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from backend import attachments
from backend.attachments import Attachment, Unusable
from backend.types import Media, Message
from components.session import words


class File(Protocol):
    """An uploaded file, as Streamlit gives it."""

    name: str

    def getvalue(self) -> bytes: ...


@dataclass(frozen=True)
class HeldMessage:
    """A message that was not sent, and why: files that could not be read. It waits for the visitor's word."""

    message: Message
    problems: tuple[str, ...] = ()


class PendingMessage:
    """The attachments and the message that wait in one tab."""

    def __init__(self) -> None:
        self.attached: list[Attachment] = []
        self.held: HeldMessage | None = None
        self.detail = attachments.DETAILS[0]
        self.problem = ""
        self._read: set[str] = set()

    def submit(self, text: str, files: Sequence[File], ready: Callable[[Message], bool]) -> Message | None:
        """The message to send now; None when there is none, or when it is held."""
        problems = [problem for file in files if (problem := self.attach(file.name, file.getvalue()))]
        message = Message("user", text, media=tuple(self._media()))
        self.attached = []
        if problems or not (message.empty or ready(message)):
            self.hold(message, problems)
            return None
        return None if message.empty else message

    def attach(self, name: str, data: bytes) -> str:
        """Read a file and keep it for the next message. Gives what is wrong with it, "" when nothing is."""
        return self._keep(lambda: attachments.read(name, data))

    def attach_link(self, address: str) -> bool:
        """Keep the address of a picture for the next message, once; `problem` says why not."""
        if any(kept.media.url == address.strip() for kept in self.attached):
            return True  # Enter and leaving the field may both send it
        self.problem = self._keep(lambda: attachments.linked(address))
        return not self.problem

    def _keep(self, reader: Callable[[], Attachment]) -> str:
        if len(self.attached) >= attachments.COUNT:
            return words.TOO_MANY_FILES.format(count=attachments.COUNT)
        try:
            self.attached.append(reader())
        except Unusable as refused:
            return str(refused)
        return ""

    def photograph(self, file: File | None) -> bool:
        """Keep a picture that the camera took, once: the camera goes on showing it. True when it is new."""
        if file is None or (digest := str(hash(file.getvalue()))) in self._read:
            return False
        self._read.add(digest)
        self.problem = self.attach("photo.jpg", file.getvalue())
        return True

    def detach(self, place: int) -> None:
        del self.attached[place : place + 1]

    def hold(self, message: Message, problems: Sequence[str] = ()) -> None:
        """Keep a message that cannot be sent yet, behind what is held already: as one message."""
        if before := self.held:
            content = "\n\n".join(filter(None, (before.message.content, message.content)))
            message = replace(message, content=content, media=(*before.message.media, *message.media))
            problems = (*before.problems, *problems)
        self.held = HeldMessage(message, tuple(problems))

    def release(self) -> Message | None:
        """The held message, to be sent after all; None when nothing is left of it."""
        held, self.held = self.held, None
        return held.message if held and not held.message.empty else None

    def discard(self) -> None:
        self.held = None

    def take_back(self) -> str:
        """Open the held message again: its attachments wait for the next one, its words are given back."""
        held, self.held = self.held, None
        if held is None:
            return ""
        self.keep(held.message)
        return held.message.content

    def keep(self, message: Message) -> None:
        """What is attached to a message waits for the next one."""
        self.attached += [Attachment(media, "") for media in message.media]

    def _media(self) -> list[Media]:
        detail = "" if self.detail == attachments.DETAILS[0] else self.detail
        return [
            replace(attachment.media, detail=detail) if attachment.media.kind == "image" else attachment.media
            for attachment in self.attached
        ]
