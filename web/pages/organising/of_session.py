"""What every page about one session works with: the session as its organisers see it, and whether it can still be changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.changeable import require_changeable
from domain.sessions import Changed
from web.pages.organising.allowed import Visit
from web.pages.organising.of_programme import OfProgramme
from web.safety.outcomes import Outcome


class OfSession(OfProgramme):
    """A group of pages about one session."""

    def _page(self, request: Request, template: str, visit: Visit, status: int = 200, **facts: object) -> Response:
        return super()._page(
            request, template, visit, status, session=visit.desk.session, changes=visit.desk.is_ahead(self._front.clock()), **facts
        )

    async def _do(self, visit: Visit, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a use case that changes something of the session for this organiser, and wake the clock; what came of it."""
        actor, now = visit.organiser.actor, self._front.clock()
        done = await self._front.store.write(use_case, visit.where, *args, visit.whose.rules, actor=actor, now=now, **kwargs)
        self._front.wake()
        return done

    def _back(self, visit: Visit, done: str, to: str = "") -> Response:
        """On to the session's page, or to the one below it, which says what was done."""
        return RedirectResponse(f"/organise/session/{visit.desk.session_id}{to}?done={done}", status_code=303)

    def _say(self, request: Request, visit: Visit, outcome: Outcome) -> Response:
        """On to the session's page, which says how many hear of it."""
        at = f"/organise/session/{visit.desk.session_id}"
        return RedirectResponse(self._front.outcomes.address(request, at, outcome), status_code=303)

    def _saved(self, request: Request, visit: Visit, changed: Changed) -> Response:
        """The same of a change."""
        return self._say(request, visit, Outcome("saved", changed.told + changed.waiting, changed.promoted or None))

    def _still_open(self, visit: Visit) -> None:
        """Raises `Closed` for what can no longer be changed."""
        visit.require_sight()
        require_changeable(visit.desk.state, visit.desk.session.ends_at, now=self._front.clock())
