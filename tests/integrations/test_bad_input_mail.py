"""Names and addresses that are typed in bad faith, or by mistake, in everything that is sent by mail beside a booking."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from domain.admissions import open_code
from domain.errors import BadInput
from domain.kinds import Kind, Mode
from domain.letters.matters import AnnouncementMatter, Matter, PresentingMatter, TransferMatter
from domain.models import Person, Presenter, Transfer
from domain.people import register_family
from domain.ports.letters import Attachment, Recipient
from domain.presenters import naming as presenters
from domain.transfers.asking import hand_over_place
from integrations.letters import word
from integrations.mime import pack
from tests.building import ACTOR, Building, rows
from tests.mail_building import NOW, SENDER, VOICE, calendars, letter, request, session
from tests.private_building import made_code, private_session

NOT_ONE = "That e-mail address cannot be used. Enter one address, like name@council.gov.uk."
BAD_ADDRESSES = [
    "a,b@c.org",
    "ann@council.gov.uk, bob@council.gov.uk",
    "ann@council.gov.uk;bob@council.gov.uk",
    "ann@council.gov.uk\r\nBcc: bob@council.gov.uk",
    "Ann <ann@council.gov.uk>",
    "zoë@council.gov.uk",
    "x" * 65 + "@council.gov.uk",
]
FORGED = "Cora\r\nBcc: x@evil.example\r\n\r\nHello\x00\u2028\u202eback"


def to_a_colleague(b: Building, name: str, address: str) -> None:
    """Somebody hands a place over."""
    session_id, person_id = b.session(), b.person(1)
    b.book(session_id, person_id)
    b.write(hand_over_place, b.partnership_id, session_id, person_id, name, address, b.rules, now=b.now)


def to_a_presenter(b: Building, name: str, address: str) -> None:
    """An organiser names a presenter."""
    new = presenters.NewPresenter(name, address)
    b.write(presenters.add, b.partnership_id, b.session(), new, b.rules, actor=ACTOR, now=b.now)


def to_a_parent(b: Building, name: str, address: str) -> None:
    """Somebody with a code gives a name and an address."""
    private_session(b, presenter=None)
    b.write(open_code, b.partnership_id, 9, made_code(b).code, now=b.now)
    b.write(register_family, b.partnership_id, 9, name, address, b.rules, now=b.now)


ASKING = [to_a_colleague, to_a_presenter, to_a_parent]


@pytest.mark.parametrize("ask", ASKING)
@pytest.mark.parametrize("typed", BAD_ADDRESSES)
def test_wherever_an_address_is_typed_it_must_be_one_plain_address(building: Building, ask: Callable[..., None], typed: str) -> None:
    known = len(building.read(rows, Person))
    with pytest.raises(BadInput) as refused:
        ask(building, "Cora", typed)
    assert str(refused.value) == NOT_ONE
    assert building.read(rows, Transfer) == []
    assert building.read(rows, Presenter) == []
    assert len(building.read(rows, Person)) - known == (1 if ask is to_a_colleague else 0)  # who hands it over
    assert [letter.recipient.address for letter in building.deliver() if letter.kind is not Kind.INVITATION] == []


@pytest.mark.parametrize("ask", ASKING)
def test_an_address_in_another_alphabet_is_written_as_servers_take_it(building: Building, ask: Callable[..., None]) -> None:
    ask(building, "Cora", "cora@bücher.de")
    assert "cora@xn--bcher-kva.de" in [letter.recipient.address for letter in building.deliver()]


@pytest.mark.parametrize("ask", ASKING)
def test_a_name_of_several_lines_is_kept_as_one(building: Building, ask: Callable[..., None]) -> None:
    ask(building, FORGED, "cora@council.gov.uk")
    found = [row.to_name for row in building.read(rows, Transfer)] + [row.label for row in building.read(rows, Presenter)]
    found += [row.name for row in building.read(rows, Person, Person.discord_id == 9)]
    assert found == ["Cora Bcc: x@evil.example Hello back"]


@pytest.mark.parametrize("ask", ASKING)
@pytest.mark.parametrize("name", ["", " \r\n", "\u200b\u202e", "x" * 201])
def test_a_name_of_nothing_or_without_an_end_is_refused(building: Building, ask: Callable[..., None], name: str) -> None:
    with pytest.raises(BadInput, match=r"^Please (enter|use)"):
        ask(building, name, "cora@council.gov.uk")
    assert building.read(rows, Transfer) == building.read(rows, Presenter) == []


# ── what is written of it ───────────────────────────────────────────────────────────────────────────────────

MATTERS: list[tuple[Kind, Matter]] = [
    (Kind.TRANSFER, TransferMatter("asked", FORGED, "ann@council.example", FORGED)),
    (Kind.TRANSFER, TransferMatter("agreed", FORGED, "ann@council.example", FORGED)),
    (Kind.ANNOUNCEMENT, AnnouncementMatter(FORGED, FORGED, FORGED)),
]


def sent(one: Any) -> EmailMessage:
    """A letter as the server gets it, read again."""
    return message_from_bytes(pack(one, word(one, VOICE, NOW), None, SENDER, now=NOW).content, policy=policy.default)


@pytest.mark.parametrize(("kind", "matter"), MATTERS)
def test_what_people_typed_forges_no_header_and_no_markup(kind: Kind, matter: Matter) -> None:
    nasty = session(title=FORGED + "<script>alert(1)</script>", presenter=FORGED)
    code = "1-402917" if kind is Kind.TRANSFER else None
    message = sent(letter(kind, session=nasty, matter=matter, calendar=None, code=code, until=NOW))
    assert message["Bcc"] is None
    assert [address.addr_spec for address in message["To"].addresses] == ["ann@council.example"]
    assert not any(ord(letter) < 32 or letter in "\u2028\u202e" for letter in str(message["Subject"]))
    page = message.get_body(("html",))
    assert page is not None
    assert "<script" not in page.get_content()


def test_a_files_name_forges_no_header() -> None:
    file = Attachment('plan\r\nX-Evil: 1"\u202e.pdf', "application/pdf", b"%PDF-1.7")
    message = sent(letter(Kind.PROMOTION, calendar=None, attachments=(file,)))
    assert message["X-Evil"] is None
    assert [part["X-Evil"] for part in message.iter_attachments()] == [None]


def test_a_presenters_name_with_quotes_and_lines_is_one_attendee_in_the_calendar() -> None:
    content = calendars().invitation(session(), request(), Recipient(f'Lee "L" {FORGED}', "lee@council.example", None), Mode.ONLINE)
    lines = content.decode().replace("\r\n ", "").splitlines()
    (attendee,) = [line for line in lines if line.startswith("ATTENDEE")]
    assert attendee.endswith(":mailto:lee@council.example")
    assert "Lee ^'L^' Cora Bcc: x@evil.example Hello" in attendee
    assert not any(line.startswith("Bcc") for line in lines)


def test_what_a_presenter_is_told_names_nobody_whatever_they_are_called() -> None:
    told = sent(letter(Kind.REMINDER, matter=PresentingMatter(1, False, "ABCD-EFGH", 3), lead_minutes=1440))
    body = told.get_body(("plain",))
    assert body is not None
    assert "3 people" in body.get_content()
