"""What the Tools page says before anybody has asked: what a tool is, its schema, and a try without a model."""

from __future__ import annotations

import streamlit as st

from backend.types import Tool
from components.chat import examples
from components.connections import LOCAL
from components.markdown import plain
from components.session import Session

_EXAMPLES = (
    (":material/schedule:", "What time is it in Tokyo?"),
    (":material/event:", "Which weekday will it be in Paris in 100 hours?"),
)


def introduction(session: Session) -> None:
    """Drawn while the page is empty."""
    st.title("Give the model a tool", anchor=False)
    st.markdown(
        "A model cannot look at a clock. Here it may ask for a Python function: it writes the **arguments**, "
        "this app runs the **function**, and the **result** goes back to the model, which then answers."
    )
    if session.connection.id == LOCAL:
        st.info(
            "The small model on this computer does not call tools by itself. Choose **AI/ML API** in the sidebar "
            "and add a key, or run the tool yourself below.",
            icon=":material/info:",
        )
    examples(session, _EXAMPLES)
    for tool in session.chat.tools:
        _tool(session, tool)


def _tool(session: Session, tool: Tool) -> None:
    result = session.tool_results.get(tool.name)
    # Open when there is a result: once in ten the fold was seen to close as the form in it was sent.
    label = f"**{plain(tool.name)}** - {plain(tool.description)}"
    with st.expander(label, expanded=result is not None, key=f"tool.{tool.name}", icon=":material/build:"):
        st.caption("What the model is told: the function's name, description and a JSON schema of its arguments")
        st.json(
            {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}, expanded=1
        )
        st.caption("Run it yourself, as the model would")
        with st.form(f"run.{tool.name}", border=False):
            arguments = '{"city_or_zone": "Tokyo"}'
            st.text_area("Arguments (JSON)", value=arguments, key=f"arguments.{tool.name}", height=80)
            st.form_submit_button("Run", icon=":material/play_arrow:", on_click=session.run_tool, args=(tool.name,))
        if result:
            st.code(result, language=None, wrap_lines=True)
