"""The report of a programme, with its pictures and tables, and its spreadsheets."""

from __future__ import annotations

import asyncio
from datetime import datetime

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.audit import audit
from domain.database import Db
from domain.errors import Closed, NotFound
from domain.exports import export
from domain.kinds import Export
from domain.reports.figures import ProgrammeReport
from domain.reports.programme import programme_report
from domain.rules import Rules
from web.front import Front
from web.pages.organising.allowed import Allowed, Visit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def routes(front: Front, allowed: Allowed) -> list[Route]:
    """Of what came of a programme."""
    pages = Reports(front)
    return [
        allowed.get("/organise/programme/{programme:int}/report", pages.show),
        allowed.get("/organise/programme/{programme:int}/export/{what}.xlsx", pages.export),
    ]


class Reports:
    """The page and the files."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def show(self, request: Request, visit: Visit) -> Response:
        """The same as `report.html`. Looking is recorded."""
        whose, now = visit.whose, self._front.clock()
        if whose.report is None or whose.pictures is None:
            raise Closed("Reports are not set up here.")
        made = await self._front.store.write(_report, visit.where, visit.programme.id, whose.rules, visit.organiser.actor, now)
        body = Markup(await whose.aside(whose.report, made, whose.pictures))  # escaped where it was drawn
        return self._front.page(request, "organise/report.html", whose, visit=visit, programme=visit.programme, body=body)

    async def export(self, request: Request, visit: Visit) -> Response:
        """A spreadsheet to take away. It is recorded, and holds of private sessions what this organiser may see."""
        whose, what = visit.whose, next((one for one in Export if one == request.path_params["what"]), None)
        if what is None or whose.sheet_writer is None:
            raise NotFound
        actor, now = visit.organiser.actor, self._front.clock()
        made = await self._front.store.write(
            export, visit.where, visit.programme.id, what, whose.rules, sees_private=visit.found.sees_people, actor=actor, now=now
        )
        content = await asyncio.to_thread(whose.sheet_writer.write, made.title, made.pages)
        headers = {"Content-Disposition": f'attachment; filename="{made.file_name}.xlsx"', "Cache-Control": "no-store"}
        return Response(content, headers=headers, media_type=XLSX)


def _report(db: Db, partnership_id: int, programme_id: int, rules: Rules, actor: str, now: datetime) -> ProgrammeReport:
    audit(db, partnership_id, actor, "view report", now=now, programme_id=programme_id)
    return programme_report(db, partnership_id, programme_id, rules, now=now)
