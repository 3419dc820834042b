"""What Streamlit keeps for one tab: its widgets and values, its address, who is logged in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from ipaddress import ip_address
from typing import Any, TypeVar

import streamlit as st

from backend.keys.endpoint import Endpoint
from components.elements.streamlit_internals import UploadedFile, is_connected, tab_id

One = TypeVar("One")

_PASSED_ON = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")
_FOR_THE_PAGE = "put for the page"


def value(name: str, default: object = None) -> Any:
    """What a widget holds in this tab, or what was put there."""
    return st.session_state.get(name, default)


def values(names: Iterable[str]) -> tuple[object, ...]:
    """What several widgets hold; None for one that holds nothing."""
    state = st.session_state
    return tuple([state.get(name) for name in names])


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
    """Set a widget of this tab. In a callback, or before the widget is drawn."""
    st.session_state[name] = content
    if (for_the_page := st.session_state.get(_FOR_THE_PAGE)) is not None:
        for_the_page[name] = content


@contextmanager
def for_the_page() -> Iterator[None]:
    """Around what a callback of a part of the page, such as a dialog, puts into widgets outside of it. Comes last.

    Such a part is drawn without the page. A widget outside would show what it had, and the browser, which was told
    nothing, would send that back: so the whole page is drawn next. Whatever else the browser sends until then has
    the old content too, so the page puts the new one in once more (`put_again`).
    """
    left = st.session_state[_FOR_THE_PAGE] = {}
    yield
    if left:
        st.rerun()
    st.session_state.pop(_FOR_THE_PAGE)


def put_again() -> None:
    """Put in what parts of the page have left for its next run. Before any widget is drawn."""
    for name, content in st.session_state.pop(_FOR_THE_PAGE, {}).items():
        put(name, content)


def drop(name: str) -> None:
    """Let a widget begin anew."""
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
    if any(headers.get(name) for name in _PASSED_ON):
        return False
    name = headers.get("Host") or "localhost"
    # No text for localhost, and under AppTest.
    return Endpoint(f"http://{name}").is_loopback and (not isinstance(address, str) or _is_loopback(address))


def _is_loopback(address: str) -> bool:
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
