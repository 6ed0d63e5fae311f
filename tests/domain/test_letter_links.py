"""Links of letters: each letter has those that its reader needs, made once, and no other."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from domain.announcements import Written, send, send_trial_by_mail, write
from domain.database import Db
from domain.joining import say_here
from domain.kinds import Format, Kind, Provider
from domain.links import Wanted, hash_token, mint
from domain.models import Attendance, Audience, Link, OrganiserAddress, Purpose, Session
from domain.organisers import add_organiser
from domain.reminders import owe_reminders
from domain.series.completion import my_completed
from tests.building import ACTOR, START, Building, rows
from tests.series_building import DAYS, evening, run_of
from tests.visiting_building import LINK_KEY, post_office

ONLINE: dict[str, Any] = {"format": Format.ONLINE, "provider": Provider.GIVEN, "given_link": "https://meet.example/1", "venue": None}


def opens(building: Building, token: str) -> str:
    """What a token opens, by the link that is kept; empty for no token."""
    found = [one.subject for one in building.read(rows, Link) if token and one.token_hash == hash_token(token)]
    return found[0] if found else ""


def test_an_invitation_leads_to_ones_own_page_and_where_one_joins_by_link_to_the_way_in(building: Building) -> None:
    ann, talk, room = building.person(1), building.session(title="Talk", **ONLINE), building.session(title="Room")
    building.book(talk, ann)
    building.book(room, ann, accept_clash=True)
    found = {one.session.title: one.links for one in post_office(building) if one.session and one.links}
    shown = {title: (opens(building, links.mine), opens(building, links.join)) for title, links in found.items()}
    assert shown == {"Talk": (f"mine:{ann}", f"join:{building.booking(talk, ann).id}"), "Room": (f"mine:{ann}", "")}


def test_every_letter_to_one_person_has_the_same_links(building: Building) -> None:
    ann, talk = building.person(1), building.session(**ONLINE)
    building.book(talk, ann)
    (first,) = post_office(building)
    building.move(talk, START + timedelta(hours=2))
    building.later(minutes=3)
    (second,) = post_office(building)
    assert (second.kind, second.links) == (Kind.UPDATE, first.links)


def test_a_days_reminder_has_the_way_into_each_of_its_sessions(building: Building) -> None:
    ann = building.person(1)
    one = building.session(title="One", **ONLINE)
    room = building.session(title="Room", starts_at=START + timedelta(hours=1))
    two = building.session(title="Two", starts_at=START + timedelta(hours=2), **ONLINE)
    for session in (one, room, two):
        building.book(session, ann)
    post_office(building)
    building.now = START - timedelta(hours=24)
    building.write(owe_reminders, building.rules, now=building.now)
    (letter,) = post_office(building)
    assert letter.links is not None
    ways = (letter.links.join, *letter.links.also)
    assert [opens(building, way) for way in ways] == [
        f"join:{building.booking(one, ann).id}",
        "",
        f"join:{building.booking(two, ann).id}",
    ]


def test_an_organisers_message_leads_to_ones_own_page_and_a_trial_of_it_to_nobodys(building: Building) -> None:
    ann = building.person(1)
    building.book(building.session(**ONLINE), ann)
    olga = building.partnership_id, building.programme_id, "olga@council.gov.uk"
    building.write(add_organiser, *olga, actor=ACTOR, now=building.now)
    post_office(building)
    new = Written(building.programme_id, Audience.CONFIRMED, "Parking", "Use the north gate.")
    made = building.write(write, building.partnership_id, new, actor=ACTOR, now=building.now)
    building.write(send_trial_by_mail, building.partnership_id, made, building.read(rows, OrganiserAddress)[0].id, now=building.now)
    building.write(send, building.partnership_id, made, None, actor=ACTOR, now=building.now)
    found = {one.recipient.address: opens(building, one.links.mine) if one.links else "" for one in post_office(building)}
    assert found == {"person1@council.gov.uk": f"mine:{ann}", "olga@council.gov.uk": ""}


def test_a_cancelled_place_has_no_way_in(building: Building) -> None:
    ann, talk = building.person(1), building.session(**ONLINE)
    building.book(talk, ann)
    post_office(building)
    building.cancel(talk, ann)
    (letter,) = post_office(building)
    assert letter.links is not None
    assert (opens(building, letter.links.mine), letter.links.join) == (f"mine:{ann}", "")


def test_who_says_that_they_are_here_completes_the_course_only_when_it_is_over(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    run.book(ann)
    for part, day in zip(run.parts[:2], DAYS[:2], strict=True):
        evening(building, day)
        run.attend(part, ann)
    booking = building.booking(run.parts[2], ann)
    ends_at = building.read(_ends_at, run.parts[2])
    building.now = ends_at - timedelta(minutes=20)
    wanted = Wanted(Purpose.JOIN, booking.id or 0, building.partnership_id, ends_at + timedelta(days=1), booking_id=booking.id)
    token = building.write(mint, LINK_KEY, [wanted], now=building.now)[wanted.subject]
    building.write(say_here, [building.partnership_id], token, now=building.now)
    assert building.booking(run.parts[2], ann).attendance is Attendance.ATTENDED
    assert run.whole(ann).completed_at == ends_at
    sent = []
    for minutes in (11, 9, 11):  # nine minutes before the end, at its end, eleven minutes after it
        building.later(minutes=minutes)
        sent.append([one.kind for one in post_office(building) if one.kind is Kind.CERTIFICATE])
    assert sent == [[], [], [Kind.CERTIFICATE]]
    assert len(building.read(my_completed, building.partnership_id, 1, now=building.now)) == 1


def _ends_at(db: Db, session_id: int) -> datetime:
    return db.get_one(Session, session_id).ends_at
