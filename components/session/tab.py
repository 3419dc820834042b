"""What Streamlit keeps for one tab: its widgets and values, its address, who is logged in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import ip_address
from typing import Any, TypeVar, cast

import streamlit as st

from backend.keys.endpoint import Endpoint
from components.elements.streamlit_internals import UploadedFile, is_connected, tab_id

One = TypeVar("One")

PASSED_ON = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")
_FOR_THE_PAGE = "something was put for the page"
_UNDER_WAY = "put, and under way to the browser"
_GONE = object()
BEHIND = 2.0  # seconds in which the browser may not have drawn what was put into a widget


@dataclass(frozen=True)
class _UnderWay:
    """What was put into a widget, and until when the browser may still name what it held before. That is kept as a
    fingerprint: it may be a key.
    """

    old: int
    new: object
    until: float

    def taken_back(self, held: object) -> bool:
        if held == self.new or held is _GONE:
            return False
        return _fingerprint(held) == self.old and time.monotonic() <= self.until


def value(name: str, default: object = None) -> Any:
    """What a widget holds in this tab, or what was put there, also while the browser is behind."""
    return _value(name, _under_way(), default)


def _value(name: str, under_way: Mapping[str, _UnderWay], default: object = None) -> object:
    held = st.session_state.get(name, _GONE)
    if name in under_way and under_way[name].taken_back(held):
        return under_way[name].new
    return default if held is _GONE else held


def values(names: Iterable[str]) -> tuple[object, ...]:
    """What several widgets hold; None for one that holds nothing. What is under way is read once for all."""
    under_way = _under_way()
    return tuple([_value(name, under_way) for name in names])


def upload(name: str) -> UploadedFile | None:
    """The file in an uploader. None as well for one that is gone: a browser may name it after it was put away."""
    file = st.session_state.get(name)
    return file if isinstance(file, UploadedFile) else None


def uploads(name: str) -> list[UploadedFile]:
    """The files in an uploader for several; those that are gone are left out."""
    files = st.session_state.get(name)
    return [file for file in files if isinstance(file, UploadedFile)] if isinstance(files, list) else []


def one(kind: type[One]) -> One:
    """The one object of a class that this tab has, made on first use. A widget of that name does not count."""
    name = kind.__name__.lower()
    kept = st.session_state.get(name)
    if not isinstance(kept, kind):
        kept = st.session_state[name] = kind()
    return kept


def drop_one(kind: type) -> None:
    """Let the one object of a class begin anew."""
    drop(kind.__name__.lower())


def put(name: str, content: object) -> None:
    """Set a widget of this tab, or a value that is none's. In a callback, or before the widget is drawn."""
    st.session_state[name] = content
    if st.session_state.get(_FOR_THE_PAGE) is not None:
        st.session_state[_FOR_THE_PAGE] = True


def put_setting(name: str, content: object) -> None:
    """The same for a widget that goes on holding it: a browser that is behind does not take it back (`put_again`).

    Not for a field that is emptied when its content is taken: whoever types the same again means it.
    """
    under_way = st.session_state.setdefault(_UNDER_WAY, {})
    held, last = st.session_state.get(name, _GONE), under_way.get(name)
    old = last.old if last and held == last.new else _fingerprint(held)
    under_way[name] = _UnderWay(old, content, time.monotonic() + BEHIND)
    put(name, content)


@contextmanager
def for_the_page() -> Iterator[None]:
    """Around what a callback of a part of the page, such as a dialog, puts into widgets outside of it. Comes last.

    Such a part is drawn without the page. A widget outside would show what it had, and the browser, which was told
    nothing, would send that back: so the whole page is drawn next.
    """
    st.session_state[_FOR_THE_PAGE] = False
    yield
    if st.session_state.pop(_FOR_THE_PAGE):
        st.rerun()


def put_again() -> None:
    """Put in once more what a browser that is a moment behind has taken back. Before any widget is drawn.

    A message that left the browser before it had drawn what was put names what the widget held before, and
    Streamlit takes that for a change by hand. Such a message may as well interrupt the run that was to draw it.
    """
    for name, last in list(_under_way().items()):
        held = st.session_state.get(name, _GONE)
        if last.taken_back(held):
            st.session_state[name] = last.new
            _under_way()[name] = replace(last, until=time.monotonic() + BEHIND)
        elif held != last.new or time.monotonic() > last.until:
            _under_way().pop(name)


def _under_way() -> dict[str, _UnderWay]:
    return cast("dict[str, _UnderWay]", st.session_state.get(_UNDER_WAY) or {})


def _fingerprint(held: object) -> int:
    return hash(repr(held))


def drop(name: str) -> None:
    """Let a widget begin anew."""
    _under_way().pop(name, None)
    st.session_state.pop(name, None)


def forget_tab() -> None:
    """Let this tab begin anew: every value, every widget, and every callback of a widget that was drawn."""
    st.session_state.clear()


def login() -> Mapping[str, object]:
    """What the login service says about whoever is logged in; {} for nobody. A host's own guess does not count."""
    claims = dict(st.user.to_dict())
    return claims if claims.get("is_logged_in") is True else {}


def cookies() -> Mapping[str, str]:
    """The cookies that came with the connection of this tab."""
    return st.context.cookies.to_dict()


def on_this_machine() -> bool:
    """The browser of this tab runs where the app does: it has asked for a loopback name, and nothing passed it on.

    The name in Host counts, too: a page of the web that points its own name here is not let in.
    """
    headers, address = st.context.headers, st.context.ip_address
    if any(headers.get(name) for name in PASSED_ON):
        return False
    name = headers.get("Host") or "localhost"
    # No text for localhost, and under AppTest.
    return Endpoint(f"http://{name}").is_loopback and (not isinstance(address, str) or is_loopback(address))


def is_loopback(address: str) -> bool:
    """Also 127.0.0.1 as a socket for both versions writes it, ::ffff:127.0.0.1."""
    try:
        number = ip_address(address)
    except ValueError:
        return False
    return (getattr(number, "ipv4_mapped", None) or number).is_loopback


def breathe() -> None:
    """Let Streamlit act on a click, a page change or a closed tab. Costs nothing and sends nothing.

    A script is interrupted only when it touches Streamlit; reading one value of the session state is the cheapest
    touch (6 microseconds; `in` takes 270).
    """
    st.session_state.get("session")


def tab_is_open() -> Callable[[], bool]:
    """A question that can be asked from any thread: is the tab of the current run still connected?"""
    return partial(is_connected, tab_id())


def address(name: str) -> str:
    """A parameter of the page's address."""
    return str(st.query_params.get(name, ""))


def address_names(name: str) -> bool:
    """The page's address has this parameter, with a value or without."""
    return name in st.query_params


def put_address(name: str, content: str) -> None:
    """Set a parameter of the page's address, or take it out; never for a secret or a prompt."""
    if content and st.query_params.get(name) != content:
        st.query_params[name] = content
    elif not content and name in st.query_params:
        del st.query_params[name]


def put_addresses(contents: Mapping[str, str]) -> None:
    """Set or take out several parameters of the page's address; nothing is sent where nothing changes."""
    shown = st.query_params.to_dict()
    for name, content in contents.items():
        if shown.get(name, "") != content:
            put_address(name, content)
