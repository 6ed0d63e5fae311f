"""A presenter's entry in their calendar: asked for, kept up to date, taken back, and moved with their address."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain import attention, people, programmes
from domain.kinds import CalendarMethod, Channel, Kind, Provider
from domain.ledger import marks
from domain.letters.matters import PresentingMatter
from domain.models import NoticeState, Session
from domain.ports.meetings import MeetingMade
from domain.presenters import naming as presenters
from domain.presenters.naming import NewPresenter, PresenterView, code_of
from domain.provision import outcomes, turns
from tests.building import ACTOR, START, Building, details, one_row
from tests.domain.presenter_building import add, do, row, told

# ── the invitation ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_presenter_who_is_also_booked_has_two_entries_that_do_not_clash(building: Building) -> None:
    session, person = building.session(), building.person(1)
    building.book(session, person)
    ann = add(building, session, NewPresenter("Person 1", "person1@council.gov.uk"))
    booked, asked = (letter for letter in building.deliver() if letter.channel is Channel.EMAIL)
    assert booked.session is not None
    assert asked.session is not None
    assert asked.session.uid == f"presenting-{ann.id}-{booked.session.uid}"
    assert (booked.key, asked.key) == (f"invitation:{building.booking(session, person).id}:1", f"presenting:{ann.id}:1")
    assert row(building, ann.id).person_id == person
    assert asked.matter == PresentingMatter(ann.id, confirmed=False, code=code_of(row(building, ann.id)), people=1, ended="removed")


def test_updates_follow_settle_and_are_superseded_like_those_of_bookings(building: Building) -> None:
    session = building.session()
    ann = add(building, session)
    building.deliver()
    first = row(building, ann.id).stamped_at
    building.change(session, venue="Library")
    building.change(session, title="New title")
    assert building.deliver() == []
    building.later(minutes=3)
    (update,) = building.deliver()
    assert update.calendar is not None
    assert (update.kind, update.changes, update.calendar.sequence) == (Kind.UPDATE, ("place", "title"), 3)
    assert first is not None
    assert update.calendar.dtstamp > first
    assert building.notices(NoticeState.SUPERSEDED) == [(f"presenting:{ann.id}:2", "superseded")]


def test_a_draft_asks_nobody_until_it_is_published(building: Building) -> None:
    building.programme("Drafted", publish=False)
    session = building.session(starts_at=START)
    add(building, session)
    assert building.owed() == []
    building.write(programmes.publish, building.partnership_id, building.programme_id, 77, building.rules, actor=ACTOR, now=building.now)
    assert [letter.kind for letter in building.deliver()] == [Kind.INVITATION]


def test_an_invitation_waits_for_its_link_and_one_that_went_without_is_sent_it(building: Building) -> None:
    building.host(Provider.TEAMS, "teams-1")
    session = building.online()
    add(building, session)
    assert building.deliver() == []
    building.later(minutes=31)
    assert [letter.session.join_url for letter in building.deliver() if letter.session] == [None]
    (work,) = building.write(turns.claim, building.rules, now=building.now)
    made = MeetingMade("m1", "https://x.example/1")
    building.write(outcomes.adopt, work.meeting_id, made, work.wanted, building.rules, now=building.now)
    building.later(minutes=3)
    assert [(x.kind, x.changes, x.session.join_url) for x in building.deliver() if x.session] == [
        (Kind.UPDATE, ("link",), "https://x.example/1")
    ]


def test_a_cancelled_session_and_a_removed_presenter_take_the_entry_back(building: Building) -> None:
    session, other = building.session(), building.session(title="Other", starts_at=START + timedelta(hours=2))
    add(building, session)
    ann = add(building, other)
    building.deliver()
    assert building.call_off(session, "Snow").told == 1
    do(building, presenters.remove, ann.id)
    left = building.deliver()
    assert [(x.kind, x.reason, x.matter.ended) for x in left if isinstance(x.matter, PresentingMatter)] == [
        (Kind.CANCELLATION, "Snow", "session"),
        (Kind.CANCELLATION, "", "removed"),
    ]
    assert {x.calendar.method for x in left if x.calendar} == {CalendarMethod.CANCEL}


def test_another_address_is_another_entry_and_a_corrected_name_is_not(building: Building) -> None:
    session = building.session()
    ann = add(building, session)
    building.deliver()
    same = do(building, presenters.change, ann.id, label="Dr Ann Lee", address="ann@uni.ac.uk")
    assert (same.id, same.label, building.deliver()) == (ann.id, "Dr Ann Lee", [])
    new = do(building, presenters.change, ann.id, address="ann.lee@uni.ac.uk")
    assert new.id != ann.id
    assert told(building.deliver()) == [
        ("cancellation", "ann@uni.ac.uk", CalendarMethod.CANCEL, 2),
        ("invitation", "ann.lee@uni.ac.uk", CalendarMethod.REQUEST, 1),
    ]


def test_mail_that_bounces_stands_in_the_attention_list_with_the_presenters_name(building: Building) -> None:
    session = building.session()
    add(building, session)
    (notice,) = building.claim()
    building.hand_over(notice)
    building.write(marks.mark_permanent, notice, "post", "550 no such user", now=building.now)
    items = building.read(attention.attention, building.partnership_id, building.programme_id, building.rules, now=building.now)
    assert [item.sentence for item in items if "Ann Lee" in item.sentence and "550" in item.sentence] != []
    assert row(building, 1).invited is False


# ── another mailbox ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_proven_address_takes_the_presenters_entry_with_it(building: Building) -> None:
    session, nell = nell_with_an_entry(building)
    building.prove(7)
    left = building.deliver()
    assert told(left) == [
        ("cancellation", "person7@council.gov.uk", CalendarMethod.CANCEL, 2),
        ("invitation", "nell@new.example", CalendarMethod.REQUEST, 3),
    ]
    assert [x.matter.ended for x in left if isinstance(x.matter, PresentingMatter)][:1] == ["moved"]
    own = building.read(one_row, Session, Session.id == session).uid
    assert {x.session.uid for x in left if x.session} == {f"presenting-{nell.id}-{own}"}


def nell_with_an_entry(building: Building) -> tuple[int, PresenterView]:
    """Nell presents, and has the entry in the calendar of her first address; she has asked for another."""
    session = building.session()
    building.newcomer(7)
    building.deliver()
    building.prove(7)
    nell = add(building, session, NewPresenter("Nell", discord_id=7))
    building.deliver()
    building.later(hours=2)
    typed = details(7, email="nell@new.example")
    building.write(people.register, building.partnership_id, 7, typed, building.rules, now=building.now)
    building.deliver()
    return session, nell


@pytest.mark.parametrize(("off", "ended"), [("session", "session"), ("removed", "removed"), ("declined", "declined")])
def test_a_cancellation_that_has_not_left_goes_to_the_mailbox_where_the_entry_is(building: Building, off: str, ended: str) -> None:
    session, nell = nell_with_an_entry(building)
    if off == "session":
        building.call_off(session)
    elif off == "removed":
        do(building, presenters.remove, nell.id)
    else:
        building.write(presenters.answer, building.partnership_id, nell.id, 7, False, building.rules, now=building.now)
    building.prove(7)
    left = [letter for letter in building.deliver() if isinstance(letter.matter, PresentingMatter) and letter.channel is Channel.EMAIL]
    assert told(left) == [("cancellation", "person7@council.gov.uk", CalendarMethod.CANCEL, 2)]
    assert [letter.matter.ended for letter in left if isinstance(letter.matter, PresentingMatter)] == [ended]
    assert row(building, nell.id).invited is False
