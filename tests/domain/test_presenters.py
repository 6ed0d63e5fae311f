"""Presenters: named, asked, kept told, and told afterwards what people said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain import attention, people, programmes, timekeeping
from domain.errors import BadInput, Closed, NotFound, Refusal
from domain.feedback import asking as feedback
from domain.kinds import CalendarMethod, Channel, Kind, Provider
from domain.ledger import marks
from domain.letters.matters import PresentingMatter, ResultsMatter
from domain.meetings import WITHOUT_CO_ORGANISERS
from domain.models import Meeting, MeetingState, NoticeState, Person, Presenter, Privacy, Session
from domain.needs.own import tell_needs
from domain.ports.letters import Letter
from domain.ports.meetings import MeetingMade
from domain.presenters import naming as presenters
from domain.presenters import telling as presenting
from domain.presenters.naming import NewPresenter, PresenterView, code_of
from domain.presenters.views import MySession, Unconfirmed, my_results, my_sessions, unconfirmed
from domain.provision import outcomes, turns
from domain.queries import session_view
from tests.building import ACTOR, START, Building, details, one_row, rows

ANN = NewPresenter("Ann Lee", "ann@uni.ac.uk")


def add(building: Building, session: int, new: NewPresenter = ANN) -> PresenterView:
    made: PresenterView = building.write(
        presenters.add, building.partnership_id, session, new, building.rules, actor=ACTOR, now=building.now
    )
    return made


def do(building: Building, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return building.write(use_case, building.partnership_id, *args, building.rules, actor=ACTOR, now=building.now, **kwargs)


def row(building: Building, presenter_id: int) -> Presenter:
    found: Presenter = building.read(one_row, Presenter, Presenter.id == presenter_id)
    return found


def told(letters: list[Letter]) -> list[tuple[str, str | None, CalendarMethod | None, int | None]]:
    carried = [(x.calendar.method, x.calendar.sequence) if x.calendar else (None, None) for x in letters]
    return [(x.kind.value, x.recipient.address, *calendar) for x, calendar in zip(letters, carried, strict=True)]


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


# ── what falls due ──────────────────────────────────────────────────────────────────────────────────────────


def test_reminders_tell_how_many_come_and_never_who(building: Building) -> None:
    session, person = building.session(privacy=Privacy.OPEN), building.person(1)
    add(building, session)
    building.book(session, person)
    building.change(session, privacy=Privacy.PRIVATE, public_title="A session")
    asked = {"interpreter": "British Sign Language"}
    building.write(tell_needs, building.partnership_id, session, 1, asked, building.rules, now=building.now)
    need = (("an interpreter", 1),)
    building.later(minutes=5)
    building.deliver()
    building.now = START - timedelta(hours=24)
    building.write(timekeeping.keep_time, building.rules, now=building.now)
    (letter,) = (one for one in building.deliver() if one.recipient.address == "ann@uni.ac.uk")
    assert (letter.kind, letter.lead_minutes, letter.recipient.address) == (Kind.REMINDER, 1440, "ann@uni.ac.uk")
    assert letter.matter == PresentingMatter(1, confirmed=False, code=code_of(row(building, 1)), people=1, needs=need, ended="removed")
    assert letter.session is not None
    assert letter.session.title == "A session"
    building.write(timekeeping.keep_time, building.rules, now=building.now)
    assert building.owed() == []


def test_a_moved_session_does_not_send_the_old_reminder(building: Building) -> None:
    session = building.session()
    add(building, session)
    building.deliver()
    building.now = START - timedelta(hours=24)
    building.write(timekeeping.keep_time, building.rules, now=building.now)
    building.move(session, START + timedelta(hours=3))
    assert [letter.kind for letter in building.deliver()] == []


def answers(building: Building, session: int, people: int) -> None:
    for number in range(people):
        person = building.person(100 + number)
        building.book(session, person)
    building.now = START + timedelta(hours=2)
    for number in range(people):
        person = building.read(one_row, Person, Person.discord_id == 100 + number).id
        building.write(feedback.give_rating, building.partnership_id, session, person, 4, building.rules, now=building.now)


@pytest.mark.parametrize(("people", "hears"), [(4, False), (5, True), (6, True)])
def test_results_go_to_the_presenter_when_feedback_closes_and_never_under_the_minimum(building: Building, people: int, hears: bool) -> None:
    session = building.session(places=10)
    ann = add(building, session, replace(ANN, discord_id=42))
    building.deliver()
    answers(building, session, people)
    found = building.read(my_results, building.partnership_id, 42, ann.id, building.rules).found
    assert (found.answers if found else 0) == (5 if hears else 0)  # in batches, as organisers see it
    building.now = START + timedelta(days=8)
    building.write(timekeeping.keep_time, building.rules, now=building.now)
    results = [x.matter for x in building.deliver() if x.kind is Kind.RESULTS]
    assert results == ([ResultsMatter(people, 4.0, (0, 0, 0, people, 0), None, ())] if hears else [])
    assert building.write(presenting.owe_results, building.rules, now=building.now) == 0
    with pytest.raises(NotFound):
        building.read(my_results, building.partnership_id, 43, ann.id, building.rules)


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


# ── meetings ────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_has_said_no_is_shown_no_way_in(building: Building) -> None:
    session = building.online(provider=Provider.GIVEN, given_link="https://meet.example/1")
    ann = add(building, session, replace(ANN, discord_id=42))

    def links() -> list[str | None]:
        return [one.link for one in building.read(my_sessions, building.partnership_id, 42, now=building.now)]

    assert links() == ["https://meet.example/1"]
    building.write(presenters.answer, building.partnership_id, ann.id, 42, False, building.rules, now=building.now)
    assert links() == [None]


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


def test_a_new_proven_address_takes_the_presenters_entry_with_it(building: Building) -> None:
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


def test_a_refused_direct_message_of_a_reminder_becomes_mail_to_the_presenter(building: Building) -> None:
    session = building.session()
    add(building, session, replace(ANN, discord_id=42))
    building.deliver()
    building.now = START - timedelta(hours=24)
    building.write(timekeeping.keep_time, building.rules, now=building.now)
    (notice,) = building.claim()
    building.hand_over(notice)
    building.write(marks.mark_permanent, notice, "post", "direct messages are closed", closed=True, now=building.now)
    (letter,) = building.deliver()
    assert (letter.kind, letter.channel, letter.recipient.address, letter.fallback) == (Kind.REMINDER, Channel.EMAIL, "ann@uni.ac.uk", True)
