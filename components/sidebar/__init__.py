"""Draws backend/parameters, backend/library and the connection: all that stands at the side."""
