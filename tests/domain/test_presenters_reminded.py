"""What falls due for presenters: reminders that say how many come, and afterwards what people said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain import timekeeping
from domain.errors import NotFound
from domain.feedback import asking as feedback
from domain.kinds import Channel, Kind
from domain.ledger import marks
from domain.letters.matters import PresentingMatter, ResultsMatter
from domain.models import Person, Privacy
from domain.needs.own import tell_needs
from domain.presenters import telling as presenting
from domain.presenters.naming import code_of
from domain.presenters.views import my_results
from tests.building import START, Building, one_row
from tests.domain.presenter_building import ANN, add, row


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
