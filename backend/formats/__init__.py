"""Conversations outside the store: archives, pages, links, and exports of other products."""
