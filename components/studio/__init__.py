"""Draws backend/studio: a form made from a model's own parameters, and its results."""
