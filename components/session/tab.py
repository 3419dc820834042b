"""Streamlit's state of one tab: its widgets and values, its address, who is logged in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import ip_address
from typing import TypeVar

import streamlit as st

from backend.keys.endpoint import Endpoint
from components.elements.streamlit_internals import UploadedFile, is_connected, tab_id

One = TypeVar("One")
Value = TypeVar("Value")

PASSED_ON = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")
_FOR_THE_PAGE = "something was put for the page"
_UNDER_WAY = "put, and under way to the browser"
_GONE = object()
BEHIND = 2.0  # seconds in which the browser may not have drawn a value that was set


@dataclass(frozen=True)
class _UnderWay:
    """A value that was set, and until when the browser may still send the previous one, of which only a
    fingerprint is stored: it may be a key.
    """

    old: int
    new: object
    until: float

    def taken_back(self, held: object) -> bool:
        if held == self.new or held is _GONE:
            return False
        return _fingerprint(held) == self.old and time.monotonic() <= self.until


def value(name: str, default: object = None) -> object:
    """The value of a widget in this tab, or the one that was set, even while the browser is behind."""
    return _value(name, _under_way(), default)


def value_as(kind: type[Value], name: str) -> Value | None:
    """The same, if it is of this class; None for anything else."""
    held = value(name)
    return held if isinstance(held, kind) else None


def _value(name: str, under_way: Mapping[str, _UnderWay], default: object = None) -> object:
    held = st.session_state.get(name, _GONE)
    if name in under_way and under_way[name].taken_back(held):
        return under_way[name].new
    return default if held is _GONE else held


def values(names: Iterable[str]) -> tuple[object, ...]:
    """The values of several widgets; None for an empty one. Pending values are read once for all."""
    under_way = _under_way()
    return tuple([_value(name, under_way) for name in names])


def upload(name: str) -> UploadedFile | None:
    """The file in an uploader. None too if that is gone: a browser may send it after it was removed."""
    file = st.session_state.get(name)
    return file if isinstance(file, UploadedFile) else None


def uploads(name: str) -> list[UploadedFile]:
    """The files in a multi-file uploader; those that are gone are left out."""
    files = st.session_state.get(name)
    return [file for file in files if isinstance(file, UploadedFile)] if isinstance(files, list) else []


def one(kind: type[One]) -> One:
    """The only object of a class in this tab, created on first use. A widget with that name does not count."""
    name = kind.__name__.lower()
    kept = st.session_state.get(name)
    if not isinstance(kept, kind):
        kept = st.session_state[name] = kind()
    return kept


def drop_one(kind: type) -> None:
    """Discard the only object of a class; the next use creates a new one."""
    drop(kind.__name__.lower())


def put(name: str, content: object) -> None:
    """Set a widget of this tab, or another value. In a callback, or before the widget is drawn."""
    st.session_state[name] = content
    if st.session_state.get(_FOR_THE_PAGE) is not None:
        st.session_state[_FOR_THE_PAGE] = True


def put_setting(name: str, content: object) -> None:
    """The same for a widget that keeps the value: a browser that is behind cannot revert it (`put_again`).

    Not for a field that is emptied when its content is taken: typing the same again is intended then.
    """
    under_way = st.session_state.setdefault(_UNDER_WAY, {})
    held, last = st.session_state.get(name, _GONE), under_way.get(name)
    old = last.old if last and held == last.new else _fingerprint(held)
    under_way[name] = _UnderWay(old, content, time.monotonic() + BEHIND)
    put(name, content)


@contextmanager
def for_the_page() -> Iterator[None]:
    """Wrap changes of widgets outside of a dialog or another fragment, in its callback. Call it last.

    A fragment is drawn without the page. A widget outside would show its old value, and the browser, which was not
    informed, would send that back: so the whole page is drawn next.
    """
    st.session_state[_FOR_THE_PAGE] = False
    yield
    if st.session_state.pop(_FOR_THE_PAGE):
        st.rerun()


def put_again() -> None:
    """Set again what a browser that is behind has reverted. Before any widget is drawn.

    A message that left the browser before it had drawn a new value contains the old one, and
    Streamlit treats that as a change by hand. Such a message may also interrupt the run that was to draw it.
    """
    for name, last in list(_under_way().items()):
        held = st.session_state.get(name, _GONE)
        if last.taken_back(held):
            st.session_state[name] = last.new
            _under_way()[name] = replace(last, until=time.monotonic() + BEHIND)
        elif held != last.new or time.monotonic() > last.until:
            _under_way().pop(name)


def _under_way() -> dict[str, _UnderWay]:
    under_way = st.session_state.get(_UNDER_WAY)
    return under_way if isinstance(under_way, dict) else {}


def _fingerprint(held: object) -> int:
    return hash(repr(held))


def drop(name: str) -> None:
    """Reset a widget."""
    _under_way().pop(name, None)
    st.session_state.pop(name, None)


def forget_tab() -> None:
    """Reset this tab: every value, every widget, and every callback of a drawn widget."""
    st.session_state.clear()


def login() -> Mapping[str, object]:
    """The login service's claims about the logged-in person; {} for nobody. A host's own guess does not count."""
    claims = dict(st.user.to_dict())
    return claims if claims.get("is_logged_in") is True else {}


def cookies() -> Mapping[str, str]:
    """The cookies that came with the connection of this tab."""
    return st.context.cookies.to_dict()


def on_this_machine() -> bool:
    """Whether the browser of this tab runs on the app's machine: it requested a loopback name, without a proxy.

    The name in Host counts, too: a web page whose own name resolves to this machine is not accepted.
    """
    headers, address = st.context.headers, st.context.ip_address
    if any(headers.get(name) for name in PASSED_ON):
        return False
    name = headers.get("Host") or "localhost"
    # No text for localhost, and under AppTest.
    return Endpoint(f"http://{name}").is_loopback and (not isinstance(address, str) or is_loopback(address))


def is_loopback(address: str) -> bool:
    """Also 127.0.0.1 as a dual-stack socket writes it, ::ffff:127.0.0.1."""
    try:
        number = ip_address(address)
    except ValueError:
        return False
    return (getattr(number, "ipv4_mapped", None) or number).is_loopback


def breathe() -> None:
    """Let Streamlit act on a click, a page change or a closed tab. Costs nothing and sends nothing.

    A script is interrupted only when it calls Streamlit; reading one value of the session state is the cheapest
    call (6 microseconds; `in` takes 270).
    """
    st.session_state.get("session")


def tab_is_open() -> Callable[[], bool]:
    """A function for any thread that tells whether the tab of the current run is still connected."""
    return partial(is_connected, tab_id())


def address(name: str) -> str:
    """A query parameter of the page's address."""
    return str(st.query_params.get(name, ""))


def address_names(name: str) -> bool:
    """Whether the page's address has this parameter, with a value or without."""
    return name in st.query_params


def put_address(name: str, content: str) -> None:
    """Set or remove a query parameter of the page's address; never for a secret or a prompt."""
    if content and st.query_params.get(name) != content:
        st.query_params[name] = content
    elif not content and name in st.query_params:
        del st.query_params[name]


def put_addresses(contents: Mapping[str, str]) -> None:
    """Set or remove several query parameters; nothing is sent if nothing changes."""
    shown = st.query_params.to_dict()
    for name, content in contents.items():
        if shown.get(name, "") != content:
            put_address(name, content)
