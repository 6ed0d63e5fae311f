"""Programmes: a practice week from its first draft to its archive, and who organises it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from domain.audit import audit
from domain.capacity import find_session, lock_all
from domain.database import Db
from domain.errors import BadInput, Closed, NotFound
from domain.feedback.questions import ensure_form
from domain.fields import Fields
from domain.kinds import Provider
from domain.meetings import ensure
from domain.models import (
    Partnership,
    Posting,
    Privacy,
    Programme,
    ProgrammeKind,
    ProgrammeOrganiser,
    ProgrammeState,
    Session,
    SessionState,
)
from domain.presenters.telling import invite_all
from domain.rules import Rules
from domain.series.places import join_in
from domain.texts import one_line
from domain.times import LONDON, day_of


@dataclass(frozen=True)
class NewProgramme:
    """A programme as its organiser describes it. Days are days in `zone`."""

    title: str
    kind: ProgrammeKind
    starts_on: date
    ends_on: date
    zone: str = LONDON
    audience: str = ""
    default_provider: Provider = Provider.TEAMS
    default_places: int | None = None
    default_privacy: Privacy = Privacy.OPEN
    contact: str = ""


@dataclass(frozen=True)
class ProgrammeView:
    """A programme, to show."""

    id: int
    title: str
    kind: ProgrammeKind
    state: ProgrammeState
    starts_on: date
    ends_on: date
    zone: str
    default_provider: Provider
    default_places: int | None
    default_privacy: Privacy
    channel_id: int | None
    contact: str = ""  #: whom families call


@dataclass(frozen=True)
class Published:
    """What publishing did: how many sessions opened, on which days."""

    programme: ProgrammeView
    sessions: int
    days: tuple[date, ...]  #: with a session to show
    waiting: tuple[str, ...] = ()  #: titles of sessions that stay closed until somebody says whether they are private


def ensure_partnership(db: Db, key: str, name: str, guild_id: int | None) -> int:
    """The partnership of the settings, made (with its feedback form) or renamed; its id."""
    partnership = db.exec(select(Partnership).where(col(Partnership.key) == key)).first() or Partnership(key=key, name=name)
    partnership.name, partnership.guild_id = name, guild_id
    db.add(partnership)
    db.flush()
    ensure_form(db, partnership.id or 0)
    return partnership.id or 0


def create(db: Db, partnership_id: int, new: NewProgramme, *, actor: str, now: datetime) -> ProgrammeView:
    """A new programme, in draft. Raises `BadInput`, of each field that cannot be used, such as a last day before the first."""
    fields = Fields()
    title = fields.read(lambda: one_line(new.title, 200, "the programme's title", field="title"), "")
    fields.check(lambda: _check_days(new))
    fields.check(lambda: _check_places(new.default_places))
    contact = fields.read(lambda: _contact(new.contact), "")
    fields.require()
    programme = Programme(
        partnership_id=partnership_id,
        title=title,
        kind=new.kind,
        starts_on=new.starts_on,
        ends_on=new.ends_on,
        zone=new.zone,
        audience=new.audience,
        default_provider=new.default_provider,
        default_places=new.default_places,
        default_privacy=new.default_privacy,
        contact=contact,
        created_at=now,
    )
    db.add(programme)
    db.flush()
    audit(db, partnership_id, actor, "create programme", now=now, programme_id=programme.id)
    return view(programme)


def _check_days(new: NewProgramme) -> None:
    if new.ends_on < new.starts_on:
        raise BadInput("The last day comes before the first. Please check the dates.", field="ends_on")


def _check_places(places: int | None) -> None:
    if places is not None and not 0 <= places <= 100_000:
        raise BadInput("Places must be between 0 and 100,000.", field="default_places")


def _contact(typed: str) -> str:
    return one_line(typed, 200, "whom families can call", field="contact") if typed.strip() else ""


def usual_privacy(kind: ProgrammeKind) -> Privacy:
    """Of a programme whose organiser says nothing of it: what families come to is private."""
    return Privacy.PRIVATE if kind is ProgrammeKind.PARENT_PARTNERSHIP else Privacy.OPEN


def publish(
    db: Db, partnership_id: int, programme_id: int, channel_id: int | None, rules: Rules, *, actor: str, now: datetime
) -> Published:
    """Open a programme: its drafted sessions can be booked, their meetings are wanted, its days are to be posted in `channel_id`.

    May be repeated: sessions drafted since are opened too. Raises `BadInput` when there is nothing to publish.
    """
    programme = lock_whole(db, partnership_id, programme_id)
    require_kept(programme.state)
    sessions = db.exec(select(Session).where(col(Session.programme_id) == programme_id, col(Session.state) != SessionState.CANCELLED)).all()
    if not sessions:
        raise BadInput("There are no sessions in this programme yet. Import a schedule or add a session first.")
    programme.state = ProgrammeState.PUBLISHED
    programme.channel_id = channel_id if channel_id is not None else programme.channel_id
    db.add(programme)
    drafted = [s for s in sessions if s.state is SessionState.DRAFT and not s.privacy_asked]
    waiting = [s for s in sessions if s.state is SessionState.DRAFT and s.privacy_asked]
    for session in drafted:
        open_session(db, session, rules, now=now)
    days = tuple(
        sorted({day_of(s.starts_at, programme.zone) for s in sessions if s.privacy is Privacy.OPEN and s.state is not SessionState.DRAFT})
    )
    post_days(db, programme, days)
    audit(db, partnership_id, actor, "publish programme", now=now, programme_id=programme_id, detail=f"{len(drafted)} sessions")
    return Published(view(programme), len(drafted), days, tuple(s.title for s in sorted(waiting, key=lambda s: s.starts_at)))


def open_session(db: Db, session: Session, rules: Rules, *, now: datetime) -> None:
    """A drafted session becomes bookable, and its meeting wanted; who has its series has it too."""
    session.state, session.touched_at = SessionState.PUBLISHED, now
    db.add(session)
    db.flush()
    join_in(db, session, now=now)
    ensure(db, session, rules, now=now)
    invite_all(db, session, now=now)


def post_days(db: Db, programme: Programme, days: Iterable[date]) -> None:
    """Owe a message in the programme's channel for each day that has none there yet, and try those that failed at once.

    A day on which everything is private has none.
    """
    if programme.channel_id is None or programme.state not in (ProgrammeState.PUBLISHED, ProgrammeState.CLOSED):
        return
    days = set(days) & _days_to_show(db, programme)
    posted = db.exec(select(Posting).where(col(Posting.programme_id) == programme.id)).all()
    for posting in posted:
        _post_here(posting, programme.channel_id)
    for day in sorted(set(days) - {posting.day for posting in posted}):
        db.add(Posting(partnership_id=programme.partnership_id, programme_id=programme.id or 0, day=day, channel_id=programme.channel_id))
    db.flush()


def _days_to_show(db: Db, programme: Programme) -> set[date]:
    """Days with a session that everybody may see."""
    public = select(Session.starts_at).where(
        col(Session.programme_id) == programme.id, col(Session.state) != SessionState.DRAFT, col(Session.privacy) == Privacy.OPEN
    )
    return {day_of(starts_at, programme.zone) for starts_at in db.exec(public)}


def _post_here(posting: Posting, channel_id: int) -> None:
    """Begin anew with one that failed, or that belongs in another channel by now."""
    if posting.channel_id != channel_id:
        posting.channel_id, posting.message_id, posting.digest = channel_id, None, ""
    elif not posting.error:
        return
    posting.shown_at = posting.next_try_at = None
    posting.attempts, posting.error = 0, ""


def set_organiser_role(db: Db, partnership_id: int, programme_id: int, role_id: int, *, actor: str, now: datetime) -> None:
    """Let a Discord role organise this programme."""
    owned(db, partnership_id, programme_id)
    known = select(ProgrammeOrganiser).where(
        col(ProgrammeOrganiser.programme_id) == programme_id, col(ProgrammeOrganiser.role_id) == role_id
    )
    if db.exec(known).first() is None:
        db.add(ProgrammeOrganiser(partnership_id=partnership_id, programme_id=programme_id, role_id=role_id))
        audit(db, partnership_id, actor, "add organiser role", now=now, programme_id=programme_id, detail=str(role_id))


def organiser_roles(db: Db, partnership_id: int, programme_id: int) -> frozenset[int]:
    """The Discord roles that organise this programme, besides the partnership's."""
    mine = select(ProgrammeOrganiser.role_id).where(
        col(ProgrammeOrganiser.partnership_id) == partnership_id, col(ProgrammeOrganiser.programme_id) == programme_id
    )
    return frozenset(db.exec(mine))


def owned(db: Db, partnership_id: int, programme_id: int) -> Programme:
    """The programme's row. Raises `NotFound` for another partnership's."""
    programme = db.get(Programme, programme_id)
    if programme is None or programme.partnership_id != partnership_id:
        raise NotFound("We could not find that programme.")
    return programme


def lock_programme(db: Db, partnership_id: int, programme_id: int) -> Programme:
    """The programme's row, held and read anew: what is decided by it stays true until it is written. Raises `NotFound`.

    The order of locks, in every use case: programmes, then sessions with those of their series (`domain.capacity.lock_all`), then the
    series' own row, then bookings and what else belongs to a session; several of one kind in the order of their ids. Who holds a session
    and then wants its programme waits for who publishes it, who waits for the session. Booking a place holds no programme.
    """
    mine = select(Programme).where(col(Programme.id) == owned(db, partnership_id, programme_id).id)
    return db.exec(mine.with_for_update(key_share=True).execution_options(populate_existing=True)).one()


def lock_whole(db: Db, partnership_id: int, programme_id: int) -> Programme:
    """The programme, and then all its sessions, held: what is decided of the whole stays true. Raises `NotFound`."""
    programme = lock_programme(db, partnership_id, programme_id)
    lock_all(db, db.exec(select(Session.id).where(col(Session.programme_id) == programme_id)).all())
    return programme


def lock_for(db: Db, partnership_id: int, session_ids: Iterable[int]) -> None:
    """Hold sessions, and before them their programmes: for a change that may move a programme's days, or goes by its state.

    Raises `NotFound` for another partnership's.
    """
    wanted = tuple(session_ids)
    for programme_id in sorted({find_session(db, partnership_id, one).programme_id for one in wanted}):
        lock_programme(db, partnership_id, programme_id)
    lock_all(db, wanted)


def require_kept(state: ProgrammeState) -> None:
    """Raises `Closed` for a programme that is put away."""
    if state is ProgrammeState.ARCHIVED:
        raise Closed("This programme is over and put away, so it cannot be changed.")


def view(programme: Programme) -> ProgrammeView:
    """The programme as a value."""
    return ProgrammeView(
        programme.id or 0,
        programme.title,
        programme.kind,
        programme.state,
        programme.starts_on,
        programme.ends_on,
        programme.zone,
        programme.default_provider,
        programme.default_places,
        programme.default_privacy,
        programme.channel_id,
        programme.contact,
    )


def remove_organiser_role(db: Db, partnership_id: int, programme_id: int, role_id: int, *, actor: str, now: datetime) -> None:
    """A Discord role organises this programme no longer. Raises `NotFound` when it did not."""
    owned(db, partnership_id, programme_id)
    known = select(ProgrammeOrganiser).where(
        col(ProgrammeOrganiser.programme_id) == programme_id, col(ProgrammeOrganiser.role_id) == role_id
    )
    row = db.exec(known).first()
    if row is None:
        raise NotFound("That role does not organise this programme, so there is nothing to take back.")
    db.delete(row)
    audit(db, partnership_id, actor, "remove organiser role", now=now, programme_id=programme_id, detail=str(role_id))
