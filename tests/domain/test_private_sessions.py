"""Private sessions: who may book, under which name, and everything that others do not see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.attendance import Attendee, attendance_list
from domain.attention import attention
from domain.bookings import Came
from domain.browsing import find_sessions, my_bookings, my_calendar, open_programme, open_programmes, pick_session, session_page
from domain.charts import sections
from domain.database import Db
from domain.errors import BadInput, NotFound, Refusal
from domain.feedback.asking import awaiting
from domain.invitations import revoke
from domain.kinds import Format, Kind, Mode, Provider
from domain.models import (
    AuditEntry,
    Booking,
    BookingState,
    Meeting,
    Part,
    Person,
    Posting,
    Presenter,
    Privacy,
    Programme,
    Session,
    SessionState,
)
from domain.moving import preview_move
from domain.organising import find_desk_sessions, pick_desk_session, session_desk, to_publish
from domain.people import find, register
from domain.postings import stale
from domain.privacy import may_see_people
from domain.private_sessions import (
    Answered,
    BeforeBooking,
    BookedLine,
    before_booking,
    booked_list,
    set_contact,
    set_privacy,
    set_programme_privacy,
)
from domain.programmes import publish, set_organiser_role
from domain.provision.turns import claim
from domain.queries import day_view, programme_days
from domain.reports.programme import programme_report
from domain.timekeeping import keep_time
from tests.building import ACTOR, START, Building, details, rows
from tests.private_building import NEUTRAL, SECRET, let_in, made_code, parent, private_session
from tests.series_building import DAYS, run_of

GONE = "We could not find that session. It may have been removed."


# ── booking ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_who_was_let_in_can_book_and_nobody_is_an_exception(building: Building) -> None:
    session, stranger = private_session(building), building.person(1)
    building.write(presents, session, stranger)
    with pytest.raises(NotFound, match=GONE):
        building.book(session, stranger, alias="Sam")
    rosie = parent(building, 50)
    booked = building.book(session, rosie, alias="Rosie")
    assert (booked.came, booked.title) == (Came.CONFIRMED, NEUTRAL)


def presents(db: Db, session_id: int, person_id: int) -> None:
    for presenter in rows(db, Presenter, Presenter.session_id == session_id):
        presenter.person_id = person_id
        db.add(presenter)


def test_a_name_is_chosen_for_each_private_session_and_mail_greets_it(building: Building) -> None:
    session, opened = private_session(building), building.session(title="Open", starts_at=START + timedelta(hours=3))
    ann = building.person(1)
    let_in(building, 1, made_code(building).code)
    with pytest.raises(BadInput, match="name that we may call you by"):
        building.book(session, ann)
    building.book(session, ann, alias="  Rosie\u200b ")
    building.book(opened, ann, alias="Rosie")
    letters = building.deliver()
    assert [(letter.recipient.name, letter.session.title if letter.session else "") for letter in letters] == [
        ("Rosie", NEUTRAL),
        ("Person 1", "Open"),
    ]
    aliases = {row.session_id: row.alias for row in building.read(rows, Booking)}
    assert aliases == {session: "Rosie", opened: None}
    assert building.read(rows, Person, Person.id == ann)[0].name == "Person 1"


def test_a_reminder_of_a_day_with_both_kinds_names_the_person_by_neither_name(building: Building) -> None:
    session, opened = private_session(building), building.session(title="Open", starts_at=START + timedelta(hours=3))
    ann = building.person(1)
    let_in(building, 1, made_code(building).code)
    building.book(session, ann, alias="Rosie")
    building.book(opened, ann)
    building.deliver()
    building.now = START - timedelta(hours=20)
    building.write(keep_time, building.rules, now=building.now)
    reminders = [letter for letter in building.deliver() if letter.kind is Kind.REMINDER]
    told = [(one.recipient.name, one.session.title if one.session else "", [also.session.title for also in one.also]) for one in reminders]
    assert told == [("", NEUTRAL, ["Open"])]  # one message for the day, so neither name stands in it


def test_a_parent_gives_a_name_and_any_address_and_proves_it_like_anyone(building: Building) -> None:
    building.rules = type(building.rules)(mail_domains=("council.gov.uk",))
    session = private_session(building)
    rosie = parent(building, 50, "Rosie", "rosie@family.example")
    (row,) = building.read(rows, Person, Person.id == rosie)
    assert (row.name, row.part, row.organisation_id, row.email) == ("Rosie", Part.PARENT, None, "rosie@family.example")
    assert building.book(session, rosie, alias="Rosie B").came is Came.CONFIRMED
    seen = building.read(find, building.partnership_id, 50)
    assert (seen.family, seen.proven) == (True, True)
    known = building.write(register, building.partnership_id, 50, details(50), building.rules, now=building.now)
    assert (known.family, known.name) == (False, "Person 50")
    assert building.booking(session, rosie).alias == "Rosie B"


def test_a_private_session_holds_waits_promotes_and_cancels_as_any_other(building: Building) -> None:
    session = private_session(building, places=1)
    first, second = parent(building, 50, "Rosie"), parent(building, 51, "Amal")
    building.book(session, first, alias="Rosie")
    waiting = building.book(session, second, alias="Amal")
    assert (waiting.came, waiting.position) == (Came.WAITLISTED, 1)
    building.deliver()
    assert building.cancel(session, first).title == NEUTRAL
    assert building.booking(session, second).state is BookingState.CONFIRMED
    promoted = [letter for letter in building.deliver() if letter.kind is Kind.PROMOTION]
    assert {letter.recipient.name for letter in promoted} == {"Amal"}
    again = building.book(session, first)  # the name that was chosen before
    assert (again.came, building.booking(session, first).alias) == (Came.WAITLISTED, "Rosie")


def test_a_clash_with_a_private_session_is_told_by_its_neutral_title(building: Building) -> None:
    session, opened = private_session(building), building.session(title="Open")
    rosie = parent(building, 50)
    building.book(session, rosie, alias="Rosie")
    assert [clash.title for clash in building.book(opened, rosie).clashes] == [NEUTRAL]


def test_before_booking_somebody_is_told_whom_to_call(building: Building) -> None:
    session = private_session(building)
    building.write(set_contact, building.partnership_id, building.programme_id, "Jo, 0121 496 0000", actor=ACTOR, now=building.now)
    before = building.read(before_booking, building.partnership_id, session, 50)
    assert before == BeforeBooking(session, "Jo, 0121 496 0000", online=False, alias=None)


# ── what others see: nothing ────────────────────────────────────────────────────────────────────────────────


def test_a_private_session_is_in_nothing_that_others_see(building: Building) -> None:
    session = private_session(building, reference="SECRET-1")
    rosie = parent(building, 50, "Rosie Quiet")
    building.book(session, rosie, alias="Rosie Quiet")
    at, who, now = building.partnership_id, 1, building.now
    building.person(1)
    seen = [
        building.read(open_programmes, at, now=now),
        building.read(programme_days, at, building.programme_id),
        building.read(day_view, at, building.programme_id, START.date()),
        building.read(find_sessions, at, "", now=now),
        building.read(my_bookings, at, who, now=now),
        building.read(my_calendar, at, who, now=now),
        building.read(awaiting, at, 1, building.rules, now=now),
        building.read(stale, now=now),
        building.read(find_desk_sessions, at, "", {99}, now=now, begun=False),
    ]
    for word in (SECRET, NEUTRAL, "SECRET-1", "Rosie", "Hopper"):
        assert word not in repr(seen)
    for look in (lambda: building.read(session_page, at, session, who), lambda: building.read(session_page, at, 9999, who)):
        with pytest.raises(NotFound, match=GONE):
            look()
    unknown = "Please choose one of the sessions that are shown while you type."
    for typed in ("SECRET-1", SECRET, NEUTRAL, "SECRET-9"):  # one that exists is told as one that does not
        with pytest.raises(BadInput, match=unknown):
            building.read(pick_session, at, typed, now=now)
        with pytest.raises(BadInput, match=unknown):
            building.read(pick_desk_session, at, typed, {99}, now=now)


def test_reports_charts_and_the_attention_list_name_nothing_of_it(building: Building) -> None:
    session = private_session(building, format=Format.ONLINE, provider=Provider.TEAMS, venue=None)
    rosie = parent(building, 50, "Rosie Quiet")
    building.book(session, rosie, alias="Rosie Quiet")
    at = building.partnership_id
    building.later(hours=2)
    report = building.read(programme_report, at, building.programme_id, building.rules, now=START + timedelta(days=1))
    told = repr([report, sections(report), building.read(attention, at, None, building.rules, now=building.now)])
    assert [word for word in (SECRET, "Rosie", "family.example", "Hopper") if word in told] == []


def test_the_meeting_calendar_and_mail_have_the_neutral_title_and_no_description(building: Building) -> None:
    building.host(Provider.TEAMS, "host-1")
    session = private_session(building, format=Format.ONLINE, provider=Provider.TEAMS, venue=None, organisation="Family Rights")
    (work,) = building.write(claim, building.rules, now=building.now)
    assert (work.session_id, work.wanted.title) == (session, NEUTRAL)
    assert len(building.read(rows, Meeting)) == 1
    rosie = parent(building, 50)
    building.book(session, rosie, alias="Rosie")
    ((facts, mode, _),) = building.read(my_calendar, building.partnership_id, 50, now=building.now)
    told = facts.title, facts.description, facts.presenter, facts.organisation, facts.programme, mode
    assert told == (NEUTRAL, "", None, None, "", Mode.ONLINE)
    (page,) = building.read(my_bookings, building.partnership_id, 50, now=building.now)
    shown = page.session.title, page.session.description, page.session.presenter, page.session.organisation
    assert shown == (NEUTRAL, "", None, None)


def test_a_day_on_which_everything_is_private_is_not_posted(building: Building) -> None:
    private_session(building, starts_at=START + timedelta(days=1))
    assert [posting.day for posting in building.read(rows, Posting)] == [START.date()]
    opened = building.session(starts_at=START + timedelta(days=2))
    assert [posting.day for posting in building.read(rows, Posting)] == [START.date(), START.date() + timedelta(days=2)]
    assert opened


def test_a_programme_where_everything_is_private_is_not_even_named(building: Building) -> None:
    at = building.partnership_id
    building.write(
        set_programme_privacy, at, building.programme_id, Privacy.PRIVATE, building.rules, sees_private=True, actor=ACTOR, now=building.now
    )
    assert building.read(open_programmes, at, now=building.now) == ()
    with pytest.raises(NotFound):
        building.read(open_programme, at, building.programme_id)


# ── organisers ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_programmes_own_role_keeps_its_people_from_all_others(building: Building) -> None:
    at, programme = building.partnership_id, building.programme_id

    def sees(roles: set[int], *, all_of_it: bool) -> bool:
        return bool(building.read(may_see_people, at, programme, roles, organises_partnership=all_of_it))

    assert (sees({5}, all_of_it=True), sees({5}, all_of_it=False)) == (True, False)
    building.write(set_organiser_role, at, programme, 77, actor=ACTOR, now=building.now)
    assert (sees({5}, all_of_it=True), sees({77}, all_of_it=False), sees({77}, all_of_it=True)) == (False, True, True)


def test_lists_have_the_chosen_names_and_each_view_is_recorded(building: Building) -> None:
    session, ann = private_session(building), building.person(1)
    let_in(building, 1, made_code(building).code)
    building.book(session, ann, alias="Rosie")
    at = building.partnership_id
    listed = building.write(booked_list, at, session, actor=ACTOR, now=building.now)
    assert (listed.title, listed.people) == (NEUTRAL, (BookedLine("Rosie", BookingState.CONFIRMED),))
    building.now = START + timedelta(minutes=1)
    there = building.write(attendance_list, at, session, actor=ACTOR, now=building.now)
    assert (there.title, [(a.name, a.organisation) for a in there.people]) == (NEUTRAL, [("Rosie", None)])
    assert isinstance(there.people[0], Attendee)
    views = [(e.action, e.session_id) for e in building.read(rows, AuditEntry) if e.action.startswith("view")]
    assert views == [("view bookings", session), ("view attendance", session)]
    with pytest.raises(BadInput, match="private sessions only"):
        building.write(booked_list, at, 1, actor=ACTOR, now=building.now)


def test_organisers_find_a_private_session_by_its_neutral_title_only(building: Building) -> None:
    session = private_session(building, organisation="Family Rights")
    at, now = building.partnership_id, building.now
    found = building.read(find_desk_sessions, at, "morning", None, now=now, begun=False)
    assert [(one.title, one.organisation) for one in found] == [(NEUTRAL, None)]
    assert building.read(find_desk_sessions, at, "parents", None, now=now, begun=False) == ()
    assert building.read(find_desk_sessions, at, "rights", None, now=now, begun=False) == ()
    assert building.read(pick_desk_session, at, NEUTRAL, None, now=now) == session


def test_a_move_says_how_many_clash_and_never_who_they_are_known_as(building: Building) -> None:
    session, ann = private_session(building), building.person(1)
    let_in(building, 1, made_code(building).code)
    building.book(session, ann, alias="Rosie")
    building.book(building.session(starts_at=START + timedelta(hours=3)), ann)
    at = START + timedelta(hours=3)
    preview = building.read(
        preview_move, building.partnership_id, session, at, at + timedelta(minutes=45), building.rules, now=building.now
    )
    assert preview.clashing == ("Rosie",)


# ── asking whether it is private ────────────────────────────────────────────────────────────────────────────


def asked(building: Building, **other: Any) -> int:
    return building.session(title="Parents' panel", privacy_asked=True, **other)


def test_publishing_leaves_closed_what_asks_and_says_which(building: Building) -> None:
    building.programme("Another week", publish=False)
    session, at = asked(building), building.partnership_id
    shown = building.read(to_publish, at, building.programme_id, now=building.now)
    assert (shown.drafted, [one.session_id for one in shown.asked]) == (1, [session])
    done = building.write(publish, at, building.programme_id, 77, building.rules, actor=ACTOR, now=building.now)
    assert (done.sessions, done.waiting) == (1, ("Parents' panel",))
    assert building.read(session_desk, at, session).state is SessionState.DRAFT
    with pytest.raises(NotFound):
        building.book(session, building.person(1))


@pytest.mark.parametrize("privacy", [Privacy.PRIVATE, Privacy.OPEN])
def test_the_answer_opens_a_session_that_waited_for_it(building: Building, privacy: Privacy) -> None:
    session, at = asked(building, starts_at=START + timedelta(days=1)), building.partnership_id
    assert building.read(session_desk, at, session).state is SessionState.DRAFT
    done = building.write(set_privacy, at, [session], privacy, building.rules, sees_private=True, actor=ACTOR, now=building.now)
    assert done == Answered(1, opened=1)
    (row,) = building.read(rows, Session, Session.id == session)
    assert (row.state, row.privacy, row.privacy_asked) == (SessionState.PUBLISHED, privacy, False)
    days = [posting.day for posting in building.read(rows, Posting)]
    assert (START.date() + timedelta(days=1) in days) is (privacy is Privacy.OPEN)


def test_what_was_booked_in_private_cannot_be_opened(building: Building) -> None:
    session, other = private_session(building), private_session(building, starts_at=START + timedelta(hours=2))
    rosie, at = parent(building, 50), building.partnership_id
    building.book(session, rosie, alias="Rosie")
    with pytest.raises(Refusal, match="stays private"):
        building.write(set_privacy, at, [session], Privacy.OPEN, building.rules, sees_private=True, actor=ACTOR, now=building.now)
    done = building.write(
        set_programme_privacy, at, building.programme_id, Privacy.OPEN, building.rules, sees_private=True, actor=ACTOR, now=building.now
    )
    assert (done.sessions, done.kept) == (1, 1)
    kept = {row.id: row.privacy for row in building.read(rows, Session)}
    assert (kept[session], kept[other]) == (Privacy.PRIVATE, Privacy.OPEN)
    (programme,) = building.read(rows, Programme)
    assert programme.default_privacy is Privacy.OPEN


def test_who_gave_the_place_back_and_whose_code_was_taken_back_sees_nothing_more(building: Building) -> None:
    session, at = private_session(building), building.partnership_id
    made, rosie = made_code(building), building.person(50, discord_id=50)
    let_in(building, 50, made.code)
    building.book(session, rosie, alias="Rosie")
    building.cancel(session, rosie)
    assert building.read(session_page, at, session, 50).mine is None  # let in still
    building.write(revoke, at, made.id, actor=ACTOR, now=building.now)
    with pytest.raises(NotFound, match=GONE):
        building.read(session_page, at, session, 50)


def test_who_had_a_place_when_the_session_was_cancelled_may_look_at_it(building: Building) -> None:
    session, at = private_session(building), building.partnership_id
    made, rosie = made_code(building), building.person(50, discord_id=50)
    let_in(building, 50, made.code)
    building.book(session, rosie, alias="Rosie")
    building.write(revoke, at, made.id, actor=ACTOR, now=building.now)
    building.call_off(session)
    assert building.read(session_page, at, session, 50).session.state is SessionState.CANCELLED


def test_a_part_of_a_series_is_not_made_private_because_the_series_is_in_the_open(building: Building) -> None:
    run = run_of(building)
    with pytest.raises(Refusal, match="take it out of the series first"):
        building.write(
            set_privacy,
            building.partnership_id,
            run.parts[:1],
            Privacy.PRIVATE,
            building.rules,
            sees_private=True,
            actor=ACTOR,
            now=building.now,
        )


def test_no_letter_of_a_private_session_names_a_series(building: Building) -> None:
    run, ann = run_of(building, days=DAYS[:1]), building.person(1)
    run.book(ann)
    building.change(run.parts[0], privacy=Privacy.PRIVATE)  # as a file can, before its session leaves the series
    building.later(minutes=3)
    assert [(one.session.title, one.session.part) for one in building.deliver() if one.session] == [("Your session", "")]


def test_no_edit_opens_what_was_booked_in_private(building: Building) -> None:
    session = private_session(building)
    building.book(session, parent(building, 50), alias="Rosie")
    with pytest.raises(Refusal, match="stays private"):  # as a schedule that is sent again may ask
        building.change(session, privacy=Privacy.OPEN)
