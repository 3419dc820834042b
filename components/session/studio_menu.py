"""The Studio's offer on a connection: families, their models, a default model, the cost of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backend.catalog import Listing, ModelInfo
from backend.guests import terms
from backend.guests.metering import Account
from backend.guests.terms import NotForGuests
from backend.studio import chat_models, models, prices
from backend.studio.batching import REQUESTS
from backend.studio.budget import RunBudget
from backend.studio.families import FAMILIES, Family, Name
from backend.studio.fields import form
from backend.studio.models import StudioModel
from backend.studio.prices import Estimate
from backend.studio.task import Task
from backend.types import ChatRequest
from backend.untrusted import fields, objects
from components.session import tab, widgets, words
from components.session.connection import Connection

# Typical parts of the model names of a family.
_LIKELY: Mapping[Name, tuple[str, ...]] = {
    "image": ("image", "dall-e", "flux", "diffusion", "sdxl", "imagen"),
    "speech": ("tts", "speech", "kokoro", "piper"),
    "transcription": ("whisper", "transcribe", "asr"),
    "embeddings": ("embed", "bge", "gte", "e5"),
    "moderation": ("moderation", "guard"),
    "search": ("sonar", "search", "perplexity"),
    "assistants": ("gpt-",),
}


def families(connection: Connection, *, local: bool) -> list[Family]:
    """The available families; `local`: there is a local model."""
    if connection.is_local:
        return [FAMILIES["embeddings"]] if local else []
    return [family for family in FAMILIES.values() if family.way(connection.endpoint) is not None]


def offered_models(family: Family, connection: Connection, listing: Listing) -> list[StudioModel]:
    """The models to choose from: documented, or in the server's list."""
    of_chat = chat_models.is_of_chat(family.name)
    if connection.endpoint.is_aimlapi:
        return list(chat_models.of(family.name) if of_chat else models.of(family.name))
    ordered = sorted(listing.ids, key=lambda id_: not _is_likely(family, id_))
    made = chat_models.model if of_chat else models.of_any_server
    return [made(family.name, id_) for id_ in ordered]


def _is_likely(family: Family, id_: str) -> bool:
    """Whether the name suggests the family, as a list does not say what a model makes."""
    return any(part in id_.lower() for part in _LIKELY.get(family.name, ()))


def able(family: Family, connection: Connection, models: Sequence[StudioModel]) -> StudioModel | None:
    """One of these models for the family, preferably the one chosen on the page; None if none is known."""
    if connection.is_local or connection.needs_key or family.way(connection.endpoint) is None:
        return None
    documented = connection.endpoint.is_aimlapi
    fitting = [one for one in models if documented or _is_likely(family, one.id)]
    wanted = str(tab.value(widgets.studio_model(family.name)) or "") or family.usual
    return next((one for one in fitting if one.id == wanted), next(iter(fitting), None))


def model(family: Family, connection: Connection, id_: str) -> StudioModel:
    """The model with this id. An undocumented one has the fields of the first model of its family."""
    if chat_models.is_of_chat(family.name):
        documented = {one.id: one for one in chat_models.of(family.name)}
        return documented.get(id_) or chat_models.model(family.name, id_)
    if not connection.endpoint.is_aimlapi:
        return models.of_any_server(family.name, id_)
    known = models.find(id_)
    if known is not None and known.family == family.name:
        return known
    usual = models.of(family.name)[0]
    return StudioModel(id_, family.name, fields=usual.fields, required=usual.required, one_of=usual.one_of)


def takes_pictures(connection: Connection) -> bool:
    """Whether some picture model accepts a picture."""
    usual = form(models.of_any_server("image", ""))
    return connection.endpoint.is_aimlapi or any(field.kind == "picture" for field in usual)


def estimate(task: Task, model: StudioModel, connection: Connection, listing: Listing) -> Estimate | None:
    """What one request will cost, as far as the server's list says."""
    if connection.is_local:
        return Estimate(0.0, 0.0, "request")
    if task.about.gives == "rows":
        return prices.of_batch(connection.price(listing, task.model), task.body)
    way = task.about.way(connection.endpoint)
    found = listing.unit_prices.get(task.model.lower(), ())
    return prices.estimate(found, model, task.about, way, task.body) if way else None


def budget(asked: Sequence[Task], estimated: Estimate | None, account: Account | None) -> RunBudget | None:
    """The budget for each step of a guest's run; None if no guest pays. Raises NotForGuests for what the owner
    has not opened, or what has no price.
    """
    if account is None:
        return None
    for task in asked:
        _require_open(task, account)
    if estimated is None and account.terms.price_limit is not None:
        raise NotForGuests(title=words.UNPRICED_FOR_GUESTS)
    # A run without a listed price counts when the server reports its cost.
    return RunBudget(account, estimated.high if estimated else 0.0)


def _require_open(task: Task, account: Account) -> None:
    """Check the models in the requests themselves, as their price counts, including each request of a batch.
    Raises NotForGuests.
    """
    rows = [fields(row.get("params")) for row in objects(task.body.get(REQUESTS))]
    if any(body.get("model", task.model) != task.model for body in (task.body, *rows)):
        raise NotForGuests(title=words.OTHER_MODEL_FOR_GUESTS)
    if not terms.is_listed(ModelInfo(task.model), account.terms):
        raise NotForGuests(title=words.MODEL_NOT_FOR_GUESTS)
    if rows and (problem := terms.model_problem(account.info(task.model), account.terms)):
        raise NotForGuests(title=problem)
    for params in rows:
        request = ChatRequest(task.model, (), raw=params)
        if terms.fitted(request, account.terms) is not request:
            raise NotForGuests(title=words.TOO_LONG_FOR_GUESTS.format(most=account.terms.max_tokens))
