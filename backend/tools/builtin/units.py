"""Units of measurement: a table of each unit's size in the base unit of its kind. Temperatures also have an
offset.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

# fmt: off
Unit = Literal[
    "m", "km", "cm", "mm", "um", "mi", "yd", "ft", "in", "nmi",
    "kg", "g", "mg", "t", "lb", "oz", "st",
    "m2", "km2", "cm2", "ha", "acre", "ft2", "mi2",
    "L", "mL", "m3", "ft3", "gal_us", "gal_uk", "qt_us", "pt_us", "cup_us", "floz_us", "tbsp_us", "tsp_us",
    "C", "F", "K",
    "m/s", "km/h", "mph", "kn", "ft/s",
    "s", "ms", "min", "h", "day", "week", "year",
    "B", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB", "bit", "Mbit",
    "J", "kJ", "cal", "kcal", "Wh", "kWh", "BTU",
    "W", "kW", "hp",
    "Pa", "kPa", "bar", "psi", "atm", "mmHg",
    "rad", "deg",
]
_INCH, _POUND, _GALLON = 0.0254, 0.45359237, 3.785411784  # exact by definition: metres, kilograms, litres
# kind -> unit -> its size in base units (the one with 1)
KINDS: dict[str, dict[str, float]] = {
    "length": {
        "m": 1, "km": 1000, "cm": 0.01, "mm": 0.001, "um": 1e-6, "in": _INCH, "ft": 12 * _INCH, "yd": 36 * _INCH,
        "mi": 63360 * _INCH, "nmi": 1852,
    },
    "mass": {
        "kg": 1, "g": 0.001, "mg": 1e-6, "t": 1000, "lb": _POUND, "oz": _POUND / 16, "st": 14 * _POUND,
    },
    "area": {
        "m2": 1, "km2": 1e6, "cm2": 1e-4, "ha": 1e4, "acre": 4046.8564224, "ft2": (12 * _INCH) ** 2,
        "mi2": (63360 * _INCH) ** 2,
    },
    "volume": {
        "L": 1, "mL": 0.001, "m3": 1000, "ft3": 1000 * (12 * _INCH) ** 3, "gal_us": _GALLON, "gal_uk": 4.54609,
        "qt_us": _GALLON / 4, "pt_us": _GALLON / 8, "cup_us": _GALLON / 16, "floz_us": _GALLON / 128,
        "tbsp_us": _GALLON / 256, "tsp_us": _GALLON / 768,
    },
    "temperature": {"K": 1, "C": 1, "F": 5 / 9},
    "speed": {"m/s": 1, "km/h": 1 / 3.6, "mph": 0.44704, "kn": 1852 / 3600, "ft/s": 12 * _INCH},
    "time": {"s": 1, "ms": 0.001, "min": 60, "h": 3600, "day": 86400, "week": 604800, "year": 31557600},
    "data": {
        "B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30,
        "TiB": 2**40, "bit": 0.125, "Mbit": 125000,
    },
    "energy": {"J": 1, "kJ": 1e3, "cal": 4.184, "kcal": 4184, "Wh": 3600, "kWh": 3.6e6, "BTU": 1055.05585262},
    "power": {"W": 1, "kW": 1e3, "hp": 745.6998715822702},
    "pressure": {"Pa": 1, "kPa": 1e3, "bar": 1e5, "psi": 6894.757293168, "atm": 101325, "mmHg": 133.322387415},
    "angle": {"rad": 1, "deg": math.pi / 180},
}
# fmt: on
_ZERO = {"K": 0.0, "C": 273.15, "F": 273.15 - 32 * 5 / 9}  # the zero of each scale, in kelvin


def convert_units(
    value: Annotated[float, Field(description="How many, for example 42.195.", allow_inf_nan=False)],
    unit: Annotated[Unit, Field(description="The unit of `value`: km, lb, F, mph, kWh, gal_us.")],
    to: Annotated[Unit, Field(description="The unit to convert to, of the same kind.")],
) -> dict[str, float | str]:
    """Convert a measurement to another unit: length, mass, area, volume, temperature, speed, time, data, energy,
    power, pressure, angle. A year is 365.25 days, kB is 1000 and KiB 1024 bytes. For money use convert_currency.
    """
    kind, other = _kind(unit), _kind(to)
    if kind != other:
        raise ValueError(
            f"{unit} is a unit of {kind} and {to} one of {other}; {kind} has {', '.join(KINDS[kind])}."
        )
    factors = KINDS[kind]
    base = value * factors[unit] + _ZERO.get(unit, 0.0)
    if kind == "temperature" and base < -1e-9:
        raise ValueError(f"{value:g} {unit} is below absolute zero.")
    result = (base - _ZERO.get(to, 0.0)) / factors[to]
    if not math.isfinite(result):
        raise ValueError("the result is too large.")
    return {"value": float(f"{result:.12g}"), "unit": to}


def _kind(unit: str) -> str:
    return next(kind for kind, factors in KINDS.items() if unit in factors)
