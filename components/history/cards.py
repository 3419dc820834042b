"""A conversation in the list: a card that is a link, a checkbox, its menu."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import streamlit as st

from backend.store import Summary
from components.elements.browser_history import CONVERSATION
from components.elements.dates import ago
from components.elements.markdown import label_text, plain
from components.history import words
from components.session import tab
from components.session.chats import HIT
from components.session.pages import PATHS


def card(summary: Summary, menu: Callable[[], None]) -> None:
    """Draw one. The link in its title covers all of it (components/style.css); checkbox and menu are above the
    link.

    It is a link to the front page, which redirects to the page of the conversation, so a browser can open it in a
    new tab.
    """
    with (
        st.container(border=True, key=f"conversation.{summary.id}", gap="xxsmall"),
        st.container(horizontal=True, vertical_alignment="center", wrap=False, gap="small"),
    ):
        title = summary.title or words.UNTITLED
        label = words.CHOOSE.format(title=label_text(title[:80]))
        st.checkbox(label, key=_box(summary.id), label_visibility="collapsed", width="content")
        with st.container(gap="xxsmall"):
            hit = {HIT: str(summary.hit)} if summary.hit is not None else {}
            icon = ":material/keep:" if summary.pinned else None
            st.page_link(
                PATHS["Chat"], label=plain(title[:80]), icon=icon, query_params={CONVERSATION: summary.id, **hit}
            )
            tags = " ".join(f":gray-badge[{plain(tag)}]" for tag in summary.tags)
            template = words.USED_AND_MESSAGE if summary.messages == 1 else words.USED_AND_MESSAGES
            used = template.format(used=ago(summary.updated), messages=summary.messages)
            st.caption(f"{used} {tags}")
            if summary.snippet:
                st.caption(_marked_snippet(summary))
        menu()


def _marked_snippet(summary: Summary) -> str:
    """The line of preview as Markdown, with the hits of the search marked."""
    parts, at = [], 0
    for begin, end in summary.marks:
        parts += [plain(summary.snippet[at:begin]), f":yellow-background[{plain(summary.snippet[begin:end])}]"]
        parts[-2] += _space(summary.snippet[at:begin][-1:])
        at = end
        parts.append(_space(summary.snippet[at : at + 1]))
    return "".join([*parts, plain(summary.snippet[at:])])


def _space(character: str) -> str:
    """Preserve the spaces at the ends of a part, which `plain` removes."""
    return " " if character.isspace() else ""


def _box(id_: str) -> str:
    return f"choose.{id_}"


def chosen_summaries(summaries: Iterable[Summary]) -> list[Summary]:
    """The conversations on the screen whose checkbox is ticked: invisible ones are never chosen."""
    return [summary for summary in summaries if tab.value(_box(summary.id))]


def choose(summaries: Iterable[Summary], chosen: bool) -> None:
    """Tick these checkboxes, or none of them. In a callback."""
    for summary in summaries:
        tab.put(_box(summary.id), chosen)
