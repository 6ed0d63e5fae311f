"""Many notices at once: the same letters and the same marks as one by one, and no notice for two."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from domain.database import Db, Store
from domain.engines import writing_engine
from domain.errors import Temporary
from domain.kinds import Channel, Format, Kind, Provider
from domain.ledger import claims, marks
from domain.ledger.marks import Result
from domain.letters import handing, taking
from domain.letters.sessions import facts_of, session_facts
from domain.models import Notice, NoticeState, Session
from domain.ports.letters import Letter
from domain.timekeeping import keep_time
from tests.another_writer import another_writes_before_the_lock
from tests.building import CODE, START, Building, rows


def take(building: Building, *, by: str = "post", channel: Channel = Channel.EMAIL, limit: int = 100, store: Store | None = None) -> Any:
    return (store or building.store).write_now(taking.take, by, channel, building.rules, now=building.now, limit=limit)


def of_all_kinds(building: Building) -> None:
    """A ledger in which a bit of everything is due: what leaves, what waits for its link, what is untrue, what is too late."""
    building.host(Provider.TEAMS, "host-1")
    hall, online, full = building.session(presenter="Dr Okafor"), building.online(title="Online"), building.session(places=1, title="Full")
    people = [building.person(number) for number in range(1, 8)]
    for person in people[:4]:
        building.book(hall, person)
    building.deliver()
    building.cancel(hall, people[0])
    building.change(hall, venue="Library")
    building.book(hall, people[4])
    building.book(online, people[0])
    building.book(full, people[5])
    building.book(full, people[6])
    building.cancel(full, people[5])
    building.newcomer(9)
    building.later(minutes=5)


def ledger_now(building: Building) -> list[dict[str, Any]]:
    kept = [notice.model_dump(exclude={"claimed_by"}) for notice in building.read(rows, Notice)]
    return [*kept, {"invited": [one.invited for one in building.read(rows, type(building.booking(2, 1)))]}]


def test_taken_together_they_are_the_same_as_one_by_one(building: Building) -> None:
    of_all_kinds(building)
    taken = take(building)
    together = [
        *taken.letters,
        *building.write(handing.hand_over_all, taken.claimed, "post", building.rules, now=building.now, digits=lambda: CODE),
    ]
    after = ledger_now(building)
    building.write(_undone, [letter.notice_id for letter in together])
    by_hand = [letter for number in building.claim(channels=[Channel.EMAIL]) if (letter := building.hand_over(number))]
    assert sorted(together, key=lambda one: one.notice_id) == sorted(by_hand, key=lambda one: one.notice_id)
    assert {one.kind for one in together} >= {Kind.INVITATION, Kind.UPDATE, Kind.CANCELLATION, Kind.PROMOTION, Kind.VERIFICATION}
    assert ledger_now(building) == after


def _undone(db: Any, ids: list[int]) -> None:
    for notice in db.exec(select(Notice).where(col(Notice.id).in_(ids))):
        notice.state, notice.claimed_by, notice.claimed_until, notice.handed_at = NoticeState.QUEUED, None, None, None
        notice.first_handed_at, notice.attempts = None, 0
        db.add(notice)


def test_a_day_of_several_sessions_is_one_letter_that_is_written_down(building: Building) -> None:
    ann = building.person(1)
    for hour in (0, 2):
        building.book(building.session(title=f"Hour {hour}", starts_at=START + timedelta(hours=hour)), ann)
    building.deliver()
    building.now = START - timedelta(hours=23)
    building.write(keep_time, building.rules, now=building.now)
    (letter,) = take(building).letters
    notice = building.notice(letter.notice_id)
    assert ([letter.session.title, *(one.session.title for one in letter.also)], notice.detail.count("@")) == (["Hour 0", "Hour 2"], 2)


def test_facts_of_several_sessions_are_those_of_each(building: Building) -> None:
    building.host(Provider.TEAMS, "host-1")
    building.session(organisation="Northfield Council", presenter="Dr Okafor")
    building.online()
    building.session(format=Format.ONLINE, provider=Provider.GIVEN, given_link="https://given.example/1", venue=None)

    def both(db: Any) -> tuple[Any, Any]:
        sessions = rows(db, Session)
        return facts_of(db, sessions), {one.id: session_facts(db, one) for one in sessions}

    together, each = building.read(both)
    assert together == each
    assert [one.join_url for one in together.values()][-1] == "https://given.example/1"


def test_two_who_take_from_one_line_never_have_the_same(building: Building, other_store: Store) -> None:
    session = building.session(places=None)
    for number in range(1, 31):
        building.book(session, building.person(number))
    first, second = take(building, by="one", limit=20), take(building, by="two", limit=20, store=other_store)
    assert sorted([one.notice_id for one in (*first.letters, *second.letters)]) == list(range(1, 31))
    assert {building.notice(one.notice_id).claimed_by for one in second.letters} == {"two"}


def test_who_wakes_after_its_lease_hands_nothing_over(building: Building) -> None:
    building.book(building.session(), building.person(1))
    (frozen,) = building.claim(by="frozen")
    building.later(minutes=5)
    assert building.hand_over(frozen, by="frozen") is None  # nobody has judged it yet, but anybody may
    building.write(claims.lapsed, now=building.now)
    assert [one.notice_id for one in take(building, by="awake").letters] == [frozen]
    assert building.hand_over(frozen, by="frozen") is None
    building.write(marks.mark_all, [Result(frozen, "late", kind=Kind.INVITATION)], "frozen", building.rules, now=building.now)
    assert (building.notice(frozen).state, building.notice(frozen).claimed_by) == (NoticeState.CLAIMED, "awake")


def test_a_letter_says_until_when_it_may_be_begun(building: Building) -> None:
    building.book(building.session(), building.person(1))
    (letter,) = take(building).letters
    assert letter.leased_until == building.notice(1).claimed_until == building.now + timedelta(minutes=5)


def test_marks_of_many_are_the_marks_of_each(building: Building) -> None:
    session = building.session(places=None)
    for number in range(1, 5):
        building.book(session, building.person(number))
    letters: tuple[Letter, ...] = take(building).letters
    results = [
        Result(letters[0].notice_id, "receipt", kind=Kind.INVITATION),
        Result(letters[1].notice_id, None, kind=Kind.INVITATION),
        Result(letters[2].notice_id, error=Temporary("later"), kind=Kind.INVITATION),
    ]
    building.write(marks.mark_all, results, "post", building.rules, now=building.now)
    seen = [(one.state, one.external_id, one.sent_at, one.claimed_by) for one in (building.notice(number) for number in range(1, 5))]
    assert seen == [
        (NoticeState.SENT, "receipt", building.now, None),
        (NoticeState.SENT, None, building.now, None),
        (NoticeState.QUEUED, None, None, None),
        (NoticeState.CLAIMED, None, None, "post"),
    ]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)  # only rows are locked there
def test_while_somebody_changes_a_session_its_invitation_waits_for_them_and_its_reminder_leaves(building: Building) -> None:
    session, ann = building.session(), building.person(1)
    building.book(session, ann)
    building.deliver()
    building.now = START - timedelta(hours=23)
    building.write(keep_time, building.rules, now=building.now)
    building.book(session, building.person(2))
    building.later(minutes=5)
    engine = writing_engine(building.store.url)
    with Db(engine) as another:
        another.exec(select(Session).where(col(Session.id) == session).with_for_update(key_share=True)).one()
        taken = take(building)
    engine.dispose()
    (invitation,) = taken.claimed
    assert [(letter.kind, letter.person_id) for letter in taken.letters] == [(Kind.REMINDER, ann)]
    assert building.notice(invitation).kind is Kind.INVITATION


def test_a_letter_that_is_marked_while_it_is_judged_stays_as_it_was_marked(building: Building) -> None:
    building.book(building.session(), building.person(1))
    (letter,) = take(building).letters
    late = building.later(minutes=5)
    sent = [Result(letter.notice_id, "receipt", kind=letter.kind)]
    with another_writes_before_the_lock(building, lambda: building.write(marks.mark_all, sent, "post", building.rules, now=late)) as db:
        marks.mark_unknown(db, letter.notice_id, None, "it disappeared", repeat=True, rules=building.rules, now=late)
    assert (building.notice(letter.notice_id).state, building.notice(letter.notice_id).external_id) == (NoticeState.SENT, "receipt")
