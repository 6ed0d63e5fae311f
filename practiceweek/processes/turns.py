"""How the threads of this process take turns at computing."""

from __future__ import annotations

import sys

#: Seconds for which a thread may keep the interpreter to itself. Python's own 5 ms make the loop, which answers people, and the threads
#: that read for them, wait that long again for whoever computes, each time that they have waited for the network or the database:
#: in a burst that tripled the time until everybody had an answer, and beside an import it was four times what it need be.
TURN_S = 0.0005


def take_short_turns() -> None:
    """From now on, in this process."""
    sys.setswitchinterval(TURN_S)
