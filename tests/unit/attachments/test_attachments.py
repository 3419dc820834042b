"""What a visitor may attach: told by its content, made fit for models, else refused in words."""

from __future__ import annotations

import base64
import io
import struct
import wave
import zlib
from dataclasses import replace

import pytest
from files_to_attach import pdf, picture, sound
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject

from backend import attachments
from backend.attachments import Unusable, pictures, sounds
from backend.types import Media, Message


def opened(media: Media) -> Image.Image:
    found = Image.open(io.BytesIO(base64.b64decode(media.url.partition(",")[2])))
    found.load()
    return found


# ---- pictures -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_a_picture_is_told_by_its_content_whatever_its_name_says(kind: str) -> None:
    found = attachments.read("invoice.pdf.exe", picture(kind))
    assert found.media.kind == "image"
    assert found.media.url.startswith("data:image/jpeg;base64," if kind == "JPEG" else "data:image/png;base64,")
    assert opened(found.media).size == (40, 30)


def test_a_large_picture_is_made_as_large_as_models_look() -> None:
    found = attachments.read("wide.png", picture(size=(4096, 1024)))
    assert opened(found.media).size == (2048, 512)
    assert "4,096 x 1,024" in found.about


def test_a_photograph_is_turned_upright_and_forgets_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "Bahnhofstrasse 1"
    found = attachments.read("me.jpg", picture("JPEG", exif=exif))
    assert opened(found.media).size == (30, 40)
    assert b"Bahnhof" not in base64.b64decode(found.media.url.partition(",")[2])
    assert not opened(found.media).getexif()


def test_a_moving_picture_gives_its_first_frame_and_says_so() -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    assert "first frame" in attachments.read("a.gif", out.getvalue()).about


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16", "CMYK"])
def test_every_way_to_hold_pixels_can_be_sent(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert opened(attachments.read("a", picture(kind, mode=mode)).media).mode in ("RGB", "RGBA")


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is huge; there are no pixels in it at all."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(7000, 7000), (60_000, 60_000)])
def test_a_decompression_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    with pytest.raises(Unusable, match=r"million pixels|cannot|none that can be read"):
        attachments.read("bomb.png", bomb(*size))


def test_a_picture_that_ends_early_is_called_damaged() -> None:
    whole = picture("JPEG", size=(400, 300))
    with pytest.raises(Unusable, match="damaged"):
        attachments.read("half.jpg", whole[: len(whole) // 2])


def test_a_heic_picture_is_told_what_to_do() -> None:
    with pytest.raises(Unusable, match="JPEG"):
        attachments.read("IMG_1.HEIC", b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40)


def test_what_models_draw_is_shown_only_when_it_is_a_bitmap() -> None:
    def url(data: bytes, kind: str = "image/png") -> str:
        return f"data:{kind};base64,{base64.b64encode(data).decode()}"

    assert pictures.shown(url(picture())) == picture()
    for other in (
        "https://x.test/a.png",
        "/etc/passwd",
        "data:image/png,abc",
        url(b"<svg onload=alert(1)>", "image/svg+xml"),
        url(b"<svg onload=alert(1)>"),
        url(bomb(60_000, 60_000)),
        url(b""),
    ):
        assert pictures.shown(other) is None


def test_the_cost_of_a_picture_is_counted_as_the_guide_counts_it() -> None:
    # OpenAI's own examples: 1024 x 1024 is 765 tokens, 2048 x 4096 is 1105, low detail is 85.
    assert pictures.tokens(1024, 1024) == 765
    assert pictures.tokens(2048, 4096) == 1105
    assert pictures.tokens(4096, 4096, "low") == 85


# ---- sounds -------------------------------------------------------------------------------------------


def test_a_recording_goes_as_it_is_with_its_length_said() -> None:
    data = sound(1.5)
    found = attachments.read("audio.wav", data)
    assert base64.b64decode(found.media.url.partition(",")[2]) == data
    assert found.media.url.startswith("data:audio/wav;base64,")
    assert "1.5 s" in found.about


def test_an_empty_recording_asks_about_the_microphone() -> None:
    with pytest.raises(Unusable, match="microphone"):
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
    with pytest.raises(Unusable, match="password"):
        attachments.read("a.pdf", pdf("secret", password="x"))


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7\n", b"%PDF-1.4\n" + b"(" * 100_000, b"%PDF-1.7\ntrailer<</Root 1 0 R>>"]
)
def test_a_broken_pdf_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(Unusable, match=r"PDF|pages"):
        attachments.read("a.pdf", data)


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
    except Unusable as refused:
        assert "bomb.pdf" in str(refused)
    else:
        assert found.media.text == ""


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Grüße\r\nWelt".encode(), "Grüße\nWelt"),
        (b"\xef\xbb\xbfHello", "Hello"),
        ("Hello".encode("utf-16"), "Hello"),
        ("Grüße".encode("cp1252"), "Grüße"),
    ],
)
def test_a_text_file_is_read_in_the_encoding_it_has(data: bytes, text: str) -> None:
    assert attachments.read("a.txt", data).media == Media("file", "", text, "a.txt")


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04" + bytes(range(256)), b"\x7fELF" + b"\x00" * 40, b"MZ" + bytes(range(256)), b"\x00" * 9]
)
def test_anything_else_is_refused_with_what_can_be_attached(data: bytes) -> None:
    with pytest.raises(Unusable, match="PNG, JPEG"):
        attachments.read("notes.txt", data)


def test_too_large_and_empty_files_are_refused_by_name() -> None:
    with pytest.raises(Unusable, match=r"big\.txt is larger than 20 MB"):
        attachments.read("big.txt", b"a" * (attachments.BYTES + 1))
    with pytest.raises(Unusable, match=r"none\.txt is empty"):
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
def test_what_is_no_https_address_is_refused(address: str) -> None:
    with pytest.raises(Unusable):
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
    except Unusable as refused:
        assert len(str(refused)) < 400
    else:
        assert found.about
