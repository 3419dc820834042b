"""Long runs of many requests: kept before the first one leaves, and worked off or resumed by their id."""
