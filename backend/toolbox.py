"""The tools on offer. Each is safe on any input, needs no network, and answers at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field

from backend.tools import Function


def current_time(
    city_or_zone: Annotated[str, Field(description="An IANA time zone or its city: Europe/Paris, Tokyo, UTC.")],
    add_hours: Annotated[
        float, Field(description="Hours to add to now; negative looks back.", ge=-8760, le=8760)
    ] = 0,
) -> dict[str, str]:
    """The date and time in a city or time zone, now or some hours from now."""
    name, zone = _zone(city_or_zone)
    # Added in UTC: in local time an hour more would be none, or two, where summer begins or ends in between.
    then = (datetime.now(UTC) + timedelta(hours=add_hours)).astimezone(zone)
    return {"time_zone": name, "time": then.strftime("%Y-%m-%d %H:%M"), "weekday": then.strftime("%A")}


def _zone(asked: str) -> tuple[str, tzinfo]:
    """A time zone by its name or its city. Raises ValueError in words."""
    wanted = asked.strip().replace(" ", "_").lower()
    if wanted in ("utc", "gmt", "z"):
        return "UTC", UTC
    for name in sorted(available_timezones()):
        if wanted in (name.lower(), name.lower().rpartition("/")[2]):
            return name, ZoneInfo(name)
    raise ValueError(f"no time zone is called {asked[:60]!r}; use a name like Europe/Paris.")


FUNCTIONS: dict[str, Function] = {current_time.__name__: current_time}
