"""What the mere passing of time does: holds lapse, reminders and prompts fall due, what came too late ends.

Each thing stands in `PARTS` with the question whether there is any of it to do. All questions are asked as one statement, so
that a pass with nothing to do reads a few ends of indexes, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy.sql.elements import ColumnElement

from domain import announcements, calling_off, digests, guesses, places, proofs, reminders, replies, wishes
from domain.database import Db
from domain.feedback import asking as feedback
from domain.feedback.keeping import close_feedback
from domain.keeping import forgetting as keeping
from domain.ledger import claims
from domain.needs import forgetting
from domain.presenters import telling as presenting
from domain.rights.stripping import erasures_due
from domain.rules import RulesOf
from domain.schedule import importing
from domain.series import begun
from domain.standing import Standing
from domain.transfers import ending

#: what is due by the clock like the parts, but is carried out session by session
CALLING_OFF = "calling off"
#: the same, but of people who asked to be forgotten: what the chat service has of them goes first
ERASING = "erasing"
APART = frozenset({CALLING_OFF, ERASING})


@dataclass(frozen=True)
class Part:
    """One thing that time does. Carried out, its questions say no: else every pass would find it due."""

    name: str
    carry_out: Callable[[Db, RulesOf, datetime], object]
    #: whether there is any of it, as a column of one statement
    is_due: Callable[[RulesOf], ColumnElement[bool]]
    #: where the database can only say perhaps, because it depends on wall clocks: whether there is indeed
    is_indeed: Callable[[Db, RulesOf, datetime], bool] = lambda _db, _rules, _now: True


def _close_feedback(db: Db, rules: RulesOf, now: datetime) -> None:
    """What may be seen is told to the presenters in the transaction that closes it: results need no question of their own."""
    close_feedback(db, rules, now=now)
    presenting.owe_results(db, rules, now=now)


#: in this order: a later part may follow from an earlier one
PARTS = (
    Part("holds", lambda db, rules, now: places.lapse_holds(db, rules, now=now), places.holds_over),
    Part("parts begun", lambda db, rules, now: begun.give_on_begun(db, rules, now=now), begun.parts_begun),
    Part(
        "wishes",
        lambda db, rules, now: wishes.lapse_wishes(db, now=now, whose=rules.kept()),
        lambda rules: wishes.wishes_over(rules.kept()),
    ),
    Part(
        "transfers",
        lambda db, rules, now: ending.lapse_transfers(db, now=now, whose=rules.kept()),
        lambda rules: ending.transfers_over(rules.kept()),
    ),
    Part(
        "reminders",
        lambda db, rules, now: reminders.owe_reminders(db, rules, now=now),
        reminders.reminders_perhaps,
        lambda db, rules, now: reminders.reminders_due(db, rules, now=now),
    ),
    Part("waiting lists", lambda db, rules, now: reminders.close_waiting(db, rules, now=now), reminders.waiting_over),
    Part("prompts", lambda db, rules, now: feedback.owe_prompts(db, rules, now=now), feedback.prompts_due),
    Part("feedback", _close_feedback, feedback.feedback_over),
    Part(
        "addresses",
        lambda db, rules, now: proofs.forget_unproven(db, now=now, whose=rules.kept()),
        lambda rules: proofs.unproven_over(rules.kept()),
    ),
    Part("needs", lambda db, rules, now: forgetting.forget_needs(db, rules, now=now), forgetting.needs_over),
    Part(
        "wrong codes",
        lambda db, rules, now: guesses.forget_guesses(db, now=now, whose=rules.kept()),
        lambda rules: guesses.guesses_over(rules.kept()),
    ),
    Part(
        "replies",
        lambda db, rules, now: replies.forget_replies(db, now=now, whose=rules.kept()),
        lambda rules: replies.replies_over(rules.kept()),
    ),
    Part(
        "drafts",
        lambda db, rules, now: importing.forget_drafts(db, now=now, whose=rules.kept()),
        lambda rules: importing.drafts_over(rules.kept()),
    ),
    Part(
        "announcements",
        lambda db, rules, now: announcements.forget_unsent(db, now=now, whose=rules.kept()),
        lambda rules: announcements.unsent_over(rules.kept()),
    ),
    Part("old records", lambda db, rules, now: keeping.forget_old(db, rules, now=now), lambda rules: keeping.forgetting_due(rules.kept())),
    Part(
        "digests",
        lambda db, rules, now: digests.owe_digests(db, now=now, whose=rules.kept()),
        lambda rules: digests.wanted_by_any(rules.kept()),
        lambda db, rules, now: digests.digests_due(db, now=now, whose=rules.kept()),
    ),
    Part(
        "late notices",
        lambda db, rules, now: claims.expire(db, now=now, whose=rules.kept()),
        lambda rules: claims.some_expire(rules.kept()),
    ),
)


def due(db: Db, rules: RulesOf, *, now: datetime) -> tuple[str, ...]:
    """The names of the parts that `keep_time` has to carry out, and `leases` where letters were left behind.

    Last, `CALLING_OFF`: where a day was left half called off, and `ERASING`: both are for whoever asks to carry on.
    """
    *perhaps, leases, half_done, leaving = _questions(rules).ask(db, now=now)
    names = [part.name for part, is_due in zip(PARTS, perhaps, strict=True) if is_due and part.is_indeed(db, rules, now)]
    return (*names, *(("leases",) if leases else ()), *((CALLING_OFF,) if half_done else ()), *((ERASING,) if leaving else ()))


@lru_cache(maxsize=8)
def _questions(rules: RulesOf) -> Standing:
    """Rules are values: the same rules ask the same."""
    whose = rules.kept()
    apart = claims.leases_over(whose), calling_off.any_standing_still(whose), erasures_due(whose)
    return Standing([*(part.is_due(rules) for part in PARTS), *apart])


def keep_time(db: Db, rules: RulesOf, *, now: datetime) -> list[claims.Lapsed]:
    """Bring everything up to `now`, in one transaction. Harmless to repeat.

    Returned are the letters whose process disappeared after they may have been sent: they are for the caller to judge.
    """
    for part in PARTS:
        part.carry_out(db, rules, now)
    return claims.lapsed(db, now=now, whose=rules.kept())
