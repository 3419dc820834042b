"""Draws backend/guests: the way in, the meter, the owner's page."""
