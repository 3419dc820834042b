"""A click counts, whatever follows it.

A tab's message is a request to run the page anew, with the click in it. Streamlit lets a newer request interrupt an
older one at any touch of Streamlit, also before the older click's callback has run, or in the middle of it: the
click is gone. A question that was sent while something else on the page changed was lost in 19 of 25 cases
(tests/browser/test_clicks.py). So callbacks run to their end here, and the page may be interrupted from its first
line on; `fastReruns = false` in .streamlit/config.toml makes a newer request wait for that, and join a click still
unheard.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

_YIELD = "_maybe_handle_execution_control_request"  # Streamlit 1.67; where there is none, nothing is changed


def hear_every_click() -> None:
    """Let no request interrupt another one's callbacks. Called any number of times."""
    interrupt = getattr(ScriptRunner, _YIELD, None)
    if interrupt is None or hasattr(interrupt, "__wrapped__"):
        return

    @wraps(interrupt)
    def later(runner: Any) -> None:
        context = get_script_run_ctx(suppress_warning=True)
        if context is None or context.has_script_started:
            interrupt(runner)

    setattr(ScriptRunner, _YIELD, later)
