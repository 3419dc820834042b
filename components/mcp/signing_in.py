"""The sign-in on the card of a server that requires one: with the browser, or what is missing for it."""

from __future__ import annotations

import streamlit as st

from backend.mcp.connection import ToolServerConnection
from backend.mcp.sign_in import has_tokens, looks_alike, with_client, without_tokens
from backend.untrusted import line
from components.elements.markdown import plain
from components.mcp import words
from components.mcp.servers import ToolServers, digest, is_visitors
from components.session import tab

_LEFT_BEHIND = 3  # elements of a previous state: Streamlit removes them only at the end of the run, which waits


def signing_in(shelf: ToolServers, name: str, connection: ToolServerConnection) -> None:
    """Draw the next step; nothing for a server without a sign-in."""
    waits = bool(connection.sign_in and connection.sign_in.address)
    wanted = connection.state == "off" and bool(connection.refused or connection.sign_in)
    if not waits and not (wanted and is_visitors(connection.server)):
        return
    with st.container(gap="small", key=f"server.way.{digest(name)}"):
        if waits:
            page_to_sign_in(connection)
        else:
            _ways(shelf, name, connection)


def _ways(shelf: ToolServers, name: str, connection: ToolServerConnection) -> None:
    if shelf.signs_in:
        key, icon = f"server.sign_in.{digest(name)}", ":material/login:"
        st.button(
            words.SIGN_IN, key=key, on_click=shelf.connect, args=(name,), kwargs={"signs_in": True}, icon=icon
        )
        _client(shelf, name, connection)
    else:
        st.caption(words.NO_SIGN_IN)
    st.caption(words.WANTS_KEY)


def sign_out(shelf: ToolServers, name: str) -> None:
    """Close the connection and drop the tokens of its sign-in. The next step is to sign in, as anybody."""
    connection = shelf.connections.get(name)
    if connection and has_tokens(connection.server):
        connection.close()
        shelf.put(without_tokens(connection.server))
        shelf.connections[name].refused = True


def page_to_sign_in(connection: ToolServerConnection) -> None:
    """Draw the link to it, while a sign-in waits. It is another site's: its host, and that of the token endpoint,
    are shown before it opens.
    """
    sign_in = connection.sign_in
    if sign_in is None or not sign_in.address:
        return
    st.markdown(words.SIGN_IN_HERE.format(host=plain(sign_in.host)))
    if sign_in.token_host != sign_in.host:
        st.caption(words.SIGN_IN_TOKENS.format(host=plain(sign_in.token_host)))
    if looks_alike(sign_in.host) or looks_alike(sign_in.token_host):
        st.warning(words.PAGE_LOOKS_ALIKE, icon=":material/warning:")
    st.link_button(words.OPEN_SIGN_IN, sign_in.address, type="primary", icon=":material/open_in_new:")
    for _ in range(_LEFT_BEHIND):
        st.empty()


def _client(shelf: ToolServers, name: str, connection: ToolServerConnection) -> None:
    """For a server without automatic registration: a client id that the visitor has got from it."""
    key = digest(name)
    fold = st.expander(words.OWN_CLIENT, key=f"server.client.{key}", icon=":material/badge:", on_change="rerun")
    if not fold.open:
        return
    id_, secret = f"server.client.id.{key}", f"server.client.secret.{key}"
    with fold:
        st.caption(words.OWN_CLIENT_BACK)
        st.code(shelf.signs_in, language=None, wrap_lines=True)
        st.text_input(words.CLIENT_ID, value=connection.server.client_id, key=id_, autocomplete="off")
        st.text_input(words.CLIENT_SECRET, key=secret, type="password", autocomplete="off")
        st.button(
            words.SIGN_IN_AS, key=f"server.client.go.{key}", on_click=_sign_in, args=(shelf, name, id_, secret)
        )


def _sign_in(shelf: ToolServers, name: str, id_widget: str, secret_widget: str) -> None:
    """Sign in with a typed client id, and its secret: that is sealed, and its field emptied."""
    client_id, secret = (str(tab.value(one) or "").strip() for one in (id_widget, secret_widget))
    tab.put(secret_widget, "")
    connection = shelf.connections.get(name)
    if connection and connection.state == "off" and shelf.signs_in and is_visitors(connection.server):
        shelf.put(with_client(connection.server, line(client_id, 1_000), secret[:1_000]))
        shelf.save(shelf.connections[name].server)
        shelf.connect(name, signs_in=True)
