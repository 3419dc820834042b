"""Dates, times and time zones. Zones come from the system, or from the tzdata package where it has none."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field

Zone = Annotated[str, Field(description="An IANA time zone or its city: Europe/Paris, Tokyo, UTC.")]
_SHOWN = "%Y-%m-%d %H:%M"


def current_time(
    city_or_zone: Zone,
    add_hours: Annotated[
        float, Field(description="Hours to add to now; negative looks back.", ge=-8760, le=8760)
    ] = 0,
) -> dict[str, str]:
    """The date and time in a city or time zone, now or some hours from now. For other dates use date_and_time."""
    name, zone = _zone(city_or_zone)
    # Added in UTC: in local time the clock change would add or lose an hour.
    then = (datetime.now(UTC) + timedelta(hours=add_hours)).astimezone(zone)
    return {"time_zone": name, "time": then.strftime(_SHOWN), "weekday": then.strftime("%A")}


def date_and_time(
    moment: Annotated[
        str,
        Field(description="Where to start: 'now', 2026-02-13 or 2026-02-13T14:30, in `time_zone`.", max_length=40),
    ],
    time_zone: Zone = "UTC",
    add_months: Annotated[int, Field(description="Calendar months to add; 12 is a year.", ge=-12000, le=12000)] = 0,
    add_days: Annotated[int, Field(description="Days to add; negative looks back.", ge=-400000, le=400000)] = 0,
    add_hours: Annotated[float, Field(description="Hours to add.", ge=-87600, le=87600)] = 0,
    until: Annotated[
        str, Field(description="Another date, to count the days to: 2026-12-24. Empty: none.", max_length=40)
    ] = "",
    show_in: Annotated[str, Field(description="Another time zone to tell the result in. Empty: none.")] = "",
) -> dict[str, object]:
    """Date arithmetic and time zones: add months, days or hours to a date, get its weekday and week number, count
    the days until another date, convert a time to another zone. Example: moment 2026-01-31, add_months 1 gives
    2026-02-28.
    """
    name, zone = _zone(time_zone)
    try:
        start = _shift(_moment(moment, zone), add_months, add_days, add_hours)
        return {
            **_moment_json(start, name),
            **({"until": _until(start, _moment(until, zone))} if until.strip() else {}),
            **({"elsewhere": _elsewhere(start, show_in)} if show_in.strip() else {}),
        }
    except OverflowError:
        raise ValueError("that is outside the years 1 to 9999.") from None


def _moment_json(moment: datetime, zone: str) -> dict[str, object]:
    week = moment.isocalendar()
    return {
        "time": moment.strftime(_SHOWN),
        "time_zone": zone,
        "weekday": moment.strftime("%A"),
        "iso_week": f"{week.year}-W{week.week:02}",
        "day_of_year": moment.timetuple().tm_yday,
    }


def _elsewhere(moment: datetime, place: str) -> dict[str, object]:
    name, zone = _zone(place)
    return _moment_json(moment.astimezone(zone), name)


def _until(start: datetime, end: datetime) -> dict[str, int]:
    """Whole calendar days between two dates, and how many of them are Monday to Friday, the last one included."""
    days = (end.date() - start.date()).days
    first = min(start, end).date()
    weeks, rest = divmod(abs(days), 7)
    working = weeks * 5 + sum((first + timedelta(days=day)).weekday() < 5 for day in range(1, rest + 1))
    return {"days": days, "working_days": working if days >= 0 else -working}


def _shift(moment: datetime, months: int, days: int, hours: float) -> datetime:
    """Months by the calendar (31 January + 1 month is the last of February), days by the clock, hours by UTC."""
    count = moment.year * 12 + moment.month - 1 + months
    year, month = count // 12, count % 12 + 1
    if not 1 <= year <= 9999:
        raise OverflowError
    moved = moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))
    return ((moved + timedelta(days=days)).astimezone(UTC) + timedelta(hours=hours)).astimezone(moment.tzinfo)


def _moment(text: str, zone: tzinfo) -> datetime:
    """A date or time in ISO 8601. Raises ValueError with a message."""
    if text.strip().lower() in ("now", "today"):
        return datetime.now(zone)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is no date; write it like 2026-02-13 or 2026-02-13T14:30.") from None
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


@cache
def _zones() -> dict[str, str]:
    """Every zone by its name and by its city, in lower case."""
    names = sorted(available_timezones(), reverse=True)
    cities = {name.lower().rpartition("/")[2]: name for name in names}
    return cities | {name.lower(): name for name in names}


def _zone(place: str) -> tuple[str, tzinfo]:
    """A time zone by its name or its city. Raises ValueError with a message."""
    key = place.strip().replace(" ", "_").lower()
    if key in ("utc", "gmt", "z"):
        return "UTC", UTC
    if name := _zones().get(key):
        return name, ZoneInfo(name)
    raise ValueError(f"no time zone is called {place[:60]!r}; use a name like Europe/Paris.")
