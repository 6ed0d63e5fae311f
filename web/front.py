"""The front: what every page works with. One for a process, made by `web.app.make_app`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from domain.database import Store
from domain.errors import NotFound
from domain.links import LinkKey
from domain.rules import Rules
from web.rendering import Rendering
from web.safety.forms import Forms
from web.safety.guesses import Guesses
from web.safety.outcomes import Outcomes
from web.surroundings import Clock, Place, Surroundings


class Front:
    """The partnerships whose pages these are, their store, and how a page is drawn. `wake`: something is owed by now."""

    def __init__(
        self,
        store: Store,
        each: Sequence[Surroundings],
        place: Place,
        key: LinkKey,
        *,
        clock: Clock,
        wake: Callable[[], None],
        guesses: Guesses,
    ) -> None:
        self.store = store
        self.each = tuple(each)
        self.place = place
        self.key = key
        self.clock = clock
        self.wake = wake
        self.guesses = guesses
        self.forms = Forms(key, secure=place.is_secure)
        self.outcomes = Outcomes(key, self.forms)
        self.ids = tuple(one.partnership_id for one in each)
        self.rules_of: Mapping[int, Rules] = {one.partnership_id: one.rules for one in each}
        self._by_key = {one.key: one for one in each}
        self._by_id = {one.partnership_id: one for one in each}
        self._rendering = Rendering()

    def warm_up(self) -> None:
        """Compile every page. It takes half a second: off the loop, and before anybody reads one."""
        self._rendering.warm_up()

    def partnership(self, request: Request) -> Surroundings:
        """The partnership that the address names. Raises `NotFound`."""
        found = self._by_key.get(request.path_params["partnership"])
        if found is None:
            raise NotFound("We could not find that page.")
        return found

    def of(self, partnership_id: int) -> Surroundings:
        """The partnership with this id, which is kept here."""
        return self._by_id[partnership_id]

    def link(self, path: str) -> str:
        """The whole address of one of our pages, for what leaves the browser."""
        return f"{self.place.address}{path}"

    def page(self, request: Request, template: str, whose: Surroundings | None = None, *, status: int = 200, **facts: object) -> Response:
        """A page, with the hidden field for its forms. What everybody may keep, the page says itself; the rest nobody keeps."""
        stamp = self.forms.stamp(request)
        facts["at_path"] = request.url.path  # a menu marks where one is
        facts.setdefault("call", getattr(request.state, "call", ""))  # whom a family may call, on every page of their way, errors too
        html = self._rendering.html(template, whose=whose or self._only(), several=len(self.each) > 1, stamp=stamp.field, **facts)
        response = Response(html, status, {"Cache-Control": "no-store"}, "text/html; charset=utf-8")
        self.forms.keep(response, stamp)
        return response

    def _only(self) -> Surroundings | None:
        return self.each[0] if len(self.each) == 1 else None
