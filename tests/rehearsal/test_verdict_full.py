"""The verdict on private sessions, courses, presenters and messages: nothing of an honest story, and the one thing that was spoiled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.kinds import Channel, Kind
from domain.models import (
    Announcement,
    Attendance,
    Booking,
    BookingState,
    Needs,
    Notice,
    NoticeState,
    Person,
    Presenter,
    SeriesBooking,
    Session,
)
from rehearsal.evidence import Message
from tests.building import START
from tests.verdict_building import Left
from tests.verdict_full_building import (
    ANN,
    BOB,
    CAT,
    DANA,
    DANA_S,
    IVY,
    LED_BY,
    NEED,
    ORGANISER,
    SECRET,
    WAS_TO_LEAD,
    FullCase,
    played_in_full,
)

INVITATIONS = "every confirmed booking holds one invitation that tells the truth"
PRESENTERS = "presenters' calendar entries tell the truth"
ONE_REMINDER = "a day's reminder is one message to each person"
ONCE = "a message to those booked came once to each of them"
WAITING = "who came on a waiting list by a page was told so once"
WHOLE = "a course is held on all its parts or on none"
CERTIFICATES = "certificates went to those who completed, and to nobody else"
OWED = "nothing is left owed"
CODES = "an address that is not proven gets nothing but a code"
NAMES = "no channel and no public page names anybody"
PRIVATE = "what is told in private is found nowhere else"
NEUTRAL = "private sessions are known by their neutral title alone"
ANN_S, BOB_S = "person1@council.gov.uk", "person2@council.gov.uk"


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    """What the honest story left; it is played once."""
    return played_in_full(tmp_path_factory.mktemp("full"))


@pytest.fixture
def case(left: Left, tmp_path: Path) -> Iterator[FullCase]:
    made = FullCase.of(left, tmp_path)
    assert isinstance(made, FullCase)
    yield made
    made.store.close()


def test_of_an_honest_story_it_says_nothing_and_has_looked_at_it(case: FullCase) -> None:
    assert case.breaches() == {}
    looked = {check.name: check.looked_at for check in case.checks()}
    assert {name: looked[name] for name in (PRESENTERS, ONE_REMINDER, ONCE, WAITING, WHOLE, CERTIFICATES, PRIVATE, NEUTRAL)} == {
        PRESENTERS: 2,
        ONE_REMINDER: 12,
        ONCE: 3,
        WAITING: 3,
        WHOLE: 4,
        CERTIFICATES: 4,
        PRIVATE: 3,
        NEUTRAL: 1,
    }


# ── what is told in private ─────────────────────────────────────────────────────────────────────────────────


def number_of(case: FullCase, who: int) -> int:
    return int(case.person(who).id or 0)


@pytest.mark.parametrize("said", ["Dana Quiet", "dana  QUIET", DANA_S, f"**{NEED}**", "Dana\nQuiet", "Dana&#32;Quiet"])
@pytest.mark.parametrize("where", ["rehearsal.log", "report.html", "meetings.json", "timeline.jsonl"])
def test_a_name_an_address_or_a_need_in_what_was_left_is_found(case: FullCase, said: str, where: str) -> None:
    case.written[where] = f"somebody wrote {said} here"
    assert case.breaches() == {PRIVATE: (f"what person {number_of(case, DANA)} said in private stands in {where}",)}


def test_in_a_channel_it_is_found_too(case: FullCase) -> None:
    case.public["#practice-week"] += f"\n{NEED}"
    assert case.breaches() == {PRIVATE: (f"what person {number_of(case, DANA)} said in private stands in #practice-week",)}


def test_a_name_chosen_by_a_practitioner_is_found_in_the_mail_of_another_and_not_in_their_own(case: FullCase) -> None:
    for address in (ANN_S, DANA_S):
        mail = next(one for one in case.mails if one.to == address)
        case.swap(mail, text=f"{mail.text}\nRobin Unknown")
    (found,) = [one for one in case.mails if one.to == DANA_S and "Robin Unknown" in one.text]
    assert case.breaches() == {
        PRIVATE: (f"what person {number_of(case, ANN)} said in private stands in a mail to somebody else ({found.name})",)
    }


def test_public_pages_are_looked_through(case: FullCase) -> None:
    case.pages["the page /x, in the end"] += f"<input value='{NEED.replace(chr(39), '&#39;')}'>"
    where = "the page /x, in the end"
    assert case.breaches() == {PRIVATE: (f"what person {number_of(case, DANA)} said in private stands in {where}",)}


def test_what_a_page_showed_somebody_else_is_looked_through_and_their_own_is_not(case: FullCase) -> None:
    dana = case.row(Person, Person.discord_id == DANA)
    case.shown[(dana.email or "").casefold()] = f"<p>{NEED}</p>"
    assert case.breaches() == {}
    case.shown["somebody@else.example"] = f"<p>{NEED}</p>"
    assert case.breaches() == {PRIVATE: (f"what person {dana.id} said in private stands in a page that was shown to somebody else",)}


def test_what_a_stranger_was_shown_is_looked_through_and_what_the_organiser_was_is_not(case: FullCase) -> None:
    case.shown[ANN] += "\n- Dana Quiet has a place"
    case.shown[DANA] = f"Dana Quiet, {NEED}"
    case.shown[ORGANISER] += f"\n{NEED}"
    assert case.breaches() == {PRIVATE: (f"what person {number_of(case, DANA)} said in private stands in what account {ANN} was shown",)}


def test_needs_that_are_still_kept_are_looked_for_too(case: FullCase) -> None:
    case.written["rehearsal.log"] = "A ramp for Rover"
    assert case.breaches() == {}
    kept = case.booking("private", IVY).id or 0
    case.add(Needs(partnership_id=1, booking_id=kept, supporter="a ramp for Rover", told_at=START, delete_on=START.date()))
    assert case.breaches() == {PRIVATE: (f"what person {number_of(case, IVY)} said in private stands in rehearsal.log",)}


def test_a_word_that_only_begins_like_a_name_is_no_name(case: FullCase) -> None:
    case.written["rehearsal.log"] = "Dana Quietly xIvy Quiet"
    assert case.breaches() == {}


def test_the_real_title_of_a_private_session_is_found_in_a_channel_a_meeting_and_a_mail(case: FullCase) -> None:
    case.public["#practice-week"] += f"\n### {SECRET}"
    case.written["meetings.json"] = f'"title": "{SECRET}"'
    mail = next(one for one in case.mails if one.to == DANA_S)
    case.swap(mail, text=f"Subject: {SECRET}")
    case.written["report.html"] = SECRET  # is the organiser's own
    where = case.session("private").reference
    assert case.breaches() == {
        NEUTRAL: tuple(f"the title of {where} stands in {place}" for place in ("#practice-week", "meetings.json", f"the mail {mail.name}"))
    }


# ── courses ─────────────────────────────────────────────────────────────────────────────────────────────────


def whole(case: FullCase, who: int) -> SeriesBooking:
    (found,) = case.rows(SeriesBooking, SeriesBooking.person_id == case.person(who).id)
    assert isinstance(found, SeriesBooking)
    return found


def test_a_course_without_a_place_on_one_part_is_named(case: FullCase) -> None:
    case.alter(case.booking("part 2", ANN), state=BookingState.CANCELLED, attendance=Attendance.ATTENDED)
    part = case.session("part 2").reference
    assert case.breaches()[WHOLE] == (f"series booking {whole(case, ANN).id} is confirmed, and on its part {part} it is cancelled",)


@pytest.mark.parametrize("state", [BookingState.CANCELLED, BookingState.WAITLISTED])
def test_a_place_on_one_part_of_a_course_that_somebody_has_not_is_named(case: FullCase, state: BookingState) -> None:
    bob = whole(case, BOB)
    case.alter(bob, state=state)
    case.alter(case.booking("part 3", BOB), state=BookingState.CONFIRMED)
    part = case.session("part 3").reference
    assert case.breaches()[WHOLE] == (f"series booking {bob.id} is {state}, and on its part {part} it is confirmed",)


def test_a_part_that_was_made_up_alone_and_one_that_was_over_are_no_breach(case: FullCase) -> None:
    case.alter(whole(case, ANN), confirmed_at=case.session("part 1").ends_at)
    case.alter(case.booking("part 1", ANN), series_booking_id=None)
    assert WHOLE not in case.breaches()


def certificate(case: FullCase) -> Message:
    (mail,) = [one for one in case.mails if "certificate.pdf" in one.files]
    return mail


def test_a_certificate_that_did_not_come_is_named(case: FullCase) -> None:
    case.swap(certificate(case), files=())
    assert case.breaches() == {CERTIFICATES: (f"person {number_of(case, ANN)} completed 1 courses and has 0 certificates by e-mail",)}


def test_a_certificate_that_came_twice_is_named(case: FullCase) -> None:
    other = next(one for one in case.mails if one.to == ANN_S and not one.files)
    case.swap(other, files=("certificate.pdf",))
    assert case.breaches() == {CERTIFICATES: (f"person {number_of(case, ANN)} completed 1 courses and has 2 certificates by e-mail",)}


def test_a_certificate_for_who_was_not_there_is_named(case: FullCase) -> None:
    case.alter(case.booking("part 2", ANN), attendance=Attendance.ABSENT)
    assert case.breaches()[CERTIFICATES][0] == f"person {number_of(case, ANN)} completed 0 courses and has 1 certificates by e-mail"
    assert set(case.breaches()) == {CERTIFICATES}


def test_a_certificate_to_an_address_of_nobody_is_named(case: FullCase) -> None:
    case.mails.append(Message("", "nobody@x.example", certificate(case).at, files=("certificate.pdf",)))
    assert case.breaches()[CERTIFICATES] == ("1 certificates went to an address of nobody",)


def test_a_certificate_in_the_chat_for_a_course_that_was_not_completed_is_named(case: FullCase) -> None:
    mine = case.row(Notice, Notice.kind == Kind.CERTIFICATE, Notice.channel == Channel.EMAIL)
    copied = mine.model_dump(exclude={"id"}) | {"key": "x", "channel": Channel.CHAT, "series_booking_id": whole(case, CAT).id}
    case.add(Notice(**copied))
    assert len(case.breaches()[CERTIFICATES]) == 1
    assert case.breaches()[CERTIFICATES][0].endswith("a certificate for a course that was not completed")


# ── presenters ──────────────────────────────────────────────────────────────────────────────────────────────


def where(case: FullCase, address: str) -> str:
    return f"presenter {case.presenter(address).id} of {case.session('open').reference}"


def test_a_presenter_without_an_entry_is_named(case: FullCase) -> None:
    for one in case.led(LED_BY):
        case.invitations.remove(one)
    assert case.breaches() == {PRESENTERS: (f"{where(case, LED_BY)} has no invitation",)}


def test_a_presenters_entry_at_the_wrong_hour_is_named(case: FullCase) -> None:
    last = case.led(LED_BY)[-1]
    case.swap(last, starts_at=last.starts_at + timedelta(hours=1))
    (breach,) = case.breaches()[PRESENTERS]
    assert breach.startswith(f"{where(case, LED_BY)}: the invitation says 17 Mar 10:30 to 10:15")


def test_a_presenters_entry_without_the_present_link_is_named(case: FullCase) -> None:
    case.swap(case.led(LED_BY)[-1], location="https://meet.example/another")
    assert case.breaches() == {PRESENTERS: (f"{where(case, LED_BY)}: the invitation does not carry the present link",)}


def test_who_presents_no_more_keeps_no_entry(case: FullCase) -> None:
    case.invitations.remove(case.led(WAS_TO_LEAD)[-1])
    assert case.breaches() == {PRESENTERS: (f"{where(case, WAS_TO_LEAD)} presents no more, and the calendar entry is not cancelled",)}
    case.alter(case.presenter(WAS_TO_LEAD), declined_at=None)
    assert case.breaches() == {}


def test_an_entry_of_a_presenter_whom_nobody_named_is_named(case: FullCase) -> None:
    stray = replace(case.led(LED_BY)[0], message_id="<stray@x.example>", uid=f"presenting-999-{case.session('open').uid}")
    case.invitations.append(stray)
    assert case.breaches()[INVITATIONS] == (f"there is an invitation with the UID {stray.uid}, which is no session's",)


def test_a_presenters_mail_that_came_to_somebody_else_is_named(case: FullCase) -> None:
    mine = case.row(Notice, Notice.presenter_id == case.presenter(LED_BY).id, Notice.kind == Kind.INVITATION)
    case.swap(case.mail(mine.external_id), to=ANN_S)
    assert case.breaches() == {OWED: (f"notice {mine.id} (invitation by email) came to somebody else",)}


def test_anything_else_to_a_presenters_address_that_nobody_proved_is_named(case: FullCase) -> None:
    mail = next(one for one in case.mails if one.to == ANN_S)
    case.swap(mail, to=LED_BY)
    assert case.breaches()[CODES] == (f"the e-mail {mail.name} went to an address that nobody had proven",)


# ── messages ────────────────────────────────────────────────────────────────────────────────────────────────


def sent(case: FullCase, who: int) -> tuple[Announcement, Notice]:
    made = case.row(Announcement, Announcement.audience == "confirmed")
    return made, case.row(Notice, Notice.announcement_id == made.id, Notice.person_id == case.person(who).id)


def test_a_message_that_came_twice_is_named(case: FullCase) -> None:
    made, notice = sent(case, ANN)
    other = next(one for one in case.mails if one.to == ANN_S and one.name != notice.external_id)
    case.add(Notice(**notice.model_dump(exclude={"id"}) | {"key": "again", "external_id": other.name}))
    assert case.breaches() == {ONCE: (f"message {made.id} came 2 times to person {number_of(case, ANN)}",)}


def test_a_message_that_did_not_come_is_named(case: FullCase) -> None:
    made, notice = sent(case, ANN)
    case.alter(notice, state=NoticeState.SUPERSEDED)
    assert case.breaches()[ONCE] == (f"message {made.id} did not come to person {number_of(case, ANN)}",)


def test_a_message_to_who_had_not_booked_is_named(case: FullCase) -> None:
    made, notice = sent(case, BOB)
    case.alter(notice, person_id=case.person(IVY).id)
    assert f"message {made.id} came to person {number_of(case, IVY)}, who had not booked there" in case.breaches()[ONCE]


# ── waiting lists ───────────────────────────────────────────────────────────────────────────────────────────


def told_to_wait(case: FullCase) -> list[Notice]:
    """What Gwen was told: twice of a session, for she came twice, and once of the course."""
    return case.rows(Notice, Notice.kind == Kind.WAITING)


def test_who_waits_by_a_page_and_was_never_told_is_named(case: FullCase) -> None:
    _, alone, whole = told_to_wait(case)
    for one in (alone, whole):
        case.alter(one, state=NoticeState.SUPERSEDED, external_id=None)
    assert case.breaches()[WAITING] == (
        f"booking {alone.booking_id} waits by a page, and no e-mail has said so",
        f"series booking {whole.series_booking_id} waits by a page, and no e-mail has said so",
    )


def test_a_message_that_one_waits_which_never_came_is_named(case: FullCase) -> None:
    alone = told_to_wait(case)[1]
    case.mails.remove(case.mail(alone.external_id))
    assert case.breaches()[WAITING] == (f"booking {alone.booking_id} waits by a page, and no e-mail has said so",)


def test_who_was_told_twice_that_they_wait_is_named(case: FullCase) -> None:
    first, alone, _ = told_to_wait(case)
    assert (first.booking_id, first.detail != alone.detail) == (alone.booking_id, True)
    case.alter(first, detail=alone.detail)
    assert case.breaches() == {WAITING: (f"2 e-mails said that booking {alone.booking_id} waits",)}


def test_of_who_waits_in_chat_no_e_mail_is_asked(case: FullCase) -> None:
    alone = told_to_wait(case)[1]
    case.alter(alone, state=NoticeState.SUPERSEDED, external_id=None)
    case.alter(case.row(Person, Person.id == alone.person_id), discord_id=70)
    assert WAITING not in case.breaches()


# ── a day's reminder ────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_reminder_of_a_day_is_named_unless_there_was_news(case: FullCase) -> None:
    first = case.reminder("open", ANN, 1440)
    told = first.detail.split()
    assert len(told) == 4  # a day, an instant, and two sessions
    other = next(one for one in case.mails if one.to == ANN_S and one.name != first.external_id)
    late = case.row(Notice, Notice.external_id == other.name)
    case.alter(first, detail=" ".join(told[:3]))
    apart = first.model_dump(exclude={"id"}) | {"key": "apart", "detail": " ".join([*told[:2], told[3]]), "external_id": other.name}
    case.add(Notice(**apart))
    assert late.id is not None
    case.swap(other, at=case.mail(first.external_id).at)
    booking = case.booking("after", ANN)
    day = f"{case.session('after').starts_at:%d %b}"
    said = f"person {number_of(case, ANN)} was reminded of {day} by email more than once: {case.where('after', ANN)} came apart"
    assert case.breaches()[ONE_REMINDER] == (said,)
    case.alter(booking, confirmed_at=case.mail(first.external_id).at + timedelta(seconds=1))
    assert ONE_REMINDER not in case.breaches()


def test_the_story_has_what_is_spoiled_in_it(case: FullCase) -> None:
    had, gone, waits = BookingState.CONFIRMED, BookingState.CANCELLED, BookingState.WAITLISTED
    assert [one.state for one in case.rows(SeriesBooking)] == [had, gone, had, waits]
    assert len(case.rows(Presenter)) == 2
    assert {one.alias for one in case.rows(Booking) if one.alias} == {"Dana Quiet", "Ivy Quiet", "Robin Unknown"}
    assert len(case.rows(Session)) == 8
