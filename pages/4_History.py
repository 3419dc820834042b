"""Saved conversations: find, open, rename, delete."""

from components.frame import show
from components.history.page import history

show("History", history)
