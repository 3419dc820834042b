"""Draws backend/transport and backend/answer: what went over the wire for one answer."""
