"""Formats that are not supported, recognised by their first bytes, each with a sentence about what to do
instead.
"""

from __future__ import annotations

from backend.attachments.attachment import UnusableFile

# a compound file: Office until 2003, and encrypted files of today
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARTS = {  # the name of a typical part, by the program that wrote it
    "EncryptedPackage": "is locked with a password. Save a copy without one.",
    "WordDocument": "is an old Word file (.doc). Save it as .docx or PDF.",
    "Workbook": "is an old Excel file (.xls). Save it as .xlsx or .csv.",
    "Book": "is an old Excel file (.xls). Save it as .xlsx or .csv.",
    "PowerPoint Document": "is an old PowerPoint file (.ppt). Save it as PDF.",
    "__properties_version1.0": "is an Outlook message (.msg). Save it as text or PDF.",
}
_OLD = "is an old Office file. Save it as .docx, .xlsx or PDF."
_ARCHIVE = "is an archive. Unpack it and attach the files in it."
_PICTURES = "Pictures may be PNG, JPEG, WebP or GIF."
_BEGINNINGS = {
    b"{\\rtf": "is an RTF file. Save it as .docx or PDF.",
    b"\x1f\x8b": _ARCHIVE,
    b"BZh": _ARCHIVE,
    b"7z\xbc\xaf\x27\x1c": _ARCHIVE,
    b"Rar!\x1a\x07": _ARCHIVE,
    b"\xfd7zXZ\x00": _ARCHIVE,
    b"\x28\xb5\x2f\xfd": _ARCHIVE,
    b"II*\x00": "is a TIFF picture, which models do not read. " + _PICTURES,
    b"MM\x00*": "is a TIFF picture, which models do not read. " + _PICTURES,
    b"\x00\x00\x01\x00": "is an icon, which models do not read. " + _PICTURES,
    b"8BPS": "is a Photoshop file, which models do not read. " + _PICTURES,
    b"SQLite format 3\x00": "is a database. Export the tables that you need as .csv.",
    b"PAR1": "is a Parquet file. Export it as .csv.",
}


def require_none(name: str, data: bytes) -> None:
    """Raises UnusableFile, with advice, for a file of a known unsupported format."""
    for beginning, words in _BEGINNINGS.items():
        if data.startswith(beginning):
            raise UnusableFile(f"{name} {words}")
    if data.startswith(_OLD_OFFICE):
        raise UnusableFile(f"{name} {_old_office(data)}")
    if data[257:262] == b"ustar":
        raise UnusableFile(f"{name} {_ARCHIVE}")


def _old_office(data: bytes) -> str:
    return next((words for part, words in _PARTS.items() if part.encode("utf-16-le") in data), _OLD)
