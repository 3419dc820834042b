"""One question to several models, or to several settings of one: lanes that answer side by side."""
