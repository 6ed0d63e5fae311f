"""Feedback in chat: a rating by one press, then a few words in a short form.

The random key of a response travels in the button below the thanks, and nowhere else; it is good for one form.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import discord
from discord import ui

from bot.booking import known
from bot.cards import GOOD, OPEN, OVER, PRIMARY, button, card, menu, row, simple_card
from bot.limits import FORM_ITEMS, FORM_LABEL, MENU_OPTIONS, OPTION_LABEL, cut
from bot.pressing import Press, on_form, on_press
from bot.text import plain, when, when_short
from domain.errors import BadInput, Closed, NotAllowed
from domain.feedback.asking import Awaited, WordsForm, awaiting, complete, give_rating, words_form
from domain.feedback.questions import LONGEST_TEXT, RATINGS, SCALE, Question
from domain.models import QuestionKind
from domain.people import PersonView

RATE = r"pw:rate:(?P<session>[0-9]{1,12}):(?P<rating>[1-5])"
CHOOSE = r"pw:feedback"  # a menu: the values are sessions
WORDS = r"pw:words:(?P<token>[0-9a-f]{32})"
WORDS_FORM = r"pw:form:words:(?P<token>[0-9a-f]{32})"

HOW = "How useful was this session? Press a number."
APART = "-# We keep your answers apart from your name."
NOTHING = "There is no feedback to give at the moment. We ask you when a session that you had a place on has ended."


# ── cards ───────────────────────────────────────────────────────────────────────────────────────────────────


def prompt_card(session_id: int, title: str, starts_at: datetime, ends_at: datetime, zone: str) -> ui.LayoutView:
    """How was it? With a button for each number. For direct messages and private replies."""
    numbers = (button(label, f"pw:rate:{session_id}:{number}", PRIMARY) for number, label in enumerate(RATINGS, 1))
    words = f"### How was it?\n**{plain(title, 320)}**\n{when(starts_at, ends_at, zone)}"
    return card((words, HOW, row(*numbers), APART), OPEN)


def thanks_card(title: str, token: str) -> ui.LayoutView:
    """The rating is in; a few words may follow."""
    words = f"### Thank you\nYour rating of **{plain(title, 320)}** is in."
    ask = "Would you like to add a few words? It takes about a minute. If not, you need do nothing."
    return card((words, ask, row(button("Add a few words", f"pw:words:{token}", PRIMARY)), APART), GOOD)


def choose_card(waiting: Sequence[Awaited]) -> ui.LayoutView:
    """The sessions on which somebody may give feedback; more than a menu holds are reached by typing."""
    options = [(str(one.session_id), one.title, when_short(one.starts_at, one.ends_at, one.zone)) for one in waiting]
    return card(("### Which session?", menu(CHOOSE, "Choose a session", options)), OPEN)


def short_form(asked: WordsForm, token: str) -> ui.Modal:
    """Up to four questions, all of which may be left out, and how the answers are looked after."""
    form = ui.Modal(title="A few words", custom_id=f"pw:form:words:{token}")
    about = "You can leave out any question. Please do not name anybody. We keep your answers apart from your name."
    form.add_item(ui.TextDisplay(f"**{plain(asked.title, 320)}**\n{about}"))
    for question in asked.questions[: FORM_ITEMS - 1]:
        form.add_item(ui.Label(text=cut(question.words, FORM_LABEL), component=_field(question)))
    return form


def _field(question: Question) -> ui.Item[Any]:
    if question.kind is QuestionKind.TEXT:
        return ui.TextInput(custom_id=question.key, style=discord.TextStyle.paragraph, required=False, max_length=LONGEST_TEXT)
    choice = question.kind is QuestionKind.CHOICE
    labels = question.options[:MENU_OPTIONS] if choice else SCALE
    options = [discord.SelectOption(label=cut(words, OPTION_LABEL), value=str(number)) for number, words in enumerate(labels, 1)]
    asks = "Choose an answer" if choice else "Choose a number"
    return ui.Select(custom_id=question.key, placeholder=asks, options=options, required=False)


# ── what is pressed and sent back ───────────────────────────────────────────────────────────────────────────


@on_press(RATE)
async def pressed_rating(press: Press) -> None:
    """A number: stored, then thanked for, in place of the question."""
    await _defer(press)
    around, person = press.surroundings, await _somebody(press)
    session_id, number = press.number("session"), press.number("rating")
    given = await around.store.write(give_rating, around.partnership_id, session_id, person.id, number, around.rules, now=around.clock())
    await press.show(thanks_card(given.title, given.token))


@on_press(WORDS)
async def pressed_words(press: Press) -> None:
    """Add a few words: open the form."""
    around, token = press.surroundings, press.parts["token"] or ""
    asked = await around.store.read(words_form, around.partnership_id, token, around.rules, now=around.clock())
    await press.ask(short_form(asked, token))


@on_form(WORDS_FORM)
async def words_came(press: Press) -> None:
    """The form came back: the words join their rating, and the button is spent."""
    await _defer(press)
    around, token = press.surroundings, press.parts["token"] or ""
    answers = {key: _answer(press, key) for key, given in press.answers.items() if given not in ("", ())}
    await around.store.write(complete, around.partnership_id, token, answers, around.rules, now=around.clock())
    await press.show(simple_card("### Thank you\nYour words are in. They help to make the next sessions better.", colour=GOOD))


@on_press(CHOOSE)
async def pressed_choose(press: Press) -> None:
    """A session was chosen in the menu."""
    await press.defer()
    await show_prompt(press, next(iter(press.values), ""))


async def show_prompt(press: Press, typed: str | None) -> None:
    """The question for the session that was chosen or typed; without one, the sessions to choose from."""
    waiting = await awaited(press)
    found = [one for one in waiting if typed is None or typed == str(one.session_id)]
    found = found or [one for one in waiting if typed is not None and fits(one, typed)]
    if not waiting or not typed:
        await press.show(choose_card(found) if len(found) > 1 else _prompt(found[0]) if found else simple_card(NOTHING, colour=OVER))
    elif not found:
        raise Closed("There is no feedback to give on that session now. Type /feedback to see the sessions that wait for yours.")
    else:
        await press.show(_prompt(found[0]) if len(found) == 1 else choose_card(found))


async def awaited(press: Press) -> tuple[Awaited, ...]:
    """The sessions on which this person may give feedback now."""
    around, person = press.surroundings, await known(press)
    if person is None:
        return ()
    return await around.store.read(awaiting, around.partnership_id, person.id, around.rules, now=around.clock())


def fits(one: Awaited, typed: str) -> bool:
    """Whether every word that was typed is in the session's title or time."""
    text = f"{one.title} {when_short(one.starts_at, one.ends_at, one.zone)}".casefold()
    return all(word in text for word in typed.casefold().split())


def _prompt(one: Awaited) -> ui.LayoutView:
    return prompt_card(one.session_id, one.title, one.starts_at, one.ends_at, one.zone)


async def _somebody(press: Press) -> PersonView:
    person = await known(press)
    if person is None:
        raise NotAllowed("You did not have a place on this session, so you cannot give feedback on it.")
    return person


def _answer(press: Press, key: str) -> int | str:
    """A text, or a number that was chosen; which numbers fit is the question's to say. Raises `BadInput` for anything else."""
    given = press.answers[key]
    if isinstance(given, str):
        return given
    if len(given) == 1 and given[0] in {str(number) for number in range(1, MENU_OPTIONS + 1)}:
        return int(given[0])
    raise BadInput("Please choose one of the answers that are offered.")


async def _defer(press: Press) -> None:
    """In a direct message the question itself is changed, so that the thanks stay; elsewhere only this person sees the answer."""
    if press.interaction.guild_id is None and press.interaction.message is not None:
        await press.interaction.response.defer()
    else:
        await press.defer()
