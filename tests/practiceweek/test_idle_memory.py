"""What a program that waits does not hold in memory, and what the command line does not load to say what it can do."""

from __future__ import annotations

import json
import subprocess
import sys

#: each is loaded when it is first needed: for a picture, a PDF, a spreadsheet, a Teams meeting, a rehearsal, a change of the tables
HEAVY = (
    "matplotlib", "numpy", "PIL", "fpdf", "fontTools", "xlsxwriter", "python_calamine", "msgraph", "kiota_abstractions", "azure",
    "requests", "alembic", "mako", "psycopg", "simcord", "aiosmtpd", "rehearsal", "prometheus_client",
    "uvicorn", "starlette", "web", "docx",
)  # fmt: skip


def loaded_by(statements: str) -> set[str]:
    """The packages that a new process has loaded after these statements."""
    tell = "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", f"{statements}\n{tell}"], capture_output=True, text=True, timeout=120, check=True)
    return set(json.loads(done.stdout))


def test_a_program_that_waits_holds_nothing_that_only_a_report_a_file_or_teams_needs() -> None:
    """As `practiceweek run` on SQLite with Teams not configured: every module of it, and the look at the database's revision."""
    run = "import practiceweek.cli, practiceweek.processes.running, practiceweek.database.revisions as r; r.newest()"
    holidays = "from integrations.holidays import english_bank_holidays as known; assert len(known()) > 20"
    assert loaded_by(f"{run}\n{holidays}") & set(HEAVY) == set()


def test_to_say_what_it_can_do_the_command_line_loads_nothing_of_what_it_does() -> None:
    said = "import sys, practiceweek.cli\nsys.argv = ['practiceweek', '--help']\nsys.stdout, out = sys.stderr, sys.stdout\n"
    helped = "try:\n    practiceweek.cli.main()\nexcept SystemExit as end:\n    assert end.code == 0\nsys.stdout = out"
    assert loaded_by(said + helped) & {"discord", "sqlalchemy", "sqlmodel", "pydantic", "structlog", *HEAVY} == set()
