"""One question to several models, or to several settings of one model: lanes that answer side by side."""
