"""Draws backend/store and backend/formats: saved conversations, export and import, shared links."""
