"""A card for each tool server, and the fields that add one. Everything from a server is drawn as plain text."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from backend.invisible import visible_text
from backend.mcp import definitions
from backend.mcp.connection import ToolServerConnection
from backend.mcp.offered_tools import KnownTool
from backend.mcp.sign_in import has_tokens
from components.elements.markdown import plain
from components.mcp import words
from components.mcp.resources import prompts, resources
from components.mcp.servers import FILE, PASTED, SECRET, ToolServers, digest, is_visitors
from components.mcp.signing_in import sign_out, signing_in
from components.mcp.wire_view import wire_view

_INSTRUCTIONS_HEIGHT = 200  # pixels
_ROWS = 15  # tools of one server that are drawn initially
_DRAWN = 50  # tools drawn at the same time


def servers(shelf: ToolServers, known: dict[str, KnownTool], row: Callable[[str], None]) -> None:
    """All servers. `row` draws a tool by its name for the model."""
    if not shelf.available:
        return
    st.markdown(f"**{words.SERVERS}**")
    for name in list(shelf.connections):
        with st.container(border=True, gap="small", key=f"server.{digest(name)}"):
            _card(shelf, name, [tool for tool in known.values() if tool.server == name], row)
    if shelf.adds:
        _adding(shelf)


# ---- adding one -------------------------------------------------------------------------------------------


def _adding(shelf: ToolServers) -> None:
    fold = st.expander(words.ADD_SERVER, key="mcp.add", icon=":material/add:", on_change="rerun")
    if shelf.trouble:
        st.error(plain(shelf.trouble), icon=":material/error:")
    elif shelf.news:
        st.caption(plain(shelf.news))
    if not fold.open:
        return
    with fold:
        st.text_area(
            words.PASTE, key=PASTED, height=110, placeholder=words.PASTE_PLACEHOLDER, help=words.PASTE_HELP
        )
        st.text_input(
            words.SECRET, key=SECRET, type="password", autocomplete="off", placeholder=words.SECRET_PLACEHOLDER
        )
        if shelf.held.get_secret_value():
            st.caption(words.SECRET_HELD)
        st.button(words.ADD, key="mcp.add.go", on_click=shelf.add_typed, type="primary", icon=":material/add:")
        st.file_uploader(words.FILE, type=["json"], key=FILE, on_change=shelf.add_file, max_upload_size=1)


# ---- one --------------------------------------------------------------------------------------------------


def _card(shelf: ToolServers, name: str, tools: list[KnownTool], row: Callable[[str], None]) -> None:
    connection = shelf.connections[name]
    _head(shelf, name, connection, len(tools))
    if connection.state != "on":
        _before(shelf, name, connection)
    if connection.problem:
        st.error(plain(connection.problem), icon=":material/error:")
    if not connection.server.is_program:
        signing_in(shelf, name, connection)
    if connection.problem and (aside := connection.aside.strip()):
        st.caption(words.SAYS_ASIDE)
        st.code(aside[-1_500:], language=None, wrap_lines=True, height=120)
    if connection.about:
        _about(connection, name)
    if connection.state == "on" and is_visitors(connection.server):
        resources(shelf, name, connection)
        prompts(shelf, name, connection)
    if connection.wire.count:
        wire_view(connection, digest(name))
    if connection.state == "on":
        _tools(shelf, name, tools, row)


def _head(shelf: ToolServers, name: str, connection: ToolServerConnection, count: int) -> None:
    state = words.STATES[connection.state]
    if connection.state == "off" and connection.server.is_program:
        state = words.STATE_NOT_STARTED
    facts = [state]
    if connection.state == "on" and connection.about:
        facts.append(f":gray-badge[{plain(connection.about.protocol)}]")
        if connection.about.name:
            facts.append(f":small[{plain(connection.about.name)}]")
        facts.append(f":small[{words.ONE_TOOL if count == 1 else words.TOOLS_COUNT.format(count=count)}]")
        if connection.listing.seconds is not None:
            facts.append(f":small[{words.LATENCY.format(milliseconds=1000 * connection.listing.seconds)}]")
    st.markdown(" ".join([f"**{plain(name)}**", *facts]))
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"server.do.{digest(name)}"):
        _buttons(shelf, name, connection)


def _buttons(shelf: ToolServers, name: str, connection: ToolServerConnection) -> None:
    program, key, off = connection.server.is_program, digest(name), connection.state == "off"
    begin, end = (words.START, words.STOP) if program else (words.CONNECT, words.DISCONNECT)
    icons = ("play_arrow", "stop") if program else ("link", "link_off")
    st.button(  # one button for both states: it keeps the focus
        begin if off else end,
        key=f"server.on.{key}",
        on_click=shelf.connect if off else shelf.disconnect,
        args=(name,),
        type="primary" if off else "tertiary",
        icon=f":material/{icons[0] if off else icons[1]}:",
        disabled=off and (bool(connection.server.missing) or (program and not shelf.starts_commands)),
    )
    if connection.state == "on":
        st.button(
            words.CHECK,
            key=f"server.check.{key}",
            on_click=shelf.check,
            args=(name,),
            type="tertiary",
            icon=":material/refresh:",
            help=words.CHECK_HELP,
        )
    if has_tokens(connection.server):
        st.button(
            words.SIGN_OUT,
            key=f"server.sign_out.{key}",
            on_click=sign_out,
            args=(shelf, name),
            type="tertiary",
            icon=":material/logout:",
            help=words.SIGN_OUT_HELP,
        )
    if connection.server.owned:
        return
    st.button(
        words.REMOVE,
        key=f"server.gone.{key}",
        on_click=shelf.remove,
        args=(name,),
        type="tertiary",
        icon=":material/delete:",
    )


def _before(shelf: ToolServers, name: str, connection: ToolServerConnection) -> None:
    """What will be started or requested, in full, and what is still missing."""
    _where(connection)
    if connection.server.is_program and not shelf.starts_commands:
        st.warning(words.COMMANDS_CLOSED, icon=":material/lock:")
    if connection.state == "connecting" and connection.server.is_program:
        st.caption(words.SLOW_START)
    for place, missing in enumerate(connection.server.missing):
        widget = f"server.value.{digest(name)}.{place}"
        st.text_input(
            words.MISSING.format(name=plain(missing)),
            key=widget,
            type="password",
            autocomplete="off",
            on_change=shelf.fill_in,
            args=(name, missing, widget),
        )


def _where(connection: ToolServerConnection) -> None:
    server = connection.server
    if not is_visitors(server):
        return
    st.code(server.address_or_command, language=None, wrap_lines=True)
    if server.is_program:
        st.caption(words.RUNS_HERE)
    if server.environment:
        st.caption(words.VARIABLES.format(names=plain(", ".join(server.environment))))
    if server.headers:
        st.caption(words.HEADERS.format(names=plain(", ".join(server.headers))))


def _about(connection: ToolServerConnection, name: str) -> None:
    fold = st.expander(words.ABOUT, key=f"server.about.{digest(name)}", icon=":material/info:", on_change="rerun")
    about = connection.about
    if not fold.open or about is None:
        return
    with fold:
        named = words.ABOUT_NAME.format(name=plain(about.name), version=plain(about.version))
        era = words.ERA_SESSIONS if about.sessions else words.ERA_REQUESTS
        st.markdown(named if about.name else words.ABOUT_ANONYMOUS)
        st.caption(words.PROTOCOL.format(version=plain(about.protocol), era=era))
        st.caption(words.CAPABILITIES.format(names=plain(", ".join(about.capabilities) or "-")))
        if connection.state == "on":
            _where(connection)
        if about.instructions:
            st.caption(words.INSTRUCTIONS)
            with st.container(height=_INSTRUCTIONS_HEIGHT if len(about.instructions) > 600 else "content"):
                st.code(visible_text(about.instructions), language=None, wrap_lines=True)


# ---- its tools ----------------------------------------------------------------------------------------------


def _tools(shelf: ToolServers, name: str, tools: list[KnownTool], row: Callable[[str], None]) -> None:
    if not tools:
        st.caption(words.NO_TOOLS)
    for note in shelf.connections[name].listing.notes:
        st.caption(plain(note))
    new = [tool.tool.name for tool in tools if tool.standing == "new"]
    if new:
        st.warning(words.NEW_TOOLS.format(names=plain(", ".join(new)[:500])), icon=":material/new_releases:")
    for tool in tools:
        if tool.standing == "changed":
            _changed_tool(shelf, name, tool)
    if len(tools) <= _ROWS:
        for tool in tools:
            row(tool.offered)
        return
    fold = st.expander(words.ITS_TOOLS, key=f"server.tools.{digest(name)}", on_change="rerun")
    if fold.open:
        with fold:
            _matching_tools(name, tools, row)


def _matching_tools(name: str, tools: list[KnownTool], row: Callable[[str], None]) -> None:
    """The tools that match the search: a browser takes a quarter of a minute to draw five hundred."""
    note = ""
    if len(tools) > _DRAWN:
        note = st.text_input(words.FIND_TOOL, key=f"server.find.{digest(name)}").strip().lower()
    found = [one for one in tools if note in f"{one.offered} {one.tool.name} {one.tool.description}".lower()]
    for tool in found[:_DRAWN]:
        row(tool.offered)
    if len(found) > _DRAWN:
        st.caption(words.MORE_TOOLS.format(count=len(found) - _DRAWN))
    elif not found:
        st.caption(words.NONE_FOUND)


def _changed_tool(shelf: ToolServers, name: str, known: KnownTool) -> None:
    before, title = shelf.connections[name].server.allowed[known.tool.name], plain(known.tool.name)
    with st.container(border=True, gap="small", key=f"tool.changed.{known.offered}"):
        st.warning(words.CHANGED.format(name=title), icon=":material/difference:")
        st.caption(words.CHANGED_LOOK.format(name=title))
        st.code(definitions.difference(before, known.tool.definition()), language="diff", wrap_lines=True)
        st.button(
            words.ALLOW.format(name=title),
            key=f"tool.allow.{known.offered}",
            on_click=shelf.allow,
            args=(known,),
            icon=":material/check:",
        )
