"""The tick's way with one meeting service, without its loop; the service keeps what it was asked for and fails as it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from domain.errors import OutsideError, Permanent, Temporary, Unknown
from domain.ports.meetings import MeetingMade, MeetingRequest
from domain.provision import outcomes, turns
from domain.provision.turns import Action, Work
from tests.building import START, Building

SIGN_IN = Temporary("sign-in refused", retry_after=outcomes.ACCOUNT_PAUSE)


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


def work_wanted(providing: Providing, session: int) -> MeetingRequest:
    """What was asked of the service for this session's meeting."""
    (meeting,) = providing.building.meetings(session)
    return MeetingRequest(meeting.ref, "organiser-1", "Strengths", START, START + timedelta(minutes=45), "Europe/London")
