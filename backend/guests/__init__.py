"""Visitors of a shared app: who may come in, what they may ask for, what they have spent."""
