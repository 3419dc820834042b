"""Saved conversations: find, open, rename, delete."""

from components.frame import page
from components.history.page import history

history(page("History"))
