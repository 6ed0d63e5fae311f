"""What operators do for one person: a copy of everything that is kept, and forgetting them."""
