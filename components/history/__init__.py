"""Draws backend/store and backend/formats: kept conversations, files in and out, shared links."""
