"""Parts of a page that was read: what is drawn over its picture, whatever numbers a server gives."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backend.studio import ocr_boxes, replies
from backend.studio.families import FAMILIES
from backend.untrusted import fields, items

SIZE = {"width": 200, "height": 100, "dpi": 72}


def box(left: Any, top: Any, right: Any, bottom: Any, **more: Any) -> dict[str, Any]:
    corners = {"top_left_x": left, "top_left_y": top, "bottom_right_x": right, "bottom_right_y": bottom}
    return {"id": "img-0.png", **corners, **more}


def of(*rows: Any, size: Any = SIZE, **more: Any) -> list[Any]:
    return items(ocr_boxes.of_page({"images": list(rows), "dimensions": size, **more}).get("boxes"))


def test_parts_are_placed_by_the_size_of_their_page_with_what_is_said_of_them() -> None:
    assert of(box(20, 10, 100, 50), box("0", 0, 200, 100, image_annotation={"kind": "table"})) == [
        [100.0, 100.0, 500.0, 500.0, "img-0.png"],
        [0.0, 0.0, 1000.0, 1000.0, '{"kind": "table"}'],
    ]
    assert of(blocks=[{"bbox": [0, 0, 20, 10], "content": "Total: 12"}]) == [[0.0, 0.0, 100.0, 100.0, "Total: 12"]]


@pytest.mark.parametrize(
    "row",
    [
        *(box(float("nan"), 0, 1, 1), box(0, 0, float("inf"), 1), box(None, 0, 1, 1), box(0, 0, "wide", 1)),
        *(box(5, 5, 5, 9), box(9, 0, 1, 1), box(-9, -9, -1, -1), box(300, 0, 400, 1), box(True, 0, 1, 1), 7, None),
        *({"bbox": [0, 0, 1]}, {"bbox": "0 0 1 1"}, box(0, 0, 10**400, 1)),
    ],
)
def test_a_box_that_is_no_rectangle_on_the_page_is_left_out(row: Any) -> None:
    assert of(row) == []


def test_a_box_over_the_edge_is_cut_there() -> None:
    assert of(box(-1e300, -5, 1e300, 50)) == [[0.0, 0.0, 1000.0, 500.0, "img-0.png"]]


@pytest.mark.parametrize("size", [None, {}, {"width": 0, "height": -1}, {"width": "x"}, {"width": float("nan")}])
def test_a_page_of_no_size_leaves_its_parts_in_pixels(size: Any) -> None:
    page = ocr_boxes.of_page({"images": [box(1, 2, 3, 4)], "dimensions": size})
    assert page == {"boxes": [[1.0, 2.0, 3.0, 4.0, "img-0.png"]], "pixels": True, "more": 0}


def test_of_ten_thousand_boxes_some_hundred_are_drawn_and_the_rest_counted() -> None:
    words = "\x00<b>" + "x" * 9_000
    body = {"pages": [{"markdown": "#", "dimensions": SIZE, "images": [box(0, 0, 9, 9, content=words)] * 10_000}]}
    reply = replies.read(json.loads(json.dumps(body)), FAMILIES["ocr"], aimlapi=True)
    page = fields(items(reply.result)[0])
    assert (len(items(page["boxes"])), page["more"]) == (ocr_boxes.MOST, 10_000 - ocr_boxes.MOST)
    assert len(items(ocr_boxes.valid_boxes(page)["boxes"])) == ocr_boxes.MOST and "\x00" not in json.dumps(page)
    assert len(json.dumps(page)) < 1_000_000
    assert (
        ocr_boxes.valid_boxes({}) == {}
        and ocr_boxes.valid_boxes({"boxes": [[1, 2], "x", ["a", 2, 3, 4, "b"]]}) == {}
    )
    assert ocr_boxes.valid_boxes({"boxes": [[1, 2, 3, 4, {"no": "text"}]]})["boxes"] == [[1.0, 2.0, 3.0, 4.0, ""]]
