"""Keys: kept as secrets, found where they leak, taken out of what is shown."""
