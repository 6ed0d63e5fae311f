"""What operators see of the ledger, what counts as wrong, and what they may do about a notice."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlmodel import col, select

from domain import limits, processes, tending
from domain.database import Store
from domain.kinds import Channel, Kind, Provider
from domain.models import AuditEntry, HostDay, Notice, NoticeState
from domain.operating import LATE, Count, HostUse, Lease, Owed, Waiting, installation, owed
from domain.processes import Seen
from domain.tending import NoticeLine, Tended, Wanted
from domain.wrongs import LEFT, LONG_PAUSE, ago, wrongs
from tests.building import Building, rows

OPERATOR = "command line"
SOON = timedelta(seconds=1)


@pytest.fixture
def building(store: Store, partnership_id: int, rules: Any, now: Any) -> Building:
    """A week with one session, one person booked, and a process that does everything."""
    made = Building(store, partnership_id, rules, now)
    made.programme()
    made.book(made.session(), made.person(1))
    there(made)
    return made


def there(building: Building, name: str = "box:1", *, answers: bool = True, sends: bool = True) -> None:
    building.write(processes.say, name, answers=answers, sends=sends, now=building.now)


def become(building: Building, state: NoticeState, **other: Any) -> int:
    """The one notice in another state; its id."""

    def change(db: Any) -> int:
        notice = db.exec(select(Notice)).one()
        notice.state = state
        for name, value in other.items():
            setattr(notice, name, value)
        db.add(notice)
        return int(notice.id)

    return int(building.write(change))


def wrong(building: Building) -> list[str]:
    return list(wrongs(building.read(installation, now=building.now), now=building.now))


# ── what there is ───────────────────────────────────────────────────────────────────────────────────────────


def test_everything_is_counted_for_each_partnership_and_in_all(building: Building) -> None:
    host = building.host(Provider.ZOOM, "room@example.org", per_day=100)
    building.write(lambda db: db.add(HostDay(host_id=host, day=building.now.date(), calls=7)))
    building.claim()
    building.write(processes.say, "box:1", answers=True, sends=True, now=building.now)
    found = building.read(installation, now=building.now)
    counts = (Count(NoticeState.CLAIMED, Kind.INVITATION, Channel.EMAIL, 1),)
    leases = (Lease("post", 1, building.now + timedelta(minutes=5)),)
    hosts = (HostUse(host, Provider.ZOOM, limits.shown_as("host:zoom:room@example.org"), 7, 100),)
    assert [(one.counts, one.leases, one.hosts) for one in (found.all, *found.each)] == [(counts, leases, hosts)] * 2
    assert found.processes == (Seen("box:1", True, True, building.now, building.now),)
    assert wrongs(found, now=building.now) == ()


def test_what_waits_and_what_is_still_to_come_are_told_apart(building: Building) -> None:
    later = building.now + timedelta(hours=2)
    become(building, NoticeState.QUEUED, next_try_at=later)
    found = building.read(installation, now=building.now).all
    assert (found.waiting, found.oldest_owed, found.next_due) == ((), None, later)
    found = building.read(installation, now=later).all
    assert (found.waiting, found.oldest_owed, found.next_due) == ((Waiting(Channel.EMAIL, later, moves=False),), later, None)


# ── what is wrong ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", [NoticeState.FAILED, NoticeState.UNKNOWN])
def test_a_message_that_nobody_dealt_with_is_wrong(building: Building, state: NoticeState) -> None:
    notice = become(building, state, error="550")
    words = {NoticeState.FAILED: "failed, and nobody has dealt with it", NoticeState.UNKNOWN: "may or may not have arrived"}[state]
    said = f"Midlands: 1 message {words}. Look with: practiceweek notices list --state {state}"
    assert [one.replace("Midlands Teaching Partnership", "Midlands") for one in wrong(building)] == [said]
    building.write(tending.drop, Wanted(ids=(notice,)), actor=OPERATOR, now=building.now)
    assert wrong(building) == []


def test_what_could_have_left_long_ago_is_wrong_unless_the_line_moves(building: Building) -> None:
    began = building.now
    building.now = began + LATE - SOON
    there(building)
    assert wrong(building) == []
    building.now = began + LATE
    there(building)
    assert wrong(building) == ["Messages by e-mail do not leave. The oldest could have been sent 5 minutes ago."]
    other = building.session(starts_at=began + timedelta(days=20))
    building.book(other, building.person(2))
    (_, newer) = [one.id for one in building.read(rows, Notice)]
    building.write(_sent, newer, building.now - SOON)
    assert wrong(building) == []


def _sent(db: Any, notice_id: int, at: Any) -> None:
    notice = db.get(Notice, notice_id)
    notice.state, notice.sent_at = NoticeState.SENT, at
    db.add(notice)


def test_a_lease_that_nobody_picked_up_is_wrong(building: Building) -> None:
    building.claim(by="box:9")
    building.now += timedelta(minutes=5) + LEFT
    there(building)
    assert wrong(building) == ["The process box:9 stopped with 1 message in hand, and no other has picked them up."]
    building.now -= SOON
    assert wrong(building) == []


def test_a_service_that_asked_us_to_wait_for_long_is_wrong(building: Building) -> None:
    building.write(limits.pause, "mail", LONG_PAUSE.total_seconds(), "421", now=building.now)
    assert wrong(building) == []
    building.write(limits.pause, "mail", LONG_PAUSE.total_seconds() + 1, "421", now=building.now)
    assert wrong(building) == ["A service has asked us to wait for long: mail."]


def test_silence_is_wrong(building: Building) -> None:
    building.now += processes.THERE
    idle = become(building, NoticeState.SENT, sent_at=building.now)
    nobody = "No process is running, so nothing is sent and nobody answers in chat. Start it with: practiceweek run"
    assert (idle, wrong(building)) == (1, [nobody])
    there(building, "box:2", answers=False)
    assert wrong(building) == ["No process answers in chat. Start one with: practiceweek run --only bot"]
    there(building, "box:3", sends=False)
    assert wrong(building) == []
    building.write(processes.leave, "box:2")
    assert wrong(building) == ["No process sends messages. Start one with: practiceweek run --only scheduler"]


def test_a_process_that_died_is_forgotten_after_a_day(building: Building) -> None:
    building.now += processes.REMEMBERED + SOON
    there(building, "box:2")
    assert [one.name for one in building.read(processes.seen)] == ["box:2"]


# ── what is looked at again and again ───────────────────────────────────────────────────────────────────────


def test_what_is_still_owed_is_counted_and_what_was_sent_is_not(building: Building) -> None:
    found = building.read(owed, now=building.now)
    assert found == Owed((Count(NoticeState.QUEUED, Kind.INVITATION, Channel.EMAIL, 1),), building.now)
    become(building, NoticeState.SENT, sent_at=building.now)
    assert building.read(owed, now=building.now) == Owed((), None)


def test_counting_what_is_owed_reads_no_more_than_the_index_gives(sqlite_url: str, rules: Any, now: Any) -> None:
    """However long the ledger is: each state is found by the index, and no more than so many rows of it."""
    store = Store(sqlite_url)
    try:
        asked: list[tuple[str, Any]] = []
        store.read_now(lambda db: _listen(db, asked, lambda: owed(db, now=now)))
        plans = store.read_now(lambda db: [_plan(db, *one) for one in asked if "notice" in one[0]])
    finally:
        store.close()
    assert len(plans) == 5
    assert all(re.search(r"SEARCH notice USING (COVERING )?INDEX \w+ \(state=\?", plan) for plan in plans), plans
    assert all("LIMIT" in statement for statement, _ in asked if "count(" in statement)


def _listen(db: Any, asked: list[tuple[str, Any]], do: Callable[[], Any]) -> None:
    @event.listens_for(db.get_bind(), "before_cursor_execute")
    def heard(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, _many: bool) -> None:
        asked.append((statement, parameters))

    do()
    event.remove(db.get_bind(), "before_cursor_execute", heard)


def _plan(db: Any, statement: str, parameters: Any) -> str:
    found = db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return " / ".join(str(row[3]) for row in found)


# ── tending ─────────────────────────────────────────────────────────────────────────────────────────────────


def tended(building: Building, *ids: int, again: bool = True, twice: bool = False, **other: Any) -> Tended:
    wanted = Wanted(ids=ids, **other)
    if again:
        return Tended(*_of(building.write(tending.retry, wanted, may_arrive_twice=twice, actor=OPERATOR, now=building.now)))
    return Tended(*_of(building.write(tending.drop, wanted, actor=OPERATOR, now=building.now)))


def _of(one: Tended) -> tuple[Any, Any]:
    return one.done, one.refused


def trail(building: Building) -> list[tuple[str, str, int | None, str]]:
    found = building.read(rows, AuditEntry, col(AuditEntry.action).contains("notices"))
    return [(one.actor, one.action, one.programme_id, one.detail) for one in found]


def test_a_failed_message_is_sent_again(building: Building) -> None:
    notice = become(building, NoticeState.FAILED, error="550 no such person", attempts=6)
    assert tended(building, notice) == Tended((notice,), ())
    assert [(one.key, one.kind) for one in building.deliver()] == [("invitation:1:1", Kind.INVITATION)]
    assert trail(building) == [(OPERATOR, "retry notices", building.programme_id, f"notice {notice}")]


def test_what_may_have_arrived_is_sent_again_only_where_that_does_no_harm(building: Building) -> None:
    notice = become(building, NoticeState.UNKNOWN)
    assert tended(building, notice) == Tended((notice,), ())  # calendar mail: the calendar knows that it is the same
    become(building, NoticeState.UNKNOWN, kind=Kind.REMINDER, sequence=None)
    why = "It may have arrived. To send it all the same, add --yes-it-may-arrive-twice."
    assert tended(building, notice) == Tended((), ((notice, why),))
    assert tended(building, notice, twice=True) == Tended((notice,), ())
    become(building, NoticeState.FAILED, first_handed_at=building.now)  # refused at last, but an attempt before it may have arrived
    assert tended(building, notice) == Tended((), ((notice, why),))


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (NoticeState.QUEUED, "It waits to be sent already."),
        (NoticeState.CLAIMED, "It is on its way. Look again in a few minutes."),
        (NoticeState.SENT, "It was sent."),
        (NoticeState.SUPERSEDED, "A newer message has taken its place."),
        (NoticeState.EXPIRED, "It came too late, so it is not sent any more."),
        (NoticeState.DROPPED, "It was dropped before."),
    ],
)
def test_what_cannot_be_sent_again_is_said(building: Building, state: NoticeState, why: str) -> None:
    notice = become(building, state)
    assert tended(building, notice, 99) == Tended((), ((99, "There is no such message."), (notice, why)))
    assert (trail(building), building.notice(notice).state) == ([], state)


def test_what_is_over_or_went_another_way_is_not_sent_again(building: Building) -> None:
    notice = become(building, NoticeState.FAILED, expires_at=building.now)
    assert tended(building, notice).refused == ((notice, "Its time is over, so nobody needs it now."),)
    become(building, NoticeState.FAILED, expires_at=None)
    building.write(_instead_of, notice)
    assert tended(building, notice).refused == ((notice, "It went by e-mail instead."),)


def test_what_went_another_way_says_so_in_the_list(building: Building) -> None:
    notice = become(building, NoticeState.FAILED)
    assert [one.sent_otherwise for one in building.read(tending.find, Wanted(ids=(notice,)), limit=5)] == [False]
    building.write(_instead_of, notice)
    assert [one.sent_otherwise for one in building.read(tending.find, Wanted(ids=(notice,)), limit=5)] == [True]


def test_a_bot_without_a_connection_is_not_called_missing(building: Building) -> None:
    there(building, answers=False)
    found = building.read(installation, now=building.now)
    assert wrongs(found, now=building.now) == ("No process answers in chat. Start one with: practiceweek run --only bot",)
    told = "A bot runs, but has no connection to Discord. Run practiceweek check."
    assert wrongs(found, now=building.now, chat_taken=True) == (told,)


def test_pages_that_no_process_shows_are_missed_where_the_settings_ask_for_them(building: Building) -> None:
    told = "No process shows the pages. Start one with: practiceweek run --only web"
    found = building.read(installation, now=building.now)
    assert (wrongs(found, now=building.now), wrongs(found, now=building.now, pages=True)) == ((), (told,))
    building.write(processes.say, "box:2", answers=False, sends=False, serves=True, now=building.now)
    assert wrongs(building.read(installation, now=building.now), now=building.now, pages=True) == ()
    building.deliver()
    building.later(minutes=10)  # it is heard of no more
    there(building)
    assert wrongs(building.read(installation, now=building.now), now=building.now, pages=True) == (told,)


def _instead_of(db: Any, notice_id: int) -> None:
    old = db.get(Notice, notice_id)
    db.add(Notice(**old.model_dump(exclude={"id", "key", "fallback_of"}), key="other", fallback_of=notice_id))


@pytest.mark.parametrize("state", [NoticeState.QUEUED, NoticeState.FAILED, NoticeState.UNKNOWN])
def test_a_message_that_was_dropped_is_never_sent(building: Building, state: NoticeState) -> None:
    notice = become(building, state)
    assert tended(building, notice, again=False) == Tended((notice,), ())
    building.now += timedelta(days=2)
    assert (building.deliver(), building.notice(notice).state) == ([], NoticeState.DROPPED)
    assert trail(building) == [(OPERATOR, "drop notices", building.programme_id, f"notice {notice}")]
    assert tended(building, notice, again=False).refused == ((notice, "It was dropped before."),)


def test_they_are_chosen_by_what_they_are_and_shown_without_addresses(building: Building) -> None:
    notice = become(building, NoticeState.FAILED, error="550 5.1.1 <person1@council.gov.uk>: no such mailbox")
    one = building.notice(notice)
    line = NoticeLine(
        notice,
        building.partnership_id,
        Kind.INVITATION,
        Channel.EMAIL,
        NoticeState.FAILED,
        one.session_id,
        one.booking_id,
        0,
        one.owed_at,
        one.next_try_at,
        None,
        "550 5.1.1 <(address)>: no such mailbox",
    )
    for fits in (
        Wanted(),
        Wanted(states=(NoticeState.FAILED,)),
        Wanted(kind=Kind.INVITATION),
        Wanted(channel=Channel.EMAIL),
        Wanted(partnership_id=building.partnership_id),
        Wanted(session_id=one.session_id),
        Wanted(ids=(notice,)),
    ):
        assert building.read(tending.find, fits, limit=5) == (line,), fits
    for other in (
        Wanted(states=(NoticeState.SENT,)),
        Wanted(kind=Kind.REMINDER),
        Wanted(channel=Channel.CHAT),
        Wanted(partnership_id=99),
        Wanted(session_id=99),
        Wanted(ids=(99,)),
    ):
        assert building.read(tending.find, other, limit=5) == (), other
    assert tended(building, partnership_id=99, states=(NoticeState.FAILED,)) == Tended((), ())
    assert tended(building, states=(NoticeState.FAILED,)) == Tended((notice,), ())


def test_a_long_time_is_said_in_one_word() -> None:
    now = datetime(2027, 3, 1, tzinfo=UTC)
    said = [ago(now - timedelta(seconds=one), now) for one in (0, 1, 59, 60, 3_600, 86_400, 172_800)]
    assert said == ["0 seconds ago", "1 second ago", "59 seconds ago", "1 minute ago", "1 hour ago", "1 day ago", "2 days ago"]


def test_the_database_knows_the_state(building: Building) -> None:
    with pytest.raises(Exception, match=r"(?i)check"):
        building.write(lambda db: db.connection().execute(text("UPDATE notice SET state = 'lost'")))
