"""Runs that were recorded, and how they play again: no network, no key, nothing counted."""
