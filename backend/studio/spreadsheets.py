"""Escapes untrusted texts for a table that a spreadsheet opens."""

from __future__ import annotations


def harmless(cell: str) -> str:
    """A text that a spreadsheet would evaluate as a formula, with a quote before it."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
