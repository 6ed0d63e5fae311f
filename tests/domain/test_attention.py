"""The attention list: sessions that cannot be joined, and messages that did not arrive, in plain sentences."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from domain.attention import Concern, attention
from domain.bookings import book
from domain.database import Db, Store
from domain.descriptions import NewSession
from domain.errors import NotFound
from domain.hosts import sync_hosts
from domain.kinds import Channel, Format, Kind, Provider
from domain.models import Meeting, MeetingState, Notice, NoticeState, Person, Posting, ProgrammeKind
from domain.programmes import NewProgramme, create, ensure_partnership, publish
from domain.rules import Rules
from domain.sessions import add, cancel_session

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
START = datetime(2027, 3, 15, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
ACTOR = "discord:1"
STILL = "See with /programme sends what is still to be sent, and when."
UNSENT = "We do not try again. Please tell them another way."
WELCOME = "“Welcome” (Monday 15 March 2027, 9.30am to 10.30am)"


class Week:
    """A published programme with one session, and two services with a host each."""

    def __init__(self, store: Store, partnership_id: int, rules: Rules) -> None:
        self.store, self.partnership_id, self.rules = store, partnership_id, rules
        store.write_now(sync_hosts, partnership_id, [(Provider.TEAMS, "t", 20, None), (Provider.ZOOM, "z", 1, None)])
        self.programme_id = self.programme()

    def programme(self) -> int:
        week = NewProgramme("Practice week", ProgrammeKind.PRACTICE_WEEK, date(2027, 3, 15), date(2027, 3, 19))
        return self.store.write_now(create, self.partnership_id, week, actor=ACTOR, now=NOW).id

    def session(self, title: str = "Welcome", provider: Provider | None = Provider.TEAMS, **more: Any) -> int:
        new = NewSession(title, START, START + timedelta(hours=1), more.pop("format", Format.ONLINE), provider, **more)
        place = self.partnership_id, self.programme_id
        added = self.store.write_now(add, *place, new, self.rules, actor=ACTOR, now=NOW)
        self.store.write_now(publish, *place, None, self.rules, actor=ACTOR, now=NOW)
        return added.session_id

    def meeting(self, session_id: int, **now: Any) -> None:
        """What became of the session's meeting."""

        def set_(db: Db) -> None:
            meeting = db.exec(select(Meeting).where(col(Meeting.session_id) == session_id)).one()
            for name, value in now.items():
                setattr(meeting, name, value)
            db.add(meeting)

        self.store.write_now(set_)

    def ready(self, session_id: int) -> None:
        self.meeting(session_id, state=MeetingState.READY, external_id="1", join_url="https://example.org/1")

    def booked(self, session_id: int, name: str = "Ada") -> int:
        def proven(db: Db) -> int:
            person = Person(partnership_id=self.partnership_id, name=name, proven_at=NOW, created_at=NOW)
            db.add(person)
            db.flush()
            return person.id or 0

        person_id = self.store.write_now(proven)
        self.store.write_now(book, self.partnership_id, session_id, person_id, self.rules, now=NOW)
        return person_id

    def notices(self, state: NoticeState, error: str = "", kind: Kind | None = None) -> None:
        def set_(db: Db) -> None:
            for notice in db.exec(select(Notice)):
                if kind in (None, notice.kind):
                    notice.state, notice.error = state, error
                    db.add(notice)

        self.store.write_now(set_)

    def add(self, *rows: Notice | Posting) -> None:
        self.store.write_now(lambda db: db.add_all(rows))

    def says(self, now: datetime = LATER, programme_id: int | None = None) -> list[tuple[Concern, str]]:
        items = self.store.read_now(attention, self.partnership_id, programme_id or self.programme_id, self.rules, now=now)
        return [(item.concern, item.sentence) for item in items]


@pytest.fixture
def week(store: Store, partnership_id: int, rules: Rules) -> Week:
    return Week(store, partnership_id, rules)


def test_nothing_is_said_of_what_is_well(week: Week) -> None:
    week.ready(week.session())
    week.session("In a room", None, format=Format.IN_PERSON, venue="Council House")
    week.session("Own link", Provider.GIVEN, given_link="https://example.org/own")
    assert week.says() == []


def test_a_session_without_a_free_host_says_so_at_once(week: Week) -> None:
    week.ready(week.session("First", Provider.ZOOM))
    week.session("Welcome", Provider.ZOOM)
    assert week.says(NOW) == [
        (
            Concern.NO_HOST,
            f"{WELCOME} has no link to join. No Zoom host is free at that time. "
            "Move it with /session reschedule. Or choose another service with /session provider.",
        )
    ]


def test_a_service_without_a_host_is_said_from_the_start_once_for_all_its_sessions(week: Week) -> None:
    week.store.write_now(sync_hosts, week.partnership_id, [(Provider.ZOOM, "z", 1, None)])
    for title in ("Welcome", "Second", "Third"):
        week.session(title)
    why = "Teams is not set up here. Choose another provider or give a link of your own with /session provider, or ask for Teams."
    assert week.says(NOW) == [(Concern.NO_HOST, f"3 sessions have no link to join. The first is {WELCOME}. {why}")]


def test_a_meeting_that_failed_says_why(week: Week) -> None:
    week.meeting(week.session(), state=MeetingState.FAILED, error="the organiser has no licence")
    assert week.says() == [
        (
            Concern.NO_LINK,
            f"{WELCOME} has no link to join. Teams could not make the meeting: the organiser has no licence. "
            "Choose it again, or paste a link, with /session provider.",
        )
    ]


def test_a_meeting_still_being_made_is_said_only_past_the_patience_or_near_the_start(week: Week, rules: Rules) -> None:
    session_id = week.session()
    week.meeting(session_id, state=MeetingState.WANTED, error="the service is busy")
    still = (
        f"{WELCOME} has no link to join. Teams has not made the meeting yet, and we keep trying. The last answer was: the service is busy."
    )
    assert week.says(NOW + rules.link_patience) == []
    assert week.says(NOW + rules.link_patience + timedelta(seconds=1)) == [(Concern.NO_LINK, still)]
    week.meeting(session_id, wanted_at=START - timedelta(minutes=40))
    empty = f"{WELCOME}: nobody has booked. Tell people about it, or cancel it with /session cancel."
    assert week.says(START - timedelta(minutes=39)) == [(Concern.NO_LINK, still), (Concern.EMPTY, empty)]


def test_a_pause_that_is_longer_than_the_patience_is_told_at_once(week: Week) -> None:
    refused = "Microsoft refused our sign-in: check the tenant, the client id and the client secret"
    week.meeting(week.session(), state=MeetingState.WANTED, error=refused, next_try_at=LATER + timedelta(minutes=30), wanted_at=LATER)
    assert week.says(LATER) == []
    week.meeting(1, next_try_at=LATER + timedelta(minutes=30, seconds=1))
    still = f"{WELCOME} has no link to join. Teams has not made the meeting yet, and we keep trying. The last answer was: {refused}."
    assert week.says(LATER) == [(Concern.NO_LINK, still)]


def test_a_session_with_no_provider_says_what_to_do(week: Week) -> None:
    week.session("Welcome", None)
    assert week.says() == [
        (
            Concern.NO_LINK,
            f"{WELCOME} has no link to join. It is online, but nobody has said on what. "
            "Choose Teams or Zoom or give a link of your own with /session provider.",
        )
    ]


def test_a_session_that_is_over_or_cancelled_is_not_listed(week: Week) -> None:
    session_id = week.session("Welcome", None)
    assert len(week.says()) == 1
    assert week.says(START + timedelta(hours=1)) == []
    week.store.write_now(cancel_session, week.partnership_id, session_id, "", week.rules, actor=ACTOR, now=NOW)
    assert week.says() == []


def test_an_old_meeting_that_cannot_be_moved_or_deleted_is_listed(week: Week) -> None:
    moved, cancelled = week.session("Welcome"), week.session("Goodbye")
    week.meeting(moved, state=MeetingState.CHANGING, join_url="https://example.org/1", error="the service is busy")
    week.meeting(cancelled, state=MeetingState.FAILED, error="could not be deleted: it said no")
    week.store.write_now(cancel_session, week.partnership_id, cancelled, "", week.rules, actor=ACTOR, now=NOW)
    week.meeting(cancelled, state=MeetingState.FAILED, error="could not be deleted: it said no")
    goodbye = WELCOME.replace("Welcome", "Goodbye")
    assert week.says() == [
        (
            Concern.MEETING_STALE,
            f"The new time or title of {WELCOME} could not be sent to Teams: the service is busy. Its link is still good.",
        ),
        (Concern.MEETING_STALE, f"An old Teams meeting of {goodbye} could not be deleted: it said no."),
    ]


def test_messages_that_failed_are_counted_by_kind_and_session(week: Week) -> None:
    session_id = week.session()
    week.ready(session_id)
    for name in ("Ada", "Ben"):
        week.booked(session_id, name)
    week.notices(NoticeState.FAILED, "550 no such address")
    failed = f"2 invitations by e-mail for {WELCOME} could not be delivered: 550 no such address. {UNSENT}"
    assert week.says() == [(Concern.FAILED, failed)]
    week.notices(NoticeState.UNKNOWN, "the connection died")
    unknown = f"2 invitations by e-mail for {WELCOME} may or may not have arrived: the connection died. Please ask them whether it came."
    assert week.says() == [(Concern.UNKNOWN, unknown)]
    week.notices(NoticeState.EXPIRED)
    assert week.says() == [(Concern.EXPIRED, f"2 invitations by e-mail for {WELCOME} came too late to be sent. {STILL}")]
    week.notices(NoticeState.SENT)
    assert week.says() == []


def test_a_message_that_a_later_one_has_overtaken_is_not_listed(week: Week) -> None:
    session_id = week.session()
    week.ready(session_id)
    week.booked(session_id)
    week.notices(NoticeState.FAILED, "550")
    week.store.write_now(cancel_session, week.partnership_id, session_id, "", week.rules, actor=ACTOR, now=NOW)
    week.notices(NoticeState.SENT, kind=Kind.CANCELLATION)
    assert week.says() == []


def a_notice(week: Week, session_id: int, person_id: int, **more: Any) -> Notice:
    return Notice(
        partnership_id=week.partnership_id,
        kind=Kind.REMINDER,
        need=4,
        session_id=session_id,
        person_id=person_id,
        owed_at=NOW,
        next_try_at=NOW,
        **more,
    )


def test_a_refused_chat_message_that_went_by_e_mail_is_not_listed(week: Week) -> None:
    session_id = week.session()
    week.ready(session_id)
    person_id = week.booked(session_id)
    week.notices(NoticeState.SENT)
    refused = a_notice(week, session_id, person_id, key="a:chat", channel=Channel.CHAT, state=NoticeState.FAILED, error="50007")
    week.add(refused)
    assert week.says() == [(Concern.FAILED, f"1 reminder by chat for {WELCOME} could not be delivered: 50007. {UNSENT}")]
    with week.store.reading() as db:
        refused_id = db.exec(select(Notice.id).where(col(Notice.key) == "a:chat")).one()
    week.add(a_notice(week, session_id, person_id, key="a:email", channel=Channel.EMAIL, state=NoticeState.SENT, fallback_of=refused_id))
    assert week.says() == []


def test_old_failures_leave_the_list_a_week_after_the_session(week: Week) -> None:
    session_id = week.session()
    week.ready(session_id)
    week.booked(session_id)
    week.notices(NoticeState.FAILED, "550")
    week_later = START + timedelta(hours=1, days=7)
    assert len(week.says(week_later - timedelta(seconds=1))) == 1
    assert week.says(week_later) == []


def test_a_day_that_could_not_be_posted_is_listed_once(week: Week) -> None:
    day = date(2027, 3, 15)
    posting: dict[str, Any] = {"partnership_id": week.partnership_id, "programme_id": week.programme_id, "day": day, "channel_id": 5}
    week.add(Posting(**posting, page=0, error="the channel is gone"), Posting(**posting, page=1, error="the channel is gone"))
    sentence = "Monday 15 March 2027 of Practice week is not up to date in its channel: the channel is gone. "
    sentence += "Look at the channel, then use /programme publish again."
    assert week.says() == [(Concern.NOT_POSTED, sentence)]


def test_a_programme_lists_its_own_and_a_partnership_everything(week: Week, rules: Rules) -> None:
    week.session("Welcome", None)
    other = week.programme()
    assert week.says(programme_id=other) == []
    assert len(week.store.read_now(attention, week.partnership_id, None, rules, now=LATER)) == 1
    elsewhere = week.store.write_now(ensure_partnership, "north", "North", 2)
    assert week.store.read_now(attention, elsewhere, None, rules, now=LATER) == ()
    with pytest.raises(NotFound):
        week.store.read_now(attention, elsewhere, week.programme_id, rules, now=LATER)
