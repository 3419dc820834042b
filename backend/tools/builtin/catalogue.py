"""Questions about models, answered from the bundled catalogue. It does NOT know which ones a given key may use."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

MOST = 20


def find_model(
    words: Annotated[
        str,
        Field(
            description="Words in the model's id, name or developer: 'gemini flash'. Empty: any.", max_length=100
        ),
    ] = "",
    min_context: Annotated[int, Field(description="Least context length, in tokens: 200000.", ge=0, le=10**9)] = 0,
    retired: Annotated[bool, Field(description="Whether models that are no longer offered count too.")] = False,
    limit: Annotated[int, Field(description="How many to list.", ge=1, le=MOST)] = 5,
) -> dict[str, object]:
    """Find language models by name, developer or context length, longest context first. Use it before naming a
    model id, which must be exact. The list is this playground's own and dated, not live.
    """
    # Not at the top: the catalogue brings the HTTP client along, and a tool process should start at once.
    from backend.catalog import bundled

    terms = words.lower().split()
    models = [
        model
        for model in bundled()
        if (retired or not model.retired)
        and (model.context_length or 0) >= min_context
        and all(word in f"{model.id} {model.name} {model.developer}".lower() for word in terms)
    ]
    models.sort(key=lambda model: -(model.context_length or 0))
    return {
        "found": len(models),
        "models": [
            {
                "id": model.id,
                "name": model.name,
                "developer": model.developer,
                "context_length": model.context_length,
                **({"retired": True} if model.retired else {}),
            }
            for model in models[:limit]
        ],
    }
