"""Draws backend/catalog: the page of models, the picker, filters and the chart."""
