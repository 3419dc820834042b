"""Keys: sealed where they are kept, found wherever they leak, taken out of whatever is shown."""
