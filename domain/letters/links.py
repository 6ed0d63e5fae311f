"""The links of letters: made, or found again, in the transaction that hands the letters over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import col, select

from domain.database import Db
from domain.kinds import Channel, Kind
from domain.letters.matters import PresentingMatter
from domain.links import LinkKey, Wanted, mint
from domain.models import Presenter, Purpose, Transfer
from domain.modes import joins_by_link
from domain.ports.letters import Letter, LetterLinks, SessionFacts
from domain.presenters.reaching import address_of
from domain.presenters.tokens import token_of as presenting_token
from domain.rules import Rules, RulesOf
from domain.transfers.tokens import token_of

#: how long somebody's own page can be opened after the last letter that leads to it
MINE_FOR = timedelta(days=180)
#: how long after its end a session's way in still says what became of it
JOIN_FOR = timedelta(days=1)
#: how long after feedback has closed its link still says so
CLOSED_FOR = timedelta(days=30)
#: letters to who has a place, or is to have one: they carry the way in
_WITH_WAY_IN = (Kind.INVITATION, Kind.UPDATE, Kind.PROMOTION, Kind.REMINDER)


def to_own_page(whose: int, person_id: int, now: datetime) -> Wanted:
    """The link to somebody's own page, as long as it lives from now on."""
    return Wanted(Purpose.MINE, person_id, whose, now + MINE_FOR, person_id=person_id)


def own_token(db: Db, key: LinkKey, whose: int, person_id: int, now: datetime) -> str:
    """What opens somebody's own page, for who has just shown that it is theirs."""
    wanted = to_own_page(whose, person_id, now)
    return mint(db, key, [wanted], now=now)[wanted.subject]


def to_place(purpose: Purpose, booking_id: int, whose: int, person_id: int, ends_at: datetime, rules: Rules) -> Wanted:
    """The link to the page for one place: the way into a session that ends then, or its questions afterwards."""
    until = ends_at + (JOIN_FOR if purpose is Purpose.JOIN else rules.feedback_open + CLOSED_FOR)
    return Wanted(purpose, booking_id, whose, until, person_id=person_id, booking_id=booking_id)


def with_links(db: Db, key: LinkKey | None, letters: Sequence[Letter], rules: RulesOf, *, now: datetime) -> list[Letter]:
    """The letters, each with its links. Without a key there are no pages, and nothing is done."""
    if key is None:
        return list(letters)
    tokens = mint(db, key, (one for letter in letters for one in _wanted(letter, rules, now)), now=now)
    linked = (replace(letter, links=_links(letter, tokens)) if _has_links(letter) else letter for letter in letters)
    return _with_answers(db, key, _with_offers(db, key, list(linked)))


def _with_offers(db: Db, key: LinkKey, letters: Sequence[Letter]) -> list[Letter]:
    """Who is asked to take a colleague's place can answer by a link. They need be nobody whom we know, so it is no link of a person."""
    asked = [letter.transfer_id for letter in letters if letter.transfer_id is not None]
    found = db.exec(select(Transfer).where(col(Transfer.id).in_(asked))).all() if asked else []
    offers = {transfer.id: LetterLinks(handed=token_of(key, transfer)) for transfer in found}
    return [replace(letter, links=offers[letter.transfer_id]) if letter.transfer_id is not None else letter for letter in letters]


def _with_answers(db: Db, key: LinkKey, letters: Sequence[Letter]) -> list[Letter]:
    """Who presents says by a link whether they come. It is of their mailbox: one that was theirs before gets none."""
    asked = {number for letter in letters if (number := _to_answer(letter)) is not None}
    found = db.exec(select(Presenter).where(col(Presenter.id).in_(asked))).all() if asked else ()
    ways = {one.id: LetterLinks(present=presenting_token(key, one, address)) for one in found if (address := address_of(db, one))}
    return [replace(letter, links=links) if (links := ways.get(_to_answer(letter))) else letter for letter in letters]


def _to_answer(letter: Letter) -> int | None:
    """The presenter whom the letter asks, or who may still think again; None for every other letter."""
    matter = letter.matter
    if not isinstance(matter, PresentingMatter) or letter.channel is not Channel.EMAIL or letter.proof_id is not None:
        return None
    return matter.presenter_id if letter.kind is not Kind.CANCELLATION or matter.ended == "declined" else None


def _has_links(letter: Letter) -> bool:
    """What goes to an address that was somebody's before, or that is somebody else's to answer for, leads to nobody's page."""
    if letter.kind is Kind.SIGN_IN:
        return letter.organiser_id is not None
    own = letter.proof_id is None or letter.kind is Kind.VERIFICATION
    own = own and not letter.leaving  # their page is about to go
    return own and letter.channel is Channel.EMAIL and letter.person_id is not None and not isinstance(letter.matter, PresentingMatter)


def _wanted(letter: Letter, rules: RulesOf, now: datetime) -> Iterable[Wanted]:
    whose, person_id, booking_id = letter.partnership_id, letter.person_id, letter.booking_id
    if letter.kind is Kind.SIGN_IN and letter.until is not None:
        yield Wanted(Purpose.SIGN_IN, letter.notice_id, whose, letter.until, organiser_id=letter.organiser_id)
    if person_id is None or not _has_links(letter):
        return
    if letter.kind is Kind.VERIFICATION:
        if letter.proof_id is not None and letter.code is None and letter.until is not None:
            yield Wanted(Purpose.PROVE, letter.proof_id, whose, letter.until, person_id=person_id, proof_id=letter.proof_id)
        return  # it stands only to be proven whose address it is: nobody's page is shown to it
    yield to_own_page(whose, person_id, now)
    if booking_id is None or letter.session is None:
        return
    if letter.kind is Kind.FEEDBACK:
        yield to_place(Purpose.FEEDBACK, booking_id, whose, person_id, letter.session.ends_at, rules.of(whose))
    for session, booking in _ways_in(letter):
        yield to_place(Purpose.JOIN, booking, whose, person_id, session.ends_at, rules.of(whose))


def _ways_in(letter: Letter) -> Iterable[tuple[SessionFacts, int]]:
    """The sessions that the letter leads into, each with its booking."""
    if letter.kind not in _WITH_WAY_IN or letter.waiting or letter.session is None or letter.booking_id is None:
        return
    every = ((letter.session, letter.mode, letter.booking_id), *((one.session, one.mode, one.booking_id) for one in letter.also))
    for session, mode, booking_id in every:
        if joins_by_link(session.format, mode):
            yield session, booking_id


def _links(letter: Letter, tokens: dict[str, str]) -> LetterLinks:
    def of(purpose: Purpose, number: int | None) -> str:
        return tokens.get(f"{purpose}:{number}", "")

    if letter.kind is Kind.VERIFICATION:
        return LetterLinks(prove=of(Purpose.PROVE, letter.proof_id))
    if letter.kind is Kind.SIGN_IN:
        return LetterLinks(sign_in=of(Purpose.SIGN_IN, letter.notice_id))
    feedback = of(Purpose.FEEDBACK, letter.booking_id) if letter.kind is Kind.FEEDBACK else ""
    also = tuple(of(Purpose.JOIN, one.booking_id) for one in letter.also)
    return LetterLinks(of(Purpose.MINE, letter.person_id), of(Purpose.JOIN, letter.booking_id), feedback, also=also)
