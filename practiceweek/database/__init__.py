"""The database as an operator meets it: its revision, its looks, its copies."""
