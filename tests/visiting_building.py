"""What a test of links stands on: the key that they are made with, the letters that hold them, and somebody who presses one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Channel
from domain.letters import taking
from domain.letters.handing import hand_over_all
from domain.links import LinkKey, Wanted, mint
from domain.models import EmailProof, Purpose
from domain.ports.letters import Letter
from domain.proving import Proved, prove_by_link
from domain.visiting import FilledIn, ask, ask_series
from tests.building import Building

LINK_KEY = LinkKey(b"a key for tests, of more than sixteen bytes")
ADDRESS = "person7@council.gov.uk"


def post_office(building: Building, links: LinkKey = LINK_KEY) -> Sequence[Letter]:
    """The e-mails that are due now, with their links, as they leave; each is marked as sent."""
    taken = building.write(taking.take, "post", Channel.EMAIL, building.rules, now=building.now, limit=100, links=links)
    letters = [*taken.letters, *building.write(hand_over_all, taken.claimed, "post", building.rules, now=building.now, links=links)]
    for letter in letters:
        building.sent(letter.notice_id)
    return letters


def by_page(building: Building, session: int, **other: Any) -> str:
    """Ask for a place on a page with person 7's address; the token of the link that is e-mailed."""
    filled = FilledIn("Seven on the web", ADDRESS, organisation="Northfield Council", **other)
    building.write(ask, building.partnership_id, session, filled, building.rules, now=building.now)
    return prove_token(building)


def prove_token(building: Building) -> str:
    """What stands in the last link that proves an address."""
    token: str = building.write(_prove_token, building.partnership_id, building.now)
    return token


def _prove_token(db: Db, partnership_id: int, now: Any) -> str:
    proof = db.exec(select(EmailProof).where(col(EmailProof.by_link).is_(True)).order_by(col(EmailProof.id).desc())).first()
    assert proof is not None
    wanted = Wanted(Purpose.PROVE, proof.id or 0, partnership_id, now + timedelta(days=1), person_id=proof.person_id, proof_id=proof.id)
    return mint(db, LINK_KEY, [wanted], now=now)[wanted.subject]


def press(building: Building, token: str) -> Proved:
    """The button on the link's page."""
    rules = {building.partnership_id: building.rules}
    proved: Proved = building.write(prove_by_link, (building.partnership_id,), token, rules, now=building.now)
    return proved


def filled_in_for(number: int) -> FilledIn:
    """What is typed on a page, by whomever, with the address of person `number`."""
    return FilledIn("Somebody", f"person{number}@council.gov.uk", organisation="Northfield Council")


def wish(building: Building, session_id: int, number: int) -> str:
    """Ask for a place on a page; the token of the mail's link."""
    building.write(ask, building.partnership_id, session_id, filled_in_for(number), building.rules, now=building.now)
    return prove_token(building)


def wish_series(building: Building, series_id: int, number: int) -> str:
    """The same for a series."""
    building.write(ask_series, building.partnership_id, series_id, filled_in_for(number), building.rules, now=building.now)
    return prove_token(building)


def known_twice(building: Building, session: int) -> int:
    """Person 7 has booked a session by a page and in chat, and proves that they are one: the account's person, who has one place."""
    press(building, by_page(building, session))
    account = building.newcomer(7)
    building.book(session, account)
    building.deliver()
    building.prove(7)
    return account
