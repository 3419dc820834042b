"""Files that a visitor attaches, read by what is in them and never by their name, as Media to be sent.

    read("holiday.jpg", data)  ->  Attachment(Media("image", "data:image/jpeg;base64,..."), "2,048 x 1,536 ...")

Pictures are made as large as models look at, and lose what a camera wrote into them (place, time, owner).
Documents give their text: PDF, Word, Excel, PowerPoint, notebooks, and text files in the encoding that they have or
most likely have.
An https address is attached as it is: it is the provider who fetches it, not this app.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from backend.attachments import documents, pictures, sounds, unreadable_files
from backend.attachments.common import Attachment, Guess, UnusableFile
from backend.attachments.documents import read_as
from backend.text import clean
from backend.types import Media, MediaKind, Message

BYTES = 20 * 1024 * 1024  # one file; what AI/ML API and OpenAI take in a request is not much more
COUNT = 10  # files with one message
DETAILS = ("auto", "low", "high")
KINDS = {"image": "pictures", "audio": "sound", "file": "documents"}
_ENDINGS = {
    **dict.fromkeys(("png", "jpg", "jpeg", "jpe", "jfif", "gif", "webp", "bmp"), "picture"),
    **dict.fromkeys(("heic", "heif", "avif", "tif", "tiff", "ico"), "picture"),
    **dict.fromkeys(("wav", "mp3", "flac", "ogg", "oga", "opus", "m4a", "aac", "webm"), "sound"),
    "pdf": "PDF file",
}
_OFFICE = {"docx", "docm", "doc", "xlsx", "xlsm", "xls", "pptx", "ppt", "odt", "ods", "rtf", "pages", "epub", "zip"}
__all__ = [
    "BYTES",
    "COUNT",
    "DETAILS",
    "KINDS",
    "Attachment",
    "Guess",
    "UnusableFile",
    "fitted",
    "kinds",
    "linked",
    "read",
    "read_as",
]


def read(name: str, data: bytes) -> Attachment:
    """A file as an attachment. Raises UnusableFile, with words for the visitor."""
    name = clean(name).replace("\\", "/").rpartition("/")[2].strip()[:120] or "file"
    if not data:
        raise UnusableFile(f"{name} is empty.")
    if len(data) > BYTES:
        raise UnusableFile(f"{name} is larger than {BYTES // 1024**2} MB. Choose a smaller one.")
    plain = documents.is_plain(data)  # whatever letters it begins with: "BM", "GIF89a", "ID3"
    if not plain and pictures.is_one(data):
        return pictures.read(name, data)
    if not plain and sounds.is_one(data):
        return sounds.read(name, data)
    unreadable_files.require_none(name, data)
    if documents.is_one(data):
        _require_text_name(name, data)
        return _told(documents.read(name, data))
    raise UnusableFile(
        f"{name} is no picture, sound, text, PDF or Office file. Pictures may be PNG, JPEG, WebP or GIF, "
        "sounds WAV or MP3, documents PDF, .docx, .xlsx, .pptx, .ipynb or any text."
    )


def _require_text_name(name: str, data: bytes) -> None:
    """A text under the name of a picture is a mistake, an error page that was saved for example: the visitor means
    a picture, so it is not sent as something else.
    """
    stem, _, ending = name.rpartition(".")
    kind = _ENDINGS.get(ending.lower()) if stem else None
    if kind and not (documents.is_pdf(data) or documents.is_zip(data)):
        raise UnusableFile(
            f"{name} is no {kind}: there is only text in it. Give it a name that ends in .txt to attach it."
        )


def _told(attachment: Attachment) -> Attachment:
    """A text under the name of another document is sent as the text it is: exports from the web often are."""
    ending = attachment.media.name.rpartition(".")[2].lower()
    if ending in _OFFICE and "file" not in attachment.about.partition(",")[0]:
        return replace(attachment, about=f"a text file, whatever its name says, {attachment.about}")
    return attachment


def linked(address: str) -> Attachment:
    """A picture that the provider will fetch from an https address. Raises UnusableFile."""
    address = clean(address).strip()
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise UnusableFile("This is not the address of a picture. It begins with https://.") from None
    plain = address.isprintable() and not any(mark in address for mark in ' "<>\\^`{|}') and len(address) <= 2000
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.password or not plain:
        raise UnusableFile("This is not the address of a picture. It begins with https://.")
    name = parts.path.rpartition("/")[2][:120] or parts.hostname
    return Attachment(Media("image", address, name=name), "fetched by the provider, not by this app")


def kinds(messages: Iterable[Message]) -> set[MediaKind]:
    """What has to be understood to read these messages: image, audio, file. Text of a document is only text."""
    return {
        media.kind
        for message in messages
        if message.role == "user"
        for media in message.media
        if media.kind != "file" or not media.text
    }


def fitted(messages: Iterable[Message], *, files: bool, media: bool = True) -> list[Message]:
    """Messages for a model: without `files` a document goes as its text, without `media` the rest by name only."""

    def fit(attachment: Media) -> Media:
        if attachment.kind == "file" and (files or attachment.text):
            return attachment if files and media else replace(attachment, url="")
        return attachment if media else Media("file", "", "(this model cannot open it)", attachment.name)

    return [replace(message, media=tuple(map(fit, message.media))) for message in messages]
