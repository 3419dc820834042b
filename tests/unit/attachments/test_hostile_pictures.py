"""Files made to break the page or to take its memory: each is a picture, or a sentence, and nothing else."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import threading
import zlib
from pathlib import Path

import pytest
from basics import ROOT
from files_to_attach import bare_png, chunk, picture
from hypothesis import given
from hypothesis import strategies as st
from measure_pictures import KINDS
from PIL import Image

from backend import attachments
from backend.attachments import UnusableFile, pictures
from backend.attachments.attachment import data_url

ROW = b"\0" * 4  # a row of one pixel: its filter, then three colours


def survives(data: bytes) -> bool:
    """Whether the file is a picture to us; anything but a picture or a refusal fails the test."""
    url = data_url("image/png", data)
    for look in (pictures.displayable_bytes, pictures.size, lambda url: pictures.preview(url, 50)):
        look(url)
    try:
        return attachments.read("a.png", data).media.kind == "image"
    except UnusableFile as refused:
        assert len(str(refused)) < 300
        return False


@pytest.mark.parametrize(
    "data",
    [
        *(b"BM ok", b"BM", b"\xff\xd8\xff", b"GIF89a" + b"\0" * 57, b"GIF89a", picture("PNG")[:33]),
        *(b"RIFF\x04\0\0\0WEBP", b"\x89PNG\r\n\x1a\n", b"BM" + b"\xff" * 60),
        b"BM" + b"\0" * 12 + b"\x28" + b"\0" * 40,
        b"BM" + b"\0" * 12 + b"\x28\0\0\0" + struct.pack("<ii", 2**31 - 1, -(2**31)) + b"\1\0\x20\0" + b"\0" * 24,
        b"\xff\xd8" + b"\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03" + b"\0" * 9,
        b"GIF89a\1\0\1\0\x80\0\0" + b"\0" * 6 + b",\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x44\x01\0;",
    ],
)  # fmt: skip
def test_a_broken_file_is_refused_in_words(data: bytes) -> None:
    assert not survives(data)


@pytest.mark.parametrize(
    "kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "MPO", "TIFF", "ICO", "PPM", "TGA", "PCX", "DDS"]
)
def test_a_file_of_each_kind_is_survived_wherever_it_ends(kind: str) -> None:
    out = io.BytesIO()
    noise = Image.effect_noise((32, 32), 90).convert("RGB")
    noise.save(
        out, kind, **({"save_all": True, "append_images": [noise]} if kind in ("MPO", "WEBP", "GIF") else {})
    )
    data = out.getvalue()
    for end in {*range(60), *range(60, len(data), 37)}:
        survives(data[:end])
    assert survives(data) is (kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "MPO"))


@given(
    st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "BMP"]), st.integers(0, 10**6), st.binary(min_size=1, max_size=8)
)
def test_a_file_with_any_bytes_changed_is_survived(kind: str, place: int, change: bytes) -> None:
    data = bytearray(picture(kind, size=(9, 7)))
    at = place % len(data)
    data[at : at + len(change)] = change
    survives(bytes(data))


@pytest.mark.parametrize(
    "data",
    [
        picture("TIFF"), picture("ICO", size=(16, 16)), b"II*\0" + b"\xff" * 40, b"MM\0*" + b"\0" * 40,
        b"\0\0\1\0\xff\xff" + b"\xff" * 40,
    ],
)  # fmt: skip
def test_formats_that_no_model_reads_are_refused_unopened(data: bytes) -> None:
    assert pictures.displayable_bytes(data_url("image/png", data)) is None
    with pytest.raises(UnusableFile, match="may be PNG, JPEG"):
        attachments.read("a.tiff", data)


def texts(kind: bytes, count: int, size: int = 1_000_000) -> list[bytes]:
    packed = zlib.compress(b"x" * size)
    head = {b"zTXt": b"k\0\0", b"iTXt": b"k\0\1\0\0\0", b"iCCP": b"k\0\0"}[kind]
    return [chunk(kind, head.replace(b"k", b"k%d" % n) + packed) for n in range(count)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP"])
def test_texts_beside_the_pixels_cannot_fill_the_memory(kind: bytes) -> None:
    assert survives(bare_png(1, 1, *texts(kind, 2), pixels=ROW))
    survives(bare_png(1, 1, *texts(kind, 1, 100_000_000), pixels=ROW))
    many = bare_png(1, 1, *texts(kind, 80), pixels=ROW)
    if kind != b"iCCP":  # of colour profiles the last one counts
        with pytest.raises(UnusableFile):
            attachments.read("a.png", many)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_a_moving_picture_of_many_frames_is_read_as_fast_as_one(kind: str) -> None:
    out = io.BytesIO()
    frames = [Image.new("L", (2, 2), n % 250) for n in range(400)]
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])
    seen: list[int] = []
    opened = pictures._open_header("", out.getvalue(), pictures.MEMORY)
    seek = opened.seek
    opened.seek = lambda frame: (seen.append(frame), seek(frame))[1]  # type: ignore[method-assign, func-returns-value]
    _ = opened.is_animated  # type: ignore[attr-defined]
    assert survives(out.getvalue()) and max(seen, default=0) <= 1


def test_a_photograph_that_is_drawn_over_and_over_is_refused_undecoded() -> None:
    data = picture("JPEG", size=(900, 900), progressive=True)
    scan, end = data[data.rfind(b"\xff\xda") : -2], data[-2:]
    assert survives(data[:-2] + scan * 20 + end)
    assert not survives(data[:-2] + scan * 60_000 + end), "one such picture of 9 million pixels takes half an hour"


@pytest.mark.parametrize(("size", "most"), [((12_000, 12_000), 100), ((6_000, 6_000), 14)])
def test_the_largest_photograph_is_told_by_how_it_is_kept(size: tuple[int, int], most: int) -> None:
    data = bytearray(picture("JPEG", progressive=most < 100, subsampling=0))
    frame = data.index(b"\xff\xc2" if most < 100 else b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", *size)
    with pytest.raises(UnusableFile, match=f"At most {most} million"):
        attachments.read("a.jpg", bytes(data))


def test_one_picture_is_decoded_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, most = [0], [0]
    real = pictures._smooth

    def slow(image: Image.Image) -> Image.Image:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        threading.Event().wait(0.01)
        at_once[0] -= 1
        return real(image)

    monkeypatch.setattr(pictures, "_smooth", slow)
    url = data_url("image/png", picture())
    threads = [threading.Thread(target=pictures.preview, args=(url, 20)) for _ in range(4)]
    threads += [threading.Thread(target=attachments.read, args=("a.png", picture())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


# ---- memory, each picture in a process of its own ---------------------------------------------------------

MEASURE = ROOT / "tests" / "support" / "measure_pictures.py"


def measure(*arguments: str) -> str:
    command = [sys.executable, str(MEASURE), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONPATH": str(ROOT)})
    return done.stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of 40 million pixels, and of as many as may be decoded."""
    folder = tmp_path_factory.mktemp("pictures")
    measure("make", str(folder))
    return folder


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="VmHWM is Linux's")
@pytest.mark.parametrize("name", KINDS)
def test_a_picture_of_a_kilobyte_does_not_take_the_memory(made: Path, name: str) -> None:
    """`preview` is what a model's answer and an imported conversation bring."""
    rise, outcome = measure("read", str(made / f"most.{name}")).split()
    assert float(rise) * 1e6 < pictures.MEMORY and outcome == "made"
    rise, outcome = measure("preview", str(made / f"large.{name}")).split()
    assert float(rise) * 1e6 < pictures.MEMORY_OF_OTHERS and outcome == ("made" if name == "jpg" else "refused")
