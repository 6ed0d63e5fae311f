"""Programmes and sessions: what organisers may do, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from domain import bookings, descriptions, programmes, queries, sessions
from domain.database import Db
from domain.descriptions import NewSession, checked
from domain.errors import BadInput, Closed, NotFound
from domain.kinds import Format, Mode, Provider
from domain.models import AuditEntry, Hold, Posting, Privacy, ProgrammeKind, ProgrammeState, Session, SessionState
from domain.moving import MovePreview, preview_move
from domain.programmes import NewProgramme, ensure_partnership
from domain.sessions import Changed
from domain.times import to_instant
from tests.building import ACTOR, START, Building, one_row, rows

PLAIN = NewSession("Strengths", START, START + timedelta(minutes=45), Format.IN_PERSON, venue="Town Hall")


def london(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    return to_instant(datetime(year, month, day, hour, minute))  # noqa: DTZ001 - a wall time has no zone yet


# ── what is checked ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ends_at": START}, "The session ends before it starts. Please check the times."),
        ({"ends_at": START - timedelta(minutes=1)}, "The session ends before it starts. Please check the times."),
        ({"ends_at": START + timedelta(hours=25)}, "A session must be shorter than 24 hours. Please check the times."),
        (
            {"starts_at": london(2027, 7, 5, 23, 30), "ends_at": london(2027, 7, 6, 0, 30)},
            "A session cannot run over midnight. Please make two sessions of it.",
        ),
        ({"places": -1}, "Places must be between 0 and 100,000."),
        ({"places": 10**9}, "Places must be between 0 and 100,000."),
        ({"online_places": -1}, "Places must be between 0 and 100,000."),
        ({"title": " "}, "Please enter the title."),
        ({"title": "x" * 201}, "Please use at most 200 characters for the title."),
        ({"description": "x" * 2001}, "Please use at most 2,000 characters for the description."),
        ({"format": Format.ONLINE, "provider": Provider.GIVEN}, "Please give the link that people will use to join."),
        ({"given_link": "javascript:alert(1)"}, "A link must start with https:// and have no spaces."),
        ({"given_link": "https://x.example/a b"}, "A link must start with https:// and have no spaces."),
        ({"given_link": "https://x.example/\r\nX: y"}, "A link must start with https:// and have no spaces."),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInput) as refused:
        checked(replace(PLAIN, **changes))
    assert str(refused.value) == sentence


def test_midnight_is_midnight_in_london() -> None:
    late = replace(PLAIN, starts_at=london(2027, 7, 5, 23, 0), ends_at=london(2027, 7, 6, 0, 0))
    assert checked(late) == late
    over_utc_midnight = replace(PLAIN, starts_at=london(2027, 7, 6, 0, 30), ends_at=london(2027, 7, 6, 1, 30))
    assert checked(over_utc_midnight) == over_utc_midnight


def test_a_session_in_a_room_has_no_provider() -> None:
    assert checked(replace(PLAIN, provider=Provider.ZOOM)).provider is None


# ── programmes ──────────────────────────────────────────────────────────────────────────────────────────────


def new_programme(building: Building, **changes: Any) -> programmes.ProgrammeView:
    new = replace(NewProgramme("Next year", ProgrammeKind.PRACTICE_WEEK, date(2028, 3, 13), date(2028, 3, 17)), **changes)
    return building.write(programmes.create, building.partnership_id, new, actor=ACTOR, now=building.now)


def test_a_programme_ends_after_it_begins_and_has_a_title(building: Building) -> None:
    with pytest.raises(BadInput, match="The last day comes before the first"):
        new_programme(building, ends_on=date(2028, 3, 12))
    with pytest.raises(BadInput, match="Please enter the programme's title"):
        new_programme(building, title="\u200b")


def test_an_empty_programme_cannot_be_published(building: Building) -> None:
    empty = new_programme(building)
    with pytest.raises(BadInput, match="There are no sessions in this programme yet"):
        building.write(programmes.publish, building.partnership_id, empty.id, 77, building.rules, actor=ACTOR, now=building.now)


def test_publishing_opens_what_was_drafted_and_may_be_repeated(building: Building) -> None:
    building.host(Provider.TEAMS, "organiser-1")
    programme = building.programme("Next year", publish=False)
    session = building.online(starts_at=START + timedelta(days=1))
    assert (building.read(one_row, Session, Session.id == session).state, building.meetings(session)) == (SessionState.DRAFT, [])

    def publish() -> programmes.Published:
        return building.write(programmes.publish, building.partnership_id, programme, 77, building.rules, actor=ACTOR, now=building.now)

    first, again = publish(), publish()
    assert (first.sessions, first.days, again.sessions) == (2, (date(2027, 3, 15), date(2027, 3, 16)), 0)
    assert first.programme.state is ProgrammeState.PUBLISHED
    assert len(building.meetings(session)) == 1
    assert [p.day for p in building.read(rows, Posting, Posting.programme_id == programme)] == [date(2027, 3, 15), date(2027, 3, 16)]


def test_a_session_outside_its_programmes_days_widens_them(building: Building) -> None:
    building.session(starts_at=START + timedelta(days=7))
    assert building.read(lambda db: programmes.view(programmes.owned(db, 1, 1))).ends_on == date(2027, 3, 22)


def test_organisers_of_one_programme_are_its_own(building: Building) -> None:
    for _ in range(2):
        building.write(programmes.set_organiser_role, building.partnership_id, 1, 555, actor=ACTOR, now=building.now)
    assert building.read(programmes.organiser_roles, building.partnership_id, 1) == frozenset({555})
    assert building.read(programmes.organiser_roles, building.partnership_id, 2) == frozenset()


# ── editing ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_edit_that_changes_nothing_tells_nobody(building: Building) -> None:
    session = building.session(presenter="Dr Okafor", organisation="Northfield Council")
    building.book(session, building.person(1))
    building.deliver()
    assert building.change(session) == Changed(session)
    assert building.owed() == []


def test_described_says_what_edit_takes(building: Building) -> None:
    session = building.session(presenter="Dr Okafor", organisation="Northfield Council", audience="Everyone")
    before = building.read(descriptions.described, building.partnership_id, session)
    building.change(session)
    assert building.read(descriptions.described, building.partnership_id, session) == before
    assert (before.presenter, before.organisation, before.audience, before.places) == ("Dr Okafor", "Northfield Council", "Everyone", 5)


def test_a_move_says_beforehand_who_will_clash(building: Building) -> None:
    ann, bob = building.person(1), building.person(2)
    session, other = building.session(), building.session(title="Other", starts_at=START + timedelta(hours=2))
    for person in (ann, bob):
        building.book(session, person)
    building.book(other, bob)
    later = START + timedelta(hours=2)
    preview = building.read(
        preview_move, building.partnership_id, session, later, later + timedelta(minutes=45), building.rules, now=building.now
    )
    assert preview == MovePreview(2, ("Person 2",), link_stays=True, host_free=True)
    assert building.read(one_row, Session, Session.id == session).starts_at == START


def test_what_is_cancelled_or_over_cannot_be_changed(building: Building) -> None:
    off, over = building.session(), building.session()
    building.call_off(off)
    with pytest.raises(Closed, match="has been cancelled, so it cannot be changed"):
        building.change(off, title="New")
    building.now = START + timedelta(minutes=45)
    with pytest.raises(Closed, match="is over, so it cannot be changed"):
        building.change(over, title="New")
    with pytest.raises(Closed, match="is over, so it cannot be cancelled"):
        building.call_off(over)


def test_people_follow_a_session_from_the_room_to_online(building: Building) -> None:
    building.host(Provider.TEAMS, "organiser-1")
    session, ann = building.session(), building.person(1)
    building.book(session, ann)
    building.change(session, format=Format.ONLINE, provider=Provider.TEAMS, venue=None)
    assert building.booking(session, ann).mode == "online"
    assert len(building.meetings(session)) == 1


def test_a_reference_that_is_taken_is_not_given_twice(building: Building) -> None:
    one, two = building.session(reference="PW-AAAAA"), building.session(reference="PW-AAAAA")
    references = [building.read(one_row, Session, Session.id == number).reference for number in (one, two)]
    assert references[0] == "PW-AAAAA" != references[1]


def test_what_an_organiser_did_is_kept(building: Building) -> None:
    session = building.session()
    building.change(session, venue="Library")
    building.call_off(session)
    done = [(entry.actor, entry.action, entry.detail) for entry in building.read(rows, AuditEntry, AuditEntry.session_id == session)]
    assert done == [(ACTOR, "add session", ""), (ACTOR, "edit session", "place"), (ACTOR, "cancel session", "")]


# ── another partnership's ───────────────────────────────────────────────────────────────────────────────────

LATER = START + timedelta(hours=1), START + timedelta(hours=2)
ON_SESSIONS: dict[str, Callable[[Db, int, int, Building], object]] = {
    "book": lambda db, p, s, b: bookings.book(db, p, s, 1, b.rules, now=b.now),
    "cancel": lambda db, p, s, b: bookings.cancel(db, p, s, 1, b.rules, now=b.now),
    "described": lambda db, p, s, b: descriptions.described(db, p, s),
    "preview_move": lambda db, p, s, b: preview_move(db, p, s, *LATER, b.rules, now=b.now),
    "edit": lambda db, p, s, b: sessions.edit(db, p, s, PLAIN, b.rules, actor=ACTOR, now=b.now),
    "reschedule": lambda db, p, s, b: sessions.reschedule(db, p, s, *LATER, b.rules, actor=ACTOR, now=b.now),
    "change_provider": lambda db, p, s, b: sessions.change_provider(db, p, s, Provider.ZOOM, b.rules, actor=ACTOR, now=b.now),
    "set_places": lambda db, p, s, b: sessions.set_places(db, p, s, 9, b.rules, actor=ACTOR, now=b.now),
    "cancel_session": lambda db, p, s, b: sessions.cancel_session(db, p, s, "", b.rules, actor=ACTOR, now=b.now),
}
ON_PROGRAMMES: dict[str, Callable[[Db, int, int, Building], object]] = {
    "publish": lambda db, p, g, b: programmes.publish(db, p, g, 77, b.rules, actor=ACTOR, now=b.now),
    "set_organiser_role": lambda db, p, g, b: programmes.set_organiser_role(db, p, g, 555, actor=ACTOR, now=b.now),
    "add": lambda db, p, g, b: sessions.add(db, p, g, PLAIN, b.rules, actor=ACTOR, now=b.now),
    "owned": lambda db, p, g, b: programmes.owned(db, p, g),
    "day_view": lambda db, p, g, b: queries.day_view(db, p, g, START.date()),
}


@pytest.mark.parametrize("name", ON_SESSIONS)
def test_a_session_of_another_partnership_is_not_found(building: Building, name: str) -> None:
    session, neighbours = building.session(), building.write(ensure_partnership, "north", "Northern", 2)
    building.book(session, building.person(1))
    with pytest.raises(NotFound):
        building.write(ON_SESSIONS[name], neighbours, session, building)
    with pytest.raises(NotFound):
        building.write(ON_SESSIONS[name], building.partnership_id, 999, building)


@pytest.mark.parametrize("name", ON_PROGRAMMES)
def test_a_programme_of_another_partnership_is_not_found(building: Building, name: str) -> None:
    neighbours = building.write(ensure_partnership, "north", "Northern", 2)
    with pytest.raises(NotFound):
        building.write(ON_PROGRAMMES[name], neighbours, building.programme_id, building)
    with pytest.raises(NotFound):
        building.write(ON_PROGRAMMES[name], building.partnership_id, 999, building)


def test_a_session_cannot_be_moved_into_the_past(building: Building) -> None:
    session = building.session()
    with pytest.raises(BadInput, match="That time has passed already"):
        building.move(session, building.now - timedelta(hours=1), minutes=120)


def test_a_session_of_this_hour_that_moves_to_next_week_is_told_at_once_and_first(building: Building) -> None:
    ann, session = building.person(1), building.session()
    building.book(session, ann)
    building.deliver()
    building.now = START - timedelta(minutes=50)
    building.move(session, START + timedelta(days=7))
    update = building.notice(2)
    assert (update.need, update.next_try_at) == (0, building.now)


def test_an_offer_ends_at_the_cut_off_of_a_session_that_comes_nearer(building: Building) -> None:
    session, clashing = building.session(places=1), building.session(title="At the same time")
    first, second = building.person(1), building.person(2)
    building.book(session, first)
    building.book(session, second)
    building.book(clashing, second)
    building.cancel(session, first)
    offered = building.booking(session, second)
    assert (offered.hold, offered.held_until) == (Hold.OFFER, building.now + building.rules.offer)
    sooner = building.now + timedelta(hours=5)
    building.move(session, sooner)
    assert building.booking(session, second).held_until == sooner - building.rules.cutoff


def test_who_comes_to_the_room_hears_nothing_of_a_new_link(building: Building) -> None:
    session = building.session(format=Format.HYBRID, provider=Provider.GIVEN, given_link="https://meet.example/1")
    building.book(session, building.person(1), mode=Mode.ROOM)
    building.book(session, building.person(2), mode=Mode.ONLINE)
    building.deliver()
    assert building.change(session, given_link="https://meet.example/2").told == 1
    building.now += building.rules.settle
    assert [(letter.mode, letter.changes) for letter in building.deliver()] == [(Mode.ONLINE, ("link",))]


def test_making_a_session_private_takes_its_title_out_of_calendars(building: Building) -> None:
    session = building.session()
    building.book(session, building.person(1))
    building.deliver()
    assert building.change(session, privacy=Privacy.PRIVATE, public_title="A session").told == 1
    building.now += building.rules.settle
    (letter,) = building.deliver()
    assert letter.session is not None
    assert (letter.changes, letter.session.title) == (("title",), "A session")
