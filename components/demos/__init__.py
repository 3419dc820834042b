"""Draws backend/demos: the shelf of recordings, the playback bar, and the dialog that records."""
