"""The lanes of a race in a link: the overrides of each. Read as untrusted, like the rest of a link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backend.formats import links
from backend.formats.link_fields import id_of, list_of, object_of, string_of
from backend.parameters import PARAMETERS
from backend.types import JSON
from backend.untrusted import Unreadable, clean_json, one_of

FEWEST, MOST = 2, 6
PLACES = ("configured", "local")  # connections that a link may name: never an address
Lane = Mapping[str, JSON]


def lanes_for_link(lanes: Iterable[Lane]) -> tuple[Lane, ...]:
    """The lanes as they go into a link: without a connection that is a server's address."""
    return tuple(
        {name: value for name, value in lane.items() if name in _FIELDS and _may_be_linked(name, value)}
        for lane in lanes
    )


def _may_be_linked(name: str, value: JSON) -> bool:
    return name != "connection" or value in PLACES


def read(value: object, fewest: int = FEWEST) -> tuple[Lane, ...]:
    """The lanes in a link, () for a link to a chat. Raises Unreadable for lanes that no race has."""
    entries = [object_of(entry) for entry in list_of(value, MOST)]
    if entries and len(entries) < fewest:
        raise Unreadable(links.ODD)
    return tuple({name: _FIELDS[name](entry[name]) for name in _FIELDS if name in entry} for entry in entries)


def _connection(value: object) -> JSON:
    place = one_of(value, PLACES)
    if place is None:
        raise Unreadable(links.ODD)
    return place


def _parameters(value: object) -> JSON:
    """The usable values; null: the lane does not send a parameter that the others do."""
    values, kept = object_of(value), dict[str, JSON]()
    for parameter in PARAMETERS:
        if parameter.name in values:
            try:
                kept[parameter.name] = parameter.parse(clean_json(values[parameter.name]))
            except ValueError:
                continue
    return kept


_FIELDS = {"connection": _connection, "model": id_of, "system_prompt": string_of, "parameters": _parameters}
