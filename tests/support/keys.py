"""The forms in which a key must not appear anywhere, for the tests: independent of the code that redacts it.

assert leaked(KEY, page.content()) == []
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable
from urllib.parse import quote

# Keys to look for where none may be: a usual one; one with all kinds of quotes; those that no server could take.
CANARY = "sk-canary/7f3a9c51e2b84d60+a1c5d9"
QUOTED = "sk-\"canary'\\7f3a9c51e2b84d60a1c5"
ODD = (
    "sk-canary\n7f3a9c51e2b84d60a1c5",
    "sk-canary\U0001f511-7f3a9c51e2b84d60a1c5",
    "sk-canary\r\nX-Evil: 1-7f3a9c51",
)
SHORTEST_HALF = 8  # characters; less is found anywhere


def forms(key: str) -> dict[str, bytes]:
    """Each way a key may be written, by name."""
    raw, half = key.encode("utf-8", "surrogatepass"), len(key) // 2
    found = {
        "raw": raw,
        "in an address": quote(raw, safe="").encode(),
        "in a path": quote(raw).encode(),
        "in JSON": json.dumps(key)[1:-1].encode(),
        "in JSON with its letters": json.dumps(key, ensure_ascii=False)[1:-1].encode("utf-8", "surrogatepass"),
        "in PHP's JSON": key.replace("/", "\\/").encode("utf-8", "surrogatepass"),
        "by repr": repr(key)[1:-1].encode("utf-8", "surrogatepass"),
        "in hex": raw.hex().encode(),
        "in capitals": key.upper().encode("utf-8", "surrogatepass"),
        "in HTML": html.escape(key).replace("/", "&#x2F;").replace("+", "&#43;").encode("utf-8", "surrogatepass"),
        **_base64(raw),
    }
    found |= {f"{name}, lower case": form.lower() for name, form in found.items() if name.startswith("in an ")}
    if half >= SHORTEST_HALF:
        found |= {"its first half": key[:half].encode(), "its second half": key[half:].encode()}
    return found


def _base64(raw: bytes) -> dict[str, bytes]:
    """The characters that the key alone decides, wherever in a longer text it begins."""
    made: dict[str, bytes] = {}
    for before in range(3):
        for name, encode in (("base64", base64.b64encode), ("urlsafe base64", base64.urlsafe_b64encode)):
            coded = encode(bytes(before) + raw)
            first, last = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
            made[f"{name} after {before}"] = coded[first:last]
    return made


def leaked(key: str, *places: str | bytes) -> list[str]:
    """The names of the forms in which the key is in any of the places; hex in either case."""
    texts = [place.encode("utf-8", "surrogatepass") if isinstance(place, str) else place for place in places]
    return [name for name, form in forms(key).items() if any(_holds(text, name, form) for text in texts)]


def _holds(text: bytes, name: str, form: bytes) -> bool:
    return form in text or (name == "in hex" and form.upper() in text)


def every(key: str) -> Iterable[str]:
    """Every form as text, as a server that repeats the key may write it."""
    return [form.decode("utf-8", "surrogatepass") for form in forms(key).values()]
