"""The store, and the partnerships that this installation keeps in it: each table of the settings with its row."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from domain.database import Db, Store
from domain.hosts import sync_hosts
from domain.models import Partnership
from domain.organisers import sync_organisers
from domain.postings import leave_channels
from domain.programmes import ensure_partnership
from domain.rules import Rules, RulesBook
from practiceweek.settings.installation import Settings, SettingsError
from practiceweek.settings.partnership import PartnershipSettings
from practiceweek.times import utc_now


@dataclass(frozen=True)
class Kept:
    """A partnership of this installation: its row's id, what it is called in the settings, what they say, and its rules."""

    id: int
    key: str
    settings: PartnershipSettings
    rules: Rules


def with_server(kept: Sequence[Kept]) -> tuple[Kept, ...]:
    """Those that have a Discord server: the bot's."""
    return tuple(one for one in kept if one.settings.guild_id is not None)


def book_of(kept: Sequence[Kept]) -> RulesBook:
    """The rules of all of them, for the clock."""
    return RulesBook({one.id: one.rules for one in kept})


async def open_store(settings: Settings) -> tuple[Store, tuple[Kept, ...]]:
    """The store, with a row for each partnership of the settings. A store that cannot be written to is closed again."""
    store = Store(settings.database.url)
    try:
        return store, await store.write(keep, settings.partnership, now=utc_now())
    except BaseException:
        await asyncio.to_thread(store.close)
        raise


def keep(db: Db, wanted: dict[str, PartnershipSettings], *, now: datetime) -> tuple[Kept, ...]:
    """Bring the rows into line with the settings, hosts and organisers and all. Raises `SettingsError` for a server that is another's.

    A partnership that they do not name may be kept by another process: its rows stay as they are.
    """
    _make_way(db, wanted)
    return tuple(_kept(db, key, one, now) for key, one in wanted.items())


def one_kept(db: Db, settings: Settings, name: str | None) -> Kept:
    """The partnership that is meant, for what is done to one: a command by hand. Its hosts stay as they are."""
    key, one = settings.chosen(name)
    _make_way(db, settings.partnership)
    return Kept(_row(db, key, one), key, one, one.rules())


def there(db: Db, settings: Settings, name: str | None) -> Kept:
    """The same, only where the database has it: for what reads, or does something to what is there. Changes nothing.

    Raises `SettingsError`, with the partnerships that there are.
    """
    key, one = settings.chosen(name)
    return Kept(id_of(db, key), key, one, one.rules())


def id_of(db: Db, key: str) -> int:
    """The id of the partnership that the settings call so. Raises `SettingsError` where the database does not have it."""
    ids = dict(db.exec(select(Partnership.key, Partnership.id).order_by(col(Partnership.id))).all())
    if found := ids.get(key):
        return found
    mend = f"It has: {', '.join(ids)}. Check the settings, or add {key} with" if ids else "It is made by"
    raise SettingsError(f"The database knows no partnership {key} yet. {mend}: practiceweek run")


def has_none(db: Db) -> bool:
    """Whether there is no partnership at all."""
    return db.exec(select(Partnership.id)).first() is None


def _kept(db: Db, key: str, one: PartnershipSettings, now: datetime) -> Kept:
    partnership_id = _row(db, key, one)
    sync_hosts(db, partnership_id, [(host.provider, host.account, host.at_once, host.per_day) for host in one.hosts])
    sync_organisers(db, partnership_id, one.organisers, now=now)
    return Kept(partnership_id, key, one, one.rules())


def _row(db: Db, key: str, one: PartnershipSettings) -> int:
    """The id of its row. It is posted in no channel of a server that it has left, for another or for none."""
    was = db.exec(select(Partnership.guild_id).where(col(Partnership.key) == key)).first()
    partnership_id = ensure_partnership(db, key, one.name, one.guild_id)
    if was != one.guild_id or one.guild_id is None:
        leave_channels(db, partnership_id)
    return partnership_id


def _make_way(db: Db, wanted: dict[str, PartnershipSettings]) -> None:
    """Two partnerships may have changed servers: let go of what is about to be another's."""
    guilds = {one.guild_id: key for key, one in wanted.items() if one.guild_id is not None}
    for row in db.exec(select(Partnership).where(col(Partnership.guild_id).in_(list(guilds)))).all():
        new = guilds[row.guild_id or 0]
        if new == row.key:
            continue
        if row.key not in wanted:
            raise SettingsError(
                f"partnership.{new}: the database knows this guild_id as the server of {row.key}. "
                f"The name of a table stays as it is for ever: call it [partnership.{row.key}] again."
            )
        row.guild_id = None
        db.add(row)
    db.flush()
