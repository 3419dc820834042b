"""Tells what a zip file is: a Word, Excel or PowerPoint file to be read, or another format, named with what to do.

Recognised by its parts, never by its name. Macros are never opened. Runs only in the process of reading_process.py.
"""

from __future__ import annotations

import io
import zipfile

from defusedxml import DefusedXmlException

from backend.attachments.attachment import Content, UnreadableDocument

UNPACKED = 200 * 1024**2  # declared bytes of all parts that are read; no more is ever unpacked of one
PARTS = 20_000
_OTHERS = {  # advice by the content of `mimetype`, or by a part of the file
    b"opendocument.text": "is an OpenDocument text (.odt). Save it as .docx or PDF.",
    b"opendocument.spreadsheet": "is an OpenDocument spreadsheet (.ods). Save it as .xlsx or .csv.",
    b"opendocument": "is an OpenDocument file. Save it as PDF.",
    b"epub": "is an e-book (.epub). Save it as PDF or text.",
}
_PARTS = {
    "ppt/": "is a PowerPoint file without slides. Save it as PDF.",
    "xl/workbook.bin": "is a binary Excel workbook (.xlsb). Save it as .xlsx.",
    "Index/": "is a Pages, Numbers or Keynote file. Export it as PDF, Word or Excel.",
    "Index.zip": "is a Pages, Numbers or Keynote file. Export it as PDF, Word or Excel.",
    "visio/": "is a Visio drawing. Save it as PDF.",
}
_ARCHIVE = "is a zip archive. Unpack it and attach the files in it."


def read(data: bytes, characters: int, end: float) -> Content:
    """The text of an Office file. Raises UnreadableDocument."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise UnreadableDocument("is damaged or only a part of a file. Get it or save it anew.") from None
    names = archive.namelist()
    try:
        _require_size(archive)
        if any(name.startswith("word/") for name in names) and "[Content_Types].xml" in names:
            from backend.attachments import word

            return word.read(archive, characters, end)
        if "ppt/presentation.xml" in names:
            from backend.attachments import slides

            return slides.read(archive, characters, end)
        if "xl/workbook.xml" in names:
            from backend.attachments import sheets

            return sheets.read(archive, characters, end)
        raise UnreadableDocument(_other(archive, names))
    except ValueError as error:  # openpyxl wraps the original exception as the cause of its own
        if not isinstance(error, DefusedXmlException) and not isinstance(error.__cause__, DefusedXmlException):
            raise
        raise UnreadableDocument(
            "holds XML that no Office writes, made to fill the memory. Save it anew."
        ) from None


def _require_size(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if len(entries) > PARTS or sum(one.file_size for one in entries if one.filename.endswith(".xml")) > UNPACKED:
        raise UnreadableDocument(f"unpacks to more than {UNPACKED // 1024**2} MB. Attach a part of it.")
    if any(one.flag_bits & 1 for one in entries):
        raise UnreadableDocument("is locked with a password. Save a copy without one.")


def _other(archive: zipfile.ZipFile, names: list[str]) -> str:
    if "mimetype" in names:
        kind = archive.open("mimetype").read(200)
        for mark, words in _OTHERS.items():
            if mark in kind:
                return words
    return next((words for part, words in _PARTS.items() if any(name.startswith(part) for name in names)), _ARCHIVE)
