"""What a file would do to a programme, before anything is done: rows, differences, problems, and how many people would be told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from domain.courtesy import politely
from domain.database import Db
from domain.descriptions import checked
from domain.errors import BadInput
from domain.fitting import too_few
from domain.models import Privacy, Programme, ProgrammeState, SessionState
from domain.ports.files import Sheet
from domain.privacy import is_or_may_be_private
from domain.programmes import owned
from domain.rules import Rules
from domain.schedule.checks import check_rows
from domain.schedule.clashes import clashes_with
from domain.schedule.columns import Means
from domain.schedule.families import still_asked
from domain.schedule.forecast import Hostless, Want, hostless
from domain.schedule.matching import Difference as Matched
from domain.schedule.matching import Existing, match
from domain.schedule.planned import Fate, ImportPreview, PlannedRow, rows_to_make
from domain.schedule.proposals import PROVIDERS, TOLD, Defaults, Proposal, amend, differences, propose
from domain.schedule.reading import Progress, read_schedule
from domain.schedule.standing import Standing, changed_since_file, in_schedule_words, standing
from domain.schedule.values import Problem, Schedule, ScheduledRow
from domain.schedule.wording import same
from domain.times import LONDON, day_of, day_words, span_words

MOST_NUMBERED = 10  # rows that one sentence names
MOST_SESSIONS = 500  # in one import: others wait for the database while it is carried out


def bare_preview(
    sheet: Sheet,
    *,
    now: datetime,
    holidays: Mapping[date, str],
    zone: str = LONDON,
    means: Means | None = None,
    progress: Progress | None = None,
) -> Schedule:
    """A file on its own, without a programme to compare it with: what could be read, its errors and every warning."""
    schedule = read_schedule(sheet, zone=zone, today=day_of(now, zone), means=means, progress=progress)
    return _with_checks(schedule, now=now, holidays=holidays, zone=zone)


def preview(
    db: Db,
    partnership_id: int,
    programme_id: int,
    sheet: Sheet,
    rules: Rules,
    *,
    now: datetime,
    holidays: Mapping[date, str],
    answers: Mapping[int, int | None] | None = None,
    means: Means | None = None,
    schedule: Schedule | None = None,
    sees_private: bool = True,
) -> ImportPreview:
    """What this file would do to the programme. Changes nothing. Without `sees_private` it is silent on what is or may be private.

    `holidays` maps dates to the names of bank holidays. `answers` settles ambiguous rows:
    from the row's number to a session's id, or None for a new session. `means` is what an organiser said of headings;
    `schedule` is the file where it was read already (`bare_preview`, in the programme's zone).
    """
    programme = owned(db, partnership_id, programme_id)
    schedule = schedule or bare_preview(sheet, now=now, holidays=holidays, zone=programme.zone, means=means)
    if (many := len(schedule.sessions)) > MOST_SESSIONS:
        raise BadInput(f"This file has {many:,} sessions. At most {MOST_SESSIONS:,} can be imported at a time: please split it.")
    sessions = standing(db, programme)
    hidden = frozenset() if sees_private else frozenset(one.session_id for one in sessions if is_or_may_be_private(one.session))
    plan = _Plan(programme, schedule, sessions, answers or {}, now, hidden)
    rows = _by_hand(db, programme_id, sorted(politely(plan.rows()), key=lambda planned: planned.row))
    seen = [one for one in sessions if one.session_id not in hidden]
    warnings = [*still_asked(schedule, rows), *_warnings(db, programme, schedule, rows, seen, rules, now)]
    return ImportPreview(
        programme_id=programme_id,
        programme=programme.title,
        published=programme.state is ProgrammeState.PUBLISHED,
        zone=programme.zone,
        rows=rows,
        gone=tuple(one for one in plan.gone if one.can_change(now)) if schedule.sessions or not schedule.errors else (),
        errors=tuple(sorted([*schedule.errors, *plan.errors], key=lambda problem: problem.row)),
        warnings=tuple(sorted(warnings, key=lambda problem: problem.row)),
        schedule=schedule,
    )


def _by_hand(db: Db, programme_id: int, rows: Sequence[PlannedRow]) -> tuple[PlannedRow, ...]:
    """The rows; of one that is changed, whether it would put back what a hand has done since the last file."""
    here = changed_since_file(db, programme_id) if any(one.fate is Fate.CHANGED for one in rows) else frozenset[int]()
    return tuple(replace(one, changed_here=one.fate is Fate.CHANGED and one.session_id in here) for one in rows)


def _with_checks(schedule: Schedule, *, now: datetime, holidays: Mapping[date, str], zone: str) -> Schedule:
    checks = check_rows(schedule.sessions, now=now, zone=zone, holidays=holidays)
    return replace(schedule, warnings=tuple(sorted([*schedule.warnings, *checks], key=lambda problem: problem.row)))


# ── rows and sessions ───────────────────────────────────────────────────────────────────────────────────────

NOT_SEEN = "This session is private, or may be. Only the organisers of its own programme may change it."
#: text fields that an emptied cell empties, in a file that carries our references
SPOKEN_FOR = ("venue", "audience", "presenter", "organisation", "description", "series", "public_title", "notes")


class _Plan:
    """The rows of a file beside the sessions of its programme."""

    def __init__(
        self,
        programme: Programme,
        schedule: Schedule,
        sessions: Sequence[Standing],
        answers: Mapping[int, int | None],
        now: datetime,
        hidden: Collection[int] = (),
    ) -> None:
        self._now = now
        self._hidden = hidden
        self._places = schedule.columns.get("places")
        self._zone = programme.zone
        self._defaults = Defaults(programme.default_provider, programme.default_places, programme.default_privacy, programme.zone)
        self._sessions = {one.session_id: one for one in sessions}
        self._stated = tuple(name for name in SPOKEN_FOR if name in schedule.columns)
        live = [one for one in sessions if one.state is not SessionState.CANCELLED]
        self._matched: Matched = match(schedule.sessions, self._in_words(live), zone=self._zone, answers=answers)
        called_off = [one for one in sessions if one.state is SessionState.CANCELLED]
        made_anew = {row for row, answer in answers.items() if answer is None}
        self._called_off = _called_off(self._matched.new, self._in_words(called_off), self._zone, made_anew)
        self.gone = tuple(self._sessions[one.session_id] for one in self._matched.gone if one.session_id not in hidden)
        self.errors: list[Problem] = []

    def rows(self) -> Iterator[PlannedRow]:
        """Each row's fate. What cannot be a session becomes one of `errors`."""
        for row in self._matched.new:
            cancelled = self._called_off.get(row.row)
            if self._is_hidden(row, [cancelled]):
                continue
            if planned := self._made(row) if cancelled is None else self._stays(row, self._sessions[cancelled], Fate.CANCELLED):
                yield planned
        for pair in (*self._matched.changed, *self._matched.unchanged):
            if self._is_hidden(pair.row, [pair.existing.session_id]):
                continue
            if planned := self._compared(pair.row, self._sessions[pair.existing.session_id]):
                yield planned
        for case in self._matched.ambiguous:
            ids = [one.session_id for one in case.candidates]
            if self._is_hidden(case.row, ids):
                continue
            candidates = tuple(self._sessions[one] for one in ids if one not in self._hidden)
            if planned := self._made(case.row):
                yield replace(planned, fate=Fate.AMBIGUOUS, candidates=candidates)

    def _is_hidden(self, row: ScheduledRow, ids: Collection[int | None]) -> bool:
        """Whether a row can only be of sessions that are not to be seen. That becomes one of `errors`."""
        only = bool(ids) and all(one in self._hidden for one in ids)
        if only:
            self.errors.append(Problem(row.row, None, NOT_SEEN))
        return only

    def _in_words(self, sessions: Sequence[Standing]) -> list[Existing]:
        return [in_schedule_words(one, self._zone) for one in sessions]

    def _made(self, row: ScheduledRow) -> PlannedRow | None:
        proposal = self._checked(row, propose(row, self._defaults))
        return PlannedRow(row.row, Fate.NEW, proposal.new, proposal.series, proposal.defaults) if proposal else None

    def _compared(self, row: ScheduledRow, one: Standing) -> PlannedRow | None:
        by_reference = bool(row.reference) and same(row.reference) == same(one.session.reference)
        stated = self._stated if by_reference else ()
        proposal = self._checked(row, amend(row, one.session, one.series, self._defaults, stated=stated))
        if proposal is None:
            return None
        found = differences(one.session, one.series, proposal)
        if not found:
            return self._stays(row, one, Fate.UNCHANGED)
        if not one.can_change(self._now):
            return self._stays(row, one, Fate.OVER)
        if why := too_few(one.session, proposal.new, one.having):
            self.errors.append(Problem(row.row, self._places, str(why)))
            return None
        told = one.confirmed if one.state is SessionState.PUBLISHED and any(one.field in TOLD for one in found) else 0
        return PlannedRow(row.row, Fate.CHANGED, proposal.new, proposal.series, (), one.session_id, found, told)

    def _stays(self, row: ScheduledRow, one: Standing, fate: Fate) -> PlannedRow:
        return PlannedRow(row.row, fate, one.session, one.series, session_id=one.session_id)

    def _checked(self, row: ScheduledRow, proposal: Proposal) -> Proposal | None:
        """The proposal as it would be kept, its texts cleaned."""
        try:
            return replace(proposal, new=checked(proposal.new))
        except BadInput as refused:
            self.errors.append(Problem(row.row, None, str(refused)))
            return None


def _called_off(rows: Sequence[ScheduledRow], cancelled: Sequence[Existing], zone: str, made_anew: Collection[int]) -> dict[int, int]:
    """Rows whose session was cancelled here, with its id: they are not made again."""
    found = ((row, one) for row in rows if row.row not in made_anew for one in cancelled if _is_the_cancelled(row, one, zone))
    return {row.row: one.session_id for row, one in found}


def _is_the_cancelled(row: ScheduledRow, one: Existing, zone: str) -> bool:
    """By reference; else, on the same day for the same organisation, by its title or its start."""
    if row.reference and same(row.reference) == same(one.reference):
        return True
    same_day = one.day == day_of(row.starts_at, zone) and same(row.organisation) == same(one.organisation)
    return same_day and (same(row.title) == same(one.title) or row.starts_at == one.starts_at)


# ── warnings ────────────────────────────────────────────────────────────────────────────────────────────────


def _warnings(
    db: Db,
    programme: Programme,
    schedule: Schedule,
    rows: Sequence[PlannedRow],
    sessions: Sequence[Standing],
    rules: Rules,
    now: datetime,
) -> Iterator[Problem]:
    """What only the programme and the database can tell: days outside it, clashes with what exists, hosts that are taken."""
    matched = {planned.session_id for planned in rows}
    others = [one for one in sessions if one.can_change(now) and one.session_id not in matched]
    yield from _outside(rows, programme, schedule)
    yield from _kept_out(rows, schedule)
    yield from clashes_with(db, programme, rows_to_make(rows), others, schedule)
    yield from _without_host(hostless(db, programme.partnership_id, _wants(rows, sessions), rules, now=now), schedule)


def _outside(rows: Sequence[PlannedRow], programme: Programme, schedule: Schedule) -> list[Problem]:
    """Days outside the programme's own: often a mistyped year."""
    column = schedule.columns.get("date")
    days = f"{day_words(programme.starts_on)} to {day_words(programme.ends_on)}"
    outside = []
    for number, session in rows_to_make(rows):
        day = day_of(session.starts_at, programme.zone)
        if not programme.starts_on <= day <= programme.ends_on:
            outside.append(Problem(number, column, f"{day_words(day)} is outside the programme's days ({days}). Is the date right?"))
    if len(outside) <= 3:
        return outside
    return [
        Problem(
            outside[0].row, column, f"{len(outside)} rows are outside the programme's days ({days}). It will be made longer to hold them."
        )
    ]


def _kept_out(rows: Sequence[PlannedRow], schedule: Schedule) -> Iterator[Problem]:
    """Private rows with the name of a series, in which everyone could see them."""
    named = {row.row for row in schedule.sessions if row.series}
    for number, session in rows_to_make(rows):
        if number in named and session.privacy is Privacy.PRIVATE:
            message = "A private session cannot be part of a series, because everyone can see what is in a series. It is booked on its own."
            yield Problem(number, schedule.columns.get("series"), message)


def _wants(rows: Sequence[PlannedRow], sessions: Sequence[Standing]) -> list[Want]:
    """The meetings that are to be, in the order in which they would be reserved: drafts that stand, then rows."""
    changed = {planned.session_id for planned in rows if planned.fate is Fate.CHANGED}
    drafts = [one for one in sessions if one.state is SessionState.DRAFT and one.session_id not in changed]
    made = [planned for planned in rows if planned.fate in (Fate.NEW, Fate.CHANGED)]
    return [Want(one.session, session_id=one.session_id) for one in drafts] + [Want(p.session, p.row, p.session_id) for p in made]


def _without_host(found: Sequence[Hostless], schedule: Schedule) -> Iterator[Problem]:
    """One sentence a row; where a service has no host at all, one sentence for all of its rows."""
    column = schedule.columns.get("format")
    for one in found:
        if not one.none_at_all:
            when = span_words(one.session.starts_at, one.session.ends_at, one.session.zone)
            service = PROVIDERS[one.session.provider] if one.session.provider else ""
            yield Problem(
                one.row,
                column,
                f"No {service} host is free on {when}. The session would have no link for now: move it, or choose another platform.",
            )
    for provider in dict.fromkeys(one.session.provider for one in found if one.none_at_all):
        rows = [one.row for one in found if one.none_at_all and one.session.provider is provider]
        service = PROVIDERS[provider] if provider else ""
        more = f"{len(rows)} sessions would have no link ({_numbered(rows)})" if len(rows) > 1 else "This session would have no link"
        mend = f"Give a link of your own, choose another platform, or ask for {service}."
        yield Problem(rows[0], column, f"{service} is not set up here. {more}. {mend}")


def _numbered(rows: Sequence[int]) -> str:
    """`rows 2 and 5`, `rows 2, 5 and 7`; of very many, how many more there are."""
    named = [str(row) for row in rows[:MOST_NUMBERED]]
    if len(rows) > MOST_NUMBERED:
        return f"rows {', '.join(named)} and {len(rows) - MOST_NUMBERED} more"
    return f"rows {', '.join(named[:-1])} and {named[-1]}"
