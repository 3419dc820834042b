"""Tool calling: one typed Python function, called by the model, its result sent back."""

from components.chat import chat
from components.page import page
from components.tools import introduction

chat(page("Tools"), introduction)
