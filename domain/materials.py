"""Materials: what is to be read before a session, or used in it: links, and files up to a limit.

They belong to those with a place: they travel with the invitation, and stand on the card for them and for the
organisers. Everyone else sees their names only. A change is told to those with a place, as a change of the notes is.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlmodel import col, select

from domain.askers import Asker, is_them
from domain.audit import audit
from domain.changeable import lock_to_change
from domain.database import Db
from domain.errors import BadInput, NotFound, Refusal
from domain.kinds import Channel, Kind
from domain.models import Booking, BookingState, Material, Person, Session, SessionState
from domain.notices import owe_updates
from domain.places import find_session
from domain.ports.letters import Attachment, MaterialFacts
from domain.privacy import is_private, shown_title
from domain.rules import Rules
from domain.texts import one_line

MOST_FILES = 3
MOST_LINKS = 5
MOST_MB = 5  # of one file
MOST_BYTES = MOST_MB * 1_000_000
TOO_BIG = f"That file is too big. A file can have at most {MOST_MB} MB."
MOST_IN_A_MAIL = 7_000_000  # a third more in base64: many mail servers take ten million
LABEL_LIMIT = 100
LINK_LIMIT = 1000


@dataclass(frozen=True)
class MaterialView:
    """A link or a file, without what is in it."""

    id: int
    label: str
    link: str | None
    file_name: str | None


@dataclass(frozen=True)
class MaterialChanged:
    """What adding or removing did. `told` people are owed an update."""

    session_id: int
    label: str
    told: int


# ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────


def _zipped(content: bytes) -> bool:
    return content.startswith(b"PK\x03\x04")


def _text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


_OFFICE = "application/vnd.openxmlformats-officedocument."
#: what may be added: for each ending the media type, and whether the content looks like it
KINDS: Mapping[str, tuple[str, Callable[[bytes], bool]]] = {
    "pdf": ("application/pdf", lambda content: content.startswith(b"%PDF-")),
    "docx": (f"{_OFFICE}wordprocessingml.document", _zipped),
    "pptx": (f"{_OFFICE}presentationml.presentation", _zipped),
    "xlsx": (f"{_OFFICE}spreadsheetml.sheet", _zipped),
    "odt": ("application/vnd.oasis.opendocument.text", _zipped),
    "png": ("image/png", lambda content: content.startswith(b"\x89PNG\r\n\x1a\n")),
    "jpg": ("image/jpeg", lambda content: content.startswith(b"\xff\xd8\xff")),
    "txt": ("text/plain", _text),
}
_SPELLED = {"jpeg": "jpg"}
_NOT_IN_A_NAME = re.compile(r"[^\w .()&+,'-]")
#: names that lead into somebody's own network
_LOCAL = ("localhost", "local", "internal", "lan", "home", "corp", "intranet", "localdomain")


def checked_link(typed: str) -> str:
    """A link that everyone can open. Raises `BadInput` for one that is not https, hides where it leads, or leads into a local network."""
    link = typed.strip()
    if len(link) > LINK_LIMIT or any(c.isspace() or ord(c) < 33 or c in '"<>\\^`{|}' for c in link):
        raise BadInput("A link must start with https:// and have no spaces.", field="link")
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").rstrip(".")
        _port = parts.port
    except ValueError:
        raise BadInput("We could not read that link. Please copy it again.", field="link") from None
    if parts.scheme.lower() != "https":
        raise BadInput("A link must start with https:// and have no spaces.", field="link")
    if parts.username is not None or parts.password is not None:
        raise BadInput("A link must not have a name or a password in it.", field="link")
    if not host or _is_local(host):
        raise BadInput("That link only works inside one network. Please use one that everyone can open.", field="link")
    return link


def _is_local(host: str) -> bool:
    """Whether a host is an address of numbers, or a name that only some network knows."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.rpartition(".")[2].lower() in _LOCAL or host.rpartition(".")[2].isdigit()
    return True


def clean_name(typed: str) -> tuple[str, str]:
    """A file's name made harmless, and its kind. Raises `BadInput` for a kind that is not taken."""
    base = one_line(re.split(r"[\\/]", typed)[-1], 300, "a file name", field="name")
    stem, dot, ending = base.rpartition(".")
    ending = _SPELLED.get(ending.lower(), ending.lower())
    if not dot or ending not in KINDS:
        raise BadInput("That kind of file cannot be added. You can add: pdf, docx, pptx, xlsx, odt, png, jpg or txt.", field="name")
    stem = " ".join(_NOT_IN_A_NAME.sub("", stem).split()).strip(" .")
    return f"{(stem or 'file')[: 90 - len(ending)].strip(' .')}.{ending}", ending


def takes_materials(kind: Kind, channel: Channel, changes: tuple[str, ...]) -> bool:
    """Whether a letter carries the session's files: who gets a place gets them, and whoever has one when they change."""
    first = kind in (Kind.INVITATION, Kind.PROMOTION)
    return channel is Channel.EMAIL and (first or (kind is Kind.UPDATE and "materials" in changes))


# ── use cases ───────────────────────────────────────────────────────────────────────────────────────────────


def add_link(
    db: Db, partnership_id: int, session_id: int, link: str, label: str, rules: Rules, *, actor: str, now: datetime
) -> MaterialChanged:
    """A link more. Those with a place are told."""
    session = lock_to_change(db, partnership_id, session_id, now=now)
    link = checked_link(link)
    kept = _kept(db, session)
    if sum(one.link is not None for one in kept) >= MOST_LINKS:
        raise Refusal(f"A session can have at most {MOST_LINKS} links. Please remove one first.")
    if any(one.link == link for one in kept):
        raise Refusal("This session has that link already.")
    named = one_line(label, LABEL_LIMIT, "a name for the link", field="label") if label.strip() else ""
    shown = named or (urlsplit(link).hostname or link)[:LABEL_LIMIT]
    return _add(db, session, _material(session, shown, now, link=link), rules, actor=actor, now=now)


def add_file(
    db: Db, partnership_id: int, session_id: int, name: str, content: bytes, label: str, rules: Rules, *, actor: str, now: datetime
) -> MaterialChanged:
    """A file more. Those with a place are sent it."""
    session = lock_to_change(db, partnership_id, session_id, now=now)
    file_name, kind = clean_name(name)
    media_type, looks_right = KINDS[kind]
    if len(content) > MOST_BYTES:
        raise BadInput(TOO_BIG, field="content")
    if not content or not looks_right(content):
        raise BadInput(f"That file does not look like a {kind} file. Please check it and try again.", field="content")
    kept = _kept(db, session)
    if sum(one.file_name is not None for one in kept) >= MOST_FILES:
        raise Refusal(f"A session can have at most {MOST_FILES} files. Please remove one first.")
    if any(one.file_name == file_name for one in kept):
        raise Refusal("This session has a file of that name already. Please remove the old one first.")
    shown = one_line(label, LABEL_LIMIT, "a name for the file", field="label") if label.strip() else file_name
    material = _material(session, shown, now, file=Attachment(file_name, media_type, content))
    return _add(db, session, material, rules, actor=actor, now=now)


def remove(db: Db, partnership_id: int, session_id: int, material_id: int, rules: Rules, *, actor: str, now: datetime) -> MaterialChanged:
    """Take a link or a file away."""
    session = lock_to_change(db, partnership_id, session_id, now=now)
    material = db.get(Material, material_id)
    if material is None or material.session_id != session_id or material.partnership_id != partnership_id:
        raise NotFound("We could not find that. It may have been removed already.")
    label = material.label
    db.delete(material)
    db.flush()
    return _told(db, session, "remove material", label, rules, actor=actor, now=now)


def _material(session: Session, label: str, now: datetime, *, link: str | None = None, file: Attachment | None = None) -> Material:
    return Material(
        partnership_id=session.partnership_id,
        session_id=session.id or 0,
        label=label,
        link=link,
        file_name=file.name if file else None,
        media_type=file.media_type if file else None,
        content=file.content if file else None,
        added_at=now,
    )


def _add(db: Db, session: Session, material: Material, rules: Rules, *, actor: str, now: datetime) -> MaterialChanged:
    db.add(material)
    db.flush()
    return _told(db, session, "add material", material.label, rules, actor=actor, now=now)


def _told(db: Db, session: Session, action: str, label: str, rules: Rules, *, actor: str, now: datetime) -> MaterialChanged:
    session.touched_at = now
    db.add(session)
    told = owe_updates(db, session, ("materials",), rules, now=now) if session.state is SessionState.PUBLISHED else 0
    audit(db, session.partnership_id, actor, action, now=now, programme_id=session.programme_id, session_id=session.id)
    return MaterialChanged(session.id or 0, label, told)


# ── reads ───────────────────────────────────────────────────────────────────────────────────────────────────


def materials_of(db: Db, partnership_id: int, session_id: int) -> tuple[MaterialView, ...]:
    """A session's materials in the order in which they were added."""
    return tuple(_kept(db, find_session(db, partnership_id, session_id)))


def _kept(db: Db, session: Session) -> list[MaterialView]:
    rows = select(Material.id, Material.label, Material.link, Material.file_name).where(col(Material.session_id) == session.id)
    return [MaterialView(number or 0, label, link, name) for number, label, link, name in db.exec(rows.order_by(col(Material.id)))]


def material_facts(db: Db, session: Session) -> tuple[MaterialFacts, ...]:
    """As a letter speaks of them."""
    return tuple(MaterialFacts(one.label, one.link, one.file_name) for one in _kept(db, session))


def attachments_of(db: Db, session: Session, *, most: int = MOST_IN_A_MAIL) -> tuple[Attachment, ...]:
    """The files in the order in which they were added, as far as they fit into `most` bytes together."""
    files = select(Material).where(col(Material.session_id) == session.id, col(Material.content).is_not(None))
    carried, room = [], most
    for one in db.exec(files.order_by(col(Material.id))):
        if one.content is not None and len(one.content) <= room:
            room -= len(one.content)
            carried.append(Attachment(one.file_name or "file", one.media_type or "application/octet-stream", one.content))
    return tuple(carried)


@dataclass(frozen=True)
class Opened:
    """A session's materials with everything in them, for somebody who may have them."""

    title: str
    materials: tuple[MaterialView, ...]
    files: tuple[Attachment, ...]


def open_materials(db: Db, partnership_id: int, session_id: int, asker: Asker, *, organiser: bool) -> Opened:
    """Links and files, for who has a place and for organisers. Raises `Refusal` for anyone else, and does not say what there is."""
    session = find_session(db, partnership_id, session_id)
    if not organiser and not _has_place(db, session, asker):
        if is_private(session):
            raise NotFound("We could not find that session. It may have been removed.")
        raise Refusal("The materials are for people who have a place at this session.")
    return Opened(shown_title(session), tuple(_kept(db, session)), attachments_of(db, session, most=MOST_FILES * MOST_BYTES))


def _has_place(db: Db, session: Session, asker: Asker) -> bool:
    mine = (
        select(Booking.id)
        .join(Person, col(Person.id) == col(Booking.person_id))
        .where(
            col(Booking.session_id) == session.id,
            col(Booking.state) == BookingState.CONFIRMED,
            is_them(asker),
            col(Person.partnership_id) == session.partnership_id,
        )
    )
    return session.state is not SessionState.CANCELLED and db.exec(mine).first() is not None
