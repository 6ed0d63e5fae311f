"""A session that changes while its meeting is made, or afterwards: the meeting follows, and nobody loses a link."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.errors import OutsideError, Permanent, Temporary, Unknown
from domain.kinds import Kind, Provider
from domain.models import Privacy
from tests.building import START
from tests.domain.providing import Providing

# ── changes while it is being made ──────────────────────────────────────────────────────────────────────────


def test_a_session_moved_while_its_meeting_is_made_has_the_meeting_moved_too(providing: Providing) -> None:
    session = providing.building.online()
    (work,) = providing.claim()
    providing.building.move(session, START + timedelta(hours=1))
    providing.carry_out(work)
    assert providing.states(session) == [(1, "changing", "m1")]
    providing.tick()
    assert (providing.states(session), providing.service.meetings["m1"].starts_at) == ([(1, "ready", "m1")], START + timedelta(hours=1))


def test_a_session_called_off_while_its_meeting_is_made_has_it_removed(providing: Providing) -> None:
    session = providing.building.online()
    (work,) = providing.claim()
    providing.building.call_off(session)
    providing.tick()
    assert providing.service.calls == []  # somebody has it in hand
    providing.carry_out(work)
    providing.tick()
    assert (providing.states(session), providing.at_the_service()) == ([(1, "gone", None)], [])


def test_a_session_called_off_while_the_answer_is_lost_is_looked_for_twice(providing: Providing) -> None:
    session = providing.building.online()
    (work,) = providing.claim()
    providing.building.call_off(session)
    providing.service.fails = [(Unknown("read timeout"), False)]
    providing.service.late = [work.wanted]
    providing.carry_out(work)
    providing.wait(seconds=90)
    assert (providing.service.calls, providing.states(session)) == (["create", "sweep"], [(1, "removing", None)])
    providing.service.lands()
    providing.wait(minutes=10)
    assert (providing.service.calls, providing.states(session), providing.at_the_service()) == (
        ["create", "sweep", "sweep"],
        [(1, "gone", None)],
        [],
    )


def test_a_refusal_that_comes_after_the_session_was_called_off_is_no_failure(providing: Providing) -> None:
    session = providing.building.online()
    (work,) = providing.claim()
    providing.building.call_off(session)
    providing.service.fails = [(Permanent("403 no right"), False)]
    providing.carry_out(work)
    providing.wait(minutes=10)
    assert providing.states(session) == [(1, "gone", None)]


def test_an_answer_that_comes_after_another_process_saw_to_it_changes_nothing(providing: Providing) -> None:
    session = providing.building.online()
    (slow,) = providing.claim()
    providing.service.create(slow.wanted)
    providing.wait(minutes=3)
    assert providing.states(session) == [(1, "ready", "m1")]
    providing.service.fails = [(Permanent("400"), False)]
    providing.carry_out(slow)
    assert providing.states(session) == [(1, "ready", "m1")]


# ── changes afterwards ──────────────────────────────────────────────────────────────────────────────────────


def test_a_move_keeps_the_link_where_the_host_is_free(providing: Providing) -> None:
    session = providing.building.online()
    providing.building.book(session, providing.building.person(1))
    providing.tick()
    providing.building.deliver()
    providing.building.move(session, START + timedelta(hours=1))
    providing.tick()
    providing.building.later(minutes=2)
    (letter,) = providing.building.deliver()
    assert letter.session is not None
    assert (letter.changes, letter.session.join_url) == (("time",), "https://meet.example/m1")
    assert providing.service.meetings["m1"].starts_at == START + timedelta(hours=1)


REFUSALS = [
    pytest.param([Permanent("400")], id="for good"),
    pytest.param([Temporary("503")] * 12, id="twelve times"),
    pytest.param([Temporary("sign-in refused", retry_after=1800)] * 12, id="with the whole account"),
]


@pytest.mark.parametrize("refusals", REFUSALS)
def test_a_change_that_is_refused_takes_nobodys_link_away_and_heals(providing: Providing, refusals: list[OutsideError]) -> None:
    building = providing.building
    session = building.online()
    building.book(session, building.person(1))
    providing.tick()
    building.deliver()
    building.move(session, START + timedelta(hours=1))
    providing.service.fails = [(refusal, False) for refusal in refusals]
    for _ in refusals:
        providing.tick()
        building.later(minutes=40)
    assert (providing.states(session), building.meetings(session)[0].error) == ([(1, "changing", "m1")], refusals[0].reason)
    assert [letter.session and letter.session.join_url for letter in building.deliver()] == ["https://meet.example/m1"]
    providing.tick()
    assert (providing.states(session), building.meetings(session)[0].error) == ([(1, "ready", "m1")], "")
    assert providing.service.meetings["m1"].starts_at == START + timedelta(hours=1)


def test_a_change_that_was_refused_for_good_rests_longer_each_time(providing: Providing) -> None:
    session = providing.building.online()
    providing.tick()
    providing.building.change(session, title="Strengths in families")
    providing.service.fails = [(Permanent("400"), False)] * 3
    tried = []
    for minute in range(120):
        before = len(providing.service.calls)
        providing.tick()
        tried += [minute] * (len(providing.service.calls) - before)
        providing.building.later(minutes=1)
    assert tried == [0, 30, 90]


def test_an_edit_after_a_refused_change_tries_again_at_once_with_the_same_meeting(providing: Providing) -> None:
    session = providing.building.online()
    providing.tick()
    providing.building.change(session, title="A title that the service does not take")
    providing.service.fails = [(Permanent("400"), False)]
    providing.tick()
    providing.building.change(session, title="Strengths in families")
    providing.tick()
    assert (providing.states(session), providing.at_the_service()) == ([(1, "ready", "m1")], [("m1", "1")])
    assert providing.service.meetings["m1"].title == "Strengths in families"


def test_a_refused_change_rests_for_ever_once_the_session_is_over(providing: Providing) -> None:
    session = providing.building.online()
    providing.tick()
    providing.building.change(session, title="Strengths in families")
    providing.building.now = START + timedelta(days=1)
    providing.service.fails = [(Permanent("400"), False)]
    providing.tick()
    providing.wait(days=1)
    assert (providing.service.calls, providing.states(session)) == (["create", "change"], [(1, "changing", "m1")])


def test_a_change_that_the_service_need_not_know_costs_no_call(providing: Providing) -> None:
    session = providing.building.online()
    providing.tick()
    providing.building.change(session, places=9, notes="Bring a pen.")
    providing.tick()
    assert (providing.service.calls, providing.states(session)) == (["create"], [(1, "ready", "m1")])


def test_a_change_of_provider_removes_the_old_meeting_and_makes_a_new_generation(providing: Providing) -> None:
    session = providing.building.online()
    providing.building.book(session, providing.building.person(1))
    providing.tick()
    providing.building.deliver()
    providing.building.change(session, provider=Provider.ZOOM)
    assert providing.states(session) == [(1, "removing", "m1"), (2, "wanted", None)]
    providing.tick()
    assert providing.states(session) == [(1, "removing", "m1"), (2, "ready", "m2")]  # while the change can be undone
    providing.wait(minutes=2)
    assert (providing.states(session), providing.at_the_service()) == ([(1, "gone", None), (2, "ready", "m2")], [("m2", "2")])
    assert [(letter.kind, letter.changes) for letter in providing.building.deliver()] == [(Kind.UPDATE, ("link",))]


def test_a_removal_that_fails_is_tried_again_and_nothing_else_counts_as_removed(providing: Providing) -> None:
    session = providing.building.online()
    providing.service.fails = [(Unknown("504"), True)]
    providing.tick()
    providing.wait(seconds=90)  # recovered: a sweep is to follow in ten minutes
    providing.building.call_off(session)
    providing.service.fails = [(Temporary("503", retry_after=1200), False)]
    providing.tick()
    providing.wait(minutes=15)
    assert (providing.states(session), providing.at_the_service()) == ([(1, "removing", "m1")], [("m1", "1")])
    providing.wait(minutes=5)
    assert (providing.states(session), providing.at_the_service()) == ([(1, "gone", None)], [])


def test_a_meeting_deleted_by_hand_is_made_anew_and_everyone_told(providing: Providing) -> None:
    session = providing.building.online()
    for number in (1, 2):
        providing.building.book(session, providing.building.person(number))
    providing.tick()
    providing.building.deliver()
    providing.service.meetings.clear()
    providing.building.change(session, title="Strengths in families")
    providing.tick()
    assert (providing.states(session), providing.at_the_service()) == ([(1, "gone", "m1"), (2, "ready", "m2")], [("m2", "2")])
    providing.building.later(minutes=2)
    letters = providing.building.deliver()
    assert [(letter.booking_id, letter.changes, letter.session and letter.session.join_url) for letter in letters] == [
        (1, ("title", "link"), "https://meet.example/m2"),
        (2, ("title", "link"), "https://meet.example/m2"),
    ]


def test_a_private_session_keeps_its_subject_from_the_service(providing: Providing) -> None:
    providing.building.online(privacy=Privacy.PRIVATE, public_title="A conversation")
    providing.tick()
    assert [wanted.title for wanted in providing.service.meetings.values()] == ["A conversation"]
