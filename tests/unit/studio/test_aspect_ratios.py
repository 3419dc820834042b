"""What is shown of a run until its result is there: frames in its shape, and how long it usually takes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from backend.errors import BadInput
from backend.studio.aspect_ratios import aspect_ratios
from backend.studio.durations import usual
from backend.studio.families import Name
from backend.studio.fields import form
from backend.studio.models import find
from backend.studio.shelf import Shelf
from backend.studio.task import Task
from components.studio import files, last_frame


@pytest.mark.parametrize(
    ("body", "shapes"),
    [
        ({"aspect_ratio": "16:9", "num_images": 2}, [16 / 9] * 2),
        ({"image_size": {"width": 512, "height": 1024}}, [0.5]),
        ({"image_size": "portrait_4_3", "n": "3"}, [0.75] * 3),
        ({"size": "1024x1536", "num_images": 1e9}, [2 / 3] * 4),
        ({"size": "1280*720", "n": -5}, [16 / 9]),
        ({"size": "1x99999"}, [0.25]),
        ({"size": "0x0"}, []),
        ({"image_size": {"width": float("inf"), "height": [1]}, "aspect_ratio": "auto"}, []),
        ({"image_size": "2K"}, []),
        ({}, []),
    ],
)
def test_frames_have_the_shape_and_number_that_was_asked_for(body: dict[str, Any], shapes: list[float]) -> None:
    assert aspect_ratios(Task("image", "m", "images", body=body), None) == pytest.approx(shapes)


@pytest.mark.parametrize(("family", "count"), [("image", 1), ("speech", 0), ("3d", 0)])
def test_an_unset_shape_is_the_models_and_sounds_have_none(family: Name, count: int) -> None:
    model = find("flux/schnell")
    assert model is not None and len(aspect_ratios(Task(family, model.id, "images"), model)) == count


def test_a_run_takes_as_long_as_those_before_it_and_else_as_the_documents_show() -> None:
    assert usual([10.0, 12.0, 86_400.0], [300.0]) == 12.0
    assert usual([-5.0], ()) == 0.0, "a clock that was set back"
    assert usual((), [100.0, 200.0]) == 150.0 and usual((), ()) is None


@pytest.mark.parametrize(
    ("model", "field"),
    [
        ("alibaba/wan-2-7-r2v", "first_frame_image"),
        ("minimax/hailuo-02", "image_url"),
        ("veo2", ""),
        ("google/veo-3.1-reference-to-video", ""),  # takes pictures, and begins with none of them
    ],
)
def test_a_frame_of_a_clip_goes_into_the_next_request(
    model: str, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files.tab, "value", lambda _: files.Frame("0" * 32, "last frame"))
    found = find(model)
    assert found
    assert [one.name for one in form(found) if files.taken_picture(found, one)] == ([field] if field else [])


@pytest.mark.parametrize(
    "given",
    [
        *("data:image/png;base64,", "data:image/svg+xml;base64,PHN2Zz4=", "data:image/jpeg;base64,JVBERi0=", "x"),
        *(
            "data:text/html;base64,PGh0bWw+",
            "data:image/jpeg;base64,????",
            "data:image/png;base64," + "A" * 30_000_000,
        ),
    ],
    ids=lambda given: given[:30],
)
def test_a_frame_is_a_picture_or_is_dropped(given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(last_frame, "set_toast", lambda sentence, _: told.append(sentence))
    shelf = Shelf(tmp_path, "anna")
    session: Any = SimpleNamespace(studio=SimpleNamespace(shelf=shelf))
    with pytest.raises(BadInput):
        last_frame._take(session, "a clip", given)
    assert shelf.used_bytes == 0 and not told
