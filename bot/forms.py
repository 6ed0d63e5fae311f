"""Forms: what a person types. Their ids say what comes next; `bot.details` and `bot.proving` read them."""

from __future__ import annotations

import discord
from discord import ui

from bot import ids
from bot.surroundings import Surroundings
from bot.text import plain
from domain.kinds import Mode
from domain.models import ServiceArea
from domain.people import NAME_LIMIT, Details

AREA_WORDS = {
    ServiceArea.CHILDREN: "Children's services",
    ServiceArea.ADULTS: "Adults' services",
    ServiceArea.BOTH: "Both",
    ServiceArea.OTHER: "Something else",
}

PRIVACY = (
    "**Who sees this?** The organisers of {partnership} see your details, to run the sessions you book and to count how many "
    "came. Your e-mail address is used only for your bookings. Nobody else is shown that you come. You can change your "
    "details with /my details. To see or delete what is kept about you, {ask}."
)


def details_form(around: Surroundings, known: Details | None, session_id: int = 0, mode: Mode | None = None) -> ui.Modal:
    """Name, work e-mail, organisation, service area and the privacy notice: the five things a form may hold."""
    title = "Your details" if session_id == 0 else "Before your first booking"
    form = ui.Modal(title=title, custom_id=ids.details_form(session_id, mode))
    ask = f"contact {plain(around.contact, 254)}" if around.contact else "ask an organiser"
    form.add_item(ui.TextDisplay(PRIVACY.format(partnership=around.partnership_name, ask=ask)))
    form.add_item(text_field("Your name", "name", known.name if known else "", most=NAME_LIMIT))
    form.add_item(
        text_field("Work e-mail", "email", known.email if known else "", most=254, about="We send a code there, then your invitations.")
    )
    form.add_item(
        text_field(
            "Organisation", "organisation", known.organisation if known else "", most=200, about="Your council, trust or university."
        )
    )
    chosen = known.service_area if known else None
    options = [discord.SelectOption(label=words, value=area.value, default=area is chosen) for area, words in AREA_WORDS.items()]
    form.add_item(ui.Label(text="Service area", component=ui.Select(custom_id="area", placeholder="Choose one", options=options)))
    return form


def code_form() -> ui.Modal:
    """Six digits."""
    form = ui.Modal(title="Enter your code", custom_id="pw:form:code")
    # room for "123 456"; anything else is told from the digits themselves
    form.add_item(text_field("Code", "code", "", most=12, least=6, about="The six digits in the e-mail that we sent you."))
    return form


def forget_form() -> ui.Modal:
    """Two words, so that nobody is forgotten by a slip."""
    form = ui.Modal(title="Shall we forget you?", custom_id=ids.FORGET_FORM)
    form.add_item(ui.TextDisplay("This cannot be undone. Your places are given back. Save your certificates first."))
    form.add_item(text_field("Are you sure?", "sure", "", most=20, about="Type: forget me"))
    return form


def text_field(label: str, name: str, value: str, *, most: int, least: int = 1, about: str | None = None) -> ui.Label[ui.LayoutView]:
    """A line to fill in."""
    field: ui.TextInput[ui.LayoutView] = ui.TextInput(
        custom_id=name, default=value or None, min_length=least, max_length=most, required=True
    )
    return ui.Label(text=label, description=about, component=field)
