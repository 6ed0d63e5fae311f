"""Presenters: named by the schedule and by organisers, saying yes and no, and what they see and may do of their session."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import BadInput, Closed, NotFound, Refusal
from domain.kinds import CalendarMethod, Channel, Kind, Provider
from domain.letters.matters import PresentingMatter
from domain.meetings import WITHOUT_CO_ORGANISERS
from domain.models import Meeting, MeetingState, Person, Presenter, Session
from domain.ports.meetings import MeetingMade
from domain.presenters import naming as presenters
from domain.presenters.naming import NewPresenter
from domain.presenters.views import MySession, Unconfirmed, my_sessions, unconfirmed
from domain.provision import outcomes, turns
from domain.queries import session_view
from tests.building import ACTOR, START, Building, one_row, rows
from tests.domain.presenter_building import ANN, add, do, row, told


def label_of(building: Building, session: int) -> str | None:
    shown: str | None = building.read(lambda db: session_view(db, db.get_one(Session, session)).presenter)
    return shown


# ── labels ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_schedule_and_the_organisers_name_presenters_side_by_side(building: Building) -> None:
    session = building.session(presenter="Ann Lee and Bo Day")
    add(building, session, NewPresenter("Bo Day", "bo@uni.ac.uk"))
    add(building, session, NewPresenter("Cy Fox"))
    assert label_of(building, session) == "Ann Lee and Bo Day, Cy Fox"


def test_a_schedule_that_says_the_same_name_leaves_the_address_alone(building: Building) -> None:
    session = building.session(presenter="Ann Lee")
    ann = add(building, session)
    building.change(session, presenter="ann  lee", title="A new title")
    assert [(one.id, one.label, one.address) for one in building.read(presenters.presenters_of, building.partnership_id, session)] == [
        (ann.id, "ann  lee", "ann@uni.ac.uk")
    ]


def test_another_name_in_the_schedule_starts_anew_and_the_old_one_hears(building: Building) -> None:
    session = building.session(presenter="Ann Lee")
    ann = add(building, session)
    building.deliver()
    building.later(hours=1)
    building.change(session, presenter="Bo Day")
    left = building.deliver()
    assert told(left) == [("cancellation", "ann@uni.ac.uk", CalendarMethod.CANCEL, 2)]
    assert [one.address for one in building.read(presenters.presenters_of, building.partnership_id, session)] == [None]
    building.change(session, presenter="Ann Lee")  # put back: the same row, with its address
    assert told(building.deliver()) == [("invitation", "ann@uni.ac.uk", CalendarMethod.REQUEST, 3)]
    assert row(building, ann.id).ended_at is None


def test_an_address_cannot_be_named_twice_and_a_bad_one_is_refused(building: Building) -> None:
    session = building.session()
    add(building, session)
    with pytest.raises(BadInput, match="already"):
        add(building, session, NewPresenter("Someone else", "ANN@uni.ac.uk"))
    with pytest.raises(BadInput, match="cannot be used"):
        add(building, session, NewPresenter("Bo", "bo at uni"))
    with pytest.raises(NotFound):
        building.write(presenters.add, building.partnership_id + 1, session, ANN, building.rules, actor=ACTOR, now=building.now)


def test_a_name_that_comes_back_in_the_schedule_with_another_mailbox_is_another_row(building: Building) -> None:
    session = building.session(presenter="Ann Lee", presenter_address="ann@uni.ac.uk")
    building.deliver()
    building.later(hours=1)
    building.change(session, presenter="Bo Day", presenter_address=None)
    building.change(session, presenter="Ann Lee", presenter_address="ann@new.ac.uk")
    assert sorted(told(building.deliver())) == [
        ("cancellation", "ann@uni.ac.uk", CalendarMethod.CANCEL, 2),
        ("invitation", "ann@new.ac.uk", CalendarMethod.REQUEST, 1),
    ]


# ── saying yes and no ───────────────────────────────────────────────────────────────────────────────────────


def test_a_code_says_yes_once_and_for_all_and_a_wrong_one_does_not(building: Building) -> None:
    session = building.session()
    ann = add(building, session)
    (letter,) = building.deliver()
    code = letter.matter.code if isinstance(letter.matter, PresentingMatter) else ""
    with pytest.raises(Refusal, match="not a code"):
        building.write(presenters.confirm_by_code, building.partnership_id, 9, "Ann", "ABCD-EFGH", building.rules, now=building.now)
    typed = code.lower().replace("-", " ")
    yes = building.write(presenters.confirm_by_code, building.partnership_id, 9, "Ann", typed, building.rules, now=building.now)
    assert (yes.id, yes.confirmed) == (ann.id, True)
    assert building.read(one_row, Person, Person.discord_id == 9).id == row(building, ann.id).person_id


def test_a_member_is_asked_by_direct_message_and_only_they_may_answer(building: Building) -> None:
    session = building.session()
    bo = add(building, session, NewPresenter("Bo", discord_id=42))
    assert [(x.kind, x.channel, x.recipient.discord_id) for x in building.deliver()] == [(Kind.INVITATION, Channel.CHAT, 42)]
    with pytest.raises(NotFound):
        building.write(presenters.answer, building.partnership_id, bo.id, 43, True, building.rules, now=building.now)
    assert building.write(presenters.answer, building.partnership_id, bo.id, 42, True, building.rules, now=building.now).confirmed
    building.change(session, venue="Library")
    building.later(minutes=3)
    assert [(x.kind, x.channel) for x in building.deliver()] == [(Kind.UPDATE, Channel.CHAT)]


def test_who_says_no_is_listed_loses_the_entry_and_can_be_asked_again(building: Building) -> None:
    session = building.session()
    ann = add(building, session, replace(ANN, discord_id=42))
    building.deliver()
    assert building.read(unconfirmed, building.programme_id, building.now) == (
        Unconfirmed(ann.id, session, "Strengths", START, START + timedelta(minutes=45), "Europe/London", "Ann Lee", declined=False),
    )
    building.write(presenters.answer, building.partnership_id, ann.id, 42, False, building.rules, now=building.now)
    assert told(building.deliver()) == [("cancellation", "ann@uni.ac.uk", CalendarMethod.CANCEL, 2)]
    assert [one.declined for one in building.read(unconfirmed, building.programme_id, building.now)] == [True]
    do(building, presenters.mark, ann.id, True)
    assert ("invitation", "ann@uni.ac.uk", CalendarMethod.REQUEST, 3) in told(building.deliver())
    assert building.read(unconfirmed, building.programme_id, building.now) == ()
    building.call_off(session)
    with pytest.raises(Closed):
        building.write(presenters.answer, building.partnership_id, ann.id, 42, False, building.rules, now=building.now)


def test_who_proves_the_address_later_is_known_from_then_on(building: Building) -> None:
    session = building.session()
    ann = add(building, session, NewPresenter("Nell", "person7@council.gov.uk"))
    newcomer = building.newcomer(7)
    building.book(session, newcomer)
    building.deliver()
    building.prove(7)
    assert row(building, ann.id).person_id == newcomer
    assert [one.presenter_id for one in building.read(my_sessions, building.partnership_id, 7, now=building.now)] == [ann.id]


def test_who_has_said_no_is_shown_no_way_in(building: Building) -> None:
    session = building.online(provider=Provider.GIVEN, given_link="https://meet.example/1")
    ann = add(building, session, replace(ANN, discord_id=42))

    def links() -> list[str | None]:
        return [one.link for one in building.read(my_sessions, building.partnership_id, 42, now=building.now)]

    assert links() == ["https://meet.example/1"]
    building.write(presenters.answer, building.partnership_id, ann.id, 42, False, building.rules, now=building.now)
    assert links() == [None]


# ── their own page, and meetings ────────────────────────────────────────────────────────────────────────────


def test_a_presenters_own_page_counts_people(building: Building) -> None:
    session = building.session()
    ann = add(building, session, replace(ANN, discord_id=42))
    building.book(session, building.person(1))
    end = START + timedelta(minutes=45)
    assert building.read(my_sessions, building.partnership_id, 42, now=building.now) == (
        MySession(
            ann.id,
            session,
            "Strengths",
            START,
            end,
            "Europe/London",
            building.read(one_row, Session, Session.id == session).format,
            "Town Hall, room 2",
            None,
            1,
            None,
            (),
            confirmed=False,
            declined=False,
        ),
    )
    assert building.read(my_sessions, building.partnership_id, 43, now=building.now) == ()


def test_a_co_organiser_changes_the_meeting_and_a_refusal_does_not_lose_it(building: Building) -> None:
    building.host(Provider.ZOOM, "zoom-1")
    session = building.online(provider=Provider.ZOOM)
    ann = add(building, session)
    with pytest.raises(BadInput, match="address first"):
        do(building, presenters.set_co_organiser, add(building, session, NewPresenter("Bo")).id, True)
    (work,) = building.write(turns.claim, building.rules, now=building.now)
    made = MeetingMade("m1", "https://x.example/1")
    building.write(outcomes.adopt, work.meeting_id, made, work.wanted, building.rules, now=building.now)
    do(building, presenters.set_co_organiser, ann.id, True)
    (work,) = building.write(turns.claim, building.rules, now=building.now)
    assert (work.action, work.wanted.co_organisers) == (turns.Action.CHANGE, ("ann@uni.ac.uk",))
    refused = replace(made, without_co_organisers=True)
    building.write(outcomes.adopt, work.meeting_id, refused, work.wanted, building.rules, now=building.now)
    meeting = building.read(one_row, Meeting, Meeting.session_id == session)
    assert (meeting.state, meeting.error) == (MeetingState.READY, WITHOUT_CO_ORGANISERS)
    do(building, presenters.remove, ann.id)
    (work,) = building.write(turns.claim, building.rules, now=building.now)
    assert work.wanted.co_organisers == ()
    building.write(outcomes.adopt, work.meeting_id, made, work.wanted, building.rules, now=building.now)
    assert building.read(one_row, Meeting, Meeting.session_id == session).error == ""
    assert len(building.read(rows, Presenter)) == 2
