"""What somebody does on a page: they ask for a place with an address, and press the button of the link that is mailed to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from domain.database import Db
from domain.links import LinkKey, Wanted, mint
from domain.models import EmailProof, Purpose
from domain.visiting import Proved, Wish, ask, ask_series, prove_by_link
from tests.building import Building

KEY = LinkKey(b"a key for tests, of more than sixteen bytes")


def wish_of(number: int) -> Wish:
    """What is typed on a page, by whomever, with the address of person `number`."""
    return Wish("Somebody", f"person{number}@council.gov.uk", organisation="Northfield Council")


def wish(building: Building, session_id: int, number: int) -> str:
    """Ask for a place on a page; the token of the mail's link."""
    building.write(ask, building.partnership_id, session_id, wish_of(number), building.rules, now=building.now)
    token: str = building.write(mailed_token, building.partnership_id, building.now)
    return token


def wish_series(building: Building, series_id: int, number: int) -> str:
    """The same for a series."""
    building.write(ask_series, building.partnership_id, series_id, wish_of(number), building.rules, now=building.now)
    token: str = building.write(mailed_token, building.partnership_id, building.now)
    return token


def mailed_token(db: Db, partnership_id: int, now: Any) -> str:
    """That of the last link which proves an address."""
    proof = db.exec(select(EmailProof).where(col(EmailProof.by_link).is_(True)).order_by(col(EmailProof.id).desc())).first()
    assert proof is not None
    wanted = Wanted(Purpose.PROVE, proof.id or 0, partnership_id, now + timedelta(days=1), person_id=proof.person_id, proof_id=proof.id)
    return mint(db, KEY, [wanted], now=now)[wanted.subject]


def press(building: Building, token: str) -> Proved:
    """The button on the link's page."""
    rules = {building.partnership_id: building.rules}
    proved: Proved = building.write(prove_by_link, (building.partnership_id,), token, rules, now=building.now)
    return proved
