"""The text of a Word file as Markdown: headings, lists with their numbers, tables, footnotes, links.

Parsed incrementally, so that a long document takes no more memory than a short one. It gives what a reader of the
document sees: tracked insertions but no deletions, no hidden text, no comments. Pictures, headers and footers are
left out. Runs only in the process of reading_process.py.
"""

from __future__ import annotations

import posixpath
import time
import zipfile
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse

from backend.attachments.attachment import Content, count
from backend.attachments.office_parts import attribute, local, main_part, relations, tree
from backend.attachments.word_styles import Numbering, Styles, child

_LEFT_OUT = {"del", "moveFrom", "Fallback", "instrText", "delText", "pPr", "rPr", "sectPr", "tblPr", "trPr", "tcPr"}
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_PICTURES = {"blip", "imagedata"}
_DEEP = 200  # nesting depth; Word's own files have about thirty
_WIDE = 200  # columns of a table


def read(archive: zipfile.ZipFile, characters: int, end: float) -> Content:
    """The text, until there are enough characters or `end` (monotonic clock) is reached."""
    part = main_part(archive, "word/document.xml")
    document = _Document(archive, part, end)
    texts, length, facts = [], 0, []
    with archive.open(part) as file:
        for block in document.blocks(file):
            texts.append(block)
            length += len(block)
            if length > characters:
                break
            if time.monotonic() >= end:
                document.is_cut = True
                break
    if document.is_cut:
        facts.append("only its beginning: it takes too long to read")
    texts += document.notes()
    if document.pictures:
        facts.append(f"without the {count(document.pictures, 'picture')} in it")
    texts += [f"[{fact[0].upper()}{fact[1:]}.]" for fact in facts]  # the model should know it as well
    return Content("\n\n".join(texts).replace("\n\n\0", "\n").replace("\0", ""), ["a Word file", *facts])


class _Document:
    """The body of one file while it is read, with the parts that it refers to."""

    def __init__(self, archive: zipfile.ZipFile, part: str, end: float) -> None:
        self.pictures = 0
        self.is_cut = False  # there is no time for the rest
        self._end = end
        self._archive = archive
        self._relations = relations(archive, part)
        parts = dict(self._relations.values())
        folder = posixpath.dirname(part)
        self._styles = Styles(tree(archive, parts.get("styles", f"{folder}/styles.xml")))
        self._numbering = Numbering(tree(archive, parts.get("numbering", f"{folder}/numbering.xml")))
        self._notes = {kind: parts[kind] for kind in ("footnotes", "endnotes") if kind in parts}
        self._referred: dict[str, None] = {}  # references to notes, in order
        self._boxes: list[str] = []  # text boxes of the current paragraph

    def blocks(self, file: object) -> Iterator[str]:
        """Paragraphs and tables of the body. A block that begins with NUL follows the previous one without a blank
        line.

        A block that takes half of the time, such as a table as long as a book, is cut off.
        """
        path: list[Element] = []
        late = self._end
        for event, element in iterparse(file, events=("start", "end")):
            if event == "start":
                path.append(element)
                if len(path) > _DEEP:
                    raise ValueError("too deep")
                if len(path) == 3:
                    now = time.monotonic()
                    late = now + (self._end - now) / 2
                continue
            if len(path) > 3 and time.monotonic() >= late:
                self.is_cut = True
                yield from self._block(path[2])
                return
            path.pop()
            if len(path) == 2 and local(path[1].tag) == "body":
                yield from self._block(element)
                path[1].clear()

    def _block(self, element: Element) -> Iterator[str]:
        """The blocks in an element: a paragraph, a table, or a container of these."""
        name = local(element.tag)
        if name == "p":
            yield from self._paragraph(element)
        elif name == "tbl":
            yield from self._table(element)
        elif name not in _LEFT_OUT:
            for inner in element:
                yield from self._block(inner)

    def _paragraph(self, element: Element) -> Iterator[str]:
        text = self._inline(element).strip()
        boxes, self._boxes = self._boxes, []
        properties = child(element, "pPr")
        level = self._styles.heading(properties)
        mark = self._numbering.mark(self._styles.numbering(properties)) if text else ""
        if text and level:
            yield "#" * level + " " + " ".join(f"{mark.strip('- ')} {text}".split())
        elif text and mark:
            yield "\0" + mark + text.replace("\n", "\n" + " " * len(mark))
        elif text:
            yield text
        yield from boxes

    def _inline(self, element: Element) -> str:
        """The text in a paragraph or a part of one."""
        name = local(element.tag)
        if name in _LEFT_OUT or (name == "r" and _is_hidden(element)):
            return ""
        if name == "t":
            return element.text or ""
        if name in _SIGNS:
            return _SIGNS[name]
        if name in ("footnoteReference", "endnoteReference"):
            return self._note_mark(name.removesuffix("Reference") + "s", attribute(element, "id"))
        if name == "txbxContent":
            self._boxes += [text for inner in element for text in [*self._block(inner)]]
            return ""
        self.pictures += name in _PICTURES
        text = "".join(map(self._inline, element))
        return self._link(element, text) if name == "hyperlink" and text else text

    def _link(self, element: Element, text: str) -> str:
        kind, target = self._relations.get(attribute(element, "id"), ("", ""))
        return f"[{text}]({target})" if kind == "hyperlink" and ":" in target and target != text else text

    def _table(self, element: Element) -> Iterator[str]:
        """A Markdown table with the first row as its header; a single cell used as a frame is no table."""
        rows = []
        for row in _below(element, "tr"):
            rows.append([*self._cells(row)][:_WIDE])
            if time.monotonic() >= self._end:
                self.is_cut = True
                break
        width = max(map(len, rows), default=0)
        if width <= 1:
            yield from (text for row in rows for text in row if text)
        else:
            lines = [[_in_cell(text) for text in row] + [""] * (width - len(row)) for row in rows]
            lines.insert(1, ["---"] * width)
            yield "\n".join(f"| {' | '.join(line)} |" for line in lines)

    def _cells(self, row: Element) -> Iterator[str]:
        """The texts of a row; a merged cell gives its text in the first of its places."""
        for cell in _below(row, "tc"):
            properties = child(cell, "tcPr")
            merged = child(properties, "vMerge")
            begins = merged is None or attribute(merged, "val") == "restart"
            yield "\n\n".join(text for inner in cell for text in self._block(inner)) if begins else ""
            span = child(properties, "gridSpan")
            size = attribute(span, "val") if span is not None else ""
            yield from [""] * (min(int(size), _WIDE) - 1 if size.isdecimal() else 0)

    def _note_mark(self, kind: str, number: str) -> str:
        mark = number if kind == "footnotes" else f"e{number}"
        self._referred[mark] = None
        return f"[^{mark}]"

    def notes(self) -> Iterator[str]:
        """The footnotes and endnotes that the text refers to."""
        texts: dict[str, str] = {}
        for kind, part in self._notes.items() if self._referred else ():
            root = tree(self._archive, part)
            for note in root if root is not None else ():
                mark = ("" if kind == "footnotes" else "e") + attribute(note, "id")
                if mark in self._referred:
                    texts[mark] = " ".join(" ".join(self._block(note)).replace("\0", " ").split())
        yield from (f"[^{mark}]: {texts[mark]}" for mark in list(self._referred) if texts.get(mark))


def _is_hidden(run: Element) -> bool:
    vanish = child(child(run, "rPr"), "vanish")
    return vanish is not None and attribute(vanish, "val") not in ("0", "false", "off")


def _below(element: Element, name: str) -> Iterator[Element]:
    """The nearest descendants of a name: content controls and tracked changes may wrap them."""
    for inner in element:
        if local(inner.tag) == name:
            yield inner
        elif local(inner.tag) not in _LEFT_OUT | {"tbl", "p"}:
            yield from _below(inner, name)


def _in_cell(text: str) -> str:
    return " ".join(text.replace("\0", " ").replace("|", "\\|").split())
