"""Completion follows from attendance, in one's own run or made up in another; and what is kept of it."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from domain.attended import attendance_facts, my_attended, programmes_attended
from domain.database import Db
from domain.errors import NotFound, Refusal
from domain.kinds import Channel, Kind
from domain.ledger import marks
from domain.letters.matters import CertificateMatter
from domain.models import Attendance, Booking, BookingState, Notice, NoticeState, Privacy
from domain.ports.letters import Letter
from domain.records import Attended, hours_words
from domain.series.completion import completion_facts, my_completed, new_number
from domain.series.parts import take_out
from domain.series.views import Learner, series_desk
from tests.building import ACTOR, Building, rows
from tests.series_building import DAYS, Run, evening, run_of

ABSENT, UNKNOWN = Attendance.ABSENT, Attendance.UNKNOWN


def attended_all(building: Building, run: Run, person: int) -> None:
    for part, day in zip(run.parts, DAYS, strict=True):
        evening(building, day)
        run.attend(part, person)


def certificates(building: Building) -> list[tuple[str, str]]:
    found = building.read(rows, Notice, Notice.kind == Kind.CERTIFICATE)
    return [(one.channel.value, one.state.value) for one in found]


def letters(building: Building) -> list[Letter]:
    return [one for one in building.deliver() if one.kind is Kind.CERTIFICATE]


def test_every_part_attended_completes_the_series_and_owes_one_certificate(building: Building) -> None:
    run, ann = run_of(building), building.person(1, name="Zoë Łukasz")
    run.book(ann)
    for part, day in zip(run.parts[:2], DAYS[:2], strict=True):
        evening(building, day)
        run.attend(part, ann)
    assert run.whole(ann).completed_at is None
    evening(building, DAYS[2])
    run.attend(run.parts[2], ann)
    whole = run.whole(ann)
    assert (whole.completed_at, certificates(building)) == (building.now, [("email", "queued"), ("chat", "queued")])
    assert letters(building) == []
    building.later(minutes=11)
    sent = letters(building)
    assert [one.channel for one in sent] == [Channel.EMAIL, Channel.CHAT]
    matter = sent[0].matter
    assert isinstance(matter, CertificateMatter)
    facts = matter.facts
    assert (facts.person, facts.course, facts.number, facts.completed_on) == (
        "Zoë Łukasz",
        "Practitioner teachers",
        whole.certificate,
        date(2027, 5, 10),
    )
    assert [(one.part, one.title, one.minutes) for one in facts.sessions] == [(n, f"Workshop {n}", 180) for n in (1, 2, 3)]
    run.attend(run.parts[2], ann)
    building.later(minutes=11)
    assert letters(building) == []


def test_a_missed_workshop_is_made_up_in_another_run(building: Building) -> None:
    run, ann, bob = run_of(building), building.person(1), building.person(2)
    again = run_of(building, "Practitioner teachers 2028", days=tuple(day + timedelta(days=364) for day in DAYS), places=1)
    run.book(ann)
    with pytest.raises(Refusal):
        building.book(again.parts[1], ann)
    for part, day, was in zip(run.parts, DAYS, (Attendance.ATTENDED, ABSENT, Attendance.ATTENDED), strict=True):
        evening(building, day)
        run.attend(part, ann, was=was)
    assert run.whole(ann).completed_at is None
    with pytest.raises(Refusal):  # only what was missed
        building.book(again.parts[0], ann)
    with pytest.raises(Refusal):  # and only by who missed it
        building.book(again.parts[1], bob)
    assert building.book(again.parts[1], ann).came.value == "confirmed"
    assert building.booking(again.parts[1], ann).series_booking_id is None
    assert again.book(bob).state is BookingState.WAITLISTED
    building.cancel(again.parts[1], ann)  # what is made up is one's own to give back
    assert again.states(bob) == [BookingState.CONFIRMED] * 4
    building.change(again.parts[1], places=2)
    building.book(again.parts[1], ann)
    evening(building, DAYS[1] + timedelta(days=364))
    again.attend(again.parts[1], ann)
    assert run.whole(ann).completed_at == building.now
    facts = building.read(completion_facts, building.partnership_id, 1, run.whole(ann).id or 0, now=building.now)
    assert [(one.part, one.session_id) for one in facts.sessions] == [(1, run.parts[0]), (2, again.parts[1]), (3, run.parts[2])]
    assert facts.completed_on == (DAYS[1] + timedelta(days=364)).date()


def test_who_was_not_marked_may_say_that_they_missed_it_once_it_is_over(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    again = run_of(building, "Practitioner teachers 2028", days=tuple(day + timedelta(days=364) for day in DAYS))
    run.book(ann)
    building.now = DAYS[0] + timedelta(hours=1)
    with pytest.raises(Refusal):  # it is still going on
        building.book(again.parts[0], ann)
    building.now = DAYS[0] + timedelta(hours=4)
    assert building.book(again.parts[0], ann).came.value == "confirmed"


def test_a_cancelled_day_can_be_made_up_elsewhere_and_is_still_a_part(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    again = run_of(building, "Practitioner teachers 2028", days=tuple(day + timedelta(days=364) for day in DAYS))
    run.book(ann)
    building.call_off(run.parts[1])
    for number in (0, 2):
        evening(building, DAYS[number])
        run.attend(run.parts[number], ann)
    assert run.whole(ann).completed_at is None
    assert building.book(again.parts[1], ann).came.value == "confirmed"
    building.write(take_out, building.partnership_id, run.parts[1], building.rules, actor=ACTOR, now=building.now)
    assert run.whole(ann).completed_at == building.now  # the organisers go on without it


def test_a_replaced_day_counts_for_its_part(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    run.book(ann)
    building.call_off(run.parts[1])
    run.replace(run.parts[1], new := building.session(starts_at=DAYS[1] + timedelta(days=1), minutes=180))
    run.parts[1] = new
    for part, day in zip(run.parts, (DAYS[0], DAYS[1] + timedelta(days=1), DAYS[2]), strict=True):
        evening(building, day)
        run.attend(part, ann)
    assert run.whole(ann).completed_at == building.now


def test_a_mark_that_is_taken_back_takes_the_certificate_with_it_before_it_is_sent(building: Building) -> None:
    run, ann = run_of(building), building.person(1, discord_id=None)
    run.book(ann)
    attended_all(building, run, ann)
    number = run.whole(ann).certificate
    run.attend(run.parts[2], ann, was=ABSENT)
    assert run.whole(ann).completed_at is None
    building.later(minutes=11)
    assert letters(building) == []
    assert certificates(building) == [("email", "superseded")]
    run.attend(run.parts[2], ann)
    building.later(minutes=11)
    assert [one.matter.facts.number for one in letters(building) if isinstance(one.matter, CertificateMatter)] == [number]
    run.attend(run.parts[2], ann, was=UNKNOWN)
    run.attend(run.parts[2], ann)
    building.later(minutes=11)
    assert letters(building) == []  # the same number, and nobody hears of it twice


def test_a_certificate_that_was_taken_back_cannot_be_fetched(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    run.book(ann)
    attended_all(building, run, ann)
    whole = run.whole(ann).id or 0
    [mine] = building.read(my_completed, building.partnership_id, 1, now=building.now)
    assert (mine.series_booking_id, mine.course) == (whole, "Practitioner teachers")
    for stranger in (2, 99):
        with pytest.raises(NotFound):
            building.read(completion_facts, building.partnership_id, stranger, whole, now=building.now)
    run.attend(run.parts[0], ann, was=ABSENT)
    assert building.read(my_completed, building.partnership_id, 1, now=building.now) == ()
    with pytest.raises(NotFound):
        building.read(completion_facts, building.partnership_id, 1, whole, now=building.now)


def test_a_part_marked_while_it_runs_completes_the_series_only_when_it_is_over(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    run.book(ann)
    for part, day in zip(run.parts[:2], DAYS[:2], strict=True):
        evening(building, day)
        run.attend(part, ann)
    building.now = DAYS[2] + timedelta(minutes=10)
    run.attend(run.parts[2], ann)
    whole, ends = run.whole(ann), DAYS[2] + timedelta(hours=3)
    assert whole.completed_at == ends
    for now, done in ((building.now + timedelta(minutes=11), 0), (ends - timedelta(seconds=1), 0), (ends, 1)):
        building.now = now
        assert (len(building.read(my_completed, building.partnership_id, 1, now=now)), letters(building)) == (done, [])
    building.now = ends - timedelta(seconds=1)
    with pytest.raises(NotFound):
        building.read(completion_facts, building.partnership_id, 1, whole.id or 0, now=building.now)
    building.now = ends + timedelta(minutes=11)
    assert len(letters(building)) == 2


def test_who_cancelled_the_series_completes_nothing(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    run.book(ann)
    evening(building, DAYS[0])
    run.cancel(ann)
    run.attend(run.parts[0], ann)
    assert run.whole(ann).completed_at is None
    assert [one.title for one in building.read(my_attended, building.partnership_id, 1, now=building.now)] == ["Workshop 1"]


def test_organisers_see_who_has_done_which_part(building: Building) -> None:
    run, ann, bob = run_of(building, places=2), building.person(1), building.person(2)
    run.book(ann)
    run.book(bob)
    run.book(building.person(3))
    attended_all(building, run, ann)
    run.attend(run.parts[0], bob, was=ABSENT)
    run.attend(run.parts[1], bob)
    desk = building.write(series_desk, building.partnership_id, run.id, actor=ACTOR, now=building.now)
    assert desk.people == (
        Learner("Person 1", BookingState.CONFIRMED, (1, 2, 3), (), run.whole(ann).certificate),
        Learner("Person 2", BookingState.CONFIRMED, (2,), (1,), None),
        Learner("Person 3", BookingState.WAITLISTED, (), (), None),
    )


def test_the_list_to_keep_says_no_more_of_a_private_session_than_its_public_title(building: Building) -> None:
    ann = building.person(1)
    panel = building.session(title="Parents of Elm Road", organisation="Elm Road School", privacy=Privacy.PRIVATE, public_title="A panel")
    open_ = building.session(title="Strengths", organisation="Northfield Council", starts_at=DAYS[0] + timedelta(hours=2), minutes=90)
    building.book(open_, ann)
    building.write(_private_booking, panel, ann, building)
    evening(building, DAYS[0])
    for session_id in (panel, open_):
        run_attend(building, session_id, ann)
    end = DAYS[0] + timedelta(minutes=45)
    assert building.read(my_attended, building.partnership_id, 1, now=building.now) == (
        Attended(panel, building.programme_id, "A panel", None, DAYS[0], end, "Europe/London"),
        Attended(
            open_,
            building.programme_id,
            "Strengths",
            "Northfield Council",
            DAYS[0] + timedelta(hours=2),
            DAYS[0] + timedelta(hours=3, minutes=30),
            "Europe/London",
        ),
    )
    [programme] = building.read(programmes_attended, building.partnership_id, 1, now=building.now)
    assert (programme.title, programme.sessions) == ("Practice week", 2)
    facts = building.read(attendance_facts, building.partnership_id, 1, building.programme_id, now=building.now)
    assert (facts.partnership, facts.person, [one.title for one in facts.sessions]) == (
        "Midlands Teaching Partnership",
        "Person 1",
        ["A panel", "Strengths"],
    )
    building.person(2)
    for other in (2, 99):
        with pytest.raises(NotFound):
            building.read(attendance_facts, building.partnership_id, other, building.programme_id, now=building.now)


def run_attend(building: Building, session_id: int, person: int) -> None:
    Run(building, 0, []).attend(session_id, person)


def _private_booking(db: Db, session_id: int, person_id: int, building: Building) -> None:
    from domain.kinds import Mode

    booking = Booking(
        partnership_id=building.partnership_id,
        session_id=session_id,
        person_id=person_id,
        mode=Mode.ROOM,
        state=BookingState.CONFIRMED,
        asked_at=building.now,
        alias="Kit",
    )
    db.add(booking)


def test_a_certificates_number_is_short_and_not_to_be_guessed() -> None:
    numbers = {new_number() for _ in range(1000)}
    assert len(numbers) == 1000
    assert all(re.fullmatch(r"[2-9A-HJ-NP-TV-Z]{5}-[2-9A-HJ-NP-TV-Z]{5}", one) for one in numbers)


@pytest.mark.parametrize(
    ("minutes", "words"), [(45, "45 minutes"), (60, "1 hour"), (90, "1 hour 30 minutes"), (900, "15 hours"), (0, "0 minutes")]
)
def test_hours_in_words(minutes: int, words: str) -> None:
    assert hours_words(minutes) == words


def test_closed_direct_messages_owe_no_second_mail(building: Building) -> None:
    run, ann = run_of(building), building.person(1)
    run.book(ann)
    building.deliver()
    attended_all(building, run, ann)
    building.deliver()
    building.later(minutes=11)
    chat = building.claim(channels=(Channel.CHAT,))
    building.write(marks.mark_all, [_closed(one) for one in chat], "post", building.rules, now=building.now)
    states = building.read(rows, Notice, Notice.kind == Kind.CERTIFICATE)
    assert [one.state for one in states if one.channel is Channel.EMAIL] == [NoticeState.QUEUED]


def _closed(notice_id: int) -> marks.Result:
    from domain.errors import ChatClosed

    return marks.Result(notice_id, error=ChatClosed("direct messages are closed"))


def test_what_is_cancelled_after_it_was_marked_completes_nothing(building: Building) -> None:
    run, ann = run_of(building, days=DAYS[:1]), building.person(1)
    run.book(ann)
    building.deliver()
    building.now = DAYS[0] + timedelta(minutes=30)
    run.attend(run.parts[0], ann)
    assert run.whole(ann).completed_at == DAYS[0] + timedelta(hours=3)
    building.call_off(run.parts[0])
    assert run.whole(ann).completed_at is None
    building.later(minutes=15)
    assert [letter.kind for letter in building.deliver()] == [Kind.CANCELLATION]


def test_a_part_that_had_begun_and_is_moved_to_another_day_has_no_marks_and_completes_nothing(building: Building) -> None:
    run, ann = run_of(building, days=DAYS[:1]), building.person(1)
    run.book(ann)
    building.now = DAYS[0] + timedelta(minutes=5)
    run.attend(run.parts[0], ann)
    assert run.whole(ann).completed_at == DAYS[0] + timedelta(hours=3)
    building.move(run.parts[0], DAYS[0] + timedelta(days=7), 180)
    assert building.booking(run.parts[0], ann).attendance is Attendance.UNKNOWN
    assert run.whole(ann).completed_at is None
