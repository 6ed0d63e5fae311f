"""Before somebody books a private session: five short lines, so that they know what they say yes to."""

from __future__ import annotations

from discord import ui

from bot import private_ids
from bot.cards import PRIMARY, button, card, closed_words, row
from bot.pressing import Press
from bot.session_card import session_card
from bot.text import plain, when_short
from domain.browsing import SessionPage
from domain.errors import Closed
from domain.kinds import Mode
from domain.private_sessions import BeforeBooking, before_booking


async def show_before(press: Press, page: SessionPage, mode: Mode | None, *, accept_clash: str = "") -> None:
    """The five lines; where there are two ways to take part, that choice comes first."""
    around = press.surroundings
    if closed := closed_words(page.session, around.clock()):
        raise Closed(closed)
    await press.defer()
    if mode is None and len(page.session.places) > 1:
        await press.show(session_card(page, around.rules, now=around.clock(), news="Choose how you will take part"))
        return
    before = await before_for(press, page.session.id)
    await press.show(before_card(before, page, mode, around.contact, clash=accept_clash))


async def before_for(press: Press, session_id: int) -> BeforeBooking:
    """What this person is told first."""
    around = press.surroundings
    return await around.store.read(before_booking, around.partnership_id, session_id, press.who)


def before_card(before: BeforeBooking, page: SessionPage, mode: Mode | None, contact: str, *, clash: str = "") -> ui.LayoutView:
    """What happens next, who sees it, what Discord shows, how to withdraw, whom to call: one short line each."""
    session = page.session
    call = before.contact or contact
    lines = (
        ("What happens next", "You choose a name and we send an invitation to your e-mail."),
        ("Who sees it", "Only the organisers of this programme see your name here and what you need."),
        ("What Discord shows", "Others can see your Discord name in the member list of the server, but not what you do here."),
        ("If you change your mind", "Type /my bookings, choose it and press Cancel my place. You need not say why."),
        ("If you want to talk", f"Call {plain(call, 300)}." if call else "Ask the person who gave you your code."),
    )
    said = "\n".join(f"{number}. **{what}:** {words}" for number, (what, words) in enumerate(lines, 1))
    return card(
        (
            "### Before you book",
            f"**{plain(session.title, 300)}**\n{when_short(session.starts_at, session.ends_at, session.zone)}",
            said,
            row(
                button("Go on", private_ids.go_on(session.id, mode, clash=clash), PRIMARY),
                button("Not now", "pw:private:leave"),
            ),
        )
    )
