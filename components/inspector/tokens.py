"""A tab of the inspector: how sure the model was of each token, and what else it could have said."""

from __future__ import annotations

import streamlit as st

from backend import local
from backend.conversation.tree import Node
from backend.protocol import logprobs
from backend.types import Token
from components.elements.heat_map import heat_map, percent, shown
from components.elements.markdown import plain
from components.inspector.parts import table
from components.inspector.state import Inspection
from components.session.session import Session

_MAP = "inspect.heat"
_DRAWN = 2_000  # tokens in the map; the table has all


def tokens(inspection: Inspection, node: Node) -> None:
    """The heat map and what belongs to it; or how to get one."""
    answer_tokens = node.message.logprobs
    if not answer_tokens:
        _none(inspection, node)
        return
    st.caption(
        "The more colour, the less certain the model was. Point at a word, or tap it, to see what else was likely."
    )
    key = f"{_MAP}.{node.id}"
    result = heat_map(answer_tokens[:_DRAWN], inspection.place, key, lambda: None)
    place = result.place if isinstance(result.place, int) and 0 <= result.place < len(answer_tokens) else None
    inspection.place = place
    if len(answer_tokens) > _DRAWN:
        st.caption(f"The first {_DRAWN:,} of {len(answer_tokens):,} tokens. The table has all of them.")
    if place is None:
        st.caption("Choose a token to see its alternatives, and to go on from one of them.")
    else:
        _alternatives(inspection, node, place)
    _least(node)
    with st.expander("All tokens as a table", icon=":material/table_rows:"):
        table(
            [_row(number, token) for number, token in enumerate(answer_tokens, 1)],
            "All tokens with their probabilities",
        )


def _none(inspection: Inspection, node: Node) -> None:
    """No probabilities: why that may be, and the ways to some."""
    setup = Session.current().setup
    st.info(
        "**This answer came without token probabilities.** They are sent only when asked for, and not every model "
        "gives them.",
        icon=":material/blur_off:",
    )
    if setup.info is not None and setup.info.lists("logprobs") is False:
        st.caption(
            f"The documents of {plain(setup.model)} do not list them: it will probably refuse or leave them out."
        )
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Ask again with token probabilities",
            key="inspect.probabilities",
            type="primary",
            icon=":material/refresh:",
            on_click=inspection.ask_for_probabilities,
            args=(node.id,),
        )
        if not (setup.connection.gives_probabilities or local.unavailable()):
            st.button(
                "Ask the model on this computer, which gives them",
                key="inspect.probabilities.local",
                icon=":material/computer:",
                on_click=inspection.ask_for_probabilities,
                args=(node.id,),
                kwargs={"here": True},
            )


def _alternatives(inspection: Inspection, node: Node, place: int) -> None:
    """What else could have stood here; a click goes on from it, as a branch."""
    token = node.message.logprobs[place]
    others = [(text, logprob) for text, logprob in token.alternatives if text != token.text and text]
    st.markdown(
        f"**What else could it have said** instead of “{plain(shown(token.text))}” ({percent(token.logprob)})?"
    )
    if not others:
        st.caption("The model reported no alternatives here.")
        return
    with st.container(horizontal=True, gap="small", key="inspect.others"):
        for number, (text, logprob) in enumerate(others):
            st.button(
                f"“{plain(shown(text))}” {percent(logprob)}",
                key=f"inspect.other.{place}.{number}",
                on_click=inspection.go_on_from,
                args=(node.id, place, text),
                icon=":material/call_split:",
            )
    st.caption("Choose one: the answer goes on from there, as a branch beside this one.")


def _least(node: Node) -> None:
    words = logprobs.least_certain(node.message)
    if words:
        st.markdown("**Least certain words**")
        rows: list[dict[str, object]] = [
            {"Word": word.text, "Certain": _percent(word.probability)} for word in words
        ]
        table(rows, "The words the model was least sure of")


def _percent(share: float) -> str:
    return "under 0.1 %" if share < 0.001 else f"{100 * share:.1f} %"


def _row(number: int, token: Token) -> dict[str, object]:
    others = [f"{shown(text)} {percent(logprob)}" for text, logprob in token.alternatives if text != token.text]
    return {
        "#": number,
        "Token": shown(token.text),
        "Certain": percent(token.logprob),
        "Instead": ", ".join(others),
    }
