"""The rehearsal as a command: the stage, the folder it writes, and what it came to."""
