"""Draws backend/parameters, backend/library and the connection: the content of the sidebar."""
