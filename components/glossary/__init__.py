"""Draws backend/glossary: what technical words mean, and labels in simple words."""
