"""Changing what one has booked: how one takes part, what one needs, and how one is reminded."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.askers import ByLink
from domain.errors import BadInput, NotFound
from domain.kinds import Mode
from domain.needs.own import LONGEST, MyNeeds, my_needs, tell_needs
from domain.people import choose_reminders
from domain.ways import change_way
from web.front import Front
from web.pages.own import OnesOwn, Reader
from web.pages.typed import Typed, same
from web.safety.forms import words

#: how reminders may come, as the form says it: by chat, by e-mail
REMINDERS = {"email": (False, True), "chat": (True, False), "both": (True, True)}


def routes(front: Front) -> list[Route]:
    """Of a person's own link."""
    pages = Changes(front)
    session = "/mine/{token}/session/{session:int}"
    return [
        Route(f"{session}/way", pages.ask_way, methods=["GET"]),
        Route(f"{session}/way", pages.change_way, methods=["POST"]),
        Route(f"{session}/needs", pages.ask_needs, methods=["GET"]),
        Route(f"{session}/needs", pages.change_needs, methods=["POST"]),
        Route("/mine/{token}/reminders", pages.ask_reminders, methods=["GET"]),
        Route("/mine/{token}/reminders", pages.change_reminders, methods=["POST"]),
    ]


class Changes(OnesOwn):
    """Question pages: each shows how it is now, and takes a new answer."""

    async def ask_way(self, request: Request) -> Response:
        """In the room, or online."""
        reader, one = await self.one(request)
        if one.other_way is None:
            raise NotFound
        return self.page(request, "way.html", reader, one=one, session=one.page.session)

    async def change_way(self, request: Request) -> Response:
        """The other way, if there is a place."""
        form = await self.front.forms.read(request)
        reader, _ = await self.one(request)
        way = next((one for one in Mode if one == words(form, "way")), None)
        if way is None:
            raise BadInput("Choose how you will take part.")
        whose, session_id = self.whose(reader), request.path_params["session"]
        await self.front.store.write(
            change_way, whose.partnership_id, session_id, reader.person_id, way, whose.rules, now=self.front.clock()
        )
        return self.back(request, "way")

    async def ask_needs(self, request: Request) -> Response:
        """What they have told, to change or to take back."""
        reader, _ = await self.one(request)
        told = await self.front.store.read(my_needs, reader.partnership_id, request.path_params["session"], ByLink(reader.person_id))
        return self._needs(request, reader, told, Typed(dict(told.told)))

    async def change_needs(self, request: Request) -> Response:
        """Kept as it is now; what is empty is deleted."""
        form = await self.front.forms.read(request)
        reader, _ = await self.one(request)
        asker, session_id = ByLink(reader.person_id), request.path_params["session"]
        told = await self.front.store.read(my_needs, reader.partnership_id, session_id, asker)
        typed = Typed({name: words(form, name) for name in told.asked})
        typed.too_long(told.asked, LONGEST)
        about, rules = (reader.partnership_id, session_id, asker, typed.fields), self.whose(reader).rules
        try:
            await self.front.store.write(tell_needs, *about, rules, now=self.front.clock())
        except BadInput as bad:
            typed.refused(bad, same(*told.asked))
            return self._needs(request, reader, told, typed, status=422)
        return self.back(request, "needs")

    def _needs(self, request: Request, reader: Reader, told: MyNeeds, typed: Typed, *, status: int = 200) -> Response:
        return self.page(request, "needs.html", reader, status=status, told=told, typed=typed)

    async def ask_reminders(self, request: Request) -> Response:
        """By e-mail, in Discord, or both; for who has only e-mail there is no choice."""
        reader, own = await self.own(request)
        if not own.has_chat:
            raise NotFound
        return self.page(request, "reminders.html", reader, own=own)

    async def change_reminders(self, request: Request) -> Response:
        """As chosen."""
        form = await self.front.forms.read(request)
        reader, own = await self.own(request)
        chosen = REMINDERS.get(words(form, "by"))
        if chosen is None or not own.has_chat:
            raise BadInput("Choose at least one way to be reminded.")
        by_chat, by_email = chosen
        asker, now = ByLink(reader.person_id), self.front.clock()
        await self.front.store.write(choose_reminders, reader.partnership_id, asker, by_chat=by_chat, by_email=by_email, now=now)
        return self.back(request, "reminders")
