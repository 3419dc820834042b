"""Embeddings of texts: their similarities, and a projection to two dimensions."""

from __future__ import annotations

import base64
import binascii
import csv
import io
import struct
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from backend.text import harmless_cell
from backend.types import JSON
from backend.untrusted import items, number

TEXTS = 200  # of one run
LENGTH = 16_384
_LARGEST = float(np.finfo(np.float32).max)  # the precision of servers, and of a file of vectors
Vector = tuple[float, ...]


class Uneven(ValueError):
    """Vectors that cannot be compared. `str()` says why."""


def read(rows: JSON, texts: int | None = None) -> list[Vector]:
    """The vectors of a reply: lists of numbers, or little-endian floats in Base64; if a server returns one per
    token, their mean. `texts`: how many were sent. Raises Uneven.
    """
    vectors = [_vector(row) for row in items(rows, TEXTS)]
    if texts is not None and len(vectors) != min(texts, TEXTS):
        raise Uneven(f"The server gave {len(vectors)} vectors for {texts} texts: which is whose is not known.")
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
    found = [value for value in values if value is not None and abs(value) <= _LARGEST]
    return tuple(found) if len(found) == len(values) else ()


def similarities(vectors: Sequence[Vector]) -> list[list[float]]:
    """Cosine similarities: 1 for the same direction, 0 for orthogonal vectors."""
    units = _units(vectors)
    cosines: list[list[float]] = (units @ units.T).tolist()
    return cosines


def _units(vectors: Sequence[Vector]) -> NDArray[np.float64]:
    """n x d: each normalised to length 1; a zero vector stays."""
    rows = np.array(vectors, dtype=np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1.0)


def ranked(query: Vector, vectors: Sequence[Vector]) -> list[tuple[int, float]]:
    """The indexes of the vectors with their cosine similarity to a query, the nearest first. Raises Uneven if
    the query has another dimension.
    """
    if any(len(vector) != len(query) for vector in vectors):
        raise Uneven("The query came with a vector of another length than the texts, which cannot be compared.")
    cosines = (_units(vectors) @ _units([query])[0]).tolist()
    return sorted(enumerate(cosines), key=lambda row: -row[1])


def nearest(matrix: Sequence[Sequence[float]], most: int = 10) -> list[tuple[int, int, float]]:
    """The pairs of indexes with the highest similarity, the nearest first."""
    pairs = [(one, other, matrix[one][other]) for one, other in combinations(range(len(matrix)), 2)]
    return sorted(pairs, key=lambda pair: -pair[2])[:most]


def plane(vectors: Sequence[Vector]) -> tuple[list[tuple[float, float]], float]:
    """The projection to the two principal components, and the share of variance that it keeps, 0 to 1."""
    rows = np.array(vectors)
    places, spread, _ = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    points = np.zeros((len(rows), 2))
    found = (places * spread)[:, :2]
    points[:, : found.shape[1]] = found
    whole = float((spread**2).sum())
    kept = float((spread[:2] ** 2).sum()) / whole if whole > 1e-12 else 1.0
    return [(float(x), float(y)) for x, y in points], kept


def npy(vectors: Sequence[Vector]) -> bytes:
    """The vectors as a NumPy file: float32, n x d."""
    written = io.BytesIO()
    np.save(written, np.array(vectors, dtype="<f4"), allow_pickle=False)
    return written.getvalue()


def table(texts: Sequence[str], vectors: Sequence[Vector]) -> str:
    """Texts and vectors as CSV."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(["text", *range(len(vectors[0]) if vectors else 0)])
    for text, vector in zip(texts, vectors, strict=True):
        rows.writerow([harmless_cell(text), *vector])
    return written.getvalue()
