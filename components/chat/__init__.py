"""Draws backend/conversation and backend/answer: transcript, composer, the actions of a message."""
