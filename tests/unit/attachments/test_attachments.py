"""What a visitor may attach: told by its content, made fit for models, else refused in words."""

from __future__ import annotations

import base64
import io
import wave
from dataclasses import replace

import pytest
from files_to_attach import pdf, sound
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject

from backend import attachments
from backend.attachments import UnusableFile, documents, reading_process, sounds
from backend.types import Media, Message

# ---- sounds -------------------------------------------------------------------------------------------


def test_a_recording_goes_as_it_is_with_its_length_said() -> None:
    data = sound(1.5)
    found = attachments.read("audio.wav", data)
    assert base64.b64decode(found.media.url.partition(",")[2]) == data
    assert found.media.url.startswith("data:audio/wav;base64,")
    assert "1.5 s" in found.about


def test_an_empty_recording_asks_about_the_microphone() -> None:
    with pytest.raises(UnusableFile, match="microphone"):
        attachments.read("audio.wav", sound(0))


@pytest.mark.parametrize(
    ("start", "kind"), [(b"ID3\x04", "mp3"), (b"\xff\xfb\x90", "mp3"), (b"fLaC", "flac"), (b"OggS", "ogg")]
)
def test_other_sounds_are_told_by_their_first_bytes(start: bytes, kind: str) -> None:
    assert attachments.read("a", start + b"\x00" * 50).media.url.startswith(f"data:audio/{kind};base64,")


def test_a_spoken_answer_that_streamed_gets_a_header_to_be_played() -> None:
    samples = b"\x01\x02" * 2400
    data, media_type = sounds.playable(f"data:audio/pcm;base64,{base64.b64encode(samples + b'x').decode()}") or (
        b"",
        "",
    )
    assert media_type == "audio/wav"
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getframerate(), file.getnframes()) == (24_000, 2400)


def test_a_spoken_answer_is_called_what_it_is() -> None:
    wrapped = f"data:audio/wav;base64,{base64.b64encode(b'ID3' + b'0' * 40).decode()}"
    assert (sounds.playable(wrapped) or ("", ""))[1] == "audio/mp3"
    assert sounds.playable("data:audio/wav;base64,PGh0bWw+") is None


# ---- documents ----------------------------------------------------------------------------------------


def test_a_pdf_gives_its_text_with_the_numbers_of_its_pages() -> None:
    found = attachments.read("report.pdf", pdf("Hello there", "", "The end"))
    assert found.media.text == "[Page 1]\nHello there\n\n[Page 3]\nThe end"
    assert found.media.url.startswith("data:application/pdf;base64,")
    assert "3 pages" in found.about


def test_a_scanned_pdf_says_that_only_the_file_can_be_read() -> None:
    found = attachments.read("scan.pdf", pdf("", ""))
    assert found.media.text == ""
    assert "no text" in found.about
    assert attachments.kinds([Message("user", "Read", media=(found.media,))]) == {"file"}


def test_a_locked_pdf_says_so() -> None:
    with pytest.raises(UnusableFile, match="password"):
        attachments.read("a.pdf", pdf("secret", password="x"))


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7\n", b"%PDF-1.4\n" + b"(" * 100_000, b"%PDF-1.7\ntrailer<</Root 1 0 R>>"]
)
def test_a_broken_pdf_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(UnusableFile, match=r"PDF|pages"):
        attachments.read("a.pdf", data)


@pytest.mark.slow
def test_a_pdf_of_many_pages_gives_those_that_there_is_time_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_process, "SECONDS", 0)
    answer = reading_process.answer(pdf("One", "Two", "Three"), 1000)
    assert answer == {
        "text": "[Page 1]\nOne\n\n[The text of the first 1 page.]",
        "facts": ["3 pages", "the text of the first 1 page"],
    }


@pytest.mark.parametrize(("rows", "lines"), [(50_000, "50,001 lines"), (140_000, "more than 131,624 lines")])
def test_a_table_that_is_cut_ends_with_a_row_and_says_so_to_the_model_too(rows: int, lines: str) -> None:
    """Else it counts the rows of a part, and nobody knows."""
    found = attachments.read("rows.csv", ("id,city\n" + "".join(f"{row},Paris\n" for row in range(rows))).encode())
    *kept, _, note = found.media.text.split("\n")
    assert found.about.startswith(lines) and kept[-1] == f"{len(kept) - 2},Paris"
    assert note == f"[{found.about}. The rest is left out.]"
    assert found.about.endswith(
        f"cut to the first {len(kept):,} lines ({len(chr(10).join(kept)) + 1:,} characters)"
    )


@pytest.mark.parametrize(("text", "about"), [("a\nb\n", "2 lines"), ("a\nb", "2 lines"), ("a", "1 line")])
def test_the_lines_of_a_text_are_counted_as_an_editor_does(text: str, about: str) -> None:
    assert attachments.read("notes.txt", text.encode()).about == about


def test_one_pdf_is_read_at_a_time_and_a_late_one_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "WAIT", 0.01)
    with documents._one_at_a_time, pytest.raises(UnusableFile, match="in a minute"):
        attachments.read("late.pdf", pdf("Hi"))
    assert attachments.read("next.pdf", pdf("Hi")).media.text == "[Page 1]\nHi"


def test_the_process_that_reads_a_pdf_has_none_of_the_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[dict[str, str]] = []
    monkeypatch.setenv("AIMLAPI_API_KEY", "sk-secret")
    monkeypatch.setattr(documents.subprocess, "run", lambda *_, env, **__: given.append(env))
    with pytest.raises(AttributeError):
        attachments.read("a.pdf", pdf("Hi"))
    assert "sk-secret" not in given[0].values()


@pytest.mark.slow
def test_a_pdf_that_unpacks_to_gigabytes_ends_in_its_own_process() -> None:
    writer = PdfWriter()
    page = writer.add_blank_page(300, 200)
    stream = DecodedStreamObject()
    stream.set_data(b" " * 300_000_000)
    page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    out = io.BytesIO()
    writer.write(out)
    assert len(out.getvalue()) < 1_000_000
    try:
        found = attachments.read("bomb.pdf", out.getvalue())
    except UnusableFile as refused:
        assert "bomb.pdf" in str(refused)
    else:
        assert found.media.text == ""


@pytest.mark.parametrize(
    "text",
    ["BM ok", "BMW sells cars", "GIF89a is a format", "GIF87a", "ID3 tags", "OggS", "fLaC is lossless",
     "RIFF....WAVE", "A file begins with %PDF-1.7, then", "RIFFxxxxWEBP"],
)  # fmt: skip
def test_a_text_is_a_text_whatever_it_begins_with(text: str) -> None:
    assert attachments.read("notes.txt", text.encode()).media.kind == "file"


@pytest.mark.parametrize(
    ("name", "word"), [("cat.png", "picture"), ("CAT.JPEG", "picture"), ("a.heic", "picture"), ("a.mp3", "sound"),
                       ("a.pdf", "PDF file")],
)  # fmt: skip
def test_a_text_under_another_name_is_not_sent_without_a_word(name: str, word: str) -> None:
    for data in (b"<html>404 Not Found</html>", "Gr\u00fc\u00dfe".encode("cp1252"), "Hi".encode("utf-16")):
        with pytest.raises(UnusableFile, match=f"is no {word}: there is only text in it"):
            attachments.read(name, data)


@pytest.mark.parametrize("name", ["page.html", "logo.svg", "a.txt", "Makefile", "png", "cat.png.txt"])
def test_a_text_under_the_name_of_a_text_is_one(name: str) -> None:
    assert attachments.read(name, b"<svg/>").media.text == "<svg/>"


@pytest.mark.parametrize(
    "data", [b"PK no zip" + bytes(range(256)), b"\x7fELF" + b"\x00" * 40, b"MZ" + bytes(range(256)), b"\x00" * 9]
)
def test_anything_else_is_refused_with_what_can_be_attached(data: bytes) -> None:
    with pytest.raises(UnusableFile, match="PNG, JPEG"):
        attachments.read("notes.txt", data)


def test_too_large_and_empty_files_are_refused_by_name() -> None:
    with pytest.raises(UnusableFile, match=r"big\.txt is larger than 20 MB"):
        attachments.read("big.txt", b"a" * (attachments.BYTES + 1))
    with pytest.raises(UnusableFile, match=r"none\.txt is empty"):
        attachments.read("none.txt", b"")


def test_a_name_with_a_path_is_only_its_end() -> None:
    assert attachments.read("../../etc/pass\x00wd\u202e.txt", b"Hi").media.name == "passwd\u202e.txt"
    assert attachments.read("C:\\temp\\", b"Hi").media.name == "file"


# ---- addresses and fitting ------------------------------------------------------------------------------


def test_a_picture_by_address_is_sent_as_the_address() -> None:
    found = attachments.linked(" https://x.test/pics/cat.png?size=2 ")
    assert found.media == Media("image", "https://x.test/pics/cat.png?size=2", name="cat.png")


@pytest.mark.parametrize(
    "address",
    [
        *("", "cat.png", "http://x.test/a", "file:///etc/passwd", "javascript:alert(1)", "https://"),
        *("data:image/png;base64,AA", "https://x.test/a b", "https://x.test/<b>", "https://u:p@x.test/a"),
        *("https://[::1", "https://x.test:99999/"),
    ],
)
def test_an_address_that_is_not_https_is_refused(address: str) -> None:
    with pytest.raises(UnusableFile):
        attachments.linked(address)


def test_a_document_goes_as_its_text_where_the_model_takes_no_files() -> None:
    paper, scan = attachments.read("a.pdf", pdf("Hello")).media, attachments.read("b.pdf", pdf("")).media
    messages = [Message("user", "Read", media=(paper, scan))]
    assert attachments.fitted(messages, files=True) == messages
    (fitted,) = attachments.fitted(messages, files=False)
    assert fitted.media == (replace(paper, url=""), scan)
    assert attachments.kinds([Message("user", "Read", media=(paper,))]) == set()


@given(st.binary(max_size=300), st.text(max_size=20))
def test_no_bytes_bring_anything_but_an_attachment_or_words(data: bytes, name: str) -> None:
    try:
        found = attachments.read(name, data.replace(b"%PDF-", b""))
    except UnusableFile as refused:
        assert len(str(refused)) < 400
    else:
        assert found.about
