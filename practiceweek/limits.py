"""What others allow this installation, from the settings; counted in its database by all of its processes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from domain.database import Store
from domain.limits import (
    ASKED_FOR,
    DISCORD,
    FORMS_SENT,
    MAIL,
    MESSAGES,
    REPLIES,
    TEAMS,
    WISH_MAIL,
    WISHES_MAIL,
    WISHES_SENT,
    WRONG_LINKS,
    ZOOM,
    Allowance,
)
from integrations.limits import SharedLimits
from practiceweek.settings.installation import Settings
from practiceweek.times import utc_now

#: Discord's own numbers (a bot; a channel), and how much of the first the ledger's messages, of two requests each, may use
BOT, CHANNEL, MESSAGES_A_SECOND = Allowance(50, 1.0), Allowance(5, 5.0), Allowance(15, 1.0)
#: Microsoft's for one mailbox is 10,000 in ten minutes, four at once; ours are far from it, and even
GRAPH = Allowance(15, 1.0)


def shared_limits(settings: Settings, store: Store, *, now: Callable[[], datetime] = utc_now) -> SharedLimits:
    """The limits that every process of this installation keeps with the others."""
    allowances = {
        MAIL: Allowance(settings.mail.per_minute, 60.0),
        DISCORD: BOT,
        "channel": CHANNEL,
        MESSAGES: MESSAGES_A_SECOND,
        TEAMS: GRAPH,
        REPLIES: Allowance(1, 60.0),
        ZOOM: Allowance(settings.zoom.per_second, 1.0),
        WRONG_LINKS: Allowance(30, 600.0),
        FORMS_SENT: Allowance(600, 600.0),  # a whole council asks from one computer's address; each of its people has few mails
        WISHES_SENT: Allowance(600, 600.0),
        WISH_MAIL: Allowance(3, 3600.0),
        WISHES_MAIL: Allowance(40, 3600.0),
        ASKED_FOR: Allowance(6, 3600.0),
    }
    return SharedLimits(store, allowances, clock=now)
