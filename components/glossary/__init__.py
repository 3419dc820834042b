"""Draws backend/glossary: the meaning of technical words, and labels in plain language."""
