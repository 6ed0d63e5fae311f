"""The timeline: what happened and what was sent, in order, and nobody's name in it."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.database import Store
from domain.errors import NaiveInstant
from domain.kinds import Channel, Kind
from domain.ledger import marks
from domain.models import Notice, NoticeState, Session
from domain.rules import Rules
from rehearsal.timeline import Moment, as_lines, moment, sent
from tests.building import Building, one_row

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


def test_a_line_is_json_with_six_words_in_one_order() -> None:
    line = moment(NOW, "asks for a place", session="PW-Z8FQK", person="person 0007", channel="chat", outcome="waits")
    told = (
        b'{"at": "2027-03-01T09:00:00+00:00", "what": "asks for a place", "session": "PW-Z8FQK", "person": "person 0007", '
        b'"channel": "chat", "outcome": "waits"}\n'
    )
    assert as_lines([line]) == told


def test_where_nothing_happened_there_is_no_line() -> None:
    assert as_lines([]) == b""


def test_what_people_write_stays_readable() -> None:
    (line,) = as_lines([moment(NOW, "adds a session", outcome="Siân’s “small” group")]).decode().splitlines()
    assert '"outcome": "Siân’s “small” group"' in line


def test_the_lines_are_in_the_order_of_time_and_acts_come_before_what_the_clock_did() -> None:
    in_order = [
        moment(NOW, "signs up", order=7),
        moment(NOW, "proves the address", order=8),
        moment(NOW, "invitation", order=1_000_001),
        moment(NOW, "feedback", order=1_000_002),
        moment(NOW + timedelta(seconds=1), "cancels", order=1),
    ]
    mixed = list(in_order)
    random.Random(3).shuffle(mixed)
    assert mixed != in_order
    assert as_lines(mixed) == as_lines(in_order)
    assert [json.loads(line)["what"] for line in as_lines(mixed).splitlines()] == [one.what for one in in_order]


def test_an_instant_of_another_zone_stands_where_it_belongs() -> None:
    """London's 10am in summer is before 9.30am UTC."""
    london = moment(datetime(2027, 6, 21, 10, 0, tzinfo=ZoneInfo("Europe/London")), "first")
    utc = moment(datetime(2027, 6, 21, 9, 30, tzinfo=UTC), "second")
    assert london == Moment("2027-06-21T09:00:00+00:00", 0, "first")
    assert [json.loads(line)["what"] for line in as_lines([utc, london]).splitlines()] == ["first", "second"]


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(NaiveInstant):
        moment(datetime(2027, 3, 1, 9, 0), "signs up")  # noqa: DTZ001 - that is the point


def test_what_became_of_every_notice_is_told_under_a_pseudonym(store: Store, partnership_id: int, rules: Rules) -> None:
    """One letter left, one at the second attempt, one was refused, one was overtaken; the last was for somebody without a pseudonym."""
    building = Building(store, partnership_id, rules, NOW)
    building.programme()
    session = building.session()
    reference = building.read(one_row, Session, Session.id == session).reference
    for number in (1, 2, 3, 4, 5):
        building.book(session, building.person(number))
    first, second, third, _, fifth = building.claim()
    for notice in (first, second, third):
        assert building.hand_over(notice) is not None
    building.sent(first)
    building.write(marks.mark_temporary, second, "post", "smtp 451 4.3.0 at content", None, rules, now=NOW)
    building.write(marks.mark_permanent, third, "post", "smtp 550 5.1.1 at rcpt", now=NOW)
    building.cancel(session, 4)
    building.later(minutes=1)
    (again,) = building.claim()
    assert building.hand_over(again) is not None
    building.sent(again)
    assert building.hand_over(fifth) is not None
    building.sent(fifth)
    pseudonyms: dict[int | str, str] = {number: f"person {number:04d}" for number in (1, 2, 3, 4)}
    told = [(one.at, one.what, one.session, one.person, one.channel, one.outcome) for one in building.read(sent, pseudonyms)]
    at, later = "2027-03-01T09:00:00+00:00", "2027-03-01T09:01:00+00:00"
    assert told == [
        (at, "invitation", reference, "person 0001", "email", "sent"),
        (later, "invitation", reference, "person 0002", "email", "sent at attempt 2"),
        (at, "invitation", reference, "person 0003", "email", "failed: smtp 550 5.1.1 at rcpt"),
        (at, "invitation", reference, "person 0004", "email", "superseded"),
        (later, "invitation", reference, "", "email", "sent"),
    ]


def test_notices_follow_all_acts_of_the_same_second(store: Store, partnership_id: int, rules: Rules) -> None:
    building = Building(store, partnership_id, rules, NOW)
    building.programme()
    building.book(building.session(), building.person(1))
    (notice,) = building.read(sent, {})
    assert notice > moment(NOW, "signs up", order=999_999)


def test_a_notice_for_a_channel_has_neither_person_nor_session(store: Store, partnership_id: int, rules: Rules) -> None:
    building = Building(store, partnership_id, rules, NOW)
    owed = Notice(
        kind=Kind.ANNOUNCEMENT,
        channel=Channel.BOARD,
        state=NoticeState.QUEUED,
        partnership_id=partnership_id,
        key="announcement:1",
        need=7,
        owed_at=NOW,
        next_try_at=NOW,
    )
    building.write(lambda db: db.add(owed))
    assert building.read(sent, {}) == [Moment("2027-03-01T09:00:00+00:00", 1_000_001, "announcement", channel="board", outcome="queued")]
