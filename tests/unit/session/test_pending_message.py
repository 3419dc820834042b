"""What waits to be sent: nothing that had to be guessed goes out before the visitor has seen it."""

from __future__ import annotations

from dataclasses import dataclass

from backend.types import Message
from components.session.pending_message import PendingMessage

_RUSSIAN = "Привет, как дела"
_KOI8, _WINDOWS = "KOI8-R (Cyrillic)", "Windows-1251 (Cyrillic)"


@dataclass
class Uploaded:
    name: str
    data: bytes

    def getvalue(self) -> bytes:
        return self.data


def ready(message: Message) -> bool:
    return True


def submitted(*files: Uploaded) -> tuple[PendingMessage, Message | None]:
    pending = PendingMessage()
    return pending, pending.submit("Look", files, ready)


def test_a_text_file_in_utf_8_goes_at_once() -> None:
    _, message = submitted(Uploaded("a.txt", _RUSSIAN.encode()), Uploaded("b.txt", _RUSSIAN.encode("utf-16")))
    assert message
    assert [(media.text, media.encoding) for media in message.media] == [(_RUSSIAN, ""), (_RUSSIAN, "UTF-16")]


def test_a_guessed_file_holds_the_message_and_what_is_chosen_is_what_is_sent() -> None:
    files = [Uploaded(name, _RUSSIAN.encode("koi8_r")) for name in ("a.txt", "b.txt")]
    pending, message = submitted(*files)
    assert message is None
    assert pending.held
    assert [media.encoding for media in pending.held.message.media] == [_KOI8, _KOI8]
    pending.read_as(pending.held.guessed[1], _WINDOWS)
    sent = pending.release()
    assert sent
    assert [media.encoding for media in sent.media] == [_KOI8, _WINDOWS]
    assert [media.text for media in sent.media] == [_RUSSIAN, _RUSSIAN.encode("koi8_r").decode("cp1251")]


def test_a_guess_goes_back_into_the_composer_can_be_changed_there_and_goes_out_then() -> None:
    pending, _ = submitted(Uploaded("a.txt", _RUSSIAN.encode("koi8_r")))
    assert pending.held
    pending.read_as(pending.held.guessed[0], _WINDOWS)
    assert pending.take_back() == "Look"
    assert pending.attached[0].media.encoding == _WINDOWS
    pending.read_as(pending.attached[0], _KOI8)
    message = pending.submit("Look now", (), ready)
    assert message
    assert [(media.text, media.encoding) for media in message.media] == [(_RUSSIAN, _KOI8)]


def test_messages_that_are_held_one_after_the_other_keep_their_guesses() -> None:
    pending, _ = submitted(Uploaded("a.txt", _RUSSIAN.encode("koi8_r")))
    pending.submit("And this", [Uploaded("b.txt", _RUSSIAN.encode("cp1251"))], ready)
    assert pending.held
    assert [one.media.name for one in pending.held.guessed] == ["a.txt", "b.txt"]
    pending.read_as(pending.held.guessed[1], _KOI8)
    assert [media.encoding for media in pending.held.message.media] == [_KOI8, _KOI8]


def test_a_choice_for_a_file_that_is_gone_changes_no_other() -> None:
    pending, _ = submitted(Uploaded("a.txt", _RUSSIAN.encode("koi8_r")))
    assert pending.held
    gone = pending.held.guessed[0]
    pending.discard()
    pending.attach("b.txt", _RUSSIAN.encode("koi8_r"))
    pending.read_as(gone, _WINDOWS)
    assert pending.held is None
    assert [one.media.encoding for one in pending.attached] == [_KOI8]
