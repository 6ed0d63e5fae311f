"""What letters of one kind speak of, beyond their session: plain values, read again at the moment of sending.

A noun that owes letters of its own gives a function from a claimed notice to one of these, and is listed in
`domain.letter_matters`. None says that the notice is no longer true, and it is not sent.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AnnouncementMatter:
    """An organiser's words. `about` says of what: a session, a day or the programme."""

    subject: str
    words: str
    about: str
    trial: bool = False


#: every kind of matter there is
Matter = AnnouncementMatter
