"""What the Studio page draws: a form made of a model's own parameters, and what came of it."""
