"""`/invited`: a code lets somebody in, and then they see the private sessions that they are invited to. Always in private."""

from __future__ import annotations

from discord import ui

from bot import private_ids
from bot.cards import OVER, PLAIN, PRIMARY, WAIT, button, card, line, menu, row, simple_card
from bot.forms import text_field
from bot.limits import MENU_OPTIONS
from bot.pressing import Press, on_form, on_press
from bot.text import plain, plain_lines, when_short
from domain.admissions import admitted_to, open_code
from domain.browsing import sessions_of
from domain.errors import Refusal
from domain.views import SessionView

NOTHING = (
    "## Your invitations\nYou have no invitation at the moment, or the programme is not open yet. "
    "If you were given a code, press the button and type it in."
)


def code_form() -> ui.Modal:
    """The code that an organiser gave out."""
    form = ui.Modal(title="Open your invitation", custom_id=private_ids.CODE_FORM)
    about = "The letters and numbers that you were given. Capitals and dashes do not matter."
    form.add_item(text_field("Your code", "code", "", most=60, about=about))
    return form


def invited_card(sessions: tuple[SessionView, ...], *, news: str = "") -> ui.LayoutView:
    """The private sessions that somebody may book."""
    enter = button("Enter a code", private_ids.ENTER_CODE, PRIMARY if not sessions else PLAIN)
    if not sessions:
        return simple_card(NOTHING, row(enter), colour=OVER)
    shown = sessions[:MENU_OPTIONS]
    options = [(str(one.id), one.title, when_short(one.starts_at, one.ends_at, one.zone)) for one in shown]
    lines = [f"- **{plain(one.title, 100)}**, {when_short(one.starts_at, one.ends_at, one.zone)}" for one in shown]
    return card(
        (
            f"### {news}" if news else None,
            "## You are invited\nOnly you can see this. Nothing is booked yet: choose one to read more.",
            line(),
            "\n".join(lines),
            menu("pw:open", "Choose one to see it", options),
            row(enter),
        )
    )


async def show_invited(press: Press, *, news: str = "") -> None:
    """What this person is invited to."""
    around = press.surroundings
    ids = await around.store.read(admitted_to, around.partnership_id, press.who, now=around.clock())
    await press.show(invited_card(await around.store.read(sessions_of, around.partnership_id, ids), news=news))


async def take_code(press: Press, typed: str) -> None:
    """Open a code and show what it opens."""
    around = press.surroundings
    outcome = await around.store.write(open_code, around.partnership_id, press.who, typed, now=around.clock())
    if isinstance(outcome, Refusal):
        again = row(button("Try again", private_ids.ENTER_CODE))
        await press.show(simple_card(f"### {plain_lines(str(outcome), 300)}", again, colour=WAIT))
        return
    await show_invited(press, news="Welcome. Your code works.")


@on_press(private_ids.ENTER_CODE)
async def pressed_enter(press: Press) -> None:
    """Enter a code: open the form."""
    await press.ask(code_form())


@on_form(private_ids.CODE_FORM)
async def code_came(press: Press) -> None:
    """The code."""
    await press.defer()
    await take_code(press, press.text("code"))


@on_press(private_ids.INVITED)
async def pressed_invited(press: Press) -> None:
    """Back to what I am invited to."""
    await press.defer()
    await show_invited(press)
