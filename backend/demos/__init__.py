"""Recorded runs and their playback: without a network, without a key, and without cost."""
