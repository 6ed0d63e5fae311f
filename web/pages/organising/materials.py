"""What there is to read for a session: links and files, added and taken away. Everyone with a place is told by the use cases themselves."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.errors import BadInput, Closed, NotFound, Refusal
from domain.materials import MOST_BYTES, MOST_FILES, MOST_LINKS, MOST_MB, TOO_BIG, MaterialView, add_file, add_link, materials_of, remove
from web.front import Front
from web.pages.organising.allowed import Allowed, Visit
from web.pages.organising.of_session import OfSession
from web.pages.typed import told_at
from web.safety.forms import words

NO_LINK = "Enter the link. It must start with https://."
NO_FILE = "Choose a file to add."
EMPTY = {"link": "", "link-called": "", "file-called": ""}
#: of each of the two forms, by the names that adding a link and adding a file have for them
FIELDS = {"link": {"link": "link", "label": "link-called"}, "file": {"name": "file", "content": "file", "label": "file-called"}}


def routes(front: Front, allowed: Allowed) -> list[Route]:
    """Of the materials of one session."""
    pages = Materials(front)
    at = "/organise/session/{session:int}/materials"
    one = "/organise/session/{session:int}/material/{material:int}/remove"
    return [
        allowed.get(at, pages.show),
        allowed.post(at, pages.add),
        allowed.get(one, pages.ask_remove),
        allowed.post(one, pages.remove),
    ]


class Materials(OfSession):
    """The list with a form for a link and one for a file, and the question before one goes."""

    async def show(self, request: Request, visit: Visit) -> Response:
        """What there is."""
        visit.require_sight()
        return await self._list(request, visit, EMPTY, {}, done=request.query_params.get("done", ""))

    async def add(self, request: Request, visit: Visit, form: FormData) -> Response:
        """A link, or a file: each has its own form. The same one twice is refused."""
        visit.require_sight()
        typed = {name: words(form, name).strip() for name in EMPTY}
        field = "link" if "link" in form else "file"
        try:
            if field == "link":
                await self._add_link(visit, typed)
            else:
                await self._add_file(visit, form.get("file"), typed["file-called"])
        except BadInput as bad:
            return await self._list(request, visit, typed, told_at(bad, FIELDS[field]), status=422)
        except (Closed, NotFound):
            raise
        except Refusal as refused:
            return await self._list(request, visit, typed, {field: str(refused)}, status=409)
        return self._back(visit, "added", "/materials")

    async def ask_remove(self, request: Request, visit: Visit) -> Response:
        """What taking it away would mean."""
        visit.require_sight()
        one = await self._one(request, visit)
        if one is None:
            raise NotFound
        return self._page(request, "organise/material_off.html", visit, one=one)

    async def remove(self, request: Request, visit: Visit, form: FormData) -> Response:
        """Taken away. Pressed twice it is gone once."""
        visit.require_sight()
        one = await self._one(request, visit)
        if one is not None:
            with suppress(NotFound):  # another press has just done it
                await self._do(visit, remove, visit.desk.session_id, one.id)
        return self._back(visit, "removed", "/materials")

    async def _add_link(self, visit: Visit, typed: Mapping[str, str]) -> None:
        if not typed["link"]:
            raise BadInput(NO_LINK, field="link")
        await self._do(visit, add_link, visit.desk.session_id, typed["link"], typed["link-called"])

    async def _add_file(self, visit: Visit, file: object, called: str) -> None:
        if not isinstance(file, UploadFile) or not file.filename:
            raise BadInput(NO_FILE, field="name")
        if (file.size or 0) > MOST_BYTES:
            raise BadInput(TOO_BIG, field="content")
        await self._do(visit, add_file, visit.desk.session_id, file.filename, await file.read(), called)

    async def _one(self, request: Request, visit: Visit) -> MaterialView | None:
        kept = await self._front.store.read(materials_of, visit.where, visit.desk.session_id)
        return next((one for one in kept if one.id == request.path_params["material"]), None)

    async def _list(
        self, request: Request, visit: Visit, typed: Mapping[str, str], errors: Mapping[str, str], *, done: str = "", status: int = 200
    ) -> Response:
        kept = await self._front.store.read(materials_of, visit.where, visit.desk.session_id)
        most = {"most_links": MOST_LINKS, "most_files": MOST_FILES, "most_mb": MOST_MB}
        facts = {"kept": kept, "typed": typed, "errors": errors, "done": done} | most
        return self._page(request, "organise/materials.html", visit, status, **facts)
