"""The text of a PowerPoint file, slide by slide in presentation order, with the speaker's notes.

Pictures, charts and slide numbers are left out. Runs only in the process of reading_process.py.
"""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from backend.attachments.attachment import Content, UnreadableDocument, count
from backend.attachments.office_parts import attribute, local, main_part, relations, tree

SLIDES = 2_000
_AT_THE_FOOT = {"sldNum", "dt", "ftr", "hdr", "sldImg"}
_DEEP = 100  # nesting depth; PowerPoint's own files have about twenty


def read(archive: zipfile.ZipFile, characters: int, end: float) -> Content:
    """The slides, until there are enough characters or `end` (monotonic clock) is reached."""
    main = main_part(archive, "ppt/presentation.xml")
    root, related = tree(archive, main), relations(archive, main)
    parts = [related.get(id_, ("", ""))[1] for id_ in _order(root)] if root is not None else []
    if not parts:
        raise UnreadableDocument("is a PowerPoint file without slides. Save it as PDF.")
    texts: list[str] = []
    length = pictures = number = 0
    for number, part in enumerate(parts[:SLIDES], 1):
        text, drawn = _slide(archive, part, number)
        texts.append(text)
        length, pictures = length + len(text), pictures + drawn
        if length > characters or time.monotonic() >= end:
            break
    facts = [f"the text of the first {count(number, 'slide')}"] if number < len(parts) else []
    facts += [f"without the {count(pictures, 'picture')} in it"] if pictures else []
    texts += [f"[{fact[0].upper()}{fact[1:]}.]" for fact in facts]  # the model should know it as well
    return Content("\n\n".join(texts), ["a PowerPoint file", count(len(parts), "slide"), *facts])


def _order(presentation: Element) -> Iterator[str]:
    """The relations of the slides in order: a slide also has a numeric id of the same attribute name."""
    for element in presentation.iter():
        if local(element.tag) == "sldId":
            yield next((value for name, value in element.items() if name != "id" and local(name) == "id"), "")


def _slide(archive: zipfile.ZipFile, part: str, number: int) -> tuple[str, int]:
    root = tree(archive, part)
    if root is None:
        return f"[Slide {number} is not in the file]", 0
    hidden = " (hidden)" if root.get("show") in ("0", "false") else ""
    lines = [f"[Slide {number}{hidden}]", *_lines(root)]
    notes = next((target for kind, target in relations(archive, part).values() if kind == "notesSlide"), "")
    beside = tree(archive, notes) if notes else None
    note_lines = list(_lines(beside)) if beside is not None else []
    pictures = sum(local(element.tag) == "pic" for element in root.iter())
    return "\n".join([*lines, *(["[Notes]", *note_lines] if note_lines else [])]), pictures


def _lines(element: Element, depth: int = 0) -> Iterator[str]:
    """Paragraphs and table rows, in file order."""
    kind = local(element.tag)
    if depth > _DEEP:
        raise ValueError("too deep")
    if kind == "Fallback" or (kind == "sp" and _is_at_the_foot(element)):
        return
    if kind == "tr":
        yield " | ".join(" ".join(_lines(cell, depth + 1)) for cell in element if local(cell.tag) == "tc")
    elif kind == "p":
        words = "".join(_words(element)).strip()
        if words:
            yield words
    else:
        for child in element:
            yield from _lines(child, depth + 1)


def _is_at_the_foot(shape: Element) -> bool:
    return any(local(one.tag) == "ph" and attribute(one, "type") in _AT_THE_FOOT for one in shape.iter())


def _words(paragraph: Element) -> Iterator[str]:
    for element in paragraph.iter():
        kind = local(element.tag)
        yield "\n" if kind == "br" else element.text or "" if kind == "t" else ""
