"""From a row of a file to the session it asks for: what the file says, what the programme's defaults add, what a session keeps.

Pure. A new session takes the programme's defaults where the file is silent; one that exists keeps what it has.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from domain.descriptions import NewSession
from domain.kinds import Format, Provider
from domain.models import Privacy
from domain.schedule.formats import read_place
from domain.schedule.values import ScheduledRow
from domain.texts import name_key
from domain.times import span_words, to_wall

PROVIDERS = {Provider.TEAMS: "Teams", Provider.ZOOM: "Zoom", Provider.GIVEN: "a link of your own"}


@dataclass(frozen=True)
class Defaults:
    """What a programme decides for sessions of which the file does not say. `places` None: no limit."""

    provider: Provider
    places: int | None
    privacy: Privacy
    zone: str


@dataclass(frozen=True)
class Proposal:
    """The session that a row asks for. `defaults` names what the file left to the programme: platform, places, places online, privacy."""

    new: NewSession
    series: str | None
    defaults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """One thing that an edited file changes, in words."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class _Held:
    format: Format
    provider: Provider | None = None
    link: str | None = None
    defaulted: tuple[str, ...] = ()


def propose(row: ScheduledRow, defaults: Defaults) -> Proposal:
    """The new session of a row."""
    held = _held(row, defaults)
    used = list(held.defaulted)
    if not row.places_given:
        used.append("places")
    elif held.format is Format.HYBRID:
        used.append("places online")
    if not row.private_given and defaults.privacy is Privacy.PRIVATE:
        used.append("privacy")
    privacy = (Privacy.PRIVATE if row.private else Privacy.OPEN) if row.private_given else defaults.privacy
    new = NewSession(
        title=row.title,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        format=held.format,
        provider=held.provider,
        zone=defaults.zone,
        description=row.description or "",
        notes=row.notes or "",
        public_title=row.public_title,
        audience=row.audience or "",
        organisation=row.organisation,
        presenter=row.presenter,
        presenter_address=row.presenter_address,
        venue=None if held.format is Format.ONLINE else row.venue,
        given_link=held.link,
        places=row.places if row.places_given else defaults.places,
        online_places=defaults.places if held.format is Format.HYBRID else None,
        privacy=privacy,
        privacy_asked=row.proposes_private and privacy is Privacy.OPEN,
        reference=row.reference,
    )
    return Proposal(new, series_of(row.series, new), tuple(used))


def _held(row: ScheduledRow, defaults: Defaults) -> _Held:
    if row.format == "in_person":
        return _Held(Format.IN_PERSON)
    format_ = Format.HYBRID if row.format == "hybrid" else Format.ONLINE
    if row.link:
        return _Held(format_, Provider.GIVEN, row.link)
    if named := _named(row):
        return _Held(format_, named)
    provider = None if defaults.provider is Provider.GIVEN else defaults.provider  # a link of one's own cannot be a default
    return _Held(format_, provider, None, ("platform",))


def _named(row: ScheduledRow) -> Provider | None:
    """The service that the file names."""
    name = row.format if row.format in ("teams", "zoom") else row.provider
    return Provider(name) if name else None


def amend(row: ScheduledRow, before: NewSession, series: str | None, defaults: Defaults, *, stated: Collection[str] = ()) -> Proposal:
    """A session that exists, as the row would have it. What the file does not say stays.

    `stated` are text fields that the file has a column for and speaks for in full: there an empty cell empties the field.
    """
    held = _held_now(row, before, defaults)

    def text(name: str, now: str | None) -> str | None:
        said: str | None = getattr(row, name)
        return said if said is not None or name in stated else now

    rooms, online = _places_now(row, before, held.format, defaults)
    venue = text("venue", before.venue)
    new = replace(
        before,
        title=row.title,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        format=held.format,
        provider=held.provider,
        given_link=held.link,
        description=text("description", before.description) or "",
        notes=text("notes", before.notes) or "",
        public_title=text("public_title", before.public_title),
        audience=text("audience", before.audience) or "",
        organisation=text("organisation", before.organisation),
        presenter=text("presenter", before.presenter),
        presenter_address=row.presenter_address,
        venue=None if held.format is Format.ONLINE else venue,
        places=rooms,
        online_places=online,
        privacy=(Privacy.PRIVATE if row.private else Privacy.OPEN) if row.private_given else before.privacy,
        privacy_asked=before.privacy_asked and not row.private_given,
    )
    return Proposal(new, series_of(text("series", series), new))


def series_of(title: str | None, new: NewSession) -> str | None:
    """The series that a row's session joins: none where it is private, because everyone can see what is in a series."""
    return None if new.privacy is Privacy.PRIVATE else title


def _held_now(row: ScheduledRow, before: NewSession, defaults: Defaults) -> _Held:
    """A link given by hand stays, unless the file names another service; "online" keeps the service that there is."""
    if row.format == "unknown" and not row.link:
        return _Held(before.format, before.provider, before.given_link)
    fresh = _held(row, defaults)
    if fresh.format is Format.IN_PERSON or row.link or before.format is Format.IN_PERSON:
        return fresh
    named = _named(row)
    if before.provider is Provider.GIVEN and (named is None or _leads_to(before.given_link, named)):
        return replace(fresh, provider=Provider.GIVEN, link=before.given_link)
    return replace(fresh, provider=named or before.provider, link=None)


def _leads_to(link: str | None, named: Provider) -> bool:
    """Whether a link may well be this service's: what cannot be told is left alone."""
    return read_place(link or "").provider in (None, named.value)


def _places_now(row: ScheduledRow, before: NewSession, format_: Format, defaults: Defaults) -> tuple[int | None, int | None]:
    """Places, and the online places of a hybrid session. The file's number is the room's where there is one."""
    hybrid_before = before.format is Format.HYBRID
    online_before = before.online_places if hybrid_before else before.places
    if format_ is Format.HYBRID:
        online = online_before if before.format is not Format.IN_PERSON else defaults.places
        return (row.places if row.places_given else before.places), online
    kept = online_before if format_ is Format.ONLINE else before.places
    return (row.places if row.places_given else kept), None


# ── what changes, in words ──────────────────────────────────────────────────────────────────────────────────

#: fields of which those who are booked are told
TOLD = frozenset({"Title", "Public title", "When", "How", "Venue", "Joining notes"})


def differences(before: NewSession, series_before: str | None, after: Proposal) -> tuple[Difference, ...]:
    """What an edited file changes, field by field."""
    new = after.new
    pairs = (
        ("Title", before.title, new.title),
        ("Public title", before.public_title, new.public_title),
        ("How", how_words(before), how_words(new)),
        ("Venue", before.venue, new.venue),
        ("Places", places_words(before), places_words(new)),
        ("Presenter", before.presenter, new.presenter),
        ("Presenter’s e-mail", before.presenter_address, new.presenter_address or before.presenter_address),
        ("Organisation", before.organisation, _spelled(new.organisation, before.organisation)),
        ("Audience", before.audience, new.audience),
        ("Description", before.description, new.description),
        ("Joining notes", before.notes, new.notes),
        ("Series", series_before, _spelled(after.series, series_before)),
        ("Privacy", before.privacy.value, new.privacy.value),
    )
    when = () if (before.starts_at, before.ends_at) == (new.starts_at, new.ends_at) else (_moved(before, new),)
    return when + tuple(Difference(field, old or "nothing", now or "nothing") for field, old, now in pairs if (old or "") != (now or ""))


def _moved(before: NewSession, new: NewSession) -> Difference:
    old, now = span_words(before.starts_at, before.ends_at, before.zone), span_words(new.starts_at, new.ends_at, new.zone)
    if old == now:  # the hour that comes twice: only the letters of the zone tell
        old, now = f"{old} {to_wall(before.starts_at, before.zone):%Z}", f"{now} {to_wall(new.starts_at, new.zone):%Z}"
    return Difference("When", old, now)


def _spelled(name: str | None, known: str | None) -> str | None:
    """The known spelling where only capitals or spaces differ: those are one organisation, one series."""
    return known if name_key(name) == name_key(known) else name


def how_words(session: NewSession, *, at: str = "") -> str:
    """`Teams`, `in person at the Old Library`, `in person and on Zoom`, `a link of your own (https://…)`. `at` follows "in person"."""
    if session.format is Format.IN_PERSON:
        return f"in person{at}"
    if session.provider is Provider.GIVEN:
        online = f"{PROVIDERS[Provider.GIVEN]} ({session.given_link})"
    else:
        online = PROVIDERS[session.provider] if session.provider else "online, with a link still to come"
    return f"in person{at} and on {online}" if session.format is Format.HYBRID else online


def places_words(session: NewSession) -> str:
    """`30 places`, `no limit on places`, `45 places in the room, no limit online`."""
    if session.format is not Format.HYBRID:
        return _count(session.places, "")
    online = "no limit online" if session.online_places is None else f"{session.online_places:,} online"
    return f"{_count(session.places, ' in the room')}, {online}"


def _count(places: int | None, where: str) -> str:
    if places is None:
        return f"no limit{where or ' on places'}"
    return f"{places:,} {'place' if places == 1 else 'places'}{where}"
