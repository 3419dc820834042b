"""The parameter panel: a loop over the table, each control set and unset in one click, fitted to the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from backend import glossary
from backend.parameters import GROUPS, PARAMETERS, Fitted, Group, Parameter, parameters_of
from components.elements.markdown import name_in_code, plain
from components.elements.streamlit_internals import clicks_are_of_the_page
from components.glossary.switch import control_label
from components.guests import meter
from components.session import tab, widgets
from components.session.refusals import Refusals
from components.session.request_settings import Values, write_address
from components.session.session import Session
from components.session.setup import Setup
from components.sidebar import draft, words
from components.sidebar.controls import control
from components.sidebar.presets import preset_menu

_ALL = "unlisted"  # the switch that shows them
_IN_SIGHT = ("temperature", "max_tokens")
_ICONS: dict[Group, str] = {
    "output": ":material/output:",
    "sampling": ":material/tune:",
    "reasoning": ":material/psychology:",
    "search": ":material/travel_explore:",
    "provider": ":material/data_object:",
}


@st.fragment
def panel(first: DeltaGenerator, more: DeltaGenerator) -> None:
    """One fragment in two containers: common parameters go into `first`, the others, in an expander, and
    everything about them into `more`. Moving a slider redraws only the sliders, and never disturbs an answer.
    """
    clicks_are_of_the_page()
    session = Session.current()
    setup = session.setup
    write_address(setup.values)
    in_sight = [parameter for parameter in _offered_parameters("common", setup) if parameter.name in _IN_SIGHT]
    with first:
        for parameter in in_sight:
            _row(session, parameter, setup)
    with more:
        # Containers that always exist: an expander that moves closes.
        said, place = st.container(gap="xxsmall", key="set"), st.container(gap="xxsmall", key="more")
        with place:
            _more(session, setup, in_sight)
        with said:
            _learned_notes(session.refusals, setup)
            _count(session, setup)
            draft.keep(session)


def _more(session: Session, setup: Setup, in_sight: Sequence[Parameter]) -> None:
    """The expander of all others. Drawn while it is open: its content would slow every update."""
    # The label is constant: with another one the expander would close (seen with a count in it).
    fold = st.expander(words.MORE_SETTINGS, key=widgets.MORE_SETTINGS, icon=":material/tune:", on_change="rerun")
    if not fold.open:
        others = [parameter for parameter in PARAMETERS if parameter not in in_sight]
        whole = [] if setup.values.streaming else [words.IN_ONE_PIECE]
        _summary(others, setup.fitted, *_by_hand(setup.values), *whole)
        return
    with fold:
        preset_menu(session, setup)
        for parameter in _offered_parameters("common", setup):
            if parameter not in in_sight:
                _row(session, parameter, setup)
        st.toggle(
            control_label("stream"),
            value=True,
            key=widgets.STREAMING,
            persist_state="session",
            help=glossary.term_of("stream").means,
        )
        for group in _ICONS:
            _group(session, group, setup)
        if _some_unlisted(setup):
            st.toggle(words.SHOW_UNLISTED, key=_ALL, persist_state="session")
        _start_over(session)


def _some_unlisted(setup: Setup) -> bool:
    info = setup.info
    return info is not None and any(info.lists(parameter.field) is False for parameter in PARAMETERS)


def _count(session: Session, setup: Setup) -> None:
    """The number of parameters that are set, and a button to reset them."""
    fitted = setup.fitted
    count = len(fitted.sent) + len(fitted.kept_back) + len(_by_hand(setup.values)) + (not setup.values.streaming)
    if count:
        label, reset = words.RESET.format(count=count), session.settings.reset
        st.button(label, key="reset", on_click=reset, type="tertiary", width="content")
    else:
        st.caption(words.NOTHING_SET)


def _start_over(session: Session) -> None:
    """Reset. The chat, the model and the system prompt are outside of the panel: the whole page is drawn next."""
    starting = session.starting_over
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="start_over"):
        st.button(
            words.START_OVER,
            key="start_over.go",
            on_click=_for_the_page,
            args=(starting.start_over,),
            icon=":material/restart_alt:",
            type="tertiary",
            help=words.START_OVER_HELP,
        )
        if starting.can_be_undone:
            undo, args = words.UNDO_START_OVER, (starting.undo,)
            st.button(undo, key="start_over.undo", on_click=_for_the_page, args=args, type="tertiary")


def _for_the_page(change: Callable[[], None]) -> None:
    with tab.for_the_page():
        change()


def _learned_notes(refusals: Refusals, setup: Setup) -> None:
    """What is left out besides set parameters, which report that themselves."""
    learned, set_ = setup.learned, set(setup.fitted.kept_back)
    parts = [words.LEARNED_FIELD.format(name=name_in_code(name)) for name in sorted(learned.without - set_)]
    parts += [
        words.LEARNED_INSTEAD.format(name=name_in_code(name), other=name_in_code(other))
        for name, other in sorted(learned.instead)
    ]
    parts += [text for name, text in words.LEARNED.items() if getattr(learned, name)]
    if parts:
        with st.container(horizontal=True, gap="xxsmall", vertical_alignment="center", key="learned"):
            st.caption(words.LEARNED_HERE.format(parts="; ".join(parts)), width="stretch")
            forget, args = refusals.forget, (setup.target,)
            st.button(words.FORGET_LEARNED, key="learned.forget", on_click=forget, args=args, type="tertiary")


def _group(session: Session, group: Group, setup: Setup) -> None:
    """An expander of less common parameters. Drawn when it is opened: forty widgets would slow every update."""
    offered = _offered_parameters(group, setup)
    if not offered and group != "provider":
        return
    fold = st.expander(GROUPS[group], key=f"group.{group}", icon=_ICONS[group], type="compact", on_change="rerun")
    if not fold.open:
        _summary(offered, setup.fitted, *(_by_hand(setup.values) if group == "provider" else ()))
        return
    with fold:
        for parameter in offered:
            _row(session, parameter, setup)
        if group == "provider":
            _extra(setup.values)


def _summary(hidden: Sequence[Parameter], fitted: Fitted, *further: str) -> None:
    """The set parameters in a closed expander."""
    names = [
        parameter.name
        for parameter in hidden
        if parameter.name in fitted.sent or parameter.name in fitted.kept_back
    ]
    if told := [*(_mention(name, fitted) for name in names), *further]:
        st.caption(", ".join(told))


def _by_hand(values: Values) -> list[str]:
    """The mention of the extra JSON in a closed expander."""
    if values.extra_problem:
        return [words.SET_NOT_SENT.format(name=words.EXTRA_JSON)]
    return [words.SET.format(name=words.EXTRA_JSON)] if values.extra else []


def _mention(name: str, fitted: Fitted) -> str:
    return (words.SET_NOT_SENT if name in fitted.kept_back else words.SET).format(name=name)


def _offered_parameters(group: Group, setup: Setup) -> list[Parameter]:
    """The parameters for the model, and others that are set."""
    info, fitted = setup.info, setup.fitted
    everything = info is None or tab.value(_ALL)
    return [
        parameter
        for parameter in parameters_of(group)
        if everything
        or (info and info.lists(parameter.field) is not False)
        or parameter.name in fitted.sent
        or parameter.name in fitted.kept_back
    ]


def _row(session: Session, parameter: Parameter, setup: Setup) -> None:
    """A control, the button that unsets it, and notes against sending it."""
    name, fitted = parameter.name, setup.fitted
    is_set = name in fitted.sent or name in fitted.kept_back
    with st.container(gap=None, key=f"row.{name}"):
        if parameter.kind == "number" and parameter.choices:
            # One position for it, set or not: elsewhere it would be a new slider, and the next key press be lost.
            with st.container(horizontal=True, gap="xxsmall", vertical_alignment="bottom"):
                control(setup, parameter)
                if is_set:
                    unset = session.settings.unset
                    st.button(words.UNSET, key=f"unset.{name}", on_click=unset, args=(name,), type="tertiary")
        else:
            control(setup, parameter)
        meter.note(setup, name)
        if name in fitted.kept_back:
            _kept_back(session.refusals, name, setup)
        elif name in setup.anyway and name in fitted.sent:
            _anyway(words.SENT_ANYWAY, session.refusals, name, setup)


def _kept_back(refusals: Refusals, name: str, setup: Setup) -> None:
    with st.container(horizontal=True, gap="xxsmall", vertical_alignment="center"):
        st.caption(words.NOT_SENT.format(reason=plain(setup.fitted.kept_back[name])), width="stretch")
        if name not in setup.fitted.wrong:
            _anyway(words.SEND_ANYWAY, refusals, name, setup)


def _anyway(label: str, refusals: Refusals, name: str, setup: Setup) -> None:
    toggle, args = refusals.toggle_anyway, (setup.target, name)
    st.button(label, key=f"anyway.{name}", on_click=toggle, args=args, type="tertiary")


def _extra(values: Values) -> None:
    st.text_area(
        control_label("extra_json"),
        key=widgets.EXTRA_JSON,
        persist_state="session",
        height=90,
        placeholder=words.EXTRA_JSON_PLACEHOLDER,
        help=glossary.term_of("extra_json").means,
    )
    if values.extra_problem:
        st.caption(words.NOT_SENT.format(reason=plain(values.extra_problem)))
