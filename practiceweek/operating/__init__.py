"""What operators see and do: how the program stands, and what it could not send."""
