"""The checks of the verdict by their names, and what the tests of them change again and again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from rehearsal.evidence import Invitation
from tests.verdict_building import ANN, BOB, CAT, FAY

PLACES = "no session is over its places"
INVITATIONS = "every confirmed booking holds one invitation that tells the truth"
CANCELLATIONS = "every cancelled booking that had been invited has a cancellation"
RISING = "sequences and time stamps rise"
REPEATS = "no message came twice with other words"
WALL_TIME = "reminders come at the right wall time"
REMINDED = "everyone confirmed in time is reminded"
NOT_REMINDED = "nobody is reminded of what they cancelled"
ONE_MEETING = "no session has two meetings, and a cancelled one has none"
HOSTS = "no host is over its allowance at once"
OWED = "nothing is left owed"
CODES = "an address that is not proven gets nothing but a code"
NAMES = "no channel and no public page names anybody"
ONE_REMINDER = "a day's reminder is one message to each person"
ELSEWHERE = (
    "presenters' calendar entries tell the truth",
    "a message to those booked came once to each of them",
    "who came on a waiting list by a page was told so once",
    "a course is held on all its parts or on none",
    "certificates went to those who completed, and to nobody else",
    "calendars that are read again and again tell the truth",
    "a certificate of attendance is there for who attended, and for nobody else",
    "what is typed into a CPD note is kept nowhere",
    "a yes or a no to an offered place counts",
    "who is ticked off on a page is so in the records",
    "the organiser's week shows every session as it is",
    "what is told in private is found nowhere else",
    "private sessions are known by their neutral title alone",
)

ANN_S, BOB_S, CAT_S, FAY_S = (f"person{number}@council.gov.uk" for number in (ANN, BOB, CAT, FAY))
HOUR = timedelta(hours=1)
OTHER_LINK = "https://meet.example/other"


def more(one: Invitation, **changes: Any) -> Invitation:
    """Another calendar message after this one."""
    later: dict[str, Any] = {"message_id": "<another@x.example>", "sequence": one.sequence + 1, "dtstamp": one.dtstamp + HOUR}
    return replace(one, **later | changes)
