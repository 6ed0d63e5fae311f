"""Sending a schedule: the file is kept, shown with everything it would do, and carried out when its organiser says so.

The same reading, the same preview and the same questions as in chat. What was answered stands in the address of the page.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import StringIO
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.drafts import MOST_BYTES, TOO_LARGE, Draft, keep_draft, kept_draft
from domain.errors import BadInput, Closed, Refusal
from domain.ports.files import Sheet, SheetReader
from domain.programmes import require_kept
from domain.schedule.columns import explained_headings, heading_key
from domain.schedule.importing import Fate, ImportPreview, PlannedRow, apply, bare_preview, preview
from domain.schedule.remembering import MEANINGS, forget, means_of, remember_all, remembered
from domain.schedule.sample import EXPLAINED, sample
from domain.schedule.telling import done_words, left_out_words
from domain.schedule.values import Schedule
from web.front import Front
from web.pages.organising.allowed import Allowed, Visit
from web.pages.organising.of_programme import OfProgramme
from web.pages.organising.typed import fingerprint
from web.safety.forms import words

NO_FILE = "Choose a file to send: .xlsx or .csv."
ANSWER_CHANGED = "You have changed an answer. Look again before you import."
NEW = "new"
ALL = "all"


def routes(front: Front, allowed: Allowed) -> list[Route]:
    """Of a schedule, from the file to the sessions."""
    pages = Imports(front)
    return [
        allowed.get("/organise/programme/{programme:int}/import", pages.form),
        allowed.post("/organise/programme/{programme:int}/import", pages.sent),
        allowed.get("/organise/programme/{programme:int}/import/sample.csv", pages.sample),
        allowed.post("/organise/programme/{programme:int}/import/forget", pages.forget),
        allowed.get("/organise/draft/{draft:int}", pages.show),
        allowed.post("/organise/draft/{draft:int}/all", partial(pages.confirmed, good_rows_only=False)),
        allowed.post("/organise/draft/{draft:int}/good", partial(pages.confirmed, good_rows_only=True)),
    ]


@dataclass(frozen=True)
class Said:
    """What the organiser has said of a file: by row the session that is meant, the gone ones to cancel, what columns mean."""

    rows: Mapping[int, str]
    cancel: frozenset[int]
    means: Mapping[str, str]

    @classmethod
    def of(cls, fields: Sequence[tuple[str, object]]) -> Said:
        """From the fields of an address or a form."""
        texts = [(name, value) for name, value in fields if isinstance(value, str)]
        rows = {int(name[3:]): value for name, value in texts if name.startswith("row") and name[3:].isdecimal() and len(name) < 10}
        cancel = frozenset(int(value) for name, value in texts if name == "cancel" and value.isdecimal() and len(value) < 10)
        means = {name[7:]: value for name, value in texts if name.startswith("column:") and value in MEANINGS}
        return cls({row: value for row, value in rows.items() if value}, cancel, means)

    def answers(self, asked: Sequence[PlannedRow]) -> dict[int, int | None]:
        """By row, as the import takes them: only what was offered counts."""
        found: dict[int, int | None] = {}
        for row in asked:
            said = self.rows.get(row.row)
            if said == NEW:
                found[row.row] = None
            elif said in {str(one.session_id) for one in row.candidates}:
                found[row.row] = int(said or 0)
        return found


@dataclass(frozen=True)
class Shown:
    """A file beside its programme: the rows that were ambiguous before any answer, and what the file would do with the answers."""

    draft: Draft
    sheet: Sheet
    asked: tuple[PlannedRow, ...]
    preview: ImportPreview
    means: Mapping[str, str]  #: what was said of headings, now or with an earlier file

    def answers(self, said: Said) -> str:
        """Differs when something else is said of the file than what this shows."""
        return fingerprint((sorted(said.answers(self.asked).items(), key=str), sorted(self.means.items())))


class Imports(OfProgramme):
    """The form, the preview, and Confirm."""

    async def form(self, request: Request, visit: Visit) -> Response:
        """Where a file is chosen."""
        require_kept(visit.programme.state)
        return await self._form(request, visit, done=request.query_params.get("done", ""))

    async def sample(self, request: Request, visit: Visit) -> Response:
        """A small schedule to begin with, on the programme's first day."""
        written = StringIO()
        csv.writer(written).writerows(sample(visit.programme.starts_on))
        headers = {"Content-Disposition": 'attachment; filename="schedule.csv"', "Cache-Control": "no-store"}
        content = written.getvalue().encode("utf-8-sig")  # by the mark spreadsheets know its letters
        return Response(content, headers=headers, media_type="text/csv; charset=utf-8")

    async def sent(self, request: Request, visit: Visit, form: FormData) -> Response:
        """Kept for a week at most, and shown. Nothing else comes of it yet."""
        require_kept(visit.programme.state)
        file = form.get("file")
        try:
            if not isinstance(file, UploadFile) or not file.filename:
                raise BadInput(NO_FILE)
            content = await file.read()
            if len(content) > MOST_BYTES:
                raise BadInput(TOO_LARGE)
            await self._front.store.compute(self._reader(visit).read, file.filename, content)  # what is no spreadsheet is not kept
        except BadInput as bad:
            return await self._form(request, visit, {"file": str(bad)}, status=422)
        draft_id = await self._front.store.write(
            keep_draft, visit.where, visit.programme.id, file.filename, content, asked_by=None, now=self._front.clock()
        )
        return RedirectResponse(f"/organise/draft/{draft_id}", status_code=303)

    async def forget(self, request: Request, visit: Visit, form: FormData) -> Response:
        """What this organiser said of one column, or of all. Pressed twice it is forgotten once."""
        said = words(form, "forget")
        one = frozenset({int(said)}) if said.isdecimal() and len(said) < 10 else frozenset[int]()
        now = self._front.clock()
        await self._front.store.write(forget, visit.where, visit.organiser, None if said == ALL else one, now=now)
        return RedirectResponse(f"/organise/programme/{visit.programme.id}/import?done=forgotten", status_code=303)

    async def show(self, request: Request, visit: Visit) -> Response:
        """What the file would do."""
        return await self._show(request, visit, Said.of(request.query_params.multi_items()))

    async def confirmed(self, request: Request, visit: Visit, form: FormData, *, good_rows_only: bool) -> Response:
        """Carried out once. Where the programme has changed meanwhile, nothing is done, and the preview is shown again."""
        said = Said.of(form.multi_items())
        shown = await self._read(request, visit, said)
        gone = {one.session_id for one in shown.preview.gone}
        await self._remember(visit, shown, said)
        try:
            done = await self._front.store.write(
                apply,
                visit.where,
                visit.programme.id,
                shown.sheet,
                visit.whose.rules,
                good_rows_only=good_rows_only,
                actor=visit.organiser.actor,
                now=self._front.clock(),
                holidays=visit.whose.holidays,
                cancel_gone=said.cancel & gone,
                answers=said.answers(shown.asked),
                draft_id=shown.draft.id,
                seen=words(form, "seen"),
                schedule=shown.preview.schedule,
                sees_private=visit.found.sees_people,
            )
        except Refusal as refused:
            theirs = words(form, "answers") not in ("", shown.answers(said))
            return await self._show(request, visit, said, status=409, refused=ANSWER_CHANGED if theirs else str(refused))
        self._front.wake()
        facts: dict[str, Any] = {
            "done": done,
            "said": done_words(done),
            "left_out": left_out_words(shown.preview),
            "file": shown.sheet.name,
        }
        return self._page(request, "organise/imported.html", visit, **facts)

    async def _show(self, request: Request, visit: Visit, said: Said, *, status: int = 200, refused: str = "") -> Response:
        shown = await self._read(request, visit, said)
        facts = {"shown": shown.preview, "asked": shown.asked, "draft": shown.draft, "said": said, "meanings": MEANINGS}
        facts |= {"means": shown.means, "explained": explained_headings(shown.sheet.rows, shown.means)}
        facts |= {"unknown": [(heading, heading_key(heading)) for heading in shown.preview.schedule.unknown]}
        fates = (Fate.NEW, Fate.CHANGED, Fate.UNCHANGED)  # by name: a template has words, not values of ours
        facts |= {"by_fate": {fate.value: shown.preview.of(fate) for fate in fates}}
        facts["left_alone"] = shown.preview.of(Fate.CANCELLED) + shown.preview.of(Fate.OVER)
        facts["answers"] = shown.answers(said)
        in_doubt = bool(shown.preview.errors or shown.preview.of(Fate.AMBIGUOUS))
        ticked = said.cancel & {one.session_id for one in shown.preview.gone}
        facts |= {"in_doubt": in_doubt, "anything": shown.preview.changes_something or bool(ticked)}
        return self._page(request, "organise/preview.html", visit, status, refused=refused, **facts)

    async def _remember(self, visit: Visit, shown: Shown, said: Said) -> None:
        """What was said of the file's columns is kept for the next one."""
        told = {key: said.means[key] for key in explained_headings(shown.sheet.rows, said.means)}
        await self._front.store.write(remember_all, visit.where, visit.organiser, told, now=self._front.clock())

    async def _read(self, request: Request, visit: Visit, said: Said) -> Shown:
        """The file as it reads now, with what was said of it. Slow for a large one: read in a thread."""
        store, now = self._front.store, self._front.clock()
        draft = await store.read(kept_draft, visit.where, request.path_params["draft"])
        sheet = await store.compute(self._reader(visit).read, draft.file_name, draft.content)
        before = await store.read(means_of, visit.where, visit.organiser)
        means = before | dict(said.means)
        read = partial(bare_preview, sheet, now=now, holidays=visit.whose.holidays, zone=visit.programme.zone, means=means)
        schedule: Schedule = await store.compute(read)
        given: dict[str, Any] = {"now": now, "holidays": visit.whose.holidays, "schedule": schedule}
        given["sees_private"] = visit.found.sees_people
        where = visit.where, visit.programme.id, sheet, visit.whose.rules
        first = await store.read(preview, *where, **given)
        asked = first.of(Fate.AMBIGUOUS)
        answers = said.answers(asked)
        return Shown(draft, sheet, asked, await store.read(preview, *where, **given, answers=answers) if answers else first, means)

    def _reader(self, visit: Visit) -> SheetReader:
        if visit.whose.sheets is None:
            raise Closed("Schedules cannot be sent here.")
        return visit.whose.sheets

    async def _form(
        self, request: Request, visit: Visit, errors: Mapping[str, str] | None = None, *, done: str = "", status: int = 200
    ) -> Response:
        kept = await self._front.store.read(remembered, visit.where, visit.organiser)
        told = [(one.id, one.heading, MEANINGS[one.means]) for one in kept]
        facts: dict[str, Any] = {"errors": errors or {}, "told": told, "done": done, "explained": EXPLAINED}
        return self._page(request, "organise/import.html", visit, status, **facts)
