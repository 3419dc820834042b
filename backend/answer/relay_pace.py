"""How often a browser is sent what is new of running answers: smooth to read, and cheap for many readers."""

from __future__ import annotations

PACE = 0.03  # seconds between two events: smooth to read, and a fast model costs no more than a slow one
QUICK = 0.008  # the same while tokens are slow enough to be sent one by one
SLOW = 70  # tokens a second; at 50 each was shown up to 33 ms late while it waited for the next, 16 ms else (bench)
PACE_EACH = 0.008  # added for each further answer that runs in the tab: each is read and drawn separately
PACE_IN_PROCESS = 0.002  # the least, for each answer that is read in this process: 0.1 s with 50 people


def pace(rate: float, running: int, in_process: int = 1) -> float:
    """Seconds between two events, where `rate` tokens arrive per second for this many running answers of a tab.

    `in_process`: the running answers of all tabs. One thread sends all their events, and 50 answers kept it busy.
    """
    alone = QUICK if rate <= SLOW else PACE + PACE_EACH * max(0, running - 1)
    return max(alone, PACE_IN_PROCESS * in_process)
