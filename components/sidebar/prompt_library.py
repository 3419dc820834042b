"""The prompt library of one tab: the state of its dialog, and its actions. Nothing here is drawn.

Nothing is sent from here either: a filled prompt goes where the visitor can read and change it first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from backend.library import prompts
from backend.library.prompts import KINDS, Prompt, Unfilled
from backend.library.saved_prompts import SavedPrompts
from backend.store import ChangedElsewhere, StoreError
from backend.untrusted import Unreadable, one_of
from components.session import services, tab, widgets
from components.session.session import Session
from components.sidebar import words

_WITH_COMPOSER = ("Chat", "Tools")


@dataclass(frozen=True)
class Replaced:
    """A system prompt that was replaced, to be restored."""

    before: str
    after: str
    name: str


class Library:
    """One per tab: `Library.current()`."""

    def __init__(self) -> None:
        self.leave = False  # the page in view has no message box: go to one that has
        self.chosen: Prompt | None = None
        self.editing: Prompt | None = None
        self.replaced: Replaced | None = None
        self.trouble = ""
        self.news = ""

    @staticmethod
    def current() -> Library:
        return tab.one(Library)

    @property
    def saved_prompts(self) -> SavedPrompts:
        """One's own prompts."""
        return services.saved_prompts(Session.current().owner)

    # ---- navigation ---------------------------------------------------------------------------------------

    def show(self) -> None:
        Session.current().dialogs.open("prompts")
        self.leave = False
        self.back()

    def close(self) -> None:
        Session.current().dialogs.close("prompts")

    def back(self) -> None:
        """To the list."""
        self.chosen = self.editing = None
        self.trouble = self.news = ""

    def choose(self, prompt: Prompt) -> None:
        self.back()
        self.chosen = prompt

    # ---- using a prompt -----------------------------------------------------------------------------------

    def values(self, prompt: Prompt) -> Mapping[str, str]:
        """The values in the form."""
        named = prompts.variables(prompt.text)
        return {name: str(tab.value(field_key(prompt, name)) or "") for name in named}

    def use_as_system(self) -> None:
        def put(prompt: Prompt, text: str) -> None:
            self.replaced = Replaced(Session.current().settings.system_prompt, text, prompt.name)
            tab.put_setting(widgets.SYSTEM_PROMPT, text)
            self.news = words.USED_AS_SYSTEM.format(name=prompt.name)

        with tab.for_the_page():
            self._use(put)

    def use_as_message(self) -> None:
        def put(prompt: Prompt, text: str) -> None:
            Session.current().composer.draft = text
            self.leave = Session.current().chats.page not in _WITH_COMPOSER
            self.news = words.USED_AS_MESSAGE.format(name=prompt.name)

        self._use(put)

    def _use(self, put: Callable[[Prompt, str], None]) -> None:
        if self.chosen is None:
            return
        try:
            put(self.chosen, prompts.fill(self.chosen.text, self.values(self.chosen)))
        except Unfilled as unfilled:
            self.trouble = str(unfilled)
        else:
            self.close()

    @property
    def undoable(self) -> Replaced | None:
        """The replaced system prompt, as long as the new one is unchanged."""
        replaced = self.replaced
        return (
            replaced
            if replaced and replaced.before and replaced.after == Session.current().settings.system_prompt
            else None
        )

    def undo_replaced(self) -> None:
        if self.replaced:
            tab.put_setting(widgets.SYSTEM_PROMPT, self.replaced.before)
            self.replaced = None

    # ---- one's own prompts --------------------------------------------------------------------------------

    def edit(self, prompt: Prompt) -> None:
        """Open the editor on an own prompt; on a copy of a bundled one, or a new one, if it has no id."""
        self.trouble = self.news = ""
        self.editing = prompt
        for name in ("name", "kind", "about", "text"):
            tab.put(editor_key(name), getattr(prompt, name))

    def edit_copy(self, prompt: Prompt) -> None:
        names = {own.name.casefold() for own in self.saved_prompts.prompts()}
        name = prompt.name if prompt.name.casefold() not in names else prompts.with_number(prompt.name, 2)
        self.edit(replace(prompt, name=name, id="", category="", bundled=False))

    def cancel(self) -> None:
        self.editing = None
        self.trouble = ""

    def save(self) -> None:
        """Save the editor's content. On failure the editor stays open and says why."""
        if self.editing is None:
            return
        name, about, text = (str(tab.value(editor_key(part)) or "") for part in ("name", "about", "text"))
        kind = one_of(tab.value(editor_key("kind")), KINDS) or "system"
        new = replace(self.editing, name=name, about=about, text=text, kind=kind)
        was = self.editing if self.editing.id else None
        if self._do(lambda: self._keep(new, was)):
            self.editing = None
            self.news = words.PROMPT_SAVED

    def _keep(self, new: Prompt, was: Prompt | None) -> None:
        try:
            self.chosen = self.saved_prompts.save(new, was)
        except ChangedElsewhere:
            self.editing = self.chosen = next(
                (own for own in self.saved_prompts.prompts() if own.id == new.id), new
            )
            raise StoreError(words.PROMPT_CHANGED_ELSEWHERE) from None

    def delete(self) -> None:
        if self.chosen is not None:
            Session.current().deletions.prompt(self.saved_prompts, self.chosen)
            self.back()

    def take(self, widget: str) -> None:
        """Import the prompts of an uploaded file."""
        file = tab.upload(widget)
        if file is None:
            return
        added: list[int] = []
        if self._do(lambda: added.append(self.saved_prompts.add(prompts.read(file.getvalue())))):
            self.news = words.IMPORTED_PROMPTS.format(count=added[0])

    def _do(self, edit: Callable[[], object]) -> bool:
        """Whether it was done; if not, `trouble` says why."""
        self.trouble = self.news = ""
        try:
            edit()
        except (StoreError, Unreadable) as error:
            self.trouble = str(error)
        return not self.trouble


def field_key(prompt: Prompt, name: str) -> str:
    """The widget key of a field. Two prompts never share one."""
    return f"prompts.field.{prompt.id}.{name}"


def editor_key(part: str) -> str:
    """The widget key of the editor's field for the name, the kind, the description (`about`) or the text of a
    prompt.
    """
    return f"prompts.edit.{part}"
