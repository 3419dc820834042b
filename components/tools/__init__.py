"""Draws backend/tools: the debugger of tool calls, its toolbox and its editor."""
