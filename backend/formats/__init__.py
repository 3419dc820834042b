"""Conversations outside the store, written and read: archives, pages, links, other products' exports."""
