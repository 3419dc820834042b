"""Run by a test in a process of its own: how far memory rises while one picture is read or previewed.

python measure_pictures.py make FOLDER               write pictures that are small files and millions of pixels
python measure_pictures.py read|preview FILE         print the peak above the start in MB, and what came of it
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image

SIDE = 6300  # 40 million pixels
KINDS = {
    "webp": ("WEBP", "RGBA", {"lossless": True}),
    "png": ("PNG", "RGB", {}),
    "clear.png": ("PNG", "RGBA", {}),
    "palette.png": ("PNG", "P", {}),
    "grey16.png": ("PNG", "I;16", {}),
    "gif": ("GIF", "P", {}),
    "jpg": ("JPEG", "RGB", {}),
    "progressive.jpg": ("JPEG", "RGB", {"progressive": True, "subsampling": 0}),
}


def make(folder: Path) -> None:
    """Each once much too large, and once as large as it may be."""
    from backend.attachments import pictures

    for name, (kind, mode, options) in KINDS.items():
        data = _picture(kind, mode, SIDE, options)
        (folder / f"large.{name}").write_bytes(data)
        opened = Image.open(io.BytesIO(data))
        most = min(SIDE, int((pictures.MEMORY // pictures._bytes(opened, data)) ** 0.5))
        (folder / f"most.{name}").write_bytes(_picture(kind, mode, most, options))


def _picture(kind: str, mode: str, side: int, options: dict[str, object]) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (side, side), 0).save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def peak() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def measure(how: str, file: Path) -> None:
    from backend.attachments import UnusableFile, pictures
    from backend.attachments.attachment import data_url

    Image.init()
    data = file.read_bytes()
    url, before = data_url("image/png", data), peak()
    try:
        result = pictures.preview(url, 480) if how == "preview" else pictures.read(file.name, data)
        outcome = "refused" if result is None else "made"
    except UnusableFile:
        outcome = "refused"
    print(f"{peak() - before:.0f} {outcome}")


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]))
    else:
        measure(sys.argv[1], Path(sys.argv[2]))
