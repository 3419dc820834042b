"""Tool calling."""

from components.page import page

page("Tools")
