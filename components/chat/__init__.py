"""Draws backend/conversation and backend/answer: transcript, composer, what a message offers."""
