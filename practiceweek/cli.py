"""The command line: run, rehearse, import, check, db, status, notices. It parses, calls, prints; nothing is decided here."""

from __future__ import annotations

import json
import signal
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import Refusal
from domain.kinds import Export
from practiceweek.database import commands as database_commands
from practiceweek.operating import commands as operating_commands
from practiceweek.people import commands as people_commands
from practiceweek.processes import loading
from practiceweek.settings.faults import SettingsError
from practiceweek.typed import DEFAULT_CONFIG, Config, Json, Part, PartnershipName, ProgrammeWord, WhichProgramme

if TYPE_CHECKING:
    from practiceweek.settings.installation import Settings

# Each command loads what it needs, in itself: `--help` needs nothing.

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Run a practice week: sign-up in Discord or by web page, meetings, invitations, reminders and feedback.",
)
app.add_typer(database_commands.database, name="db")
app.command()(operating_commands.status)
app.add_typer(operating_commands.notices, name="notices")
app.add_typer(people_commands.person, name="person")


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"practiceweek {metadata.version('practiceweek')}\n")
        raise typer.Exit


@app.callback()
def _begin(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")] = False,
) -> None:
    pass


def main() -> None:
    """The console script: a refusal or a faulty setting is one plain sentence and exit code 2."""
    try:
        app()
    except (Refusal, SettingsError) as refusal:
        sys.stderr.write(f"{refusal}\n")
        sys.exit(2)


@app.command()
def run(
    config: Config = DEFAULT_CONFIG,
    only: Annotated[Part | None, typer.Option("--only", help="Run this part alone (web: the pages); other processes run the rest.")] = None,
    metrics_port: Annotated[int | None, typer.Option(min=0, max=65_535, help="Instead of metrics.port, for this process alone.")] = None,
) -> None:
    """Run all that the settings ask for until stopped (Ctrl-C, or SIGTERM).

    That is the scheduler, which makes the meetings and sends every message when it is due; the pages; and the bot in Discord.
    """
    import asyncio

    loading.begin()
    from practiceweek.processes import running, standby
    from practiceweek.settings.installation import load

    settings = load(config)
    if metrics_port is not None:
        settings = settings.model_copy(update={"metrics": settings.metrics.model_copy(update={"port": metrics_port})})
    _right_revision(settings)
    try:
        asyncio.run(running.run(settings, only=only, stop_on=(signal.SIGINT, signal.SIGTERM)))
    except standby.LockLost as lost:
        sys.stderr.write(f"{lost}\n")
        raise typer.Exit(1) from None


@app.command()
def rehearse(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", hidden=True)  # its help is in the text above: here it would begin with its type
    ] = None,
    people: Annotated[int, typer.Option(min=10, max=20_000, help="How many people sign up.")] = 200,
    seed: Annotated[int, typer.Option(help="The same seed gives the same timeline.")] = 1,
    out: Annotated[
        Path | None,
        typer.Option(help="The folder for mail, chat, report and all the rest.", show_default="rehearsal-out, or play-out with --play"),
    ] = None,
    kind: Annotated[
        ProgrammeWord | None,
        typer.Option(
            "--kind", help="What is rehearsed; without files, the sample of that kind. Guessed from each file, if you leave it out."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON, and nothing else.")] = False,
    play: Annotated[bool, typer.Option("--play", help="Play the week by hand, in a browser, from the day it is published.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="With --play: the port of its page; 0: any that is free.")] = 0,
    browser: Annotated[bool, typer.Option(help="With --play: open its page in your browser.")] = True,
) -> None:
    """Act out a whole week, without any account: see everything that would be sent, to whom and when.

    Each FILE is a schedule to rehearse. Without one it is the sample week that comes with the program.
    """
    loading.begin()
    from rich.console import Console

    from domain.models import ProgrammeKind
    from practiceweek.rehearsals import playing, rehearsing

    if play and as_json:
        raise Refusal("--json prints what a rehearsal came to, and a play has no such end. Leave one of the two out.")
    wanted = ProgrammeKind[kind.name] if kind is not None else None
    if play:
        playing.play(files or [], seed=seed, out=out or Path("play-out"), port=port, browser=browser, console=Console(), kind=wanted)
        return
    console = Console(stderr=as_json, quiet=as_json)
    folder = out or Path("rehearsal-out")
    try:
        outcome = rehearsing.rehearse(files or [], people=people, seed=seed, out=folder, console=console, kind=wanted)
    except KeyboardInterrupt:
        sys.stderr.write(f"You stopped the rehearsal, so nothing was checked. What it wrote so far is in {folder}.\n")
        raise typer.Exit(130) from None
    if as_json:
        sys.stdout.write(json.dumps(outcome.as_json(), indent=2, ensure_ascii=False) + "\n")
    raise typer.Exit(outcome.exit_code)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A schedule: CSV or XLSX.")],
    preview: Annotated[bool, typer.Option("--preview", help="Show what the file holds, and change nothing.")] = False,
    as_json: Json = False,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            help="The settings of the installation to import into; needed, unless you only look with --preview.",
            show_default="none",
        ),
    ] = None,
    programme: Annotated[
        str | None, typer.Option(help="The programme's title, or its number (see export --help); a new title makes a draft.")
    ] = None,
    good_rows: Annotated[bool, typer.Option("--good-rows", help="Import the rows without an error, and leave the others.")] = False,
    cancel_gone: Annotated[
        list[str] | None,
        typer.Option(
            metavar="REFERENCE",
            help="Cancel this session, which the file no longer has. --preview shows its reference. May be given more than once.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before importing.")] = False,
    column: Annotated[
        list[str] | None, typer.Option("--column", metavar="HEADING=MEANING", help='What a column means, such as "Slot lead=presenter".')
    ] = None,
    partnership: PartnershipName = None,
) -> None:
    """Read a schedule: preview it, then import it into a programme."""
    from practiceweek import imports
    from practiceweek.database import revisions
    from practiceweek.settings.installation import load

    try:
        reading = imports.read(file)
        means = imports.means_of(column or (), reading)
    except Refusal as refusal:
        if not as_json:
            raise
        sys.stdout.write(imports.refused_json(refusal))
        raise typer.Exit(2) from None
    if config is None:
        if not preview:
            raise Refusal("Say where to import it, with --config, or look at it with --preview.")
        raise typer.Exit(imports.show_bare(reading, as_json=as_json, means=means))
    settings = load(config)
    with revisions.usable(settings.database.url):
        there = revisions.exists(settings.database.url) and not revisions.is_empty(settings.database.url)
    if preview and not there:  # looking makes no database
        raise typer.Exit(imports.show_bare(reading, as_json=as_json, means=means))
    _right_revision(settings)
    order = imports.Order(programme, good_rows, tuple(cancel_gone or ()), yes, means)
    raise typer.Exit(imports.into(settings, reading, order, preview_only=preview, as_json=as_json, partnership=partnership))


@app.command()
def check(
    config: Config = DEFAULT_CONFIG,
    as_json: Json = False,
    partnership: PartnershipName = None,
) -> None:
    """Try every connection, and say in plain words what is missing. Nothing is changed and nothing is sent."""
    import asyncio

    from rich.console import Console

    from practiceweek import check as checking  # the other commands need no Discord
    from practiceweek import logs
    from practiceweek.settings.installation import load

    settings = load(config)
    if partnership is not None:
        settings = settings.of_one(partnership)
    logs.set_up("error", "text", secrets=settings.secrets.values())
    connections = asyncio.run(checking.look(settings))
    if as_json:
        sys.stdout.write(checking.as_json(connections))
    else:
        checking.show(connections, Console())
    raise typer.Exit(0 if checking.is_fine(connections) else 1)


@app.command("export")
def export_(
    programme: WhichProgramme,
    what: Annotated[Export, typer.Option("--what", help="What the spreadsheet holds. Private sessions' people are left out.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write: .xlsx.")],
    config: Config = DEFAULT_CONFIG,
    partnership: PartnershipName = None,
) -> None:
    """Write a programme as a spreadsheet: its sessions, bookings, who came, or feedback."""
    from practiceweek import exports
    from practiceweek.settings.installation import load

    settings = load(config)
    _has_database(settings)
    exports.export_to(settings, programme, what, out, partnership=partnership)


@app.command("form")
def form_(
    programme: WhichProgramme,
    file: Annotated[Path, typer.Option("--file", help="The questions: a TOML file with up to four [[question]] parts.")],
    preview: Annotated[bool, typer.Option("--preview", help="Show the questions, and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before setting the form.")] = False,
    config: Config = DEFAULT_CONFIG,
    partnership: PartnershipName = None,
) -> None:
    """Set the feedback questions of a programme."""
    from practiceweek import exports
    from practiceweek.settings.installation import load

    settings = load(config)
    _has_database(settings)
    exports.set_form_from(settings, programme, file, preview_only=preview, yes=yes, partnership=partnership)


def _right_revision(settings: Settings) -> None:
    """A new database is made; one of another revision is refused, with the command that mends it."""
    from practiceweek.database import revisions

    url = settings.database.url
    with revisions.usable(url):
        if revisions.is_empty(url):
            revisions.upgrade(url)
        present = revisions.present(url)
    if present != revisions.newest():
        raise SettingsError(
            f"The database is at revision {present or 'unknown'}, and this program needs {revisions.newest()}. "
            "Make a copy of it, then run: practiceweek db upgrade --config FILE"
        )


def _has_database(settings: Settings) -> None:
    """As `_right_revision`, for what asks about programmes: where there is none, none is made."""
    from practiceweek.database import revisions, where

    url = settings.database.url
    with revisions.usable(url):
        if not revisions.exists(url) or revisions.is_empty(url):
            raise SettingsError(f"{where.none_at(url)} {where.what_then(url)}")
    _right_revision(settings)
