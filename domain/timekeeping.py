"""What the mere passing of time does: holds lapse, reminders and prompts fall due, what came too late ends."""

from __future__ import annotations

from datetime import datetime

from domain import announcements, digests, guesses, ledger, needs, places, proofs, reminders
from domain.database import Db
from domain.feedback import asking as feedback
from domain.feedback.keeping import close_feedback
from domain.presenters import telling as presenting
from domain.rules import Rules
from domain.schedule import importing
from domain.transfers import asking as transfers


def keep_time(db: Db, rules: Rules, *, now: datetime) -> list[ledger.Lapsed]:
    """Bring everything up to `now`, in one transaction. Harmless to repeat.

    Returned are the letters whose process disappeared after they may have been sent: they are for the caller to judge.
    """
    places.lapse_holds(db, rules, now=now)
    transfers.lapse_transfers(db, now=now)
    reminders.owe_reminders(db, rules, now=now)
    reminders.close_waiting(db, rules, now=now)
    feedback.owe_prompts(db, rules, now=now)
    close_feedback(db, rules, now=now)
    presenting.owe_results(db, rules, now=now)
    proofs.forget_unproven(db, now=now)
    needs.forget_needs(db, rules, now=now)
    guesses.forget_guesses(db, now=now)
    importing.forget_drafts(db, now=now)
    announcements.forget_unsent(db, now=now)
    digests.owe_digests(db, now=now)
    ledger.expire(db, now=now)
    return ledger.lapsed(db, now=now)
