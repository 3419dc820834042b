"""A conversation as a tree of messages, and the chat that walks one path through it."""
