"""A programme's feedback form in chat: what is asked now, and a file with questions, shown before they are asked."""

from __future__ import annotations

import discord
from discord import ui

from bot.cards import GOOD, PRIMARY, button, card, line, row, simple_card
from bot.organisers.access import require_any_organiser
from bot.permissions import actor_of, require_organiser
from bot.pressing import Press, on_press
from bot.text import plain
from domain.drafts import keep_draft, kept_draft
from domain.errors import BadInput, Closed
from domain.feedback.forms import check_form, form_lines, set_form
from domain.feedback.questions import form
from domain.models import DraftOf
from domain.ports.files import FormReader
from domain.programmes import ProgrammeView

MOST_BYTES = 50_000
ASK = r"pw:form-file:(?P<draft>[0-9]{1,12})"
HOW = (
    "To ask other questions, send a file. Each question begins with [[question]], then its kind and its words:\n"
    '```toml\n[[question]]\nkind = "choice"\nwords = "Where do you work?"\noptions = ["Children\'s services", "Adults\' services"]\n```'
)


async def show_form(press: Press, programme: ProgrammeView) -> None:
    """What people are asked now."""
    around = press.surroundings
    questions = await around.store.read(form, around.partnership_id, programme.id)
    lines = "\n".join(plain(text, 700) for text in form_lines(questions))
    await press.show(card((f"## What people are asked\n{plain(programme.title, 300)}", line(), lines, line(), HOW)))


async def take_form(press: Press, programme: ProgrammeView, file: discord.Attachment) -> None:
    """Keep an organiser's file and show its questions. Nothing is changed."""
    if file.size > MOST_BYTES:
        raise BadInput("This file is too large for a form: the most is 50 KB.")
    await press.defer()
    around = press.surroundings
    content = await file.read()
    questions = check_form(_reader(press).read(file.filename, content))
    draft_id = await around.store.write(
        keep_draft,
        around.partnership_id,
        programme.id,
        file.filename,
        content,
        asked_by=press.who,
        now=around.clock(),
        purpose=DraftOf.FORM,
    )
    await press.show(_preview(programme.title, form_lines(questions), draft_id))


def _preview(title: str, lines: tuple[str, ...], draft_id: int) -> ui.LayoutView:
    return card(
        (
            f"## Ask these questions?\n{plain(title, 300)}",
            line(),
            "\n".join(plain(text, 700) for text in lines),
            line(),
            "People may leave out any question but the first. Once somebody has answered, the questions stay as they are.",
            row(button("Ask these questions", f"pw:form-file:{draft_id}", PRIMARY), button("Change nothing", "pw:drop")),
        )
    )


@on_press(ASK)
async def pressed_ask(press: Press) -> None:
    """Ask the questions of the file from now on."""
    await press.defer()
    around = press.surroundings
    await require_any_organiser(press)
    draft = await around.store.read(kept_draft, around.partnership_id, press.number("draft"), DraftOf.FORM)
    await require_organiser(press.interaction, around, draft.programme_id)
    questions = check_form(_reader(press).read(draft.file_name, draft.content))
    await around.store.write(
        set_form, around.partnership_id, draft.programme_id, questions, actor=actor_of(press.interaction), now=around.clock()
    )
    await press.show(simple_card("### These questions are asked from now on\nYou can see them with /programme form.", colour=GOOD))


def _reader(press: Press) -> FormReader:
    if press.surroundings.forms is None:
        raise Closed("Feedback forms cannot be changed here.")
    return press.surroundings.forms
