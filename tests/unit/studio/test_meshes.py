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


def test_a_damaged_mesh_and_a_real_one(tmp_path: Path) -> None:
    assert meshes.trouble(written(tmp_path, PLAIN, cut=12)) == "It is cut off."
    assert "damaged" in meshes.trouble(written(tmp_path, PLAIN, cut=40))
    cube = tmp_path / "cube.glb"
    cube.write_bytes(files()["cube.glb"])
    assert meshes.trouble(cube) == "" and "damaged" in meshes.trouble(tmp_path / "gone.glb")
