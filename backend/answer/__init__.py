"""One answer while it runs and after it: its turn, its events in time, what it cost."""
