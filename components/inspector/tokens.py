"""A tab of the inspector: the probability of each token, and its alternatives."""

from __future__ import annotations

import streamlit as st

from backend import local
from backend.conversation.tree import Node, NodeId
from backend.protocol import logprobs
from backend.types import Token
from components.elements.coloured_text import heat_map, percent, visible_text
from components.elements.markdown import plain
from components.inspector import words
from components.inspector.parts import table
from components.inspector.state import Inspection
from components.session import probabilities

_MAP, _LIVE = "inspect.heat", "inspect.heat.live"
_GLANCE = 1.0  # seconds between two updates of an answer that is being written
_DRAWN = 2_000  # tokens in the heat map; the table has all


def tokens(inspection: Inspection, node: Node) -> None:
    """The heat map and its details; or how to get one."""
    if inspection.turn_of(node) is not None:
        _arriving(node.id)
        return
    answer_tokens = node.message.logprobs
    if not answer_tokens:
        _none(inspection, node)
        return
    st.caption(words.HEAT_MAP_EXPLAINED)
    key = f"{_MAP}.{node.id}"
    result = heat_map(answer_tokens[:_DRAWN], inspection.place, key, lambda: None)
    place = result.place if isinstance(result.place, int) and 0 <= result.place < len(answer_tokens) else None
    inspection.place = place
    if len(answer_tokens) > _DRAWN:
        st.caption(words.FIRST_TOKENS_ONLY.format(drawn=_DRAWN, total=len(answer_tokens)))
    if place is None:
        st.caption(words.CHOOSE_PLACE)
    else:
        _alternatives(inspection, node, place)
    _least(node)
    with st.expander(words.TOKENS_AS_TABLE, icon=":material/table_rows:"):
        table([_row(number, token) for number, token in enumerate(answer_tokens, 1)], words.TOKENS_TABLE)


@st.fragment(run_every=_GLANCE)
def _arriving(id_: NodeId) -> None:
    """The coloured tokens of an answer that is still being written."""
    inspection = Inspection.current()
    turn = inspection.turn_of(inspection.node) if inspection.node and inspection.node.id == id_ else None
    if turn is None:
        st.rerun()
    logprobs = turn.message.logprobs
    st.caption(words.BEING_WRITTEN)
    if logprobs:
        heat_map(logprobs[:_DRAWN], None, _LIVE, lambda: None)


def _none(inspection: Inspection, node: Node) -> None:
    """No probabilities: the possible reason, and the ways to get some."""
    setup, message = inspection.parts.setup, node.message
    if message.state == "failed" and message.failure:
        st.info(
            words.NO_PROBABILITIES_FAILED.format(title=plain(message.failure.title)), icon=":material/blur_off:"
        )
    else:
        st.info(words.NO_PROBABILITIES, icon=":material/blur_off:")
    if inspection.only_looked_at:
        return
    if reason := probabilities.refusal(setup):
        st.caption(words.PROBABILITIES_REFUSED.format(model=plain(setup.model_name), reason=plain(reason)))
    with st.container(horizontal=True, gap="small"):
        st.button(
            words.ASK_FOR_PROBABILITIES,
            key="inspect.probabilities",
            type="primary",
            icon=":material/refresh:",
            on_click=inspection.ask_for_probabilities,
            args=(node.id,),
        )
        if not (setup.connection.gives_probabilities or local.unavailable()):
            st.button(
                words.ASK_LOCAL_FOR_PROBABILITIES,
                key="inspect.probabilities.local",
                icon=":material/computer:",
                on_click=inspection.ask_for_probabilities,
                args=(node.id,),
                kwargs={"here": True},
            )


def _alternatives(inspection: Inspection, node: Node, place: int) -> None:
    """The alternatives at this position; a click continues from one, as a branch."""
    token = node.message.logprobs[place]
    others = [(text, logprob) for text, logprob in token.alternatives if text != token.text and text]
    st.markdown(
        words.ALTERNATIVES.format(token=plain(visible_text(token.text)), probability=percent(token.logprob))
    )
    if not others:
        st.caption(words.NO_ALTERNATIVES)
        return
    with st.container(horizontal=True, gap="small", key="inspect.others"):
        for number, (text, logprob) in enumerate(others):
            st.button(
                words.ALTERNATIVE.format(token=plain(visible_text(text)), probability=percent(logprob)),
                key=f"inspect.other.{place}.{number}",
                on_click=inspection.go_on_from,
                args=(node.id, place, text),
                icon=":material/call_split:",
                disabled=inspection.only_looked_at,
            )
    if not inspection.only_looked_at:
        st.caption(words.CHOOSE_ALTERNATIVE)


def _least(node: Node) -> None:
    least_certain = logprobs.least_certain(node.message)
    if least_certain:
        st.markdown(words.LEAST_CERTAIN)
        rows: list[dict[str, object]] = [
            {words.COLUMN_WORD: word.text, words.COLUMN_CERTAIN: _percent(word.probability)}
            for word in least_certain
        ]
        table(rows, words.LEAST_CERTAIN_TABLE)


def _percent(share: float) -> str:
    return words.LEAST_PROBABILITY if share < 0.001 else f"{100 * share:.1f} %"


def _row(number: int, token: Token) -> dict[str, object]:
    others = [
        f"{visible_text(text)} {percent(logprob)}" for text, logprob in token.alternatives if text != token.text
    ]
    return {
        words.COLUMN_NUMBER: number,
        words.COLUMN_TEXT: visible_text(token.text),
        words.COLUMN_CERTAIN: percent(token.logprob),
        words.COLUMN_INSTEAD: ", ".join(others),
    }
