"""The ids of what families press and fill in, and the templates that read them back. At most 100 characters.

As everywhere, an id says what to do, never who may.
"""

from __future__ import annotations

from bot.ids import CLASH, clashing
from domain.kinds import Mode
from domain.needs.own import PRIVATE_QUESTIONS

_N = r"[0-9]{1,12}"
_WISH = rf"(?P<session>{_N}):(?P<mode>room|online|any){CLASH}"

INVITED = r"pw:invited"  # what I am invited to
ENTER_CODE = r"pw:invited:enter"
GO_ON = rf"pw:private:go:{_WISH}"
NOT_NOW = r"pw:private:leave"
FAMILY_DETAILS = r"pw:family:details"
NEEDS = rf"pw:needs:(?P<session>{_N})"
NEEDS_MENU = rf"pw:needs:choose:(?P<session>{_N})"  # a menu: the values are questions
NEEDS_BACK = rf"pw:needs:back:(?P<session>{_N})"
NEEDS_COUNT = rf"pw:needs:count:(?P<session>{_N})"  # for presenters

CODE_FORM = r"pw:form:invited"
NAME_FORM = rf"pw:form:private:{_WISH}"
FAMILY_FORM = r"pw:form:family"
NEEDS_FORM = rf"pw:form:needs:(?P<session>{_N}):(?P<asked>[0-5]{{1,6}})"


def go_on(session_id: int, mode: Mode | None = None, *, clash: str = "") -> str:
    """Having read what happens next: ask for the name."""
    return f"pw:private:go:{session_id}:{mode or 'any'}{clashing(clash)}"


def name_form(session_id: int, mode: Mode | None = None, *, clash: str = "") -> str:
    """The form for the name, and for an address where we have none."""
    return f"pw:form:private:{session_id}:{mode or 'any'}{clashing(clash)}"


def needs(session_id: int) -> str:
    """Tell us what you need."""
    return f"pw:needs:{session_id}"


def needs_menu(session_id: int) -> str:
    """Choose what to tell us about."""
    return f"pw:needs:choose:{session_id}"


def needs_back(session_id: int) -> str:
    """Take back everything that was told."""
    return f"pw:needs:back:{session_id}"


def needs_count(session_id: int) -> str:
    """What is needed, without names: for the presenters."""
    return f"pw:needs:count:{session_id}"


def needs_form(session_id: int, asked: tuple[str, ...]) -> str:
    """The form with these questions; each is written as its place among the six."""
    return f"pw:form:needs:{session_id}:{''.join(str(PRIVATE_QUESTIONS.index(one)) for one in asked)}"


def questions_of(digits: str) -> tuple[str, ...]:
    """The questions of such a form."""
    return tuple(PRIVATE_QUESTIONS[int(digit)] for digit in dict.fromkeys(digits))
