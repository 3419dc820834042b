"""Saved conversations: find one, open it, give it a name, delete it."""

from components.frame import page
from components.history.page import history

history(page("History"))
