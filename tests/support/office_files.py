"""Office files as programs write them, made by hand: only what a test looks at is in them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STYLES = """<w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Mine"><w:name w:val="Mine"/><w:basedOn w:val="berschrift1"/></w:style>
<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>"""
_LEVELS = [("decimal", "%1."), ("lowerLetter", "%2)"), ("upperRoman", "%1.%2.%3")]


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def docx(body: str, *, more: Mapping[str, str | bytes] | None = None, footnotes: str = "", head: str = "") -> bytes:
    """A Word file with this inside `w:body`, some styles, and two lists: 1 is numbered, 2 has bullets."""
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for level, (form, text) in enumerate(_LEVELS)
    )
    bullets = '<w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="o"/></w:lvl>'
    lists = f'<w:abstractNum w:abstractNumId="7">{levels}</w:abstractNum>'
    lists += f'<w:abstractNum w:abstractNumId="8">{bullets}</w:abstractNum>'
    for number, kind in ((1, 7), (2, 8)):
        lists += f'<w:num w:numId="{number}"><w:abstractNumId w:val="{kind}"/></w:num>'
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": _relations(("r1", "officeDocument", "word/document.xml")),
            "word/_rels/document.xml.rels": _relations(
                ("r1", "styles", "styles.xml"), ("r2", "numbering", "numbering.xml"),
                ("r3", "footnotes", "footnotes.xml"), ("r4", "hyperlink", "https://x.test/"),
            ),
            "word/styles.xml": f"<w:styles {_W}>{_STYLES}</w:styles>",
            "word/numbering.xml": f"<w:numbering {_W}>{lists}</w:numbering>",
            "word/footnotes.xml": f"<w:footnotes {_W}>{footnotes}</w:footnotes>",
            "word/document.xml": f"{head}<w:document {_W} {_R}><w:body>{body}<w:sectPr/></w:body></w:document>",
            **(more or {}),
        }
    )  # fmt: skip


def _relations(*rows: tuple[str, str, str]) -> str:
    found = "".join(
        f'<Relationship Id="{key}" Type="{_KIND}/{kind}" Target="{target}"'
        f"{' TargetMode=' + chr(34) + 'External' + chr(34) if '://' in target else ''}/>"
        for key, kind, target in rows
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{found}</Relationships>'


def paragraph(text: str, style: str = "", number: tuple[int, int] | None = None) -> str:
    """`number`: the list and the level in it."""
    listed = f'<w:numPr><w:ilvl w:val="{number[1]}"/><w:numId w:val="{number[0]}"/></w:numPr>' if number else ""
    styled = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{styled}{listed}</w:pPr>{run(text)}</w:p>"


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def table(*rows: tuple[str, ...]) -> str:
    lines = ("".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{line}</w:tr>' for line in lines)}</w:tbl>"


_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
_P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'


def pptx(*slides: str, notes: str = "", show: str = "") -> bytes:
    """A PowerPoint file with these inside the slides' `p:spTree`, shown last to first.

    `notes`: those of the first one; `show`: an attribute of all.
    """
    numbers = range(1, len(slides) + 1)
    listed = "".join(f'<p:sldId id="{255 + number}" r:id="s{number}"/>' for number in reversed(numbers))
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": _relations(("r1", "officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": f"<p:presentation {_P} {_R}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": _relations(
            *((f"s{n}", "slide", f"slides/slide{n}.xml") for n in numbers)
        ),
        "ppt/slides/_rels/slide1.xml.rels": _relations(("n1", "notesSlide", "../notesSlides/notesSlide1.xml")),
        "ppt/notesSlides/notesSlide1.xml": f"<p:notes {_P} {_A}>{notes}</p:notes>",
    }
    for number, content in zip(numbers, slides, strict=True):
        parts[f"ppt/slides/slide{number}.xml"] = f"<p:sld {_P} {_A} {show}><p:spTree>{content}</p:spTree></p:sld>"
    return zipped(parts)


def shape(*paragraphs: str, kind: str = "body") -> str:
    text = "".join(f"<a:p><a:r><a:t>{words}</a:t></a:r></a:p>" for words in paragraphs)
    return f'<p:sp><p:nvPr><p:ph type="{kind}"/></p:nvPr><p:txBody>{text}</p:txBody></p:sp>'
