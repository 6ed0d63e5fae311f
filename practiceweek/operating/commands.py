"""The commands of operators: `practiceweek status`, and `notices list`, `retry` and `drop`. They parse, and call `operating`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.kinds import Channel, Kind
from practiceweek.typed import DEFAULT_CONFIG, Config, Json, StateWord

if TYPE_CHECKING:
    from domain.tending import Wanted
    from practiceweek.settings.installation import Settings

# Each command loads what it needs, in itself: `--help` needs nothing.

notices = typer.Typer(no_args_is_help=True, help="The messages that are owed: look, send again, or drop.")

Ids = Annotated[list[int] | None, typer.Argument(metavar="[ID ...]", help="Their numbers, as in the list.")]
States = Annotated[list[StateWord] | None, typer.Option("--state", help="In this state. May be given more than once.")]
OfKind = Annotated[Kind | None, typer.Option("--kind", help="Of this kind.")]
ByChannel = Annotated[Channel | None, typer.Option("--channel", help="By this channel.")]
OfPartnership = Annotated[str | None, typer.Option("--partnership", metavar="NAME", help="Of this partnership alone.")]
OfSession = Annotated[int | None, typer.Option("--session", metavar="NUMBER", help="About this session.")]


def status(config: Config = DEFAULT_CONFIG, as_json: Json = False) -> None:
    """Say how everything stands. It ends with 1 when something needs you."""
    from practiceweek.operating import standing as operating
    from practiceweek.settings.installation import load

    raise typer.Exit(operating.status(load(config), as_json=as_json))


@notices.command("list")
def list_(
    state: States = None,
    kind: OfKind = None,
    channel: ByChannel = None,
    partnership: OfPartnership = None,
    session: OfSession = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most, the newest first.")] = 50,
    as_json: Json = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Show messages by number, kind and state. No names, and no addresses."""
    from practiceweek.operating import standing as operating

    wanted = _wanted((), state, kind, channel, session)
    raise typer.Exit(operating.list_notices(_settings(config), wanted, partnership, limit=limit, as_json=as_json))


@notices.command()
def retry(
    ids: Ids = None,
    state: States = None,
    kind: OfKind = None,
    channel: ByChannel = None,
    partnership: OfPartnership = None,
    session: OfSession = None,
    twice: Annotated[bool, typer.Option("--yes-it-may-arrive-twice", help="Send those too that may have arrived.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Put messages back in line that failed, or that may not have arrived."""
    from practiceweek.operating import standing as operating

    wanted = _wanted(ids, state, kind, channel, session)
    raise typer.Exit(operating.tend(_settings(config), wanted, partnership, again=True, may_arrive_twice=twice))


@notices.command()
def drop(
    ids: Ids = None,
    state: States = None,
    kind: OfKind = None,
    channel: ByChannel = None,
    partnership: OfPartnership = None,
    session: OfSession = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Take messages off the list for good: they are never sent."""
    from practiceweek.operating import standing as operating

    wanted = _wanted(ids, state, kind, channel, session)
    raise typer.Exit(operating.tend(_settings(config), wanted, partnership, again=False))


def _wanted(
    ids: Sequence[int] | None, states: Sequence[StateWord] | None, kind: Kind | None, channel: Channel | None, session: int | None
) -> Wanted:
    from domain.models import NoticeState
    from domain.tending import Wanted

    return Wanted(tuple(ids or ()), tuple(NoticeState(one.value) for one in states or ()), kind, channel, None, session)


def _settings(config: Path) -> Settings:
    """The settings of an installation whose database is there, and of this program's revision."""
    from practiceweek.database import revisions
    from practiceweek.settings.installation import load

    settings = load(config)
    revisions.refuse_other(settings.database.url)
    return settings
