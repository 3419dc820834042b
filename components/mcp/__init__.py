"""Draws backend/mcp: the tool servers on the Tools page: added, connected, inspected, tried."""
