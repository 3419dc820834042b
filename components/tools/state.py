"""The tools of one tab: which are on offer, what answers their calls, one's own; and their actions.

Nothing here is drawn. The widgets' values are read here once per run and passed to the agent (`equip`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

from backend.answer.turn import Turn
from backend.conversation.tree import NodeId
from backend.library.saved_documents import Document, SavedDocuments
from backend.mcp.offered_tools import KnownTool
from backend.store import StoreError
from backend.tools import calls, custom
from backend.tools.agent import Agent
from backend.tools.builtin import FUNCTIONS, ONLINE
from backend.tools.calls import CallOutcome
from backend.tools.custom import CustomTool
from backend.tools.loop import LIMIT, LoopRules
from backend.tools.runner import tool_runner
from backend.tools.steps import MODES, Mode, Offer
from backend.types import JSON, Tool, ToolCall
from backend.untrusted import items, number, one_of, string
from components.mcp.servers import ToolServers
from components.session import services, tab, widgets
from components.session.session import Session
from components.session.setup import Setup
from components.tools import words

DEFAULT = ("calculator", "find_order", "convert_currency", "current_time")
FORCED = "function"  # the option for a tool_choice that names one tool


@cache
def _built_in_tools() -> Mapping[str, Tool]:
    return {name: calls.describe(function) for name, function in {**FUNCTIONS, **ONLINE}.items()}


def built_in() -> Mapping[str, Tool]:
    """The tools of this app, by name; the one that reads the web only if the owner enables it."""
    web = services.configured().web_tool
    return {name: tool for name, tool in _built_in_tools().items() if web or name not in ONLINE}


class Toolkit:
    """One per tab: `Toolkit.current()`."""

    def __init__(self) -> None:
        self.own: dict[str, CustomTool] = {}
        self.ids: dict[str, str] = {}  # by name: its id in the store
        self.trouble = ""
        self.news = ""
        self.tried: dict[str, CallOutcome] = {}
        self.opened: dict[tuple[NodeId, str], str] = {}  # a call -> the form that is open under it
        self.repeated: dict[NodeId, list[Turn]] = {}
        self.edited: CustomTool | None = None  # as it was before
        self.servers = ToolServers.current()
        self.example = ("", "")  # the last example for a small model: the question, and its tool
        self.load()

    @staticmethod
    def current() -> Toolkit:
        return tab.one(Toolkit)

    # ---- tools on offer -----------------------------------------------------------------------------------

    @property
    def all(self) -> dict[str, Tool]:
        return {**self._here, **{name: known.definition for name, known in self.of_servers.items()}}

    @property
    def _here(self) -> dict[str, Tool]:
        """The tools of this app, and one's own."""
        return {**built_in(), **{name: own.tool() for name, own in self.own.items()}}

    @property
    def of_servers(self) -> dict[str, KnownTool]:
        """The tools of connected servers, by their names for a model."""
        return self.servers.tools(set(self._here))

    def may_be_offered(self, name: str) -> bool:
        """Whether a tool may be offered: not if its definition has changed since it was allowed."""
        known = self.of_servers.get(name)
        return known is None or known.standing != "changed"

    def is_ticked(self, name: str) -> bool:
        known = self.of_servers.get(name)
        at_first = known.on_at_first if known else name in DEFAULT or name in self.own
        return self.may_be_offered(name) and bool(tab.value(widgets.tool_ticked(name), at_first))

    def mode(self, name: str) -> Mode:
        """The mode of a tool. One of a server asks, unless the visitor changes that; a destructive one always
        does.
        """
        known = self.of_servers.get(name)
        unasked = not self.servers.asks(known) if known else name in FUNCTIONS
        mode = one_of(tab.value(widgets.tool_mode(name)), MODES) or ("auto" if unasked else "ask")
        return "ask" if mode == "auto" and known and known.tool.must_ask else mode

    @property
    def offers(self) -> dict[str, Offer]:
        return {name: self._offer(name, tool) for name, tool in self.all.items() if self.is_ticked(name)}

    def _offer(self, name: str, tool: Tool) -> Offer:
        mock = str(tab.value(widgets.tool_mock(name)) or "")
        known = self.of_servers.get(name)
        host = self.servers.host(known) if known else None
        return Offer(tool, self.mode(name), self.own.get(name), mock, host)

    def tick(self, *names: str) -> None:
        """Offer exactly these."""
        for name in self.all:
            tab.put(widgets.tool_ticked(name), name in names)

    def ask_example(self, session: Session, question: str, tool: str) -> None:
        """Ask with only this tool on offer, and force the call: what the local model is capable of."""
        self.example = (question, tool)
        self.equip(session.setup, session.chats.agent, question)
        session.composer.send(question)

    def equip(self, setup: Setup, agent: Agent, coming: str = "") -> None:
        """Configure the loop by the widgets, before anything is drawn. `coming`: a question that is to be sent."""
        connection = setup.connection
        self._forget(agent)
        self._take_tried()
        self._bring(Session.current())
        Session.current().chats.offered = {"ticked_tools": list(self.offers), "tool_choice": self._choice}
        only = self._only(agent, coming)
        offers = {only: self._offer(only, self.all[only])} if only else self.offers
        agent.loop.rules = LoopRules(
            offers={} if connection.lacks_tools(setup.info) else offers,
            choice=only or self._choice,
            parallel={"on": True, "off": False}.get(str(tab.value(widgets.PARALLEL_CALLS))),
            emulated=connection.emulates_tools(setup.info),
            rounds=connection.tool_rounds,
            limit=number(tab.value(widgets.MONEY_LIMIT)) or LIMIT,
            repair=bool(tab.value(widgets.REPAIR)),
        )

    def _only(self, agent: Agent, coming: str) -> str:
        """The only tool of the last example; "" for any other question.

        The local model made the right call in 1 of 5 runs with four tools on offer, in 6 of 6 when it
        had to call the only one.
        """
        question, tool = self.example
        path = agent.conversation.path()
        asked = coming or next((node.message.content for node in path[::-1] if node.message.role == "user"), "")
        return tool if asked and asked == question else ""

    @property
    def _choice(self) -> str:
        """auto, none, required, or the name of a tool."""
        chosen = str(tab.value(widgets.TOOL_CHOICE) or "auto")
        return str(tab.value(widgets.FORCED_TOOL) or "auto") if chosen == FORCED else chosen

    def _forget(self, agent: Agent) -> None:
        """Reset what belongs to a closed conversation."""
        existing = {node.id for node in agent.conversation.nodes()}
        for node in self.repeated.keys() - existing:
            for turn in self.repeated.pop(node):
                turn.stop()
        self.opened = {at: what for at, what in self.opened.items() if at[0] in existing}

    def try_out(self, name: str) -> None:
        """Run a tool by hand with the arguments in its form, as the model would."""
        call = ToolCall("by_hand", name, str(tab.value(widgets.tool_arguments(name)) or ""))
        problems = calls.problems(call, self.all[name])
        if problems:
            self.tried[name] = calls.invalid(problems)
        elif name in self.own:
            asked = CallOutcome(words.MOCK_ASKS, ok=False)
            self.tried[name] = self.own[name].outcome(call) or asked
        else:
            self.tried[name] = tool_runner().run(call)

    def try_tool(self, known: KnownTool, written: str) -> None:
        """The same for a tool of a server, which may take a while."""
        self.tried.pop(known.offered, None)
        if outcome := self.servers.try_out(known, written):
            self.tried[known.offered] = outcome

    def _take_tried(self) -> None:
        """Collect the outcomes of trials, and the newly enabled tools."""
        self.tried.update(self.servers.take_outcomes())
        for known in list(self.of_servers.values()):
            if known.standing == "new" and tab.value(widgets.tool_ticked(known.offered)):
                self.servers.allow(known)

    # ---- one's own ----------------------------------------------------------------------------------------

    @property
    def _saved_tools(self) -> SavedDocuments:
        return services.saved_tools(Session.current().owner)

    def load(self) -> None:
        """Load the saved tools; each is linted again, as it may be older than a rule."""
        self.own, self.ids = {}, {}
        for document in self._saved_tools.all():
            try:
                tools = custom.read(document.text).tools
            except custom.Unreadable:
                continue
            for tool in tools[:1]:
                self.own[tool.name], self.ids[tool.name] = tool, document.id

    def keep(self, tool: CustomTool) -> bool:
        """Save a tool, replacing the one that is being edited."""
        before = self.edited.name if self.edited else ""
        if tool.name in {**FUNCTIONS, **ONLINE} or (tool.name in self.own and tool.name != before):
            self.trouble = words.NAME_TAKEN.format(tool=tool.name)
            return False
        return self._do(tool, self.ids.get(before, ""))

    def _do(self, tool: CustomTool, id_: str) -> bool:
        try:
            self._saved_tools.save(Document(tool.name, custom.export((tool,)), id_))
        except StoreError as error:
            self.trouble = str(error)
            return False
        self.trouble = ""
        self.load()
        return True

    def delete(self, name: str) -> None:
        document = Document(name, custom.export((self.own[name],)), self.ids[name])
        Session.current().deletions.document(self._saved_tools, document, self.load)

    def take(self, widget: str) -> None:
        """Import the tools of an uploaded file."""
        file = tab.upload(widget)
        if file is None:
            return
        self.trouble = self.news = ""
        try:
            document = custom.read(file.getvalue().decode("utf-8", "replace"))
        except custom.Unreadable as refused:
            self.trouble = str(refused)
            return
        self.edited = None
        kept = [tool.name for tool in document.tools if self.keep(tool)]
        self.news = " ".join([words.IMPORTED_TOOLS.format(count=len(kept)), *document.notes])

    def _bring(self, session: Session) -> None:
        """Offer exactly the tools of an opened conversation: the default ones if it names none."""
        kept, session.brought = session.brought, {}
        if kept.get("tools"):
            self._import(kept)
        elif kept:
            named = kept.get("ticked_tools")
            self.tick(*(map(string, items(named)) if named is not None else (*DEFAULT, *self.own)))
            self._choose(string(kept.get("tool_choice")))

    def _import(self, kept: Mapping[str, JSON]) -> None:
        """Offer the tools of an imported request; missing ones are added to one's own."""
        self.trouble = self.news = ""
        try:
            document = custom.read(json.dumps({"tools": kept["tools"]}))
        except custom.Unreadable as refused:
            self.trouble = str(refused)
            return
        self.edited = None
        names, notes = [], list(document.notes)
        for tool in document.tools:
            existing = self.all.get(tool.name)
            if existing is None and not self.keep(tool):
                continue  # `trouble` says why
            if existing is not None and existing != tool.tool():
                notes.append(words.BROUGHT_IS_OTHER.format(tool=tool.name))
            names.append(tool.name)
        self.tick(*names)
        self._choose(string(kept.get("tool_choice")))
        self.news = " ".join([words.BROUGHT_TOOLS.format(count=len(names)), *notes])

    def _choose(self, choice: str) -> None:
        named = choice in self.offers
        known = choice in ("auto", "none", "required")
        tab.put_setting(widgets.TOOL_CHOICE, FORCED if named else choice if known else "auto")
        if named:
            tab.put_setting(widgets.FORCED_TOOL, choice)


# ---- models with tools, and without ------------------------------------------------------------------------


def able_model(setup: Setup) -> str:
    """A model of the provider that lists tools, "" if none is known."""
    listing = setup.listing
    if not setup.connection.is_configured or not listing.known:
        return services.configured().model
    default = listing.find(services.configured().model)
    able = (model.id for model in (default, *listing.models) if model.can("tools") and not model.retired)
    return next(able, "")
