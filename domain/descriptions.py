"""Descriptions: a session as its organiser would describe it, checked as a whole, and what of it concerns those booked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import col, select

from domain.database import Db
from domain.errors import BadInput
from domain.fields import Fields
from domain.kinds import Format, Provider
from domain.models import (
    Organisation,
    Presenter,
    Privacy,
    Session,
)
from domain.places import find_session
from domain.texts import one_line
from domain.times import LONDON, day_of

LONGEST = timedelta(hours=24)


MOST_PLACES = 100_000
LONGEST_TEXT = 2000  # of a description, and of joining notes


@dataclass(frozen=True)
class NewSession:
    """A session as its organiser describes it. Instants are UTC; `places` None means no limit."""

    title: str
    starts_at: datetime
    ends_at: datetime
    format: Format
    provider: Provider | None = None
    zone: str = LONDON
    description: str = ""
    audience: str = ""
    organisation: str | None = None
    presenter: str | None = None  #: the schedule's own label; who is named beside it is not described
    presenter_address: str | None = None  #: where a file gives it; None: as it is
    venue: str | None = None
    given_link: str | None = None
    places: int | None = None
    online_places: int | None = None
    notes: str = ""
    privacy: Privacy = Privacy.OPEN
    public_title: str | None = None
    privacy_asked: bool = False  #: the wording proposes private, and an organiser has yet to say
    reference: str | None = None
    series_id: int | None = None
    series_part: int | None = None


def checked(new: NewSession) -> NewSession:
    """The description with its texts cleaned. Raises `BadInput` with a sentence for whatever cannot be, and the attribute that it is of."""
    fields = Fields()
    title = fields.read(lambda: one_line(new.title, 200, "the title", field="title"), "")
    fields.check(lambda: _check_hours(new))
    for field, places in (("places", new.places), ("online_places", new.online_places)):
        fields.check(partial(_check_places, field, places))
    provider = None if new.format is Format.IN_PERSON else new.provider
    fields.check(lambda: _check_link(new.given_link, provider))
    venue = new.venue
    if new.venue and new.venue.strip():
        venue = fields.read(lambda: one_line(new.venue or "", 300, "the room", field="venue"), "")
    elif new.format is Format.IN_PERSON:
        venue = None
    for field, text, limit, what in (
        ("description", new.description, LONGEST_TEXT, "the description"),
        ("notes", new.notes, LONGEST_TEXT, "the joining notes"),
        ("audience", new.audience, 200, "the audience"),
    ):
        fields.check(partial(_check_text, field, text, limit, what))
    public_title = new.public_title
    if public_title is not None:
        public_title = fields.read(lambda: one_line(new.public_title or "", 200, "the public title", field="public_title"), "")
    fields.require()
    return replace(new, title=title, venue=venue, public_title=public_title, provider=provider)


def _check_hours(new: NewSession) -> None:
    if not new.starts_at < new.ends_at:
        raise BadInput("The session ends before it starts. Please check the times.", field="ends_at")
    if new.ends_at - new.starts_at >= LONGEST:
        raise BadInput("A session must be shorter than 24 hours. Please check the times.", field="ends_at")
    if day_of(new.starts_at, new.zone) != day_of(new.ends_at - timedelta(seconds=1), new.zone):
        raise BadInput("A session cannot run over midnight. Please make two sessions of it.", field="ends_at")


def _check_places(field: str, places: int | None) -> None:
    if places is not None and not 0 <= places <= MOST_PLACES:
        raise BadInput("Places must be between 0 and 100,000.", field=field)


def _check_text(field: str, text: str, limit: int, what: str) -> None:
    if len(text) > limit:
        raise BadInput(f"Please use at most {limit:,} characters for {what}.", field=field)


def _check_link(link: str | None, provider: Provider | None) -> None:
    if link is not None:
        _checked_link(link)
    if provider is Provider.GIVEN and not link:
        raise BadInput("Please give the link that people will use to join.", field="given_link")


def _checked_link(link: str) -> None:
    if not link.startswith("https://") or len(link) > 1000 or any(c.isspace() or ord(c) < 33 for c in link):
        raise BadInput("A link must start with https:// and have no spaces.", field="given_link")


COPIED = (
    "title",
    "starts_at",
    "ends_at",
    "format",
    "provider",
    "zone",
    "description",
    "audience",
    "venue",
    "given_link",
    "places",
    "online_places",
    "notes",
    "privacy",
    "public_title",
    "privacy_asked",
    "series_id",
    "series_part",
)


def described(db: Db, partnership_id: int, session_id: int) -> NewSession:
    """A session as its organiser would describe it, to change a part of it."""
    session = find_session(db, partnership_id, session_id)
    organisation = db.get(Organisation, session.organisation_id) if session.organisation_id else None
    own = select(Presenter.label).where(col(Presenter.session_id) == session_id, ~col(Presenter.named), col(Presenter.ended_at).is_(None))
    presenter = db.exec(own).first()
    return NewSession(
        organisation=organisation.name if organisation else None,
        presenter=presenter,
        reference=session.reference,
        **{name: getattr(session, name) for name in COPIED},
    )


def told_differences(session: Session, new: NewSession) -> tuple[str, ...]:
    """What changes for those who are booked, in the words of a letter's `changes`."""
    told = {
        "time": (session.starts_at, session.ends_at) != (new.starts_at, new.ends_at),
        "held": session.format is not new.format,
        "place": session.venue != new.venue and (session.format is new.format or Format.ONLINE not in (session.format, new.format)),
        "provider": session.provider is not new.provider or (new.provider is Provider.GIVEN and session.given_link != new.given_link),
        "title": (session.title, session.privacy, session.public_title) != (new.title, new.privacy, new.public_title),
        "notes": session.notes != new.notes,
    }
    return tuple(what for what, differs in told.items() if differs)


def told_changes(differences: Sequence[str], new: NewSession, *, new_link: bool = False) -> tuple[str, ...]:
    """What an update says has changed, of these differences: of another service that there is another link, for who needs one."""
    if "provider" not in differences and not new_link:
        return tuple(differences)
    link = () if new.format is Format.IN_PERSON else ("link",)  # nobody needs one any more
    return (*(one for one in differences if one != "provider"), *link)


def as_service_knows(session: Session) -> tuple[object, ...]:
    """What of a session its meeting service was told."""
    return session.starts_at, session.ends_at, session.zone, session.title, session.privacy, session.public_title
