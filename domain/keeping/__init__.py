"""Keeping: how long records of each kind are kept, and the clock's run that deletes or strips what is over. Each file says what it is.

Once a day, for each partnership: a table of kinds (`kinds`), each with its period (`periods`) and what is done when it is over. Each run
leaves its counts in a log that `practiceweek status` shows. What somebody needs for a session has a tick of its own (`domain.needs`).
"""
