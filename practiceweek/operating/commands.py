"""The commands of operators: `practiceweek status`, and `notices list`, `retry` and `drop`. They parse, and call `operating`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.kinds import Channel, Kind
from practiceweek.typed import CHANNEL_WORDS, DEFAULT_CONFIG, STATE_WORDS, AgainWord, Config, Json, OffWord, StateWord

if TYPE_CHECKING:
    from domain.tending import Wanted
    from practiceweek.settings.installation import Settings

# Each command loads what it needs, in itself: `--help` needs nothing.

notices = typer.Typer(no_args_is_help=True, help="The messages that are owed: look, send again, or drop.")


def _either(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}"


def _in_state(words: type[StrEnum]) -> Any:
    return typer.Option("--state", metavar="STATE", help=f"In this state: {_either(words)}. May be given more than once.")


# without a help of its own: it would begin with its type
Ids = Annotated[list[int] | None, typer.Argument(metavar="NUMBER", hidden=True)]
States = Annotated[list[StateWord] | None, _in_state(StateWord)]
StatesAgain = Annotated[list[AgainWord] | None, _in_state(AgainWord)]
StatesOff = Annotated[list[OffWord] | None, _in_state(OffWord)]
OfKind = Annotated[Kind | None, typer.Option("--kind", metavar="KIND", help=f"Of this kind: {_either(Kind)}.")]
ByChannel = Annotated[Channel | None, typer.Option("--channel", metavar="CHANNEL", help=f"By this channel: {_either(Channel)}.")]
OfPartnership = Annotated[str | None, typer.Option("--partnership", metavar="NAME", help="Of this partnership alone.")]
OfSession = Annotated[int | None, typer.Option("--session", metavar="NUMBER", help="About this session.")]


def _lines(head: str, words: Mapping[str, str]) -> str:
    """A paragraph of help whose lines stay as they are."""
    return "\n".join(("\b", f"{head}:", *(f"  {one:<10}  {said}" for one, said in words.items())))


LIST_HELP = "\n\n".join(
    (
        "Show messages by number, kind and state. No names, and no addresses.",
        _lines("A message in state", STATE_WORDS),
        _lines("A message by channel", CHANNEL_WORDS),
    )
)


def status(config: Config = DEFAULT_CONFIG, as_json: Json = False) -> None:
    """Say how everything stands. It ends with 1 when something is wrong with the program."""
    from practiceweek.operating import standing as operating
    from practiceweek.settings.installation import load

    raise typer.Exit(operating.status(load(config), as_json=as_json))


@notices.command("list", help=LIST_HELP)
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
    state: StatesAgain = None,
    kind: OfKind = None,
    channel: ByChannel = None,
    partnership: OfPartnership = None,
    session: OfSession = None,
    twice: Annotated[bool, typer.Option("--yes-it-may-arrive-twice", help="Send those too that may have arrived.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Put messages back in line that failed, or that may not have arrived.

    Each NUMBER is one message: it stands first on its line in `notices list`.
    """
    from practiceweek.operating import standing as operating

    wanted = _wanted(ids, state, kind, channel, session)
    raise typer.Exit(operating.tend(_settings(config), wanted, partnership, again=True, may_arrive_twice=twice))


@notices.command()
def drop(
    ids: Ids = None,
    state: StatesOff = None,
    kind: OfKind = None,
    channel: ByChannel = None,
    partnership: OfPartnership = None,
    session: OfSession = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Take messages off the list for good: they are never sent.

    Each NUMBER is one message: it stands first on its line in `notices list`.
    """
    from practiceweek.operating import standing as operating

    wanted = _wanted(ids, state, kind, channel, session)
    raise typer.Exit(operating.tend(_settings(config), wanted, partnership, again=False))


def _wanted(
    ids: Sequence[int] | None, states: Sequence[StrEnum] | None, kind: Kind | None, channel: Channel | None, session: int | None
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
