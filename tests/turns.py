"""Pages, chat and whole installations on one of the two databases, by turns: half of these tests on SQLite, half on PostgreSQL.

Whatever stores or asks is tried on both, in `tests/domain` and wherever else a test takes the two. A page and a message in chat only
call it, and an installation of several processes takes half a minute, so that the same test twice tells little for its time.
`--databases others` (`make others`) tries what `turns` leaves out, `both` everything.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from zlib import crc32

import pytest

#: the folders and files whose tests take turns
ROOMS = frozenset({"bot", "web", "test_several.py", "test_pages_apart.py"})
WAYS = ("turns", "others", "both")
#: the database in the brackets of a test's name
_ON = re.compile(r"(?<=[\[-])(sqlite|postgres)(?=[\]-])")


def left_out(items: Sequence[pytest.Item], way: str) -> Collection[pytest.Item]:
    """Those of these tests that do not run this way. A test of one database alone always runs, but with `others`."""
    if way == "both":
        return ()
    twins: dict[str, list[pytest.Item]] = {}
    for item in items:
        twins.setdefault(_ON.sub("*", item.nodeid, count=1), []).append(item)
    out = []
    for name, each in twins.items():
        takes_turns = len(each) == 2 and not ROOMS.isdisjoint(Path(name.partition("::")[0]).parts)
        if takes_turns:
            first, second = sorted(each, key=lambda one: one.nodeid)
            mine = (first, second)[crc32(name.encode()) % 2]
            out += [one for one in each if (one is mine) == (way == "others")]
        elif way == "others":
            out += each
    return frozenset(out)
