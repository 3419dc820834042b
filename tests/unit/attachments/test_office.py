"""Word and Excel files: their text as a reader sees it, and refused in words where it cannot be had."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from office_files import docx, paragraph, run, table, zipped
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from backend import attachments
from backend.attachments import UnusableFile, office, reading_process, sheets

Sheets = dict[str, list[list[Any]]]


def text(data: bytes, characters: int = 10_000) -> str:
    """What the process that reads documents gives, without starting it."""
    answer = reading_process.answer(data, characters)
    assert "problem" not in answer, answer
    return str(answer["text"])


def problem(data: bytes) -> str:
    return str(reading_process.answer(data, 10_000).get("problem"))


def xlsx(content: Sheets) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in content.items():
        sheet: Worksheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(data: bytes, part: str, *replacements: tuple[bytes, bytes]) -> bytes:
    """The same file with other bytes in one of its parts."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    parts = {name: archive.read(name) for name in archive.namelist()}
    for old, new in replacements:
        assert old in parts[part]
        parts[part] = parts[part].replace(old, new)
    return zipped(parts)


# ---- Word -----------------------------------------------------------------------------------------------


def test_a_word_file_and_an_excel_file_are_attached_as_their_text() -> None:
    paper = attachments.read("report.docx", docx(paragraph("Yearly", "berschrift1") + paragraph("All is well.")))
    assert (paper.media.text, paper.media.url) == ("# Yearly\n\nAll is well.", "")
    assert "a Word file" in paper.about
    money = attachments.read("money.xlsx", xlsx({"Budget": [["Item", "Cost"], ["Rent", 900]], "Notes": [["Paid"]]}))
    assert money.media.text == "[Sheet Budget]\nItem,Cost\nRent,900\n\n[Sheet Notes]\nPaid"
    assert "an Excel file, 2 sheets" in money.about


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (paragraph("Big", "Title") + paragraph("Own", "Mine"), "# Big\n\n# Own"),
        (paragraph("One", number=(1, 0)) + paragraph("Two", number=(1, 0)), "1. One\n2. Two"),
        (
            "".join(
                paragraph(word, number=(1, level)) for word, level in zip("abcde", (0, 1, 2, 1, 0), strict=True)
            ),
            "1. a\n  a) b\n    1.a.I c\n  b) d\n2. e",
        ),
        (paragraph("x", number=(2, 0)) + paragraph("Then"), "- x\n\nThen"),
        (paragraph("Scope", "berschrift1", (1, 0)), "# 1. Scope"),
        (table(("a", "b|c"), ("d", "")), "| a | b\\|c |\n| --- | --- |\n| d |  |"),
        (table(("In a frame",)), "In a frame"),
        (f"<w:sdt><w:sdtContent>{paragraph('In a control')}</w:sdtContent></w:sdt>", "In a control"),
        (f"<w:p><w:ins>{run('new')}</w:ins><w:del><w:r><w:delText>old</w:delText></w:r></w:del></w:p>", "new"),
        (f"<w:p>{run('seen')}{run('hidden', '<w:vanish/>')}</w:p>", "seen"),
        (f'<w:p><w:hyperlink r:id="r4">{run("here")}</w:hyperlink></w:p>', "[here](https://x.test/)"),
        ("<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p>", "a\tb\nc"),
        (f"<w:p><w:r><w:pict><w:txbxContent>{paragraph('box')}</w:txbxContent></w:pict></w:r></w:p>", "box"),
    ],
)
def test_a_word_file_comes_as_markdown(body: str, expected: str) -> None:
    assert text(docx(body)) == expected


def test_cells_over_several_columns_keep_the_others_in_their_places() -> None:
    wide = f'<w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>{paragraph("wide")}</w:tc>'
    rows = f"<w:tbl><w:tr>{wide}<w:tc>{paragraph('c')}</w:tc></w:tr></w:tbl>"
    assert text(docx(rows)).startswith("| wide |  | c |")


def test_a_footnote_stands_at_the_end_where_it_is_referred_to() -> None:
    note = f'<w:footnote w:id="2">{paragraph("See there.")}</w:footnote>'
    body = f'<w:p>{run("Claim")}<w:r><w:footnoteReference w:id="2"/></w:r></w:p>{paragraph("More")}'
    assert text(docx(body, footnotes=note)) == "Claim[^2]\n\nMore\n\n[^2]: See there."


def test_the_other_namespace_of_office_files_is_read_as_well() -> None:
    data = docx(paragraph("Strict", "berschrift1"))
    strict = (
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
    assert text(changed(changed(data, "word/document.xml", strict), "word/styles.xml", strict)) == "# Strict"


def test_a_long_word_file_is_read_as_far_as_it_is_sent() -> None:
    assert len(text(docx(paragraph("words " * 20) * 500), 1000)) < 1300


def test_a_table_that_takes_too_long_is_read_as_far_as_time_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_process, "SECONDS", 0)
    answer = reading_process.answer(docx(table(("a", "b"), ("c", "d"))), 1000)
    assert str(answer["text"]).startswith("| a | b |\n| --- | --- |\n\n[Only its beginning")


def test_pictures_in_a_word_file_are_said_to_be_left_out() -> None:
    picture = '<w:p><w:r><w:drawing><a:blip xmlns:a="a"/></w:drawing></w:r></w:p>'
    answer = reading_process.answer(docx(paragraph("x") + picture), 100)
    assert answer["text"] == "x\n\n[Without the 1 picture in it.]"
    assert answer["facts"] == ["a Word file", "without the 1 picture in it"]


# ---- Excel ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        (0.25, "0%", "25%"), (0.1234, "0.0%", "12.3%"), (0.1 + 0.2, "General", "0.3"), (7, "00000", "00007"),
        (datetime(2026, 1, 5), "yyyy-mm-dd", "2026-01-05"),
        (datetime(2026, 1, 5, 13, 30), "d/m/yy h:mm", "2026-01-05 13:30:00"),
        (date(2026, 1, 5), "d/m/yy", "2026-01-05"), (True, "General", "TRUE"), (1e20, "General", "1e+20"),
        ("#DIV/0!", "General", "#DIV/0!"), (12.5, "#,##0.00 [$€-407]", "12.5"),
    ],
)  # fmt: skip
def test_a_value_is_given_as_it_is_shown(value: object, form: str, expected: str) -> None:
    assert sheets.display_text(value, form) == expected


def test_a_formula_gives_its_result_and_itself_only_where_nobody_worked_it_out() -> None:
    fresh = xlsx({"Sums": [[1, 2, "=A1+B1"]]})
    assert text(fresh) == "[Sheet Sums]\n1,2,=A1+B1"
    assert text(changed(fresh, "xl/worksheets/sheet1.xml", (b"<v />", b"<v>3</v>"))) == "[Sheet Sums]\n1,2,3"


def test_texts_that_cells_share_are_read_as_excel_writes_them() -> None:
    data = xlsx({"A": [["x"]]})
    inline = (b't="inlineStr"><is><t>x</t></is>', b't="s"><v>1</v>')
    part = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%b"/></Types>'
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    data = changed(
        changed(data, "xl/worksheets/sheet1.xml", inline), "[Content_Types].xml", (b"</Types>", part % kind)
    )
    archive = zipfile.ZipFile(io.BytesIO(data))
    texts = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>a</t></si><si><t>b</t></si></sst>'
    parts = {name: archive.read(name) for name in archive.namelist()}
    assert text(zipped({**parts, "xl/sharedStrings.xml": texts})) == "[Sheet A]\nb"


def test_rows_that_are_left_out_are_named_and_small_sheets_stay_whole() -> None:
    content: Sheets = {"Large": [[f"row {number}"] for number in range(1, 500)], "Small": [["end"]]}
    answer = reading_process.answer(xlsx(content), 300)
    large, small = str(answer["text"]).split("\n\n")
    assert len(str(answer["text"])) <= 300
    assert "row 10\n" in large
    assert large.endswith("and those below are left out.]")
    assert small == "[Sheet Small]\nend"
    assert "what is left out" in str(answer["facts"])


def test_room_is_shared_by_what_each_sheet_needs() -> None:
    assert sheets.shares([1000, 10, 500], 300) == [145, 10, 145]
    assert sheets.shares([], 300) == []


def test_a_cell_far_down_is_found_and_costs_no_empty_rows() -> None:
    place = "xl/worksheets/sheet1.xml"
    far = changed(xlsx({"A": [["x"]]}), place, (b'r="1"', b'r="90000"'), (b'"A1" t', b'"A90000" t'))
    assert text(far) == "[Sheet A]\nx"


def test_a_hidden_sheet_is_said_to_be_hidden() -> None:
    book = Workbook()
    book.worksheets[0].append(["seen"])
    other: Worksheet = book.create_sheet("Salaries")
    other.append(["secret"])
    other.sheet_state = "hidden"
    answer = reading_process.answer(saved(book), 1000)
    assert "[Sheet Salaries (hidden)]\nsecret" in str(answer["text"])
    assert "hidden" in str(answer["facts"])


# ---- what is not read -----------------------------------------------------------------------------------


def test_macros_are_left_alone() -> None:
    assert text(docx(paragraph("Hello"), more={"word/vbaProject.bin": b"\xd0\xcf macro"})) == "Hello"


_BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY e SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "data",
    [
        docx(paragraph("&b;"), head=_BOMB),
        docx(paragraph("&e;"), head=_BOMB),
        docx("", more={"word/styles.xml": f"{_BOMB}<x>&b;</x>"}),
        changed(xlsx({"A": [["x"]]}), "xl/styles.xml", (b"<styleSheet", _BOMB.encode() + b"<styleSheet")),
        changed(xlsx({"A": [["x"]]}), "xl/worksheets/sheet1.xml", (b"<worksheet", _BOMB.encode() + b"<worksheet")),
    ],
)
def test_entities_in_xml_are_refused(data: bytes) -> None:
    assert "made to fill the memory" in problem(data)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "UNPACKED", 100_000)
    assert "unpacks to more than" in problem(docx(paragraph("a" * 200_000)))


def test_a_deep_nest_of_elements_ends_in_words() -> None:
    assert "damaged" in problem(docx("<w:sdt>" * 5_000 + "</w:sdt>" * 5_000))


@pytest.mark.parametrize("part", [0.2, 0.5, 0.95])
@pytest.mark.parametrize("whole", [docx(paragraph("Hello")), xlsx({"A": [["x"]]})], ids=["docx", "xlsx"])
def test_a_truncated_file_is_refused_in_words(whole: bytes, part: float) -> None:
    assert "only a part of a file" in problem(whole[: int(len(whole) * part)])


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"mimetype": "application/vnd.oasis.opendocument.text"}, r"\.odt\).*Save it as \.docx or PDF"),
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}, r"\.ods\).*Save it as \.xlsx"),
        ({"mimetype": "application/vnd.oasis.opendocument.presentation"}, "OpenDocument.*PDF"),
        ({"mimetype": "application/epub+zip"}, "e-book.*PDF"),
        ({"[Content_Types].xml": "", "ppt/presentation.xml": "<x/>"}, r"PowerPoint.*Save it as PDF"),
        ({"[Content_Types].xml": "", "xl/workbook.bin": ""}, r"\.xlsb.*Save it as \.xlsx"),
        ({"Index/Document.iwa": ""}, "Pages.*Export it as PDF"),
        ({"a.txt": "Hello"}, "zip archive.*Unpack it"),
        ({}, "zip archive"),
        ({"[Content_Types].xml": "", "word/document.xml": "<x"}, "damaged.*Word"),
        ({"[Content_Types].xml": "", "word/other.xml": ""}, "damaged"),
        ({"[Content_Types].xml": "", "xl/workbook.xml": "<x/>"}, r"damaged|no sheet"),
    ],
)
def test_other_zip_files_are_named_with_what_to_do(parts: dict[str, str], words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        text(zipped(parts))


def _compound(part: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + part.encode("utf-16-le") + bytes(600)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (_compound("WordDocument"), r"old Word file \(\.doc\)\. Save it as \.docx"),
        (_compound("Workbook"), r"old Excel file"),
        (_compound("PowerPoint Document"), "old PowerPoint"),
        (_compound("EncryptedPackage"), "locked with a password"),
        (_compound("Something"), "old Office file"),
        (rb"{\rtf1\ansi Hello}", "RTF"),
        (b"\x1f\x8b\x08\x00", "archive. Unpack"),
        (bytes(257) + b"ustar", "archive. Unpack"),
        (b"SQLite format 3\x00" + bytes(90), r"\.csv"),
    ],
)
@pytest.mark.parametrize("name", ["report.docx", "report"])
def test_other_files_are_named_by_what_is_in_them(data: bytes, words: str, name: str) -> None:
    with pytest.raises(UnusableFile, match=words):
        attachments.read(name, data)


@pytest.mark.parametrize("name", ["export.xls", "letter.doc", "a.docx", "b.zip"])
def test_a_text_under_the_name_of_an_office_file_is_sent_as_text_and_said_to_be_one(name: str) -> None:
    found = attachments.read(name, b"<table><tr><td>1</td></tr></table>")
    assert found.media.text.startswith("<table>")
    assert "a text file, whatever its name says" in found.about
