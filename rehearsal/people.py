"""The people of a rehearsal: made up from a seed, with addresses that no mail can reach (RFC 2606: `.example`)."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.models import ServiceArea
from domain.people import Details

_FIRST = (
    "Aisha", "Ben", "Chidi", "Daisy", "Ewa", "Farid", "Grace", "Harpreet", "Imogen", "Jamal", "Kirsty", "Leo", "Maryam", "Niamh",
    "Owen", "Priya", "Quentin", "Rosa", "Siân", "Tomasz", "Uzma", "Vera", "Will", "Xin", "Yusuf", "Zoë",
)  # fmt: skip
_LAST = (
    "Abbott", "Begum", "Clarke", "Davies", "Evans", "Fofanah", "Green", "Hussain", "Ingram", "Jones", "Kaur", "Lewis", "Murphy",
    "Nowak", "O'Brien", "Patel", "Quinn", "Roberts", "Singh", "Taylor", "Underwood", "Vaughan", "Walsh", "Xu", "Young", "Zaman",
)  # fmt: skip
_ORGANISATIONS = (
    "Northbridge City Council",
    "Eastmoor Children's Trust",
    "Westfield NHS Trust",
    "Southgate University",
    "Millbrook Borough Council",
)

#: how a rehearsal knows somebody: a Discord account's id; or an address, for who has no account
Account = int | str


@dataclass(frozen=True)
class Actor:
    """One made-up person: a number that stands for them in the timeline, and what they type about themselves."""

    number: int
    discord_id: int
    details: Details
    by_chat: bool  #: acts by buttons, menus and commands
    by_web: bool  #: has no account, and acts on pages and by mail. By neither door: through the same use cases
    closed: bool  #: refuses direct messages
    reminders_by_email: bool
    proves: bool  #: types the six digits; else their held places lapse

    @property
    def pseudonym(self) -> str:
        """How the timeline calls them."""
        return f"person {self.number:04d}"


def account_of(actor: Actor) -> Account:
    """How a rehearsal knows them."""
    return actor.details.email.casefold() if actor.by_web else actor.discord_id


def cast(count: int, organisations: Sequence[str], dice: random.Random, *, by_chat: int, by_web: int = 0) -> list[Actor]:
    """`count` people of several organisations; the first `by_chat` of them act by chat, and among the rest `by_web` by the web."""
    employers = sorted({*organisations} or {*_ORGANISATIONS})
    actors = []
    for number in range(1, count + 1):
        # every pair of names comes once before any comes again, then with a middle initial
        first, last = _FIRST[number % len(_FIRST)], _LAST[(number + number // len(_FIRST)) % len(_LAST)]
        again = (number - 1) // (len(_FIRST) * len(_LAST))
        middle = f" {_initials(again)}" if again else ""
        employer = dice.choice(employers)
        domain = re.sub(r"[^a-z]+", "-", employer.lower()).strip("-")[:40].strip("-")
        actors.append(
            Actor(
                number=number,
                discord_id=9_000_000_000_000_000 + number,
                details=Details(
                    f"{first}{middle} {last}", f"person{number:04d}@{domain}.example", employer, dice.choice(list(ServiceArea))
                ),
                by_chat=number <= by_chat,
                by_web=_is_one_of(by_web, count - by_chat, number - by_chat),
                closed=dice.random() < 0.06,
                reminders_by_email=dice.random() < 0.5,
                proves=dice.random() > 0.03,
            )
        )
    # whatever the dice say: one refuses direct messages and is reminded there, and one never proves their address
    actors[7:8] = [replace(actor, closed=True, reminders_by_email=False) for actor in actors[7:8]]
    actors[8:9] = [replace(actor, proves=False) for actor in actors[8:9]]
    return actors


def _is_one_of(some: int, of: int, number: int) -> bool:
    """Whether this number, from 1, is one of `some` that are spread evenly over `of`; none below 1 is."""
    some = min(some, of)
    return number > 0 and number * some // of > (number - 1) * some // of


@dataclass(frozen=True)
class Relative:
    """One made-up person of a family: the account that Discord shows, the name that they choose to be called by, and an address."""

    number: int
    discord_id: int
    account: str
    alias: str
    address: str

    @property
    def pseudonym(self) -> str:
        """How the timeline calls them."""
        return f"family {self.number:02d}"


_CALLED = ("Kestrel", "Bramble", "Juniper", "Marlow", "Sorrel", "Tansy", "Linnet", "Perrin", "Quillon", "Rowena", "Saffron", "Wrenna")
_AFTER = ("Moss", "Larkspur", "Thornby", "Ashdown", "Fenwick", "Hollow")


def relatives(count: int, dice: random.Random, *, after: int = 0) -> list[Relative]:
    """`count` people of families, no two alike. Their chosen names are nobody else's, so that one is known wherever it turns up."""
    made = []
    for number in range(after + 1, after + count + 1):
        again = f" {_initials((number - 1) // 72)}" if number > 72 else ""
        alias = f"{_CALLED[number % 12]}{again} {_AFTER[(number // 12 + number) % 6]}"
        address = f"{alias.split(maxsplit=1)[0].lower()}{number}.{dice.randrange(100, 1000)}@home.example"
        made.append(Relative(number, 9_500_000_000_000_000 + number, f"otter_{dice.randrange(1000, 10_000)}_{number}", alias, address))
    return made


def _initials(number: int) -> str:
    """A., B., … Z., A. A., A. B., …: another for each number from 1."""
    more, last = divmod(number - 1, 26)
    return (f"{_initials(more)} " if more else "") + f"{chr(ord('A') + last)}."
