"""Saved conversations: find one, open it, give it a name, delete it."""

from components.history import history
from components.page import page

history(page("History"))
