"""`/programme report`: for organisers, how a programme went: a few sentences, the pictures, and the whole as a page."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import discord
from discord import app_commands

from bot.cogs.groups import programme_group
from bot.limits import CHOICE_NAME, CHOICES
from bot.organisers.access import require_any_organiser
from bot.permissions import actor_of, is_organiser, require_organiser
from bot.pressing import Press, defer
from bot.report_files import File, drawn
from bot.surroundings import Surroundings
from bot.text import bare, plain
from domain.audit import audit
from domain.errors import BadInput
from domain.reports.figures import ProgrammeReport, Reportable, enough_words
from domain.reports.programme import programme_report, reportable


def add(tree: app_commands.CommandTree[Any], surroundings: Surroundings) -> None:
    """Add the command to `/programme`."""

    @programme_group(tree, surroundings).command(name="report", description="How a programme went: places, who came, feedback")
    @app_commands.describe(programme="Not needed when there is only one")
    async def report(interaction: discord.Interaction[Any], programme: str | None = None) -> None:
        await defer(interaction, anew=True)
        await require_any_organiser(Press(interaction, surroundings, {}))
        chosen = pick(await _programmes(surroundings), programme)
        await require_organiser(interaction, surroundings, chosen.id)
        now = surroundings.clock()
        made = await surroundings.store.read(programme_report, surroundings.partnership_id, chosen.id, surroundings.rules, now=now)
        await surroundings.store.write(
            audit, surroundings.partnership_id, actor_of(interaction), "view report", now=now, programme_id=chosen.id
        )
        files = await _files(made, surroundings)
        await interaction.followup.send(
            words(made, with_page=bool(files)), files=[discord.File(io.BytesIO(content), name) for name, content in files], ephemeral=True
        )

    @report.autocomplete("programme")
    async def programmes(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        found = [one for one in await _programmes(surroundings) if typed.casefold() in one.title.casefold()][:CHOICES]
        theirs = [one for one in found if await is_organiser(interaction, surroundings, one.id)]
        return [app_commands.Choice(name=bare(one.title, CHOICE_NAME), value=str(one.id)) for one in theirs]


async def _files(made: ProgrammeReport, surroundings: Surroundings) -> list[File]:
    if surroundings.pictures is None or surroundings.report_page is None:
        return []
    return await surroundings.aside(drawn, made, surroundings.pictures, surroundings.report_page)


async def _programmes(surroundings: Surroundings) -> tuple[Reportable, ...]:
    return await surroundings.store.read(reportable, surroundings.partnership_id)


def pick(programmes: tuple[Reportable, ...], typed: str | None) -> Reportable:
    """The programme that was chosen or typed, or the only one. Raises `BadInput`."""
    if not programmes:
        raise BadInput("No programme has been published yet, so there is nothing to report.")
    found = programmes if typed is None else [one for one in programmes if typed in (str(one.id), one.title)]
    if len(found) != 1:
        raise BadInput("Please choose one of the programmes that are shown while you type.")
    return found[0]


# ── words ───────────────────────────────────────────────────────────────────────────────────────────────────


def words(report: ProgrammeReport, *, with_page: bool) -> str:
    """The report in a few sentences."""
    return "\n".join(_sentences(report, with_page))


def _sentences(report: ProgrammeReport, with_page: bool) -> Iterator[str]:
    totals, tally, results = report.totals, report.totals.tally, report.totals.results
    yield f"## {plain(report.title, 300)}: how it went"
    called_off = f" {_count(totals.cancelled_sessions, 'session')} cancelled." if totals.cancelled_sessions else ""
    yield f"**{_count(totals.sessions, 'session')}**, and **{_count(totals.people, 'person', 'people')}** with a place.{called_off}"
    full = "" if totals.fill is None else f" Sessions with a limit were **{totals.fill}%** full."
    yield f"{_count(tally.confirmed, 'place')} booked, {tally.waiting:,} waiting, {tally.cancelled:,} cancelled by people.{full}"
    if tally.no_show is not None:
        yield f"**{tally.attended:,} came**, {tally.absent:,} did not ({tally.no_show}% of those marked), {tally.unmarked:,} not marked."
    if results.rating is not None:
        sure = results.confidence
        rose = f" Confidence was {sure.before} before and {sure.after} after." if sure else ""
        yield f"Rated **{results.rating.mean} out of 5** in {_count(results.answers, 'answer')}.{rose}"
    else:
        yield f"Feedback shows when {enough_words(report.minimum_answers)} answered."
    if with_page:
        yield "-# Everything is in report.html, with tables. Save it and open it in a browser."


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
