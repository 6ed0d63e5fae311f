"""Who has told nobody where they work is asked that before a place is theirs that is not for families, by whichever door."""

from __future__ import annotations

from typing import Any

import pytest

from domain.booked import who_is_booked
from domain.models import BookingState, ServiceArea
from domain.people import say_where
from domain.proving import Proved, Where, prove_by_link, wished_for
from domain.saying_yes import Said, say_yes
from domain.visiting import FilledIn, ask, ask_series
from tests.building import ACTOR, START, Building
from tests.private_building import made_code, private_session
from tests.series_building import run_of
from tests.visiting_building import press, prove_token

CONFIRMED, HELD, WAITS = BookingState.CONFIRMED, BookingState.HELD, BookingState.WAITLISTED
PAT = "pat@family.example"
AS_FAMILY, AS_STAFF = FilledIn("Pat", PAT, family=True), FilledIn("Pat", PAT, organisation="Northfield Council")


def typed(building: Building, session: int, filled: FilledIn) -> str:
    """Ask for a place on a page; the token of the mail's link."""
    building.write(ask, building.partnership_id, session, filled, building.rules, now=building.now)
    return prove_token(building)


def family(building: Building) -> int:
    """Pat has a place at the panel for parents, has proven the address, and has said no place of work."""
    return press(building, typed(building, building.session(title="Panel", audience="Parents"), AS_FAMILY)).person_id


def yes(building: Building, session: int, person: int) -> Said:
    said: Said = building.write(say_yes, building.partnership_id, session, person, building.rules, now=building.now, accept_clash=True)
    return said


def tell_where(building: Building, person: int) -> None:
    about = building.partnership_id, person, "Northfield Council", ServiceArea.ADULTS, building.rules
    building.write(say_where, *about, now=building.now)


def asks_where(building: Building, token: str) -> bool:
    """Whether the page of the link asks it."""
    rules = {building.partnership_id: building.rules}
    asks: bool = building.read(wished_for, (building.partnership_id,), token, rules, now=building.now).asks_where
    return asks


def press_saying(building: Building, token: str, where: Where | None) -> Proved:
    rules = {building.partnership_id: building.rules}
    said: dict[str, Any] = {"now": building.now, "where": where, "accept_clash": True}
    proved: Proved = building.write(prove_by_link, (building.partnership_id,), token, rules, **said)
    return proved


def organisations(building: Building, session: int) -> list[str | None]:
    """Where those work who have a place, as organisers see it."""
    listed = building.write(who_is_booked, building.partnership_id, session, actor=ACTOR, now=building.now)
    return [one.organisation for one in listed if one.state is CONFIRMED]


# ── a yes on one's own page ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("waits", [False, True])
def test_a_yes_of_a_family_to_a_wish_asks_first_where_they_work(building: Building, waits: bool) -> None:
    pat, staff = family(building), building.session(places=1, audience="Social workers")
    if waits:
        building.book(staff, building.person(1))
    typed(building, staff, AS_STAFF)
    before = building.booking(staff, pat)
    assert yes(building, staff, pat) is Said.WHERE
    assert building.booking(staff, pat) == before, "nothing was changed"
    tell_where(building, pat)
    assert yes(building, staff, pat) is Said.ACCEPTED
    mine = building.booking(staff, pat)
    assert (mine.state, mine.wished) == (WAITS if waits else CONFIRMED, False)
    if not waits:
        assert organisations(building, staff) == ["Northfield Council"]


def test_a_yes_of_a_family_to_a_series_asks_it_where_a_single_part_is_not_for_them(building: Building) -> None:
    pat, run = family(building), run_of(building, audience="Everyone")
    building.change(run.parts[2], audience="Managers")
    building.write(ask_series, building.partnership_id, run.id, AS_STAFF, building.rules, now=building.now)
    assert [yes(building, part, pat) for part in run.parts] == [Said.WHERE] * 3
    assert run.states(pat) == [HELD] * 4
    tell_where(building, pat)
    assert yes(building, run.parts[0], pat) is Said.ACCEPTED
    assert run.states(pat) == [CONFIRMED] * 4


@pytest.mark.parametrize("private", [False, True])
def test_a_yes_of_a_family_to_what_is_for_them_asks_nothing(building: Building, private: bool) -> None:
    pat = family(building)
    if private:
        session, asked = private_session(building), FilledIn("Rosie", PAT, code=made_code(building).code)
    else:
        session, asked = building.session(audience="Everyone"), AS_FAMILY
    typed(building, session, asked)
    assert yes(building, session, pat) is Said.ACCEPTED
    assert building.booking(session, pat).state is CONFIRMED


def test_a_family_that_has_a_place_is_not_asked_when_the_session_is_no_longer_for_them(building: Building) -> None:
    session = building.session(audience="Everyone")
    pat = press(building, typed(building, session, AS_FAMILY)).person_id
    building.change(session, audience="Managers")
    assert yes(building, session, pat) is Said.ACCEPTED


# ── a mail's link, of somebody who has proven nothing yet ───────────────────────────────────────────────────


def test_a_form_filled_in_as_a_family_does_not_let_the_other_forms_mail_book_without_asking(building: Building) -> None:
    staff, panel = building.session(audience="Social workers"), building.session(audience="Parents", starts_at=START.replace(day=16))
    to_staff = typed(building, staff, AS_STAFF)
    to_panel = typed(building, panel, AS_FAMILY)
    assert [asks_where(building, one) for one in (to_staff, to_panel)] == [True, False]
    asked = press_saying(building, to_staff, None)
    assert (asked.asks_where, asked.booked, building.booking(staff, asked.person_id).state) == (True, None, HELD)
    told = press_saying(building, to_staff, Where("Northfield Council", ServiceArea.ADULTS))
    assert (told.stands, organisations(building, staff)) == (CONFIRMED, ["Northfield Council"])
    assert press_saying(building, to_panel, None).stands is CONFIRMED


def test_nor_does_it_for_a_series(building: Building) -> None:
    run, panel = run_of(building), building.session(audience="Parents")
    building.write(ask_series, building.partnership_id, run.id, AS_STAFF, building.rules, now=building.now)
    token = prove_token(building)
    typed(building, panel, AS_FAMILY)
    asked = press_saying(building, token, None)
    assert (asked.asks_where, run.states(asked.person_id)) == (True, [HELD] * 4)
    press_saying(building, token, Where("Northfield Council"))
    assert run.states(asked.person_id) == [CONFIRMED] * 4


def test_once_the_link_was_pressed_it_asks_nothing(building: Building) -> None:
    session = building.session(audience="Everyone")
    token = typed(building, session, AS_FAMILY)
    press(building, token)
    building.change(session, audience="Managers")
    assert (asks_where(building, token), press(building, token).asks_where) == (False, False)
