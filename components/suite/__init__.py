"""Draws backend/compare/suite: the mode Suite of the Compare page: inputs with checks, over all lanes."""
