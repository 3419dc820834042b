"""Files that a visitor attaches, recognised by their content and never by their name, as Media to be sent.

    read("holiday.jpg", data)  ->  Attachment(Media("image", "data:image/jpeg;base64,..."), "2,048 x 1,536 ...")

Pictures are scaled to the size that models use, and stripped of camera metadata (place, time, owner).
Documents become text: PDF, Word, Excel, PowerPoint, notebooks, and text files in their known or
most likely encoding.
An https address is attached unchanged: the provider fetches it, not this app.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from backend.attachments import documents, pictures, sounds, unreadable_files
from backend.attachments.attachment import Attachment, Guess, UnusableFile
from backend.attachments.documents import read_as
from backend.text import clean
from backend.types import Media, MediaKind, Message

BYTES = 20 * 1024 * 1024  # one file; AI/ML API and OpenAI accept not much more in a request
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
    """A file as an attachment. Raises UnusableFile with a message for the visitor."""
    name = clean(name).replace("\\", "/").rpartition("/")[2].strip()[:120] or "file"
    if not data:
        raise UnusableFile(f"{name} is empty.")
    if len(data) > BYTES:
        raise UnusableFile(f"{name} is larger than {BYTES // 1024**2} MB. Choose a smaller one.")
    # even if it begins with the signature of another format: "BM", "GIF89a", "ID3"
    plain = documents.is_plain(data)
    if not plain and pictures.is_one(data):
        return pictures.read(name, data)
    if not plain and sounds.is_one(data):
        return sounds.read(name, data)
    unreadable_files.require_none(name, data)
    if documents.is_one(data):
        _require_text_name(name, data)
        return _with_explanation(documents.read(name, data))
    raise UnusableFile(
        f"{name} is no picture, sound, text, PDF or Office file. Pictures may be PNG, JPEG, WebP or GIF, "
        "sounds WAV or MP3, documents PDF, .docx, .xlsx, .pptx, .ipynb or any text."
    )


def _require_text_name(name: str, data: bytes) -> None:
    """Raise UnusableFile for a text with the name of a picture (a saved error page, for example): the visitor
    expects a picture, so it is not sent as something else.
    """
    stem, _, ending = name.rpartition(".")
    kind = _ENDINGS.get(ending.lower()) if stem else None
    if kind and not (documents.is_pdf(data) or documents.is_zip(data)):
        raise UnusableFile(
            f"{name} is no {kind}: there is only text in it. Give it a name that ends in .txt to attach it."
        )


def _with_explanation(attachment: Attachment) -> Attachment:
    """Explain a text that has the name of another document. It is sent as text: exports from the web are often like
    that.
    """
    ending = attachment.media.name.rpartition(".")[2].lower()
    if ending in _OFFICE and "file" not in attachment.about.partition(",")[0]:
        return replace(attachment, about=f"a text file, whatever its name says, {attachment.about}")
    return attachment


def linked(address: str) -> Attachment:
    """A picture at an https address that the provider will fetch. Raises UnusableFile."""
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
    """The input types that these messages need: image, audio, file. A document sent as text needs none."""
    return {
        media.kind
        for message in messages
        if message.role == "user"
        for media in message.media
        if media.kind != "file" or not media.text
    }


def fitted(messages: Iterable[Message], *, files: bool, media: bool = True) -> list[Message]:
    """Messages for a model: without `files` a document is sent as its text; without `media` the rest by name
    only.
    """

    def fit(attachment: Media) -> Media:
        if attachment.kind == "file" and (files or attachment.text):
            return attachment if files and media else replace(attachment, url="")
        return attachment if media else Media("file", "", "(this model cannot open it)", attachment.name)

    return [replace(message, media=tuple(map(fit, message.media))) for message in messages]
