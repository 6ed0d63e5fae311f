"""Closing, opening again and archiving a programme in chat."""

from __future__ import annotations

from collections.abc import Callable

from bot.cards import GOOD, OVER, simple_card
from bot.permissions import actor_of
from bot.pressing import Press
from bot.text import plain
from domain.closing import archive, close, reopen
from domain.programmes import ProgrammeView

UseCase = Callable[..., ProgrammeView]


async def close_programme(press: Press, programme: ProgrammeView) -> None:
    """No new bookings."""
    done = await _carry_out(press, close, programme)
    said = "Nobody new can book. Who has a place keeps it, and the waiting lists still move. To open it again, use /programme reopen."
    await press.show(simple_card(f"### {plain(done.title, 300)} is closed for booking\n{said}", colour=OVER))


async def reopen_programme(press: Press, programme: ProgrammeView) -> None:
    """Bookings again."""
    done = await _carry_out(press, reopen, programme)
    await press.show(simple_card(f"### {plain(done.title, 300)} is open for booking again", colour=GOOD))


async def archive_programme(press: Press, programme: ProgrammeView) -> None:
    """Put away what is over."""
    done = await _carry_out(press, archive, programme)
    said = "It is no longer offered anywhere. You still find it with /programme report, and what is posted stays as it is."
    await press.show(simple_card(f"### {plain(done.title, 300)} is archived\n{said}", colour=OVER))


async def _carry_out(press: Press, use_case: UseCase, programme: ProgrammeView) -> ProgrammeView:
    around = press.surroundings
    done = await around.store.write(use_case, around.partnership_id, programme.id, actor=actor_of(press.interaction), now=around.clock())
    around.wake()
    return done
