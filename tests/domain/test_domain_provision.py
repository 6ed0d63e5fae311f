"""Meetings: whatever the service does, a session ends with one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.errors import OutsideError, Permanent, Temporary, Unknown
from domain.kinds import Format, Kind, Provider
from domain.models import Privacy
from domain.moving import MovePreview, preview_move
from domain.ports.meetings import MeetingMade, MeetingRequest
from domain.provision import outcomes, turns
from domain.provision.turns import Action, Work
from tests.building import START, Building


@dataclass
class Service:
    """A meeting service that keeps what it was asked for. `fails` says what the next calls come to, and whether they take effect."""

    meetings: dict[str, MeetingRequest] = field(default_factory=dict)  # id: what was asked
    calls: list[str] = field(default_factory=list)
    fails: list[tuple[OutsideError, bool]] = field(default_factory=list)
    late: list[MeetingRequest] = field(default_factory=list)  # effects that have not landed yet

    made: int = 0

    def _make(self, wanted: MeetingRequest) -> MeetingMade:
        self.made += 1
        self.meetings[f"m{self.made}"] = wanted
        return self._known(f"m{self.made}")

    def _known(self, meeting_id: str) -> MeetingMade:
        return MeetingMade(meeting_id, f"https://meet.example/{meeting_id}")

    def _answer(self, call: str, effect: Callable[[], MeetingMade | None]) -> MeetingMade | None:
        self.calls.append(call)
        if self.fails:
            error, takes_effect = self.fails.pop(0)
            if takes_effect:
                effect()

            raise error
        return effect()

    def create(self, wanted: MeetingRequest) -> MeetingMade | None:
        return self._answer("create", lambda: self._make(wanted))

    def recover(self, wanted: MeetingRequest) -> MeetingMade | None:
        def find() -> MeetingMade | None:
            mine = self._of(wanted.ref)
            for other in mine[1:]:
                del self.meetings[other]
            return self._known(mine[0]) if mine else None

        return self._answer("recover", find)

    def change(self, made: MeetingMade, wanted: MeetingRequest) -> MeetingMade | None:
        if made.external_id not in self.meetings:
            self.calls.append("change")
            raise Permanent("gone")
        return self._answer("change", lambda: (self.meetings.update({made.external_id: wanted}), made)[1])

    def remove(self, made: MeetingMade) -> None:
        def drop() -> None:
            self.meetings.pop(made.external_id, None)

        self._answer("remove", drop)

    def sweep(self, wanted: MeetingRequest, keep: MeetingMade | None) -> None:
        def drop() -> None:
            for meeting_id in self._of(wanted.ref):
                if keep is None or meeting_id != keep.external_id:
                    del self.meetings[meeting_id]

        self._answer("sweep", drop)

    def _of(self, ref: str) -> list[str]:
        return [meeting_id for meeting_id, wanted in self.meetings.items() if wanted.ref == ref]

    def lands(self) -> None:
        """What was asked long ago takes effect now."""
        for wanted in self.late:
            self._make(wanted)
        self.late.clear()


@dataclass
class Providing:
    """The tick's way with one service, without its loop."""

    building: Building
    service: Service = field(default_factory=Service)

    def claim(self) -> list[Work]:
        return self.building.write(turns.claim, self.building.rules, now=self.building.now)

    def tick(self) -> None:
        """Everything that is due now."""
        while work := self.claim():
            for one in work:
                self.carry_out(one)

    def wait(self, **span: float) -> None:
        self.building.later(**span)
        self.tick()

    def carry_out(self, work: Work) -> None:
        write, rules, service = self.building.write, self.building.rules, self.service
        try:
            match work.action:
                case Action.CREATE:
                    write(outcomes.adopt, work.meeting_id, service.create(work.wanted), work.wanted, rules, now=self.building.now)
                case Action.RECOVER:
                    found = service.recover(work.wanted)
                    write(outcomes.adopt, work.meeting_id, found, work.wanted, rules, now=self.building.now, recovered=True)
                case Action.CHANGE:
                    self._change(work)
                case Action.REMOVE:
                    assert work.made is not None
                    service.remove(work.made)
                    write(outcomes.gone, work.meeting_id)
                case Action.SWEEP:
                    service.sweep(work.wanted, work.made)
                    write(outcomes.swept, work.meeting_id)
        except OutsideError as error:
            self._not_done(work, error)

    def _change(self, work: Work) -> None:
        assert work.made is not None
        try:
            made = self.service.change(work.made, work.wanted)
        except Permanent as error:
            if error.reason != "gone":
                raise
            self.building.write(outcomes.lost, work.meeting_id, self.building.rules, now=self.building.now)
        else:
            self.building.write(outcomes.adopt, work.meeting_id, made, work.wanted, self.building.rules, now=self.building.now)

    def _not_done(self, work: Work, error: OutsideError) -> None:
        self.building.write(
            outcomes.not_done,
            work,
            error.reason,
            permanent=isinstance(error, Permanent),
            unknown=isinstance(error, Unknown),
            retry_after=error.retry_after if isinstance(error, Temporary) else None,
            now=self.building.now,
        )

    def states(self, session: int) -> list[tuple[int, str, str | None]]:
        """(generation, state, the service's id) of a session's meetings."""
        return [(m.generation, m.state.value, m.external_id) for m in self.building.meetings(session)]

    def at_the_service(self) -> list[tuple[str, str]]:
        """(id, generation) of what exists out there."""
        return [(meeting_id, wanted.ref.rsplit(":", 1)[1]) for meeting_id, wanted in self.service.meetings.items()]


@pytest.fixture
def providing(building: Building) -> Providing:
    building.host(Provider.TEAMS, "organiser-1", at_once=2)
    building.host(Provider.ZOOM, "host-1")
    return Providing(building)


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


SIGN_IN = Temporary("sign-in refused", retry_after=outcomes.ACCOUNT_PAUSE)


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


def work_wanted(providing: Providing, session: int) -> MeetingRequest:
    """What was asked of the service for this session's meeting."""
    (meeting,) = providing.building.meetings(session)
    return MeetingRequest(meeting.ref, "organiser-1", "Strengths", START, START + timedelta(minutes=45), "Europe/London")


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


# ── hosts ───────────────────────────────────────────────────────────────────────────────────────────────────


def hosts_of(building: Building, *sessions: int) -> list[int | None]:
    return [building.meetings(session)[-1].host_id for session in sessions]


def test_no_free_host_is_said_at_once_and_found_when_one_frees(providing: Providing) -> None:
    building = providing.building
    first, second = building.online(provider=Provider.ZOOM), building.online(provider=Provider.ZOOM)
    providing.tick()
    assert (providing.states(first), providing.states(second)) == ([(1, "ready", "m1")], [(1, "wanted", None)])
    assert building.meetings(second)[0].error == "no host is free at this time"
    building.call_off(first)
    providing.wait(minutes=10)
    assert (providing.states(first), providing.states(second)) == ([(1, "gone", None)], [(1, "ready", "m2")])


def test_a_session_without_a_host_that_moves_to_a_free_hour_has_one_at_once(providing: Providing) -> None:
    building = providing.building
    building.online(provider=Provider.ZOOM)
    second = building.online(provider=Provider.ZOOM)
    assert building.move(second, START + timedelta(hours=3)).no_host == ""
    providing.tick()
    assert providing.states(second) == [(1, "ready", "m2")]


@pytest.mark.parametrize(("minutes", "free"), [(64, False), (65, True)])
def test_ten_minutes_are_kept_free_on_either_side(providing: Providing, minutes: int, free: bool) -> None:
    building = providing.building
    building.online(provider=Provider.ZOOM)
    second = building.online(provider=Provider.ZOOM, starts_at=START + timedelta(minutes=minutes))
    assert (hosts_of(building, second) != [None]) is free


def test_a_host_runs_as_many_at_once_as_it_may(providing: Providing) -> None:
    building = providing.building
    one, two, three = (building.online() for _ in range(3))
    assert hosts_of(building, one, two, three) == [1, 1, None]


def test_the_least_used_host_is_taken(providing: Providing) -> None:
    building = providing.building
    second = building.host(Provider.ZOOM, "host-2")
    sessions = [building.online(provider=Provider.ZOOM, starts_at=START + timedelta(hours=2 * n)) for n in range(3)]
    assert hosts_of(building, *sessions) == [2, second, 2]


def test_a_move_to_an_hour_when_its_host_is_busy_takes_another_and_says_so_beforehand(providing: Providing) -> None:
    building = providing.building
    later = START + timedelta(hours=3)
    building.online(provider=Provider.ZOOM, starts_at=later)
    session = building.online(provider=Provider.ZOOM)
    building.book(session, building.person(1))
    providing.tick()

    def preview() -> MovePreview:
        return building.read(
            preview_move, building.partnership_id, session, later, later + timedelta(minutes=45), building.rules, now=building.now
        )

    assert preview() == MovePreview(1, (), link_stays=False, host_free=False)
    other = building.host(Provider.ZOOM, "host-2")
    assert preview() == MovePreview(1, (), link_stays=False, host_free=True, host="host-2")
    building.move(session, later)
    assert hosts_of(building, session) == [other]
    providing.wait(minutes=2)  # while it can be undone, the old one is kept
    assert [(generation, state) for generation, state, _ in providing.states(session)] == [(1, "gone"), (2, "ready")]


def test_a_host_that_has_had_its_calls_for_today_is_spared_until_tomorrow(building: Building) -> None:
    building.host(Provider.ZOOM, "host-1", per_day=8)
    providing = Providing(building)
    for hour in range(6):
        building.online(provider=Provider.ZOOM, starts_at=START + timedelta(hours=2 * hour))
    providing.tick()
    assert len(providing.service.calls) == 3  # five are kept for changes by hand
    building.host(Provider.ZOOM, "host-2", per_day=6)
    providing.wait(hours=1)
    assert len(providing.service.calls) == 3
    building.now = datetime(2027, 3, 2, tzinfo=building.now.tzinfo)
    providing.tick()
    assert [wanted.host for wanted in providing.service.meetings.values()] == ["host-1"] * 6


def test_another_host_helps_out_where_one_has_had_its_calls(building: Building) -> None:
    building.host(Provider.ZOOM, "host-1", per_day=6)
    providing = Providing(building)
    for hour in range(2):
        building.online(provider=Provider.ZOOM, starts_at=START + timedelta(hours=2 * hour))
    building.host(Provider.ZOOM, "host-2", per_day=6)
    providing.tick()
    assert [wanted.host for wanted in providing.service.meetings.values()] == ["host-1", "host-2"]


def test_what_begins_today_is_tried_all_the_same(building: Building) -> None:
    building.host(Provider.ZOOM, "host-1", per_day=6)
    providing = Providing(building)
    for hour in (3, 5):
        building.online(provider=Provider.ZOOM, starts_at=building.now + timedelta(hours=hour))
    providing.tick()
    assert providing.service.calls == ["create", "create"]
