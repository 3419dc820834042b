"""The front page: chat."""

from components.chat import chat
from components.page import page

session = page("Chat")
chat(session)
