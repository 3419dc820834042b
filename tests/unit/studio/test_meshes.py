"""A mesh that would make a viewer fetch something else is not drawn."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from studio import files

from backend.studio import meshes

PLAIN = {
    "asset": {"version": "2.0"},
    "buffers": [{"byteLength": 0, "uri": "data:application/octet-stream;base64,"}],
}


def written(folder: Path, document: Any, *, cut: int | None = None) -> Path:
    content = json.dumps(document).encode()
    head = struct.pack("<4sIII4s", b"glTF", 2, 20 + len(content), len(content), b"JSON")
    path = folder / "mesh.glb"
    path.write_bytes((head + content)[:cut])
    return path


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, ""),
        ({"images": [{"uri": "https://evil.test/x.png"}]}, "not fetched"),
        ({"buffers": [{"uri": "javascript:alert(1)"}]}, "not fetched"),
        ({"extensions": {"A": [{"deep": {"uri": "other.bin"}}]}}, "not fetched"),
        ({"images": [{"uri": 5}]}, "not fetched"),
        ({"extensionsRequired": ["KHR_draco_mesh_compression", "KHR_texture_basisu"]}, "Draco and KTX2"),
        ({"extensionsUsed": ["EXT_meshopt_compression"]}, "meshopt"),
    ],
)
def test_a_mesh_that_needs_other_files_says_so(more: dict[str, Any], said: str, tmp_path: Path) -> None:
    trouble = meshes.trouble(written(tmp_path, {**PLAIN, **more}))
    assert said in trouble if said else trouble == ""


@pytest.mark.parametrize("between", [b"", struct.pack("<I4s", 4, b"BIN\0") + b"\0" * 4])
def test_a_mesh_that_describes_itself_twice_is_not_drawn(between: bytes, tmp_path: Path) -> None:
    """A viewer takes the last of several JSON chunks, whatever the first one says."""
    path = written(tmp_path, PLAIN)
    evil = json.dumps({**PLAIN, "images": [{"uri": "https://evil.test/x.png"}]}).encode()
    chunks = path.read_bytes()[12:] + between + struct.pack("<I4s", len(evil), b"JSON") + evil
    path.write_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks)
    assert "twice" in meshes.trouble(path)


def test_a_damaged_mesh_and_a_real_one(tmp_path: Path) -> None:
    assert meshes.trouble(written(tmp_path, PLAIN, cut=12)) == "It is cut off."
    assert "damaged" in meshes.trouble(written(tmp_path, PLAIN, cut=40))
    cube = tmp_path / "cube.glb"
    cube.write_bytes(files()["cube.glb"])
    assert meshes.trouble(cube) == "" and "damaged" in meshes.trouble(tmp_path / "gone.glb")
