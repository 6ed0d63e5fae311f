"""What the organiser does in a rehearsal, in the chat: imports, publishes, moves, changes, cancels, asks for the report."""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from domain.database import Db
from domain.errors import Refusal
from domain.kinds import Provider
from domain.models import Organisation, Session, SessionState
from domain.places import overlaps
from domain.privacy import is_private
from domain.queries import session_views
from domain.times import LONDON, clock_words, to_wall
from domain.views import SessionView
from rehearsal.chat import ORGANISER_ID, Menu, Seen, Someone
from rehearsal.schedules import Schedule
from rehearsal.seen import has
from rehearsal.stage import Stage
from rehearsal.timeline import Moment, moment

#: the first words of every session that the rehearsal adds
OWN = "Rehearsal: "
#: a session of up to so many places is small: it is to fill
SMALL = 20
#: of fewer sessions than so many, none of the organiser's own is cancelled
ENOUGH = 4
#: the hours of a day in which an hour more is the same day, whatever the clocks do
DAY = (3, 23)
#: of sessions that may be for families, those that are surely private
_FAMILIES = re.compile(r"\b(?:parents?|families|lived experience)\b", re.IGNORECASE)
_CLASHING, _TO_CANCEL = "at the same time as another", "one more session"


@dataclass
class Organiser:
    """The organiser, acting in the chat."""

    stage: Stage
    dice: random.Random
    acts: list[Moment]
    titles: list[str] = field(default_factory=list)
    organisations: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)  #: titles of the rehearsal's own sessions

    def __post_init__(self) -> None:
        self._me: Someone = self.stage.chat.join("The organiser", discord_id=ORGANISER_ID, organiser=True)

    @property
    def someone(self) -> Someone:
        """The organiser's account."""
        return self._me

    # ── before ──────────────────────────────────────────────────────────────────────────────────────────

    async def open_programmes(self, schedules: Sequence[Schedule]) -> None:
        """For each file: create a programme, import what can be used, publish it."""
        for schedule in schedules:
            title = schedule.title if schedule.title not in self.titles else f"{schedule.title} {len(self.titles) + 1}"
            first, last = (f"{day.day} {day:%B %Y}" for day in (schedule.first_day, schedule.last_day))
            await self._command("programme create", title=title, kind=schedule.kind.value, first_day=first, last_day=last)
            shown = await self._command("programme import", programme=title, file=(schedule.name, schedule.content))
            for nothing in ("The others mean nothing", "It means nothing"):  # columns that are new to us
                shown = await self._press(shown, nothing) if has(shown, nothing) else shown
            way = "Import all" if has(shown, "Import all") else "Import the good rows"
            if not has(shown, way):
                raise Refusal(f"{schedule.name} cannot be imported.\n{shown.text}")
            done = await self._press(shown, way)
            self._note("imports a schedule", outcome=done.text.splitlines()[0].strip("# "))
            asked = await self._answered(await self._command("programme publish", programme=title))
            await self._press(asked, "Publish")
            self._note("publishes", outcome=title)
            self.titles.append(title)
        self.organisations = await self.stage.store.read(_organisations)

    async def _answered(self, shown: Seen) -> Seen:
        """Say which of the sessions that ask are private: those of parents, or else the first; and what those are called in public."""
        private, menus = 0, _privacy_menus(shown)
        while menus:
            asked = menus["private"].options
            chosen = [value for value, label, _ in asked if _FAMILIES.search(label)] or [v for v, _, _ in asked[:1] if not private]
            way, values = ("private", chosen) if chosen else ("open", [value for value, _, _ in asked])
            shown = await self.stage.chat.choose(self._me, shown, *values, menu=menus[way].custom_id)
            self._note("answers whether sessions are private", outcome=f"{len(values)} {way}")
            private += len(chosen)
            for value, _, when in asked:
                if value in chosen:
                    reference = await self.stage.store.read(_reference, int(value))
                    title = f"Meeting on {when.split(',')[0]}"
                    await self._command("session private", session=reference, privacy="private", public_title=title)
            menus = _privacy_menus(shown)
        return shown

    async def fill_in_what_is_missing(self, people: int, parts: Collection[int] = ()) -> tuple[str, ...]:
        """Add what a rehearsal needs and the files lack, marked as its own, and open to everyone; the titles of what was added.

        A Zoom session, a small one, one across a clock change, one that clashes, one to cancel where there are few. `parts` are the
        sessions of courses, which are not booked alone.
        """
        before, everything = len(self.added), await self._sessions()
        sessions = [s for s in everything if not s.private and s.id not in parts]
        first = min(to_wall(s.starts_at).date() for s in everything)
        if not any(s.provider is Provider.ZOOM for s in sessions):
            await self._add(first, time(12), held="Zoom", title="a session on Zoom", places="60")
        if not any(s.places[0].places is not None and s.places[0].places <= min(SMALL, people // 3) for s in sessions):
            few = str(max(min(6, people // 4), 1))
            await self._add(first, time(16), held="In person", title="a small group", places=few, venue="Room 1, the town hall")
        if not any(crosses_change(s) for s in sessions):
            await self._add(_next_change(first), time(10), held="Teams", title="the morning after the clocks change", places="40")
        sessions = [s for s in await self._sessions() if not s.private and s.id not in parts]
        by_day = [start for s in sessions if DAY[0] <= (start := to_wall(s.starts_at)).hour < DAY[1]]
        if by_day and not _any_clash(sessions):
            start = by_day[0]
            await self._add(start.date(), start.time(), held="In person", title=_CLASHING, places="30", venue="Room 2, the town hall")
        if len(everything) < ENOUGH:
            await self._add(first, time(14), held="Teams", title=_TO_CANCEL, places="30")
        return tuple(self.added[before:])

    async def _add(self, day: date, start: time, *, held: str, title: str, places: str, **more: str) -> None:
        begins = datetime.combine(day, start)
        end = clock_words(begins + timedelta(hours=1))
        await self.add_session(OWN + title, self.titles[0], day, clock_words(begins), end, held=held, places=places, **more)

    async def add_session(self, title: str, programme: str, day: date, start: str, end: str, **how: str) -> int:
        """Add one session that is open to everyone; its id. The title begins with `OWN`."""
        when = {"date": f"{day.day} {day:%B %Y}", "start": start, "end": end}
        answer = await self._command("session add", programme=programme, title=title, **when, **how)
        if not answer.text.startswith("### Added"):
            raise RuntimeError(f"{title} could not be added: {answer.text}")
        session_id, reference, private = await self.stage.store.read(_newest)
        if private:  # as everything in its programme is
            await self._command("session private", session=reference, privacy="open")
        self.added.append(title)
        self._note("adds a session", outcome=title)
        return session_id

    # ── while people sign up ────────────────────────────────────────────────────────────────────────────

    async def reschedule(self, session: SessionView, *, later: timedelta) -> None:
        """Move a session; its preview says who will now clash and whether the link stays."""
        start, end = (to_wall(at + later, session.zone) for at in (session.starts_at, session.ends_at))
        asked = await self._command("session reschedule", session=session.reference, start=clock_words(start), end=clock_words(end))
        await self._press(asked, "Move it")
        self._note("moves a session", session, outcome=f"{int(later.total_seconds() // 60)} minutes later")

    async def move_to_teams(self, session: SessionView) -> None:
        """Hold a Zoom session on Teams."""
        asked = await self._command("session provider", session=session.reference, on="teams")
        await self._press(asked, "Use Teams")
        self._note("moves a session to Teams", session)

    async def raise_places(self, session: SessionView, *, by: int) -> None:
        """More places: those first in line have them."""
        await self._command("session places", session=session.reference, places=str((session.places[0].places or 0) + by))
        self._note("raises the places", session, outcome=f"by {by}")

    async def cancel(self, session: SessionView) -> None:
        """Cancel a session with a reason."""
        asked = await self._command("session cancel", session=session.reference)
        form = await self._press(asked, "Write the reason and cancel it")
        await self.stage.chat.fill(self._me, form, reason="The presenter is ill. We are sorry.")
        self._note("cancels a session", session)

    # ── afterwards ──────────────────────────────────────────────────────────────────────────────────────

    async def attention(self) -> str:
        """What still needs the organiser."""
        return (await self._command("programme attention")).text

    async def report(self) -> dict[str, bytes]:
        """The page of each programme's report, as the organiser is given it."""
        pages = {}
        for number, title in enumerate(self.titles, 1):
            options = {"programme": title} if len(self.titles) > 1 else {}
            seen = await self._command("programme report", **options)
            page = next((content for name, content in seen.files if name == "report.html"), None)
            assert page is not None, f"the report of {title} came without its page"
            pages["report.html" if number == 1 else f"report-{number}.html"] = page
        return pages

    # ── parts ───────────────────────────────────────────────────────────────────────────────────────────

    async def _command(self, name: str, **options: Any) -> Seen:
        return await self.stage.chat.command(self._me, name, **options)

    async def _press(self, seen: Seen, label: str) -> Seen:
        return await self.stage.chat.press(self._me, seen, label)

    async def _sessions(self) -> list[SessionView]:
        return await self.stage.store.read(published_sessions)

    def _note(self, what: str, session: SessionView | None = None, outcome: str = "") -> None:
        reference = session.reference if session else ""
        self.acts.append(
            moment(self.stage.clock(), what, order=len(self.acts), session=reference, person="organiser", channel="chat", outcome=outcome)
        )


def published_sessions(db: Db) -> list[SessionView]:
    """Every session that was ever open, by its start."""
    rows = db.exec(select(Session).where(col(Session.state) != SessionState.DRAFT).order_by(col(Session.starts_at), col(Session.id)))
    return list(session_views(db, rows.all()))


def _privacy_menus(shown: Seen) -> dict[str, Menu]:
    """The menus that ask whether sessions are private, by their answer."""
    return {menu.custom_id.split(":")[2]: menu for menu in shown.menus if menu.custom_id.startswith("pw:privacy:")}


def _newest(db: Db) -> tuple[int, str, bool]:
    """The session that was made last: its id, its reference, and whether it is private."""
    session = db.exec(select(Session).order_by(col(Session.id).desc())).first()
    assert session is not None, "no session was made"
    return session.id or 0, session.reference, is_private(session)


def _reference(db: Db, session_id: int) -> str:
    return db.get_one(Session, session_id).reference


def _organisations(db: Db) -> list[str]:
    return sorted(db.exec(select(Organisation.name)))


def crosses_change(session: SessionView) -> bool:
    """Whether the clocks change between the day before and the session."""
    start = to_wall(session.starts_at, session.zone)
    return start.utcoffset() != (start - timedelta(days=1)).utcoffset()


def is_own(session: SessionView) -> bool:
    """Whether the rehearsal has added it."""
    return session.title.startswith(OWN)


def is_to_be_cancelled(session: SessionView) -> bool:
    """Whether it was added for the organiser to cancel it."""
    return session.title == OWN + _TO_CANCEL


def _any_clash(sessions: Sequence[SessionView]) -> bool:
    """Whether two of these, which come in the order of their starts, are at the same time."""
    longest: SessionView | None = None
    for session in sessions:
        span = session.starts_at, session.ends_at
        if longest is not None and overlaps((longest.starts_at, longest.ends_at), span, timedelta(minutes=5)):
            return True
        longest = session if longest is None or session.ends_at > longest.ends_at else longest
    return False


def _next_change(day: date) -> date:
    """The next day on which the clocks change in London, from `day` on."""
    zone = ZoneInfo(LONDON)

    def midnight(number: int) -> datetime:
        return datetime.combine(day + timedelta(days=number), time(), zone)

    return next(day + timedelta(days=n) for n in range(400) if midnight(n).utcoffset() != midnight(n + 1).utcoffset())
