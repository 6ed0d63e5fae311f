"""The ids of buttons, menus and forms: what each is made of, and the template that reads it back. At most 100 characters.

Numbers are ASCII digits, at most twelve. An id says what to do, never who may: that is asked when it is pressed.
"""

from __future__ import annotations

from datetime import date

from domain.kinds import Mode

_N = r"[0-9]{1,12}"
_MODE = r"(?P<mode>room|online|any)"
#: what was shown of what clashes, and is accepted: written by `clashing`, read by `accepted`. Older cards and forms say "c" or no mark
CLASH = r"(?P<clash>:clash[0-9a-f]{0,12}|c[0-9a-f]{0,12})?"

BOOK = rf"pw:book:(?P<session>{_N}):{_MODE}{CLASH}"
CANCEL = rf"pw:cancel:(?P<session>{_N})"
TAKE = rf"pw:take:(?P<session>{_N}){CLASH}"
LEAVE = rf"pw:leave:(?P<session>{_N})"
OPEN = r"pw:open"  # a menu: the values are sessions
SHOW = rf"pw:show:(?P<session>{_N})"
PROGRAMME = r"pw:programme"  # a menu: the values are programmes
DAY = rf"pw:day:(?P<programme>{_N})"  # a menu: the values are days, or `from:<n>`
DAYS = rf"pw:days:(?P<programme>{_N})"
PAGE = rf"pw:page:(?P<programme>{_N}):(?P<day>[0-9]{{8}}):(?P<page>[0-9]{{1,3}})"
MINE = r"pw:mine:(?P<page>[0-9]{1,3})"
CODE = r"pw:code"
AGAIN = r"pw:again"
DETAILS = rf"pw:details:(?P<session>{_N}):{_MODE}"  # session 0: only the details
REMINDERS = r"pw:reminders"
ORGANISATION = rf"pw:organisation:(?P<session>{_N})"

SERIES = rf"pw:series:(?P<series>{_N})"
SERIES_OPEN = r"pw:seriesopen"  # a menu: the values are series
CERTIFICATE = r"pw:certificate"  # a menu: the values are `series:<series booking>` or `programme:<programme>`

DETAILS_FORM = rf"pw:form:details:(?P<session>{_N}):{_MODE}"
CODE_FORM = r"pw:form:code"
FORGET = r"pw:forget"
FORGET_FORM = r"pw:form:forget"

HAND_OVER = rf"pw:handover:(?P<session>{_N})"
KEEP = rf"pw:keep:(?P<session>{_N})"
ACCEPT = r"pw:accept"
_HANDED = r"(?P<transfer>[0-9]{1,9}):(?P<digits>[0-9]{6})"  # the code that this person typed: checked again when it is pressed
_AGREED = rf"(?P<who>n)?(?P<mine>a)?{CLASH}"
TAKE_OVER = rf"pw:takeover:{_HANDED}:{_AGREED}"
REFUSE = rf"pw:refuse:{_HANDED}"
HAND_OVER_FORM = rf"pw:form:handover:(?P<session>{_N})"
ACCEPT_FORM = r"pw:form:accept"
TAKE_OVER_FORM = rf"pw:form:takeover:{_HANDED}:{_AGREED}"
MATERIALS = rf"pw:materials:(?P<session>{_N})"


def book(session_id: int, mode: Mode | None = None, *, clash: str = "") -> str:
    """Ask for a place; `mode` None: as the session is held. `clash`: the mark of the clashes that the person accepts."""
    return f"pw:book:{session_id}:{mode or 'any'}{clashing(clash)}"


def cancel(session_id: int) -> str:
    """Give a place back, leave the waiting list, or decline an offer."""
    return f"pw:cancel:{session_id}"


def take(session_id: int, *, clash: str = "") -> str:
    """Take a place that is offered. `clash`: as of `book`."""
    return f"pw:take:{session_id}{clashing(clash)}"


def leave(session_id: int) -> str:
    """Leave everything as it is."""
    return f"pw:leave:{session_id}"


def show(session_id: int) -> str:
    """Show a session's card."""
    return f"pw:show:{session_id}"


def day(programme_id: int) -> str:
    """Choose a day of a programme."""
    return f"pw:day:{programme_id}"


def days(programme_id: int) -> str:
    """Back to the days of a programme."""
    return f"pw:days:{programme_id}"


def page(programme_id: int, day: date, number: int) -> str:
    """Another page of a day."""
    return f"pw:page:{programme_id}:{day:%Y%m%d}:{number}"


def mine(number: int) -> str:
    """A page of one's own bookings."""
    return f"pw:mine:{number}"


def details(session_id: int = 0, mode: Mode | None = None) -> str:
    """Open the form for one's details; then book the session, unless it is 0."""
    return f"pw:details:{session_id}:{mode or 'any'}"


def details_form(session_id: int = 0, mode: Mode | None = None) -> str:
    """The form itself."""
    return f"pw:form:details:{session_id}:{mode or 'any'}"


def organisation(session_id: int = 0) -> str:
    """Choose the organisation that was meant."""
    return f"pw:organisation:{session_id}"


def mode_of(text: str | None) -> Mode | None:
    """The way that an id names."""
    return None if text in (None, "any") else Mode(text)


def clashing(mark: str) -> str:
    """The part of an id that says which clashes somebody was shown, and accepts by pressing (`domain.capacity.mark_of`)."""
    return f":clash{mark}" if mark else ""


def accepted(clash: str | None) -> str:
    """The mark in that part of an id. Empty where there is none: whatever clashes is asked about again."""
    said = clash or ""
    return said.removeprefix(":clash") if said.startswith(":") else said.removeprefix("c")


def hand_over(session_id: int) -> str:
    """Hand one's place to a colleague."""
    return f"pw:handover:{session_id}"


def keep(session_id: int) -> str:
    """Ask the colleague no more."""
    return f"pw:keep:{session_id}"


def agreed(*, new: bool, clash: str, mine: bool) -> str:
    """What a press on the offer agrees to: to give details first, that the address is theirs, to the clashes of this mark."""
    return "n" * new + "a" * mine + clashing(clash)


def take_over(transfer: int, digits: str, agreed: str) -> str:
    """Take a colleague's place."""
    return f"pw:takeover:{transfer}:{digits}:{agreed}"


def refuse(transfer: int, digits: str) -> str:
    """Say no to a colleague's place."""
    return f"pw:refuse:{transfer}:{digits}"


def materials(session_id: int) -> str:
    """Links and files of a session."""
    return f"pw:materials:{session_id}"


def series(series_id: int) -> str:
    """Show a series."""
    return f"pw:series:{series_id}"
