"""What is acted out beside sign-up: families in private, courses in parts, presenters, colleagues, and an organiser's days."""
