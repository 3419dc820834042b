"""A text that grows in pieces, in linear time."""

from __future__ import annotations

from backend.text import clean, trailing_high_surrogate


class Text:
    """A growing text. Appending is O(length of the piece); reading joins the pieces once and caches the result.

    A surrogate pair split across two deltas is joined; everything else goes through `clean`.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._half = ""
        self.length = 0

    def append(self, piece: str) -> None:
        piece = self._half + piece
        self._half = piece[-1] if trailing_high_surrogate(piece) else ""
        if self._half:
            piece = piece[:-1]
        piece = clean(piece)
        if piece:
            self._parts.append(piece)
            self.length += len(piece)

    def endswith(self, end: str) -> bool:
        """Whether it ends in this character. Does not join the pieces."""
        return bool(self._parts) and self._parts[-1].endswith(end)

    def __str__(self) -> str:
        if len(self._parts) > 1:
            self._parts = ["".join(self._parts)]
        return self._parts[0] if self._parts else ""
