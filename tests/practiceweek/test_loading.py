"""A process that has loaded looks for what can go again: one that never did would grow until it is ended."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.newest import put_newest

SETTINGS = """
[database]
url = "sqlite:///{folder}/practiceweek.sqlite"
[mail]
login = "none"
[web]
enabled = true
address = "http://127.0.0.1"
port = 0
[partnership.midlands]
name = "Midlands"
organisers = ["olga@midlands.example"]
"""
#: as the command does, in a process of its own
RUNS = """
import asyncio, gc, signal, sys
from pathlib import Path
from practiceweek.processes import loading, running
from practiceweek.settings.installation import load
from practiceweek.typed import Part

async def begun(part):
    process = asyncio.create_task(running.run(load(Path("config.toml")), only=part, stop_on=[signal.SIGTERM]))
    while not (gc.isenabled() or process.done()):
        await asyncio.sleep(0)
    print(gc.isenabled())
    signal.raise_signal(signal.SIGTERM)
    await process

loading.begin()
assert not gc.isenabled()
asyncio.run(begun(Part(sys.argv[1])))
"""


@pytest.mark.parametrize("part", ["scheduler", "web"])
async def test_whatever_has_loaded_looks_for_what_can_go(tmp_path: Path, part: str) -> None:
    put_newest(tmp_path / "practiceweek.sqlite")
    (tmp_path / "config.toml").write_text(SETTINGS.format(folder=tmp_path), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", RUNS, part),
        cwd=tmp_path,
        env={**os.environ, "PRACTICEWEEK_WEB_KEY": "a key for links, long enough"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        said, errors = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (process.returncode, said.split()[:1]) == (0, [b"True"]), errors.decode()
