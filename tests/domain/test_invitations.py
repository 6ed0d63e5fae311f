"""Invitation codes: made once, guessed never, used as often as they may be."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import log2

import pytest

from domain import timekeeping
from domain.admissions import REFUSED, TOO_MANY, admitted_to, open_code
from domain.database import Db, Store
from domain.errors import BadInput, NotFound, Refusal
from domain.guesses import forget_guesses
from domain.invitations import GROUP, GROUPS, HINT, LETTERS, CodeView, hash_letters, list_codes, revoke
from domain.models import Admission, AuditEntry, CodeGuess, InvitationCode, Person
from domain.programmes import ensure_partnership
from domain.visiting import FilledIn, ask
from tests.building import ACTOR, Building, rows
from tests.private_building import NEUTRAL, let_in, made_code, private_session


def admitted(building: Building, discord_id: int) -> tuple[int, ...]:
    found: tuple[int, ...] = building.read(admitted_to, building.partnership_id, discord_id, now=building.now)
    return found


def test_a_code_cannot_be_guessed_or_misread_and_only_its_hash_is_kept(building: Building) -> None:
    private_session(building)
    assert GROUPS * GROUP * log2(len(set(LETTERS))) >= 60
    assert (GROUPS * GROUP - HINT) * log2(len(LETTERS)) >= 50  # for who sees the first letters in the list
    for alike in ("0OQ", "1IL", "2Z", "5S", "8B", "6G", "UV"):
        assert len(set(alike) & set(LETTERS)) <= 1
    made = made_code(building, label="Tuesday group")
    assert [len(group) for group in made.code.split("-")] == [5, 5, 5]
    assert set(made.code) <= {*LETTERS, "-"}
    (row,) = building.read(rows, InvitationCode)
    assert (row.code_hash, row.hint) == (hash_letters(made.code), made.code[:3])
    assert [code for code in (made.code, made.code.replace("-", "")) if code in repr(row)] == []
    assert made_code(building).code != made.code


def test_a_code_opens_every_private_session_of_its_programme_or_only_its_own(building: Building) -> None:
    first, second, opened = private_session(building), private_session(building), building.session(title="Open")
    let_in(building, 50, made_code(building).code)
    let_in(building, 51, made_code(building, session_id=second).code)
    assert (admitted(building, 50), admitted(building, 51), admitted(building, 52)) == ((first, second), (second,), ())
    assert opened not in admitted(building, 50)


@pytest.mark.parametrize("typed", [str.lower, lambda code: code.replace("-", " "), lambda code: f" {code.replace('-', '')}\n"])
def test_capitals_dashes_and_spaces_do_not_matter(building: Building, typed: Callable[[str], str]) -> None:
    private_session(building)
    code = made_code(building).code
    assert let_in(building, 50, typed(code)) == 1


def test_a_code_for_one_is_used_once_and_may_be_opened_again_by_who_has_it(building: Building) -> None:
    session = private_session(building)
    code = made_code(building).code
    assert [let_in(building, 50, code), let_in(building, 50, code)] == [1, 1]
    assert str(let_in(building, 51, code)) == REFUSED
    building.later(days=30)  # expired since: still harmless for who was let in
    assert let_in(building, 50, code) == 1
    assert [(row.uses, row.most_uses) for row in building.read(rows, InvitationCode)] == [(1, 1)]
    assert (len(building.read(rows, Admission)), session in admitted(building, 51)) == (1, False)


def test_a_code_for_a_group_is_used_as_often_as_it_may_be_and_one_without_limit_always(building: Building) -> None:
    private_session(building)
    pair, anyone = made_code(building, most_uses=2).code, made_code(building, most_uses=None).code
    assert [isinstance(let_in(building, n, pair), Refusal) for n in (50, 51, 52)] == [False, False, True]
    assert [isinstance(let_in(building, n, anyone), Refusal) for n in range(50, 70)] == [False] * 20


def test_wrong_revoked_expired_and_used_up_are_told_alike(building: Building) -> None:
    private_session(building)
    gone, old, used = (made_code(building, days=days) for days in (None, 1, None))
    building.write(revoke, building.partnership_id, gone.id, actor=ACTOR, now=building.now)
    let_in(building, 60, used.code)
    building.later(days=1)
    said = {str(let_in(building, 50, code)) for code in ("AAAAA-AAAAA-AAAAA", "", "🙂", gone.code, old.code, used.code)}
    assert said == {REFUSED}
    assert [row.tries for row in building.read(rows, CodeGuess)] == [6]


def test_after_ten_wrong_codes_even_the_right_one_waits_an_hour(building: Building) -> None:
    private_session(building)
    code = made_code(building).code
    said = [str(let_in(building, 50, f"AAAAA-AAAAA-AAA{n:02}")) for n in range(10)]
    assert said == [REFUSED] * 10
    building.later(minutes=59)
    assert str(let_in(building, 50, code)) == TOO_MANY
    assert let_in(building, 51, made_code(building).code) == 2  # nobody else is kept waiting
    building.later(minutes=1)
    assert let_in(building, 50, code) == 1
    assert building.write(forget_guesses, now=building.now) in (0, 1)
    building.later(hours=2)
    building.write(forget_guesses, now=building.now)
    assert building.read(rows, CodeGuess) == []


def test_revoking_shuts_out_who_was_let_in_but_has_not_booked(building: Building) -> None:
    session = private_session(building)
    made = made_code(building)
    let_in(building, 50, made.code)
    assert admitted(building, 50) == (session,)
    building.write(revoke, building.partnership_id, made.id, actor=ACTOR, now=building.now)
    building.write(revoke, building.partnership_id, made.id, actor=ACTOR, now=building.now)
    assert (admitted(building, 50), str(let_in(building, 50, made.code))) == ((), REFUSED)
    trail = [entry.action for entry in building.read(rows, AuditEntry) if "invitation" in entry.action]
    assert trail == ["make invitation", "revoke invitation"]


def test_the_list_has_hints_uses_and_ends_and_each_view_is_recorded(building: Building) -> None:
    session = private_session(building)
    one = made_code(building, session_id=session, most_uses=3, days=7, label="Tuesday group")
    let_in(building, 50, one.code)
    listed = building.write(list_codes, building.partnership_id, building.programme_id, actor=ACTOR, now=building.now)
    ends = building.now + timedelta(days=7)
    assert listed == (
        CodeView(1, one.code[:3], "Tuesday group", NEUTRAL, 1, 3, ends, "Europe/London", revoked=False, over=False, session_id=session),
    )
    assert listed[0].opens
    assert [entry.action for entry in building.read(rows, AuditEntry)][-1] == "view invitations"


def test_a_code_lasts_until_the_programme_is_over_unless_told_otherwise(building: Building) -> None:
    private_session(building)
    assert made_code(building).expires_at == datetime(2027, 3, 19, 23, 59, tzinfo=UTC)
    building.later(days=30)
    with pytest.raises(BadInput, match="over"):
        made_code(building)


def test_what_needs_no_code_is_refused_one(building: Building) -> None:
    opened = building.session()
    with pytest.raises(BadInput, match="needs no code"):
        made_code(building)
    private_session(building)
    for wish, said in (({"session_id": opened}, "open to everyone"), ({"most_uses": 0}, "1 to"), ({"days": 400}, "366 days")):
        with pytest.raises(BadInput, match=said):
            made_code(building, **wish)


def test_another_partnership_can_neither_use_nor_revoke_a_code(building: Building) -> None:
    private_session(building)
    made = made_code(building)
    other = building.write(ensure_partnership, "north", "North", 2)
    assert str(building.write(open_code, other, 50, made.code, now=building.now)) == REFUSED
    with pytest.raises(NotFound):
        building.write(revoke, other, made.id, actor=ACTOR, now=building.now)


def test_who_never_proves_an_address_has_used_up_nobodys_code(building: Building) -> None:
    session = private_session(building)
    code = made_code(building, session_id=session).code
    by_page(building, session, code, "stranger@family.example")
    by_page(building, session, code, "meant@family.example")
    assert building.read(uses) == [(1, 1)]
    building.later(days=1, minutes=31)
    building.write(timekeeping.keep_time, building.rules, now=building.now)
    assert [one.email for one in building.read(rows, Person)] == [None]
    assert building.read(uses) == [(0, 0)]
    by_page(building, session, code, "meant@family.example")
    assert building.read(uses) == [(1, 1)]
    assert [one.email for one in building.read(rows, Person) if one.email] == ["meant@family.example"]


def by_page(building: Building, session: int, code: str, address: str) -> None:
    building.write(ask, building.partnership_id, session, FilledIn("Rosie", address, code=code), building.rules, now=building.now)


def test_two_who_open_one_code_at_once_are_not_both_let_in(building: Building, database_url: str) -> None:
    private_session(building)
    code, other = made_code(building).code, Store(database_url)
    outcomes: list[int | Refusal] = []
    start = threading.Barrier(2)

    def opens(store: Store, discord_id: int) -> None:
        start.wait()
        outcomes.append(store.write_now(open_code, building.partnership_id, discord_id, code, now=building.now))

    callers = [threading.Thread(target=opens, args=(store, 50 + n)) for n, store in enumerate((building.store, other))]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    other.close()
    assert sorted(str(outcome) for outcome in outcomes) == ["1", REFUSED]
    assert building.read(uses) == [(1, 1)]


def uses(db: Db) -> list[tuple[int, int]]:
    return [(row.uses, len(rows(db, Admission))) for row in rows(db, InvitationCode)]
