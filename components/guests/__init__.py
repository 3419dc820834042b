"""Draws backend/guests: sign-in, the meter, the owner's page."""
