"""The six digits: entering them, and asking for new ones."""

from __future__ import annotations

from bot import ids
from bot.cards import GOOD, WAIT, button, row, simple_card
from bot.forms import code_form
from bot.pressing import Press, on_form, on_press
from bot.session_card import code_buttons
from bot.text import clock, plain, plain_lines, when_short
from domain.browsing import CodeStanding, code_standing, sessions_of
from domain.errors import Refusal
from domain.proofs import Proven, ask_proof_again, prove

MOST_LISTED = 10


@on_press(ids.CODE)
async def pressed_code(press: Press) -> None:
    """Enter code: open the form."""
    await press.ask(code_form())


@on_form(ids.CODE_FORM)
async def code_came(press: Press) -> None:
    """The digits: right, and every place that was held is confirmed; wrong, and they may try again."""
    await press.defer()
    around = press.surroundings
    outcome = await around.store.write(prove, around.partnership_id, press.who, press.text("code"), around.rules, now=around.clock())
    if isinstance(outcome, Refusal):
        await press.show(simple_card(f"### {plain_lines(str(outcome), 300)}", row(*code_buttons()), colour=WAIT))
        return
    around.wake()
    mine = row(button("My bookings", ids.mine(0))) if outcome.confirmed else None
    await press.show(simple_card(await _proven_words(press, outcome), mine, colour=GOOD))


async def _proven_words(press: Press, outcome: Proven) -> str:
    around = press.surroundings
    sessions = await around.store.read(sessions_of, around.partnership_id, outcome.confirmed)
    lines = [f"### Thank you\nYour address {plain(outcome.address, 254)} is confirmed."]
    if sessions:
        lines.append("You are booked for:")
        lines += [f"- **{plain(s.title, 150)}**, {when_short(s.starts_at, s.ends_at, s.zone)}" for s in sessions[:MOST_LISTED]]
        more = len(sessions) - MOST_LISTED
        lines.append(f"- and {more} more: see /my bookings" if more > 0 else "The invitation is on its way to your e-mail.")
    if outcome.moved:
        lines.append("Your invitations move to this address.")
    if not sessions and not outcome.moved:
        lines.append("You can book now. Use /browse to see what is on, or /my bookings to see where you stand.")
    return "\n".join(lines)


@on_press(ids.AGAIN)
async def pressed_again(press: Press) -> None:
    """Send again: new digits to the address that waits for them."""
    await press.defer()
    around = press.surroundings
    address = await around.store.write(ask_proof_again, around.partnership_id, press.who, around.rules, now=around.clock())
    around.wake()
    said = f"### We have sent new digits to {plain(address, 254)}\nThey can take a minute. Older codes no longer work."
    await press.show(simple_card(said, row(*code_buttons()), colour=WAIT))


async def send_code_if_none(press: Press) -> None:
    """Somebody needs a code and the last one has run out: send another, unless three went in the last hour."""
    around = press.surroundings
    if (await standing_of(press)).out:
        return
    try:
        await around.store.write(ask_proof_again, around.partnership_id, press.who, around.rules, now=around.clock())
    except Refusal:
        return  # the card says when the next can be sent
    around.wake()


async def standing_of(press: Press) -> CodeStanding:
    """How it is with the six digits of who pressed."""
    around = press.surroundings
    return await around.store.read(code_standing, around.partnership_id, press.who, around.rules, now=around.clock())


def code_words(code: CodeStanding, address: str) -> str:
    """Where the six digits for an address are, and what to do."""
    to = plain(address, 254)
    if code.out:
        return f"We have sent six digits to {to}. Enter them to confirm that it is yours."
    if code.again_at is None:
        return f"The six digits that we sent to {to} no longer work. Press Send again for new ones."
    return f"The six digits that we sent to {to} no longer work. You can ask for new ones from {clock(code.again_at)}."
