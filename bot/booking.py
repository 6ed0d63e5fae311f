"""Booking by button: asking for a place, giving it back, taking one that is offered."""

from __future__ import annotations

from collections.abc import Sequence

from bot import ids
from bot.cards import OVER, PRIMARY, WAIT, Part, button, clash_card, closed_words, row, simple_card
from bot.forms import details_form
from bot.pressing import Press, on_press
from bot.private_before import show_before
from bot.proving import code_words, send_code_if_none, standing_of
from bot.series import book_whole, cancel_whole
from bot.session_card import code_buttons, session_card
from bot.text import clock
from domain.bookings import Booked, Came, book, cancel
from domain.browsing import SessionPage, reader_and_page, session_page
from domain.capacity import Accepts
from domain.choosing import says_where_first
from domain.errors import Closed, NotAllowed, NotFound
from domain.kinds import Mode
from domain.models import BookingState, Hold
from domain.people import PersonView, find
from domain.pressed import book_if_plain, page_after, session_shown

LAST_MOMENT = "This offer has ended\nThe place went to the next person."


@on_press(ids.BOOK)
async def pressed_book(press: Press) -> None:
    """Book, Join the waiting list, Book anyway."""
    clash = ids.accepted(press.parts.get("clash"))
    await ask_for_place(press, press.number("session"), ids.mode_of(press.parts["mode"]), accept_clash=clash)


async def ask_for_place(press: Press, session_id: int, mode: Mode | None, *, accept_clash: str = "") -> None:
    """Book for somebody we know; give anyone else the form first. The first answer to whatever was pressed."""
    around = press.surroundings
    asked = around.partnership_id, session_id, press.who
    booking = around.store.write(book_if_plain, *asked, around.rules, now=around.clock(), mode=mode, accept_clash=accept_clash)
    plain = await press.meanwhile(booking)
    if plain is not None:
        around.wake()
        await _show_plain(press, plain, mode)
        return
    person, page = await around.store.read(reader_and_page, *asked, now=around.clock())
    if page.session.private and page.mine is None:
        await show_before(press, page, mode, accept_clash=accept_clash)
        return
    if person is None or await _says_where_first(press, person, page):
        await _ask_details(press, page, mode)
        return
    await press.defer()
    await book_and_show(press, person, page, mode, accept_clash=accept_clash)


async def _says_where_first(press: Press, person: PersonView, page: SessionPage) -> bool:
    """Whether they have told nobody where they work, and this is not for who has not. A private session is for whom it lets in."""
    if not person.family or page.session.private:
        return False
    around = press.surroundings
    return await around.store.read(says_where_first, around.partnership_id, page.session.id, person.id, now=around.clock())


async def known(press: Press) -> PersonView | None:
    """Who pressed, if they have given their details."""
    return await press.surroundings.store.read(find, press.surroundings.partnership_id, press.who)


async def _ask_details(press: Press, page: SessionPage, mode: Mode | None) -> None:
    if press.interaction.guild_id is None:
        raise NotAllowed(f"Please make your first booking in the server of {press.surroundings.partnership_name}.")
    if closed := closed_words(page.session, press.surroundings.clock()):
        raise Closed(closed)
    if press.interaction.response.is_done():  # it took a while, and a form must come first: it opens at their next press
        said = "### Tell us who you are\nThen we can book your place."
        await press.show(simple_card(said, row(button("Give my details", ids.details(page.session.id, mode), PRIMARY)), colour=WAIT))
        return
    await press.ask(details_form(press.surroundings, press.interaction.client.typed.get(press.typist), page.session.id, mode))


async def book_and_show(
    press: Press,
    person: PersonView,
    page: SessionPage,
    mode: Mode | None,
    *,
    accept_clash: Accepts = False,
    more: Sequence[Part | None] = (),
    alias: str | None = None,
) -> None:
    """Ask for the place and show what came of it, and `more`. Nobody is told before it is committed."""
    around, session_id = press.surroundings, page.session.id
    if page.part is not None and not page.part.alone:
        await book_whole(press, person, page.part.series_id, mode, page, accept_clash=accept_clash, more=more)
        return
    if mode is None and len(page.session.places) > 1 and page.mine is None:
        await press.show(session_card(page, around.rules, now=around.clock(), news="Choose how you will take part", more=more))
        return
    mode = mode or (page.mine.mode if page.mine else None)
    outcome = await around.store.write(
        book,
        around.partnership_id,
        session_id,
        person.id,
        around.rules,
        now=around.clock(),
        mode=mode,
        accept_clash=accept_clash,
        alias=alias,
    )
    around.wake()
    said = ""
    if not person.proven and outcome.came is not Came.CLASH:
        await send_code_if_none(press)
        said = code_words(await standing_of(press), person.proof_address or person.email or "your e-mail")
    code = row(*code_buttons()) if outcome.came is Came.WAITLISTED and not person.proven else None
    await _show_booked(press, outcome, mode, said, (code, *more))


async def _show_plain(press: Press, outcome: Booked, mode: Mode | None) -> None:
    """As `_show_booked`. Many may have booked the same session in this moment: it is read once for all of them."""
    around = press.surroundings
    asked = around.partnership_id, outcome.session_id
    read = press.interaction.client.together.read(("session", *asked), lambda: around.store.read(session_shown, *asked))
    page = page_after(await press.meanwhile(read), outcome, mode)
    if page is None:
        await _show_booked(press, outcome, mode)
    else:
        await press.show(session_card(page, around.rules, now=around.clock(), news=booked_words(outcome, "")))


async def _show_booked(press: Press, outcome: Booked, mode: Mode | None, said: str = "", more: Sequence[Part | None] = ()) -> None:
    if outcome.came is Came.CLASH:
        await press.show(clash_card(outcome, mode))
    else:
        await show_session(press, outcome.session_id, news=booked_words(outcome, said), more=more)


def booked_words(outcome: Booked, code: str) -> str:
    """What came of asking: a headline, and what it means; `code`: where the six digits are, for who needs them."""
    if outcome.came is Came.CONFIRMED:
        return "You already have a place" if outcome.already else "You are booked\nThe invitation is on its way to your e-mail."
    if outcome.came is Came.WAITLISTED:
        return f"You are number {outcome.position} on the waiting list\nWe tell you at once when a place comes free. {code}".rstrip()
    until = clock(outcome.held_until, outcome.zone) if outcome.held_until else "later"
    return f"We are keeping a place for you until {until}\n{code}"


@on_press(ids.CANCEL)
async def pressed_cancel(press: Press) -> None:
    """Cancel my place, Leave the waiting list, No thank you."""
    await press.defer()
    around, session_id = press.surroundings, press.number("session")
    person = await known(press)
    if person is None:
        raise NotFound("You have no booking for this session.")
    page = await page_of(press, session_id)
    if page.part is not None and page.part.owned:
        await cancel_whole(press, person, page.part.series_id)
        return
    done = await around.store.write(cancel, around.partnership_id, session_id, person.id, around.rules, now=around.clock())
    around.wake()
    said = {
        BookingState.CONFIRMED: "Your place is cancelled",
        BookingState.HELD: "We no longer keep a place for you",
        BookingState.WAITLISTED: "You have left the waiting list",
        BookingState.CANCELLED: "You have no place in this session now",
    }[done.was]
    await show_session(press, session_id, news=said + ("\nIt will go from your calendar too." if done.invited else ""))


@on_press(ids.TAKE)
async def pressed_take(press: Press) -> None:
    """Take the place that was offered."""
    await press.defer()
    session_id = press.number("session")
    around = press.surroundings
    person, page = await around.store.read(reader_and_page, around.partnership_id, session_id, press.who, now=around.clock())
    offered = page.mine is not None and page.mine.hold is Hold.OFFER
    if person is None or not offered:
        has_place = page.mine is not None and page.mine.state is BookingState.CONFIRMED
        await show_session(press, session_id, news="You already have a place" if has_place else LAST_MOMENT)
        return
    await book_and_show(press, person, page, None, accept_clash=ids.accepted(press.parts.get("clash")))


@on_press(ids.LEAVE)
async def pressed_leave(press: Press) -> None:
    """Leave it: nothing changes."""
    await press.defer()
    await press.show(simple_card("Nothing was booked. Your other place stays as it is.", colour=OVER))


async def page_of(press: Press, session_id: int) -> SessionPage:
    """The session, and how who pressed stands with it."""
    around = press.surroundings
    return await around.store.read(session_page, around.partnership_id, session_id, press.who, now=around.clock())


async def show_session(press: Press, session_id: int, *, news: str = "", more: Sequence[Part | None] = ()) -> None:
    """The session's card for who pressed, after something was done to it."""
    around = press.surroundings
    page = await press.meanwhile(page_of(press, session_id))
    await press.show(session_card(page, around.rules, now=around.clock(), news=news, more=more))
