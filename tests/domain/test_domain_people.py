"""People: what they may type, and the proof that an address is theirs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.errors import BadInput, NotFound, Refusal
from domain.kinds import CalendarMethod, Kind
from domain.ledger.claims import lapsed
from domain.models import BookingState, EmailProof, NoticeState, Organisation, Person, ServiceArea
from domain.people import PersonView, choose_reminders, find, register
from domain.programmes import ensure_partnership
from domain.proofs import Proven, ask_proof_again
from domain.rules import Rules
from domain.texts import clean_address, one_line
from domain.timekeeping import keep_time
from domain.visiting import FilledIn, ask
from tests.building import Building, details, rows
from tests.private_building import parent, private_session

# ── what may be typed ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ann   Other ", "Ann Other"),
        ("Ann\r\nBcc: all@council.gov.uk", "Ann Bcc: all@council.gov.uk"),
        ("Ann\tOther\x00\x1b[31m", "Ann Other [31m"),
        ("Ann\u2028Other\u2029", "Ann Other"),
        ("A\u200bn\u200cn\ufeff", "Ann"),
        ("\u202eAnn\u202c \u2066Other\u2069", "Ann Other"),
        ("Ann\u00a0Other", "Ann Other"),
        ("Zoë O’Brien-Ng", "Zoë O’Brien-Ng"),
        ("Ann\ud800", "Ann"),
        ("@everyone", "@everyone"),
    ],
)
def test_a_name_becomes_one_clean_line(typed: str, kept: str) -> None:
    assert one_line(typed, 100, "your name") == kept


@pytest.mark.parametrize("nothing", ["", "   ", "\r\n", "\u200b\u202e", "\ud800"])
def test_a_name_of_nothing_is_refused(nothing: str) -> None:
    with pytest.raises(BadInput) as refused:
        one_line(nothing, 100, "your name")
    assert str(refused.value) == "Please enter your name."


def test_a_name_has_a_limit_and_says_it() -> None:
    assert one_line("x" * 100, 100, "your name") == "x" * 100
    with pytest.raises(BadInput) as refused:
        one_line("x" * 101, 100, "your name")
    assert str(refused.value) == "Please use at most 100 characters for your name."


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" ann@council.gov.uk\n", "ann@council.gov.uk"),
        ("Ann.Other+week@COUNCIL.gov.uk", "Ann.Other+week@council.gov.uk"),
        ("ann@bücher.de", "ann@xn--bcher-kva.de"),
        ("x" * 64 + "@council.gov.uk", "x" * 64 + "@council.gov.uk"),
    ],
)
def test_an_address_is_kept_as_it_will_be_written_to(typed: str, kept: str) -> None:
    assert clean_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ann",
        "ann@council",
        "a,b@c.org",
        "ann@council.gov.uk, bob@council.gov.uk",
        "ann@council.gov.uk bob@council.gov.uk",
        "ann@council.gov.uk\r\nBcc: bob@council.gov.uk",
        "ann@coun\ncil.gov.uk",
        "Ann <ann@council.gov.uk>",
        '"ann other"@council.gov.uk',
        "x" * 65 + "@council.gov.uk",
        "x@" + "y" * 64 + ".gov.uk",
        "x@" + "y." * 130 + "uk",
        "zoë@council.gov.uk",
        "a\u200bnn@council.gov.uk",
        "ann@[127.0.0.1]",
        "ann@localhost",
        "ann@-council.gov.uk",
    ],
)
def test_what_is_not_one_address_is_refused(typed: str) -> None:
    with pytest.raises(BadInput) as refused:
        clean_address(typed)
    assert str(refused.value) == "That e-mail address cannot be used. Enter one address, like name@council.gov.uk."


@pytest.mark.parametrize(
    ("typed", "welcome"),
    [
        ("ann@council.gov.uk", True),
        ("ann@social.Council.GOV.uk", True),
        ("ann@nhs.net", True),
        ("ann@notcouncil.gov.uk", False),
        ("ann@council.gov.uk.example.com", False),
        ("ann@gmail.com", False),
    ],
)
def test_only_the_allowed_domains_may_sign_up(typed: str, welcome: bool) -> None:
    domains = ("Council.gov.uk", "nhs.net")
    if welcome:
        assert clean_address(typed, domains)
    else:
        with pytest.raises(BadInput, match="Please use your work e-mail address"):
            clean_address(typed, domains)


# ── registering ─────────────────────────────────────────────────────────────────────────────────────────────


def sign_up(building: Building, number: int, **other: Any) -> PersonView:
    return building.write(register, building.partnership_id, number, details(number, **other), building.rules, now=building.now)


def look(building: Building, number: int) -> PersonView | None:
    return building.read(find, building.partnership_id, number)


def test_a_newcomer_is_kept_unproven_and_asked_for_digits(building: Building) -> None:
    view = sign_up(building, 9, name=" Ann  Other ")
    address = "person9@council.gov.uk"
    assert view == PersonView(view.id, "Ann Other", address, False, "Northfield Council", ServiceArea.CHILDREN, True, False, address)
    assert look(building, 9) == view
    assert building.owed() == ["verification:1:email"]


def test_an_organisation_is_one_however_it_is_typed(building: Building) -> None:
    for number, name in enumerate(("Northfield Council", " NORTHFIELD  council", "northfield\tcouncil", "Southfield Council"), start=9):
        sign_up(building, number, organisation=name)
    assert [o.name for o in building.read(rows, Organisation)] == ["Northfield Council", "Southfield Council"]


def test_a_refused_sign_up_leaves_nothing(building: Building) -> None:
    with pytest.raises(BadInput):
        sign_up(building, 9, email="ann@council")
    with pytest.raises(BadInput):
        sign_up(building, 9, organisation=" ")
    assert (look(building, 9), building.read(rows, Organisation), building.owed()) == (None, [], [])


def test_details_given_again_send_no_second_code_while_the_first_can_be_used(building: Building) -> None:
    sign_up(building, 9)
    sign_up(building, 9, name="Ann Other")
    assert building.owed() == ["verification:1:email"]
    building.later(minutes=30)
    sign_up(building, 9)
    assert building.owed() == ["verification:1:email", "verification:2:email"]


def test_details_given_again_after_five_wrong_tries_send_a_new_code(building: Building) -> None:
    sign_up(building, 9)
    building.deliver()
    for _ in range(5):
        building.prove(9, "000000")
    sign_up(building, 9)
    assert building.owed() == ["verification:2:email"]


# ── proving ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_right_digits_prove_the_address_however_they_are_spaced(building: Building) -> None:
    sign_up(building, 9)
    building.deliver()
    assert building.prove(9, " 123 456 ") == Proven("person9@council.gov.uk", (), 0)
    view = look(building, 9)
    assert view is not None
    assert (view.proven, view.proof_address) == (True, None)
    assert str(building.prove(9)) == "This code has run out. Ask for a new one."


def test_five_wrong_tries_are_counted_and_end_the_code(building: Building) -> None:
    sign_up(building, 9)
    building.deliver()
    said = [str(building.prove(9, wrong)) for wrong in ("000000", "", "12345", "1234567", "654321")]
    assert said == [
        "That is not the code we sent. You can try 4 more times.",
        "That is not the code we sent. You can try 3 more times.",
        "That is not the code we sent. You can try 2 more times.",
        "That is not the code we sent. You can try 1 more time.",
        "That was one try too many. Ask for a new code.",
    ]
    assert str(building.prove(9)) == "That was one try too many. Ask for a new code."
    assert [proof.tries for proof in building.read(rows, EmailProof)] == [5]


def test_the_digits_live_fifteen_minutes_from_when_they_were_sent(building: Building) -> None:
    sign_up(building, 9)
    assert str(building.prove(9)) == "This code has run out. Ask for a new one."
    building.later(minutes=5)
    building.deliver()
    building.later(minutes=15)
    assert str(building.prove(9)) == "This code has run out. Ask for a new one."
    building.now -= timedelta(seconds=1)
    assert isinstance(building.prove(9), Proven)


def test_three_codes_an_hour_are_enough(building: Building) -> None:
    sign_up(building, 9)
    for _ in range(2):
        building.later(minutes=1)
        assert building.write(ask_proof_again, building.partnership_id, 9, building.rules, now=building.now) == "person9@council.gov.uk"
    with pytest.raises(Refusal, match="We have sent 3 codes in the last hour"):
        building.write(ask_proof_again, building.partnership_id, 9, building.rules, now=building.now)
    building.later(minutes=58)
    building.write(ask_proof_again, building.partnership_id, 9, building.rules, now=building.now)
    assert [letter.key for letter in building.deliver()] == ["verification:4:email"]


def test_only_the_last_code_counts(building: Building) -> None:
    sign_up(building, 9)
    building.deliver(code="111111")
    building.write(ask_proof_again, building.partnership_id, 9, building.rules, now=building.now)
    building.deliver(code="222222")
    assert isinstance(building.prove(9, "111111"), Refusal)
    assert isinstance(building.prove(9, "222222"), Proven)
    with pytest.raises(Refusal, match="confirmed already"):
        building.write(ask_proof_again, building.partnership_id, 9, building.rules, now=building.now)


def test_one_address_is_one_person_in_a_partnership(building: Building) -> None:
    sign_up(building, 9, email="ann@council.gov.uk")
    sign_up(building, 10, email="Ann@Council.gov.uk")
    building.deliver()
    assert isinstance(building.prove(9), Proven)
    assert str(building.prove(10)) == "This address is already used by another Discord account here. Ask an organiser to help."


def test_the_same_address_may_be_a_person_in_two_partnerships(building: Building) -> None:
    sign_up(building, 9)
    building.deliver()
    assert isinstance(building.prove(9), Proven)
    building.partnership_id = building.write(ensure_partnership, "north", "Northern", 2)
    assert look(building, 9) is None
    sign_up(building, 9)
    building.deliver()
    assert isinstance(building.prove(9), Proven)
    assert [(p.partnership_id, p.email) for p in building.read(rows, Person)] == [
        (1, "person9@council.gov.uk"),
        (2, "person9@council.gov.uk"),
    ]


def test_who_is_not_known_is_told_how_to_begin(building: Building) -> None:
    for call in (
        lambda: building.prove(9),
        lambda: building.write(ask_proof_again, building.partnership_id, 9, building.rules, now=building.now),
        lambda: building.write(choose_reminders, building.partnership_id, 9, by_chat=True, by_email=True, now=building.now),
    ):
        with pytest.raises(NotFound, match="We do not know you yet"):
            call()


# ── a changed address ───────────────────────────────────────────────────────────────────────────────────────


def settled(building: Building) -> tuple[int, int]:
    """Person 9, proven, invited to a session."""
    view = sign_up(building, 9)
    session = building.session()
    building.book(session, view.id)
    building.deliver()
    building.prove(9)
    building.deliver()
    return session, view.id


def test_until_the_new_address_is_proven_the_old_one_serves(building: Building) -> None:
    session, _ = settled(building)
    sign_up(building, 9, email="ann@nhs.net")
    building.change(session, venue="Library")
    building.later(minutes=2)
    assert [(letter.kind, letter.recipient.address) for letter in building.deliver()] == [
        (Kind.VERIFICATION, "ann@nhs.net"),
        (Kind.UPDATE, "person9@council.gov.uk"),
    ]


def test_a_changed_address_moves_the_invitations(building: Building) -> None:
    session, person = settled(building)
    sign_up(building, 9, email="ann@nhs.net")
    building.deliver()
    assert building.prove(9) == Proven("ann@nhs.net", (), 1)
    moved = [
        (letter.recipient.address, letter.calendar and letter.calendar.method, letter.calendar and letter.calendar.sequence)
        for letter in building.deliver()
    ]
    assert moved == [
        ("person9@council.gov.uk", CalendarMethod.CANCEL, 2),
        ("ann@nhs.net", CalendarMethod.REQUEST, 3),
    ]
    mine = building.booking(session, person)
    assert (mine.state, mine.invited, mine.sequence) == (BookingState.CONFIRMED, True, 3)


def test_stamps_rise_with_a_move_too(building: Building) -> None:
    settled(building)
    sign_up(building, 9, email="ann@nhs.net")
    building.deliver()
    building.prove(9)
    stamps = [letter.calendar.dtstamp for letter in building.deliver() if letter.calendar is not None]
    assert stamps == [building.now + timedelta(seconds=1), building.now + timedelta(seconds=2)]


def test_a_cancellation_still_unsent_goes_to_the_mailbox_where_the_entry_is(building: Building) -> None:
    session, person = settled(building)
    building.cancel(session, person)
    (waiting,) = [key for key in building.owed() if key.startswith("cancellation")]
    sign_up(building, 9, email="ann@nhs.net")
    for notice_id in building.claim():
        if building.notice(notice_id).kind is Kind.VERIFICATION:
            building.hand_over(notice_id)
            building.sent(notice_id)
    building.prove(9)
    building.later(minutes=5)
    building.write(lapsed, now=building.now)
    (letter,) = building.deliver()
    assert (letter.key, letter.recipient.address, letter.calendar and letter.calendar.method) == (
        waiting,
        "person9@council.gov.uk",
        CalendarMethod.CANCEL,
    )


def test_going_back_to_the_present_address_ends_the_change(building: Building) -> None:
    settled(building)
    sign_up(building, 9, email="ann@nhs.net")
    building.deliver()
    view = sign_up(building, 9)
    assert (view.email, view.proof_address) == ("person9@council.gov.uk", None)
    assert isinstance(building.prove(9), Refusal)
    assert building.notices(NoticeState.QUEUED) == []


# ── reminders ───────────────────────────────────────────────────────────────────────────────────────────────


def test_reminders_come_at_least_one_way(building: Building) -> None:
    sign_up(building, 9)
    with pytest.raises(BadInput, match="at least one way"):
        building.write(choose_reminders, building.partnership_id, 9, by_chat=False, by_email=False, now=building.now)
    view = building.write(choose_reminders, building.partnership_id, 9, by_chat=False, by_email=True, now=building.now)
    assert (view.reminders_by_chat, view.reminders_by_email) == (False, True)


def test_the_allowed_domains_are_asked_at_sign_up(building: Building) -> None:
    building.rules = Rules(mail_domains=("nhs.net",))
    with pytest.raises(BadInput, match=r"Addresses from this domain cannot sign up: council\.gov\.uk"):
        sign_up(building, 9)


def test_an_address_that_nobody_proves_is_forgotten_after_a_day(building: Building) -> None:
    building.newcomer(1)
    building.newcomer(2)
    building.deliver()
    building.prove(2)
    building.later(hours=25)
    building.write(keep_time, building.rules, now=building.now)
    assert [proof.address for proof in building.read(rows, EmailProof)] == ["", details(2).email]
    with pytest.raises(Refusal, match="We no longer have your address"):
        building.write(ask_proof_again, building.partnership_id, 1, building.rules, now=building.now)


@pytest.mark.parametrize("who", ["a colleague", "a family"])
def test_an_organisation_that_is_too_long_when_folded_is_refused_for_every_address_alike(building: Building, who: str) -> None:
    session, said = building.session(), []
    if who == "a family":
        private_session(building)
        parent(building, 7, email="known@family.example")
    else:
        building.person(7, email="known@family.example", email_key="known@family.example")
    for address in ("known@family.example", "nobody@family.example"):
        filled = FilledIn("Ann", address, organisation="ß" * 150)  # 150 letters as it is typed, 300 as it is compared
        with pytest.raises(BadInput) as refused:
            building.write(ask, building.partnership_id, session, filled, building.rules, now=building.now)
        said.append((refused.value.field, str(refused.value)))
    assert said == [("organisation", "Please use a shorter name for your organisation.")] * 2
