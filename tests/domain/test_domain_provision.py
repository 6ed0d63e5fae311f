"""Meetings: whatever the service does, a session ends with one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.errors import OutsideError, Permanent, Temporary, Unknown
from domain.kinds import Format, Provider
from domain.provision.turns import Action
from tests.building import START, Building
from tests.domain.providing import SIGN_IN, Providing, work_wanted

# ── making ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_published_online_session_has_its_meeting_made(providing: Providing) -> None:
    session = providing.building.online()
    (work,) = providing.claim()
    assert (work.action, work.wanted.host, work.wanted.title, work.wanted.starts_at) == (Action.CREATE, "organiser-1", "Strengths", START)
    assert providing.states(session) == [(1, "unknown", None)]  # committed before the service is asked
    providing.carry_out(work)
    assert providing.states(session) == [(1, "ready", "m1")]
    assert providing.claim() == []


@pytest.mark.parametrize(
    "other",
    [{"format": Format.IN_PERSON}, {"provider": Provider.GIVEN, "given_link": "https://example.org/room"}, {"provider": None}],
)
def test_other_sessions_have_none(providing: Providing, other: dict[str, Any]) -> None:
    session = providing.building.session(**{"format": Format.ONLINE, "venue": None, **other})
    assert (providing.states(session), providing.claim()) == ([], [])


def test_a_session_that_is_over_is_given_no_meeting(providing: Providing) -> None:
    session = providing.building.online(starts_at=providing.building.now - timedelta(days=1))
    assert (providing.states(session), providing.claim()) == ([], [])


def test_a_plain_refusal_means_nothing_happened_and_it_is_asked_again(providing: Providing) -> None:
    session = providing.building.online()
    providing.service.fails = [(Temporary("429", retry_after=60), False)]
    providing.tick()
    assert providing.states(session) == [(1, "wanted", None)]
    providing.wait(seconds=59)
    assert providing.service.calls == ["create"]
    providing.wait(seconds=1)
    assert (providing.service.calls, providing.states(session)) == (["create", "create"], [(1, "ready", "m1")])


def test_a_plain_no_is_given_up_and_an_edit_tries_anew(providing: Providing) -> None:
    session = providing.building.online()
    providing.service.fails = [(Permanent("403 no right"), False)]
    providing.tick()
    assert providing.states(session) == [(1, "failed", None)]
    assert providing.building.meetings(session)[0].error == "403 no right"
    providing.building.change(session, notes="Bring a pen.")
    providing.tick()
    assert providing.states(session) == [(1, "gone", None), (2, "ready", "m1")]


def test_twelve_attempts_are_enough(providing: Providing) -> None:
    session = providing.building.online()
    providing.service.fails = [(Temporary("503"), False)] * 50
    for _ in range(30):
        providing.wait(minutes=40)
    assert (len(providing.service.calls), providing.states(session)) == (12, [(1, "failed", None)])


def test_what_the_whole_account_was_refused_heals_by_itself_however_long_it_takes(providing: Providing) -> None:
    session = providing.building.online()
    providing.service.fails = [(SIGN_IN, False)] * 60
    for _ in range(60):
        providing.tick()
        providing.building.later(minutes=30)
    assert (providing.states(session), providing.building.meetings(session)[0].error) == ([(1, "wanted", None)], "sign-in refused")
    assert len(providing.service.calls) == 60
    providing.tick()
    assert providing.states(session) == [(1, "ready", "m1")]


def test_what_the_whole_account_was_refused_ends_after_the_session(providing: Providing) -> None:
    session = providing.building.online()
    providing.building.now = START + timedelta(hours=3)
    providing.service.fails = [(SIGN_IN, False)] * 60
    for _ in range(20):
        providing.tick()
        providing.building.later(minutes=30)
    assert (len(providing.service.calls), providing.states(session)) == (12, [(1, "failed", None)])


def test_what_the_whole_account_was_refused_costs_the_host_no_call(building: Building) -> None:
    building.host(Provider.ZOOM, "host-1", per_day=7)
    providing = Providing(building)
    session = building.online(provider=Provider.ZOOM)
    providing.service.fails = [(SIGN_IN, False)] * 8
    for _ in range(9):
        providing.tick()
        building.later(minutes=30)
    assert (len(providing.service.calls), providing.states(session)) == (9, [(1, "ready", "m1")])


def test_an_answer_lost_at_the_last_attempt_is_looked_for_before_it_is_given_up(providing: Providing) -> None:
    """As after an outage of three hours: what the service made at last must not be deleted and called failed."""
    session = providing.building.online()
    providing.service.fails = [*[(Temporary("503"), False)] * 11, (Unknown("the connection was cut"), True)]
    for _ in range(14):
        providing.wait(minutes=40)
    assert providing.service.calls == [*["create"] * 12, "recover", "sweep"]
    assert (providing.states(session), providing.at_the_service()) == ([(1, "ready", "m1")], [("m1", "1")])


# ── unknown ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_answer_lost_after_the_effect_is_recovered_not_made_again(providing: Providing) -> None:
    session = providing.building.online()
    providing.service.fails = [(Unknown("read timeout"), True)]
    providing.tick()
    assert (providing.states(session), providing.service.calls) == ([(1, "unknown", None)], ["create"])
    providing.wait(seconds=89)
    assert providing.service.calls == ["create"]
    providing.wait(seconds=1)
    assert (providing.service.calls, providing.states(session)) == (["create", "recover"], [(1, "ready", "m1")])
    providing.wait(minutes=10)
    assert (providing.service.calls[2:], providing.at_the_service()) == (["sweep"], [("m1", "1")])
    assert providing.claim() == []


def test_an_answer_lost_before_the_effect_is_asked_again_and_a_late_effect_is_swept(providing: Providing) -> None:
    session = providing.building.online()
    providing.service.fails = [(Unknown("read timeout"), False)]
    providing.tick()
    providing.service.late = [work_wanted(providing, session)]
    providing.wait(seconds=90)
    assert (providing.service.calls, providing.states(session)) == (["create", "recover", "create"], [(1, "ready", "m1")])
    providing.service.lands()
    assert providing.at_the_service() == [("m1", "1"), ("m2", "1")]
    providing.wait(minutes=10)
    assert (providing.at_the_service(), providing.states(session)) == ([("m1", "1")], [(1, "ready", "m1")])


def test_a_crash_after_the_claim_is_recovered_after_the_lease_never_made_anew(providing: Providing) -> None:
    session = providing.building.online()
    (work,) = providing.claim()
    providing.service.create(work.wanted)  # the process dies before it can write down the answer
    providing.wait(minutes=2, seconds=59)
    assert providing.service.calls == ["create"]
    providing.wait(seconds=1)
    assert (providing.service.calls, providing.states(session), providing.at_the_service()) == (
        ["create", "recover"],
        [(1, "ready", "m1")],
        [("m1", "1")],
    )


def test_several_of_one_ref_come_down_to_one(providing: Providing) -> None:
    session = providing.building.online()
    providing.service.fails = [(Unknown("504"), True)]
    providing.tick()
    providing.service.late = [work_wanted(providing, session)]
    providing.service.lands()
    providing.wait(seconds=90)
    assert (providing.at_the_service(), providing.states(session)) == ([("m1", "1")], [(1, "ready", "m1")])


def test_a_service_that_stays_silent_leaves_nothing_behind_when_it_is_given_up(providing: Providing) -> None:
    session = providing.building.online()
    providing.service.fails = [(Unknown("504"), True), *[(Temporary("503"), False)] * 11]
    for _ in range(12):
        providing.wait(minutes=40)
    assert providing.states(session) == [(1, "failed", None)]
    providing.building.change(session, title="Strengths in families")
    for _ in range(3):
        providing.wait(minutes=11)
    assert providing.states(session) == [(1, "gone", None), (2, "ready", "m2")]
    assert providing.at_the_service() == [("m2", "2")]


@pytest.mark.parametrize("ending", ["for good", "twelve times"])
def test_one_that_was_given_up_though_it_was_made_is_gone_from_the_service_when_its_session_is(providing: Providing, ending: str) -> None:
    """As where Teams makes the meeting and refuses its settings."""
    session = providing.building.online()
    again: list[OutsideError] = [Permanent("400")] if ending == "for good" else [Unknown("not its settings")] * 11
    providing.service.fails = [(Unknown("not its settings"), True), *[(failure, False) for failure in again]]
    for _ in range(12):
        if providing.states(session)[0][1] != "failed":
            providing.wait(minutes=40)
    assert (providing.states(session), providing.at_the_service()) == ([(1, "failed", None)], [("m1", "1")])
    providing.building.call_off(session)
    providing.wait(minutes=11)
    assert (providing.states(session), providing.at_the_service()) == ([(1, "gone", None)], [])


def test_a_look_for_late_effects_waits_as_long_as_the_service_asks(providing: Providing) -> None:
    providing.building.online()
    providing.service.fails = [(Unknown("504"), True)]
    providing.tick()
    providing.wait(seconds=90)
    providing.service.fails = [(SIGN_IN, False)]
    providing.wait(minutes=10)
    providing.wait(minutes=29)
    assert providing.service.calls == ["create", "recover", "sweep"]
    providing.wait(minutes=1)
    assert providing.service.calls == ["create", "recover", "sweep", "sweep"]
