"""The processes of an installation: what one runs, who stands by, and its signs of life."""
