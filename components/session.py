"""What one browser tab remembers, and the only reader of st.session_state, st.secrets and the environment.

Keys that a visitor types are held here and nowhere else: never in a widget, a URL, a log or a file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import streamlit as st
from dotenv import dotenv_values
from streamlit.errors import StreamlitSecretNotFoundError

from backend import catalog, local, parameters, settings
from backend.chat import Chat, unanswered
from backend.client import ChatClient, Endpoint
from backend.conversation import NodeId
from backend.errors import APIError
from backend.settings import Settings
from backend.toolbox import FUNCTIONS
from backend.turn import Source, Turn
from backend.types import ChatRequest, Message, Role, Tool

_ROOT = Path(__file__).parent.parent
RECENT = 40  # messages drawn at once
GIVE_BACK = 5.0  # seconds after sending in which a failed question goes back into the composer
CONFIGURED, LOCAL, OTHER = "configured", "local", "other"


def _secrets() -> Mapping[str, object]:
    try:
        return {name: st.secrets[name] for name in st.secrets}
    except StreamlitSecretNotFoundError:
        return {}


def configured() -> Settings:
    """The owner's settings: secrets > environment > .env. Read once per process, as .env is."""
    return _configured()


@cache
def _configured() -> Settings:
    return settings.load([_secrets(), os.environ, dotenv_values(_ROOT / ".env")])


@dataclass
class Connection:
    """One way to a model: where it runs, in the visitor's words."""

    id: str
    label: str
    about: str


class Session:
    """One tab: its chat, its connection, its own keys. Widgets keep their own values (persist_state)."""

    def __init__(self) -> None:
        self.page = "Chat"
        self._chats: dict[str, Chat] = {}
        self.shown = RECENT
        self.drawn = 0
        self.draft = ""
        self._given_back: Turn | None = None
        self.editing: NodeId | None = None
        self.adding: NodeId | None = None
        self.raw: set[NodeId] = set()
        self.keys: dict[str, str] = {}
        self.base_url = ""
        self.check: tuple[bool, str] | None = None
        self._listed: dict[str, tuple[str, ...]] = {}
        self._clients: dict[Endpoint, ChatClient] = {}
        self.neighbours = () if configured().shared else tuple(local.neighbours())

    @staticmethod
    def current() -> Session:
        """This tab's session, made on first use."""
        if "session" not in st.session_state:
            st.session_state["session"] = Session()
        return cast(Session, st.session_state["session"])

    @property
    def chat(self) -> Chat:
        """The chat of the page in view; the Tools page has one of its own, with functions to call."""
        if self.page not in self._chats:
            self._chats[self.page] = Chat(FUNCTIONS if self.page == "Tools" else None)
        return self._chats[self.page]

    # ---- connections ------------------------------------------------------------------------------------

    @property
    def connections(self) -> dict[str, Connection]:
        """What the visitor may choose from, the best default first."""
        remote = Connection(CONFIGURED, configured().endpoint.name, "400+ models, with an API key")
        here = Connection(LOCAL, "This computer", "a small model, no key needed")
        order = [remote, here] if configured().has_key else [here, remote]
        order += [Connection(found.base_url, found.name, "running on this machine") for found in self.neighbours]
        if not configured().shared:
            order.append(Connection(OTHER, "Another server", "any OpenAI-compatible address"))
        return {connection.id: connection for connection in order}

    @property
    def connection(self) -> Connection:
        """The connection in use."""
        chosen = str(st.session_state.get("connection"))
        return self.connections.get(chosen) or next(iter(self.connections.values()))

    def connect(self, connection: str) -> None:
        """Choose a connection, as a click on it would."""
        st.session_state["connection"] = connection
        self.connection_changed()

    def connection_changed(self) -> None:
        self.check = None
        st.session_state.pop("model", None)

    @property
    def endpoint(self) -> Endpoint:
        """Where a request goes, with the key that belongs there and no other (pair rule)."""
        connection = self.connection.id
        if connection == CONFIGURED:
            owner = configured().endpoint
            typed = self.keys.get(owner.origin)
            return Endpoint(owner.base_url, typed, owner.name) if typed else owner
        if connection == OTHER:
            found = Endpoint(self.base_url, "", settings.server_name(self.base_url))
            return Endpoint(found.base_url, self.keys.get(found.origin, ""), found.name)
        return next((found for found in self.neighbours if found.base_url == connection), Endpoint(""))

    @property
    def key_state(self) -> str:
        """Which key is in use, without showing it."""
        endpoint = self.endpoint
        if typed := self.keys.get(endpoint.origin):
            return f"Your own key, ending in {typed[-4:]}" if len(typed) > 12 else "Your own key"
        if endpoint.api_key:
            return "Key set by the owner of this app" if configured().shared else "Key found in the configuration"
        return "" if endpoint.is_loopback else "No key yet"

    def take_key(self, widget: str) -> None:
        """Move a typed key out of its widget into this session, and empty the widget."""
        typed = "".join(str(st.session_state.get(widget, "")).split())
        st.session_state[widget] = ""
        if typed:
            self.keys[self.endpoint.origin] = typed
            self.check = None
            self._listed.pop(self.endpoint.base_url, None)

    def forget_key(self) -> None:
        self.keys.pop(self.endpoint.origin, None)
        self.check = None

    def take_base_url(self, widget: str) -> None:
        """A typed address. A key typed for another origin stays there."""
        typed = str(st.session_state.get(widget, "")).strip().rstrip("/")
        if typed and "://" not in typed:
            host = typed.partition("/")[0].partition(":")[0]
            typed = f"{'http' if host in ('localhost', '127.0.0.1') else 'https'}://{typed}"
        parts = urlsplit(typed)
        if parts.username or parts.password:
            typed = ""
        if urlsplit(self.base_url)[:2] != parts[:2]:
            self.keys.pop(Endpoint(self.base_url).origin, None)
        self.base_url = typed
        self.connection_changed()

    def test(self) -> None:
        """Try the connection and remember what came out."""
        try:
            self.check = (True, self.client(self.endpoint).check())
        except APIError as error:
            self.check = (False, f"{error.title} {error.hint}")

    def client(self, endpoint: Endpoint) -> ChatClient:
        """A client whose connections stay open between messages."""
        if endpoint not in self._clients:
            self._clients[endpoint] = ChatClient(endpoint, configured().deadlines)
        return self._clients[endpoint]

    # ---- models -----------------------------------------------------------------------------------------

    @property
    def models(self) -> tuple[str, ...]:
        """The ids to choose from on this connection; any other may be typed."""
        if self.connection.id == LOCAL:
            return tuple(model.id for model in self.local_models)
        if self.endpoint.is_aimlapi:
            return tuple(model.id for model in catalog.bundled())
        return self._listed_models()

    @property
    def local_models(self) -> tuple[local.LocalModel, ...]:
        own = configured().local_model
        return ((local.custom(own),) if own else ()) + local.offered()

    @property
    def local_model(self) -> local.LocalModel | None:
        """The model on this computer that is chosen."""
        return next((model for model in self.local_models if model.id == self.model), None)

    @property
    def local_unavailable(self) -> str | None:
        """Why no model can run here, and what to do; None when one can."""
        return local.unavailable()

    def model_label(self, model: str) -> str:
        """An id as the picker shows it."""
        if self.connection.id == LOCAL:
            return next((found.label for found in self.local_models if found.id == model), model)
        retired = self.connection.id == CONFIGURED and catalog.find(model).retired
        return f"{model} (retired)" if retired else model

    def _listed_models(self) -> tuple[str, ...]:
        endpoint = self.endpoint
        if endpoint.base_url not in self._listed:
            try:
                found = catalog.listed(self.client(endpoint)) if endpoint.base_url else ()
            except APIError as error:
                found = ()
                self.check = (False, f"{error.title} {error.hint}")
            self._listed[endpoint.base_url] = found
        return self._listed[endpoint.base_url]

    @property
    def model(self) -> str:
        """The model in use on this connection."""
        chosen = str(st.session_state.get("model") or "").strip()[: catalog.ID_LIMIT]
        return chosen or self.default_model

    @property
    def default_model(self) -> str:
        if self.connection.id == CONFIGURED and (configured().model in self.models or self.endpoint.is_aimlapi):
            return configured().model
        return next(iter(self.models), "")

    def choose_model(self, model: str) -> None:
        st.session_state["model"] = model

    # ---- asking -----------------------------------------------------------------------------------------

    @property
    def system_prompt(self) -> str:
        return str(st.session_state.get("system_prompt") or "")

    @property
    def streaming(self) -> bool:
        return bool(st.session_state.get("streaming", True))

    def parameter(self, name: str) -> object:
        """The widget's value of a parameter, None when unset."""
        return st.session_state.get(f"parameter.{name}")

    def reset_parameters(self) -> None:
        """Unset every parameter."""
        for parameter in parameters.PARAMETERS:
            st.session_state[f"parameter.{parameter.name}"] = [] if parameter.kind == "strings" else None

    def request(
        self, transcript: Sequence[Message], tools: tuple[Tool, ...] = (), tool_choice: str | None = None
    ) -> ChatRequest:
        """What is asked: the transcript under the system prompt, with the parameters that were set."""
        system = (Message("system", self.system_prompt),) if self.system_prompt.strip() else ()
        values = {parameter.name: self.parameter(parameter.name) for parameter in parameters.PARAMETERS}
        sampling = parameters.body(values)
        if self.streaming:
            sampling["stream_options"] = {"include_usage": True}
        return ChatRequest(self.model, (*system, *transcript), sampling, tools, tool_choice, stream=self.streaming)

    @property
    def source(self) -> Source:
        """Whoever answers on the connection in use."""
        if self.connection.id == LOCAL:
            return local.LocalChat(*self.local_models)
        return self.client(self.endpoint)

    def ask(self, transcript: Sequence[Message], tools: tuple[Tool, ...], *, more: bool, before: str = "") -> Turn:
        """Start the answer to a transcript (see backend.chat.Ask)."""
        tool_choice = "none" if tools and not more else None
        return Turn(self.source, self.request(transcript, tools, tool_choice), before).start()

    # ---- what callbacks do ------------------------------------------------------------------------------

    @staticmethod
    def submitted(widget: str) -> str:
        """What was just sent with a chat input."""
        return str(st.session_state.get(widget) or "")

    def send(self, text: str) -> None:
        if text.strip():
            self.chat.send(text, self.ask)

    def regenerate(self, node: NodeId) -> None:
        self.chat.regenerate(node, self.ask)

    def stop(self) -> None:
        """Stop the answer; messages that waited go back into the composer."""
        self.chat.stop()
        self.draft = self.chat.unqueue()

    def give_back(self) -> bool:
        """Put the words of a question that failed at once back into the composer, to be sent again in its place.

        Not after a long wait: by then the visitor may have begun to type something else.
        """
        path = self.chat.conversation.path()
        turn = self.chat.turn
        if len(path) < 2 or turn is None or turn is self._given_back or turn.elapsed > GIVE_BACK:
            return False
        if not unanswered(path[-1].message) or path[-2].message.role != "user":
            return False
        self._given_back = turn
        self.draft = path[-2].message.content
        return True

    def fill_composer(self) -> None:
        """Before the composer is drawn: put the words in that are waiting for it."""
        if self.draft:
            st.session_state["composer"], self.draft = self.draft, ""

    # ---- shaping the conversation: callbacks of one message's actions --------------------------------------

    def resume(self, node: NodeId) -> None:
        self.chat.resume(node, self.ask)

    def edit(self, node: NodeId | None) -> None:
        """Open the editor of a message, or close it."""
        self.editing = node

    def edited(self, node: NodeId, *, run: bool) -> None:
        """Take the editor's text: as a question to answer, or only as other words."""
        text = str(st.session_state.get(f"editor.{node}") or "")
        self.editing = None
        if not text.strip():
            return
        if run:
            self.chat.ask_again(node, text, self.ask)
        else:
            self.chat.edit(node, text)

    def menu(self, node: NodeId) -> None:
        """What was chosen in a message's menu (see components/actions.py)."""
        chosen = st.session_state.get(f"menu.{node}")
        actions: dict[str, Callable[[], None]] = {
            "Show raw text": lambda: self.raw.add(node),
            "Show rendered": lambda: self.raw.discard(node),
            "Add a message below": lambda: setattr(self, "adding", node),
            "Delete this message": lambda: self.chat.remove(node),
            "Delete everything below": lambda: self.chat.remove_after(node),
        }
        if chosen in actions:
            actions[chosen]()

    def added(self, after: NodeId | None) -> None:
        """Take the form of a message of any role."""
        role = cast(Role, st.session_state.get("add.role") or "user")
        text = str(st.session_state.get("add.text") or "")
        name = str(st.session_state.get("add.name") or "").strip() or None
        self.adding = None
        if text.strip():
            call = name if role == "tool" else None
            self.chat.insert(Message(role, text, name=None if call else name, tool_call_id=call), after)

    def stop_adding(self) -> None:
        self.adding = None

    def show_more(self) -> None:
        self.shown += RECENT

    def new_chat(self) -> None:
        self.chat.stop()
        self._chats.pop(self.page)
        self.shown = RECENT
        self.editing = self.adding = None
        self.raw.clear()


def breathe() -> None:
    """Let Streamlit act on a click, a page change or a closed tab. Costs nothing and sends nothing.

    A script is interrupted only when it touches Streamlit; reading the session state is the cheapest touch.
    """
    _ = "session" in st.session_state
