"""The units of `deploy/`: systemd understands them, they run commands that exist, and they get no more than they need."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from practiceweek import cli
from practiceweek.settings.installation import Secrets

DEPLOY = Path(__file__).parent.parent / "deploy"
UNITS = sorted(path.name for path in DEPLOY.glob("practiceweek*"))
INSTALLED = "/opt/practiceweek/.venv/bin/practiceweek"
HARDENED = {"NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "CapabilityBoundingSet=", "UMask=0077"}


def test_the_units_are_those_of_the_page() -> None:
    assert UNITS == [
        "practiceweek-backup.service",
        "practiceweek-backup.timer",
        "practiceweek-bot.service",
        "practiceweek-scheduler@.service",
        "practiceweek-web.service",
        "practiceweek.service",
    ]


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_understands_the_unit(unit: str, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None and not os.environ.get("CI"):
        pytest.skip("systemd-analyze is not on this machine")
    assert program is not None
    here = str(Path(sys.executable).with_name("practiceweek"))
    for name in UNITS:
        text = (DEPLOY / name).read_text(encoding="utf-8").replace(INSTALLED, here)
        (tmp_path / name).write_text(text, encoding="utf-8")
    name = unit.replace("@.", "@1.")
    (tmp_path / unit).rename(tmp_path / name)
    done = subprocess.run([program, "verify", "--man=no", f"./{name}"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("unit", [name for name in UNITS if name.endswith(".service")])
def test_a_unit_runs_a_command_that_there_is_and_gets_no_more_than_it_needs(unit: str) -> None:
    lines = (DEPLOY / unit).read_text(encoding="utf-8").splitlines()
    assert set(lines) >= HARDENED
    (start,) = [line for line in lines if line.startswith("ExecStart=")]
    (words,) = re.findall(rf"{re.escape(INSTALLED)} ([a-z ]*[a-z])", start)
    helped = CliRunner().invoke(cli.app, [*words.split(), "--help"])
    assert helped.exit_code == 0, helped.output


def test_who_draws_pictures_may_stand_back_for_others() -> None:
    """`integrations.own_process` calls nice(2); systemd adds up its filters in the order of their lines."""
    for unit in ("practiceweek.service", "practiceweek-bot.service", "practiceweek-web.service"):
        lines = (DEPLOY / unit).read_text(encoding="utf-8").splitlines()
        filters = [line.removeprefix("SystemCallFilter=") for line in lines if line.startswith("SystemCallFilter=")]
        assert filters == ["@system-service", "~@privileged @resources", "setpriority"]


def test_half_a_copy_is_cleared_out_with_the_old_ones(tmp_path: Path) -> None:
    (line,) = [
        line.removeprefix("ExecStartPost=")
        for line in (DEPLOY / "practiceweek-backup.service").read_text(encoding="utf-8").splitlines()
        if line.startswith("ExecStartPost=")
    ]
    for name in ("20270101T023000.copy", ".20270101T023000.copy.half", "20270201T023000.copy", "letter"):
        (tmp_path / name).write_text("names", encoding="utf-8")
        if "0201" not in name:
            os.utime(tmp_path / name, (0, 0))
    subprocess.run(shlex.split(line.replace("/var/backups/practiceweek", str(tmp_path))), check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["20270201T023000.copy", "letter"]


def test_the_example_of_secrets_names_each_and_holds_none() -> None:
    lines = (DEPLOY / "secrets.env.example").read_text(encoding="utf-8").splitlines()
    given = dict(line.removeprefix("#").split("=") for line in lines if re.match(r"#?[A-Z]", line) and "=" in line)
    ours = {f"PRACTICEWEEK_{name.upper()}" for name in Secrets.model_fields}
    assert (set(given), set(given.values())) == ({*ours, "PGPASSWORD"}, {""})
