"""Vectors of texts: how near each is to each, and where they lie in a plane. Plain Python is enough for a page."""

from __future__ import annotations

import base64
import binascii
import csv
import io
import math
import struct
from collections.abc import Sequence
from itertools import combinations

from backend.types import JSON
from backend.untrusted import items, number

TEXTS = 200  # of one run
LENGTH = 16_384
_STEPS = 60  # of the power iteration
Vector = tuple[float, ...]


class Uneven(ValueError):
    """Vectors that cannot be compared. `str()` says why."""


def read(rows: JSON) -> list[Vector]:
    """Vectors of a reply: lists of numbers, or little-endian floats in Base64; where a server gives one for each
    token, their mean. Raises Uneven."""
    vectors = [_vector(row) for row in items(rows, TEXTS)]
    if not vectors or any(len(vector) != len(vectors[0]) or not vector for vector in vectors):
        raise Uneven("The server gave vectors of different lengths, which cannot be compared.")
    return vectors


def _vector(row: JSON) -> Vector:
    if isinstance(row, str):
        try:
            data = base64.b64decode(row[: LENGTH * 6])
        except (binascii.Error, ValueError):
            return ()
        return _finite(struct.unpack(f"<{len(data) // 4}f", data[: len(data) // 4 * 4]))
    if isinstance(row, list) and row and isinstance(row[0], list):
        tokens = [_finite(list(map(number, items(token, LENGTH)))) for token in items(row, 8_192)]
        return tuple([sum(column) / len(tokens) for column in zip(*tokens, strict=False)])
    return _finite(list(map(number, items(row, LENGTH))))


def _finite(values: Sequence[float | None]) -> Vector:
    found = [value for value in values if value is not None and math.isfinite(value)]
    return tuple(found) if len(found) == len(values) else ()


def similarities(vectors: Sequence[Vector]) -> list[list[float]]:
    """Cosines: 1 for the same direction, 0 for nothing in common."""
    units = [_unit(vector) for vector in vectors]
    return [[_dot(one, other) for other in units] for one in units]


def nearest(matrix: Sequence[Sequence[float]], most: int = 10) -> list[tuple[int, int, float]]:
    """The pairs of places that are nearest to each other, the nearest first."""
    pairs = [(one, other, matrix[one][other]) for one, other in combinations(range(len(matrix)), 2)]
    return sorted(pairs, key=lambda pair: -pair[2])[:most]


def plane(vectors: Sequence[Vector]) -> tuple[list[tuple[float, float]], float]:
    """The vectors in the plane that keeps most of their variance (principal components), and how much it keeps,
    0 to 1."""
    count = len(vectors)
    means = [sum(column) / count for column in zip(*vectors, strict=True)]
    centred = [[value - mean for value, mean in zip(vector, means, strict=True)] for vector in vectors]
    # Of few long vectors the matrix of their products is small, and has the same components.
    gram = [[_dot(one, other) for other in centred] for one in centred]
    whole = sum(gram[place][place] for place in range(count))
    axes, kept = [], 0.0
    for _ in range(2):
        value, axis = _largest(gram)
        kept += value
        axes.append([math.sqrt(max(0.0, value)) * part for part in axis])
        gram = [[gram[i][j] - value * axis[i] * axis[j] for j in range(count)] for i in range(count)]
    points = [(axes[0][place], axes[1][place]) for place in range(count)]
    return points, min(1.0, kept / whole) if whole > 1e-12 else 1.0


def _largest(matrix: Sequence[Sequence[float]]) -> tuple[float, list[float]]:
    """The largest eigenvalue of a symmetric matrix and its vector, by power iteration."""
    axis = [math.sin(place + 1) for place in range(len(matrix))]  # in no direction of its own
    value = 0.0
    for _ in range(_STEPS):
        image = [_dot(row, axis) for row in matrix]
        value = math.sqrt(_dot(image, image))
        if value < 1e-12:
            return 0.0, [0.0] * len(matrix)
        axis = [part / value for part in image]
    return value, axis


def table(texts: Sequence[str], vectors: Sequence[Vector]) -> str:
    """Texts and vectors as CSV. A text that a spreadsheet would run as a formula gets a quote before it."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(["text", *range(len(vectors[0]) if vectors else 0)])
    for text, vector in zip(texts, vectors, strict=True):
        rows.writerow([f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text, *vector])
    return written.getvalue()


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return (
        math.sumprod(one, other)
        if hasattr(math, "sumprod")
        else sum(a * b for a, b in zip(one, other, strict=True))
    )


def _unit(vector: Vector) -> Vector:
    length = math.sqrt(_dot(vector, vector))
    return tuple([value / length for value in vector]) if length else vector
