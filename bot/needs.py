"""“Tell us what you need”: the questions that fit a session, asked after booking; answers may be left out, changed, taken back.

Only this person and the organisers see them with a name. Presenters see them without.
"""

from __future__ import annotations

import discord
from discord import ui

from bot import ids, private_ids
from bot.cards import GOOD, OPEN, button, card, headlined, line, menu, row
from bot.limits import CARD_TEXT, cut
from bot.pressing import Press, on_form, on_press
from bot.text import bare, plain
from domain.errors import NotFound
from domain.needs.lists import NeedsCount, needs_for_presenter
from domain.needs.own import LONGEST, MyNeeds, my_needs, tell_needs, withdraw_needs
from domain.times import day_words

#: of each question: its name in a list, its label in a form (45 characters), and what may help to answer it
WORDS = {
    "access": (
        "Access",
        "What helps you to take part?",
        "Such as: step-free way in, captions, sign language, large print, easy read.",
    ),
    "interpreter": ("Interpreter", "Do you need an interpreter? Which language?", "Sign language is a language too."),
    "childcare": ("Childcare", "Do you need childcare? For which ages?", "Such as: one child, 3 years old."),
    "travel": ("Travel", "What do you need to get here?", "Such as: bus fares, a taxi, parking near the door."),
    "dietary": ("Food", "What food do you need?", "Such as: halal, vegetarian, no nuts."),
    "supporter": ("Supporter", "Will somebody come with you?", "A friend or a worker. You need not give a name."),
}
AT_ONCE = 4  # questions in one form, beside the words above them
WHO_SEES = "Only the organisers see this with your name. Who leads the session sees it without your name."


def needs_card(mine: MyNeeds, *, news: str = "") -> ui.LayoutView:
    """What somebody has told, and a menu to tell or change more."""
    told = "\n".join(f"**{WORDS[question][0]}:** {plain(mine.of(question) or 'nothing yet', 600)}" for question in mine.asked)
    seen = "\nThe organisers have seen this and will arrange what they can." if mine.seen_to else ""
    until = f" It is deleted on {day_words(mine.delete_on)}." if mine.delete_on else ""
    options = [(question, WORDS[question][0], "Change it" if mine.of(question) else WORDS[question][1]) for question in mine.asked]
    return card(
        (
            headlined(news) if news else None,
            f"## What do you need?\n**{plain(mine.title, 300)}**",
            line(),
            f"{told}{seen}",
            f"-# {WHO_SEES} You need not answer, and you need not say why.{until}",
            menu(private_ids.needs_menu(mine.session_id), "Choose what to tell us about", options),
            row(
                button("Take it all back", private_ids.needs_back(mine.session_id)) if mine.told else None,
                button("Back to the session", ids.show(mine.session_id)),
            ),
        ),
        GOOD if mine.told else OPEN,
    )


def needs_form(mine: MyNeeds, asked: tuple[str, ...]) -> ui.Modal:
    """Up to four questions, each with what was told before."""
    form = ui.Modal(title="What do you need?", custom_id=private_ids.needs_form(mine.session_id, asked))
    form.add_item(ui.TextDisplay(f"{WHO_SEES} Leave empty what you do not need."))
    for question in asked:
        _, label, about = WORDS[question]
        known = bare(mine.of(question))
        field: ui.TextInput[ui.LayoutView] = ui.TextInput(
            custom_id=question, default=known or None, max_length=LONGEST, required=False, style=discord.TextStyle.paragraph
        )
        form.add_item(ui.Label(text=label, description=about, component=field))
    return form


async def _mine(press: Press) -> MyNeeds:
    around = press.surroundings
    return await around.store.read(my_needs, around.partnership_id, press.number("session"), press.who)


@on_press(private_ids.NEEDS)
async def pressed_needs(press: Press) -> None:
    """Tell us what you need: the form at once where it is short, else what there is to tell."""
    mine = await _mine(press)
    if not mine.asked:
        raise NotFound("There is nothing to arrange for an online session that is open to everyone.")
    if len(mine.asked) <= AT_ONCE:
        await press.ask(needs_form(mine, mine.asked))
        return
    await press.defer()
    await press.show(needs_card(mine))


@on_press(private_ids.NEEDS_MENU)
async def pressed_needs_menu(press: Press) -> None:
    """One question was chosen."""
    mine = await _mine(press)
    asked = tuple(question for question in mine.asked if question in press.values)[:AT_ONCE]
    if not asked:
        raise NotFound("Please choose one from the list.")
    await press.ask(needs_form(mine, asked))


@on_form(private_ids.NEEDS_FORM)
async def needs_came(press: Press) -> None:
    """What somebody needs."""
    await press.defer()
    around, session_id = press.surroundings, press.number("session")
    answers = {question: press.text(question) for question in private_ids.questions_of(press.parts["asked"] or "")}
    mine = await around.store.write(tell_needs, around.partnership_id, session_id, press.who, answers, around.rules, now=around.clock())
    await press.show(needs_card(mine, news="Thank you. The organisers can see it now." if mine.told else "Nothing is kept now."))


@on_press(private_ids.NEEDS_BACK)
async def pressed_needs_back(press: Press) -> None:
    """Take it all back."""
    await press.defer()
    around = press.surroundings
    mine = await around.store.write(withdraw_needs, around.partnership_id, press.number("session"), press.who)
    await press.show(needs_card(mine, news="We have deleted what you told us."))


# ── for presenters ──────────────────────────────────────────────────────────────────────────────────────────


@on_press(private_ids.NEEDS_COUNT)
async def pressed_needs_count(press: Press) -> None:
    """What is needed on a session, without names, for who presents it."""
    await press.defer()
    around = press.surroundings
    counted = await around.store.read(needs_for_presenter, around.partnership_id, press.number("session"), press.who)
    await press.show(needs_count_card(counted))


def needs_count_card(counted: NeedsCount) -> ui.LayoutView:
    """How many come and what they need, without names."""
    coming = "1 person has a place" if counted.booked == 1 else f"{counted.booked:,} people have a place"
    lines = [f"**{WORDS[question][0]}:** " + "; ".join(plain(text, 300) for text in texts) for question, texts in counted.needs]
    needs = cut("\n".join(lines), CARD_TEXT - 1000) or "Nobody has told us about anything that they need."
    return card((f"## {coming}\n**{plain(counted.title, 300)}**", line(), needs, "-# Names are not shown."), OPEN)
