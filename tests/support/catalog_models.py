"""Models for the tests of the catalog."""

from __future__ import annotations

from backend.catalog import ModelInfo, bundled

RETIRED = [model for model in bundled() if model.retired]


def ids(models: list[ModelInfo]) -> list[str]:
    return [model.id for model in models]
