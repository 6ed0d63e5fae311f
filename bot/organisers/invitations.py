"""Invitation codes in their organisers' hands: made and shown once, listed, taken back. Only for that programme's organisers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from discord import app_commands, ui

from bot.cards import GOOD, OVER, card, line, simple_card
from bot.limits import CHOICE_NAME, CHOICES
from bot.organisers.access import organised_programme, require_any_organiser
from bot.organisers.paging import fitting
from bot.organisers.private_people import sees_private_people
from bot.permissions import actor_of
from bot.pressing import Press
from bot.text import bare, plain
from domain.errors import NotAllowed, NotFound, Refusal
from domain.invitations import CodeView, MadeCode, NewCode, codes_of, list_codes, make_code, programme_of, revoke
from domain.privacy import ONLY_THEIRS
from domain.programmes import ProgrammeView
from domain.schedule.telling import counted
from domain.times import clock_words, day_words, to_wall


async def private_programme(press: Press, typed: str) -> ProgrammeView:
    """The programme that was chosen, for who may see the people on its private sessions. Raises `NotAllowed` for anyone else."""
    programme = await organised_programme(press, typed)
    if not await sees_private_people(press, programme.id):
        raise NotAllowed(ONLY_THEIRS)
    return programme


async def make(press: Press, new: NewCode) -> None:
    """Make a code and show it, once."""
    around = press.surroundings
    made = await around.store.write(make_code, around.partnership_id, new, actor=actor_of(press.interaction), now=around.clock())
    await press.show(made_card(made, around.pages))


def made_card(made: MadeCode, pages: str = "") -> ui.LayoutView:
    """The code, what it opens, for how many, until when, and what to tell people. `pages`: where this partnership's pages are."""
    opens = f"the session “{plain(made.session, 300)}”" if made.session else "every private session of this programme"
    people = "any number of people" if made.most_uses is None else counted(made.most_uses, "person", "people")
    return card(
        (
            f"## {made.code}\n**{plain(made.programme, 300)}**",
            f"It opens {opens}, for {people}, until {_until(made.expires_at, made.zone)}.",
            line(),
            "Copy it now: we do not keep it and cannot show it again. Give it only to the people it is for. "
            "They type /invited in this server, or in a message to me, and then the code.",
            *((f"Without Discord, they open this page: {pages}/invited/{made.code}",) if pages else ()),
        ),
        GOOD,
    )


def _until(instant: datetime, zone: str) -> str:
    wall = to_wall(instant, zone)
    return f"{day_words(wall.date())}, {clock_words(wall)}"


async def show_codes(press: Press, programme: ProgrammeView) -> None:
    """A programme's codes; seeing them is recorded."""
    around = press.surroundings
    codes = await around.store.write(list_codes, around.partnership_id, programme.id, actor=actor_of(press.interaction), now=around.clock())
    await press.show(codes_card(programme, codes))


def codes_card(programme: ProgrammeView, codes: Sequence[CodeView]) -> ui.LayoutView:
    """The codes by their first letters."""
    head = f"## Invitation codes\n**{plain(programme.title, 300)}**"
    if not codes:
        return simple_card(f"{head}\nThere are none yet. Make one with /invitation new.", colour=OVER)
    lines = fitting([_line(code) for code in codes], rest="older ones")
    return card((head, line(), lines, "-# To take one back, use /invitation revoke."))


def _line(code: CodeView) -> str:
    used = f"used {code.uses:,} of {code.most_uses:,}" if code.most_uses is not None else f"used {code.uses:,}, no limit"
    ends = "taken back" if code.revoked else "expired" if code.over else f"until {_until(code.expires_at, code.zone)}"
    note = f" {plain(code.label, 60)}" if code.label else ""
    what = f" · {plain(code.session, 60)}" if code.session else ""
    return f"- **{code.hint}…**{note}{what} · {used} · {ends}"


async def take_back(press: Press, typed: str) -> None:
    """Revoke the code that was chosen."""
    around = press.surroundings
    await require_any_organiser(press)
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 12):
        raise NotFound("Please choose one of the codes that are shown while you type.")
    programme_id = await around.store.read(programme_of, around.partnership_id, int(typed))
    await private_programme(press, str(programme_id))
    done = await around.store.write(revoke, around.partnership_id, int(typed), actor=actor_of(press.interaction), now=around.clock())
    said = f"### The code {done.hint}… is taken back\nIt lets nobody in any more. People who have booked with it keep their places."
    await press.show(simple_card(said, colour=OVER))


async def code_choices(press: Press, programme: str, typed: str) -> list[app_commands.Choice[str]]:
    """The codes of a programme that still open something; none for who may not see them."""
    around = press.surroundings
    try:
        chosen = await private_programme(press, programme)
    except Refusal:
        return []
    codes = await around.store.read(codes_of, around.partnership_id, chosen.id, now=around.clock())
    found = [code for code in codes if code.opens and typed.casefold() in f"{code.hint} {code.label}".casefold()]
    return [
        app_commands.Choice(name=bare(f"{code.hint}… {code.label} · used {code.uses}", CHOICE_NAME), value=str(code.id))
        for code in found[:CHOICES]
    ]
