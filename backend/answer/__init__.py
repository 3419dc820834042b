"""One answer, while it runs and after it has ended: the turn, its timed events, and its cost."""
