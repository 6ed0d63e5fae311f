"""Needs: what one person needs in order to come to one session. Adjustments, never a diagnosis. Each file says what it is.

Six questions for a private session, two for an open one with a room. Each may be left empty. They stand in a table of
their own, apart from the booking; organisers see them with a name, each view recorded, presenters without; and they are
deleted a while after the session (`Rules.needs_kept`), or as soon as the place is given back.
"""
