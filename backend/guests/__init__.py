"""Visitors of a shared app: who may enter, what they may request, and what they have spent."""
