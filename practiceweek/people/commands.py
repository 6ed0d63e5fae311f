"""The commands `practiceweek person export` and `erase`. They parse, and call `rights`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from practiceweek.typed import DEFAULT_CONFIG, Config, PartnershipName

# Each command loads what it needs, in itself: `--help` needs nothing.

person = typer.Typer(no_args_is_help=True, help="One person: a copy of all that is kept, or forget them.")

Address = Annotated[str, typer.Argument(metavar="EMAIL", help="Their e-mail address.")]


@person.command()
def export(
    address: Address,
    out: Annotated[Path, typer.Option("--out", help="The new file: .zip. It holds all about them: keep it safe.")],
    config: Config = DEFAULT_CONFIG,
    partnership: PartnershipName = None,
) -> None:
    """Write everything that is kept about a person into a file."""
    from practiceweek.people import rights
    from practiceweek.settings.installation import load

    rights.export(load(config), address, out, partnership=partnership)


@person.command()
def erase(
    address: Address,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before it is done.")] = False,
    config: Config = DEFAULT_CONFIG,
    partnership: PartnershipName = None,
) -> None:
    """Forget a person: cancel what is ahead of them, tell them so, then delete what leads to them."""
    from practiceweek.people import rights
    from practiceweek.settings.installation import load

    rights.erase(load(config), address, yes=yes, partnership=partnership)
