"""The commands of the database: `practiceweek db upgrade`, `check`, `backup` and `restore`. They parse, and call."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from practiceweek.settings.faults import SettingsError
from practiceweek.typed import DEFAULT_CONFIG, Config, Json

# Each command loads what it needs, in itself: `--help` needs nothing.

database = typer.Typer(no_args_is_help=True, help="The database: its revision, its health, and copies of it.")


@database.command()
def upgrade(config: Config = DEFAULT_CONFIG) -> None:
    """Bring the database to this program's revision."""
    from practiceweek.database import revisions
    from practiceweek.settings.installation import load

    url = load(config).database.url
    with revisions.usable(url):
        present = revisions.present(url)
        if not revisions.is_known(present):
            raise SettingsError(f"The database is at revision {present}, which this program does not know. Use the program that made it.")
        revisions.upgrade(url)
    sys.stdout.write(f"The database is at revision {revisions.newest()}.\n")


@database.command()
def check(
    config: Config = DEFAULT_CONFIG,
    as_json: Json = False,
) -> None:
    """Say whether the database is whole and right. It ends with 1 when something has to be done."""
    from rich.console import Console

    from practiceweek import check as checking
    from practiceweek.database.looking import look_at_database
    from practiceweek.settings.installation import load

    found = (checking.Connection("Database", tuple(look_at_database(load(config).database.url, must_exist=True))),)
    if as_json:
        sys.stdout.write(checking.as_json(found))
    else:
        checking.show(found, Console())
    raise typer.Exit(0 if checking.is_fine(found) else 1)


@database.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The new file. It holds names and addresses: keep it safe.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Copy the database into a file. Nothing has to stop for it."""
    from practiceweek.database import backups, revisions
    from practiceweek.settings.installation import load

    url = load(config).database.url
    with revisions.usable(url):
        backups.backup(url, file)
    sys.stdout.write(f"The copy is {file} ({file.stat().st_size / 1_000_000:,.1f} MB). It holds names and addresses: keep it safe.\n")


@database.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `db backup` made.")],
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of the database that is there.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Put a copy of the database back. Stop every process first."""
    from practiceweek.database import backups, revisions
    from practiceweek.settings.installation import load
    from practiceweek.times import utc_now

    url = load(config).database.url
    with revisions.usable(url):
        aside = backups.restore(url, file, replace=replace, now=utc_now())
        present = revisions.present(url)
    sys.stdout.write(f"The copy is in place, at revision {present}.\n")
    if aside is not None:
        sys.stdout.write(f"The database that was there is now {aside}. Delete it when you do not need it any more.\n")
    if present != revisions.newest():
        sys.stdout.write("Now run: practiceweek db upgrade\n")
