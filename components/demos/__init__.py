"""Recorded runs: the shelf, the bar of a play, and the dialog that records."""
