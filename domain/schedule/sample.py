"""A schedule to begin with: the headings that we like best, and one session of each way to be held."""

from __future__ import annotations

from datetime import date
from typing import Final

#: each heading, and what stands under it
EXPLAINED: Final = (
    ("Title", "what people will see. You need this one."),
    ("Date", "with the year, such as 15 March 2027. You need this one."),
    ("Start and End", "such as 9.30am and 10.30am. You need these."),
    ("Platform", "Online, Teams, Zoom, In person or Hybrid. Hybrid is in a room and online."),
    ("Venue", "the room or building, if people come there."),
    ("Link", "a link of your own, if people join by one. It begins with https://."),
    ("Places", "a number, such as 25. Empty is what the programme says."),
    ("Presenter, Organisation, Audience", "who leads it, who runs it, and who it is for."),
    ("Description and Joining notes", "what it is about, and what people should know before they come."),
    ("Private", "Yes, if only people with an invitation may see it."),
    ("Series", "a name. People book all sessions with the same name as one course."),
)
_HEADINGS: Final = (
    *("Title", "Date", "Start", "End", "Platform", "Venue", "Link", "Places", "Presenter", "Organisation", "Audience"),
    *("Description", "Joining notes", "Private"),
)


def sample(day: date) -> tuple[tuple[str, ...], ...]:
    """The rows of a schedule with sessions on this day: in a room, by a link of one's own, and private."""
    on = f"{day:%d/%m/%Y}"
    room = ("Welcome", on, "9.30am", "10.30am", "In person", "Town Hall, room 2", "", "25", "Sam Green", "Your Council", "All staff")
    link = ("Lunch and learn", on, "12pm", "1pm", "Online", "", "https://example.org/your-link", "", "", "", "All staff")
    closed = ("A quiet talk", on, "2pm", "3pm", "In person", "Town Hall, room 3", "", "12", "", "", "")
    return (
        _HEADINGS,
        (*room, "How the week works.", "Bring a pen.", "No"),
        (*link, "A talk over lunch.", "", "No"),
        (*closed, "", "", "Yes"),
    )
