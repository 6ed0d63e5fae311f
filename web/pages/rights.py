"""What we keep about somebody, behind their own link: a copy of all of it to take away, and being forgotten."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.askers import ByLink
from domain.errors import Refusal
from domain.rights.copying import copy_for
from domain.rights.leaving import leave_for, leaving
from web.front import Front
from web.pages.own import OnesOwn


def routes(front: Front) -> list[Route]:
    """Below a person's own page."""
    pages = Rights(front)
    return [
        Route("/mine/{token}/data", pages.show, methods=["GET"]),
        Route("/mine/{token}/data", pages.copy, methods=["POST"]),
        Route("/mine/{token}/data/erase", pages.ask, methods=["GET"]),
        Route("/mine/{token}/data/erase", pages.erase, methods=["POST"]),
    ]


class Rights(OnesOwn):
    """One page with two buttons, and a question before what cannot be undone."""

    async def show(self, request: Request) -> Response:
        """What can be asked for, and how it stands with what was."""
        reader = await self.reader(request)
        begun = await self.front.store.read(leaving, reader.person_id)
        return self.page(request, "rights.html", reader, begun=begun)

    async def copy(self, request: Request) -> Response:
        """Everything, as a file. That it was handed out stands in the audit trail."""
        await self.front.forms.read(request)
        reader = await self.reader(request)
        writer = self.whose(reader).person_files
        if writer is None:
            raise Refusal("We cannot make a copy here today. Please ask the people who run your programme.")
        made = await self.front.store.write(copy_for, reader.partnership_id, ByLink(reader.person_id), now=self.front.clock())
        content = await asyncio.to_thread(writer.write, made)
        headers = {"Content-Disposition": 'attachment; filename="what-we-keep.zip"', "Cache-Control": "no-store"}
        return Response(content, headers=headers, media_type="application/zip")

    async def ask(self, request: Request) -> Response:
        """A question before everything goes."""
        reader = await self.reader(request)
        return self.page(request, "erase.html", reader)

    async def erase(self, request: Request) -> Response:
        """It begins. Pressed twice it begins once."""
        await self.front.forms.read(request)
        reader = await self.reader(request)
        whose, asker = self.whose(reader), ByLink(reader.person_id)
        await self.front.store.write(leave_for, whose.partnership_id, asker, whose.rules, now=self.front.clock())
        self.front.wake()
        return RedirectResponse(f"{self.here(request)}/data", status_code=303)
