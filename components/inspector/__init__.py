"""Draws backend/transport and backend/answer: the exchange behind one answer."""
