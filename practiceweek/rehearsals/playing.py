"""`practiceweek rehearse --play`: the stage of a rehearsal, with a person in a browser instead of made-up people."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import signal
import socket
import sys
import webbrowser
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console

from domain.models import ProgrammeKind
from practiceweek import logs
from practiceweek.processes.pages import Pages
from practiceweek.rehearsals import folder as rehearsal_folder
from practiceweek.rehearsals.rehearsing import schedules_of, set_stage
from rehearsal.clock import moment_words
from rehearsal.overheard import Overheard
from rehearsal.play import Play
from rehearsal.play_page import PlayPage, listen
from rehearsal.schedules import Schedule
from rehearsal.stage import Stage


def play(
    files: Sequence[Path], *, seed: int, out: Path, port: int, browser: bool, console: Console, kind: ProgrammeKind | None = None
) -> None:
    """Play a week by hand until Ctrl-C, or SIGTERM. Raises `Refusal` for files, a folder or a port that cannot be used."""
    rehearsal_folder.check(out)
    schedules = schedules_of(files, kind)
    with listen(port) as listening:
        rehearsal_folder.make_ready(out)
        with (out / "rehearsal.log").open("w", encoding="utf-8") as log:
            logs.set_up("warning", "json", log)
            try:
                asyncio.run(_play(schedules, seed, out, listening, browser, console))
            except asyncio.CancelledError:
                console.print("The play has ended. Its log and its database are in", str(out), highlight=False)


async def _play(schedules: Sequence[Schedule], seed: int, out: Path, listening: socket.socket, browser: bool, console: Console) -> None:
    """Until it is cancelled, which is how it ends."""
    _cancel_on(signal.SIGINT, signal.SIGTERM)
    console.print("The organiser imports and publishes the week. This takes a few seconds.", highlight=False)
    with listen(0) as free:
        port = free.getsockname()[1]
    async with (
        set_stage(schedules, seed, out, pages=f"http://127.0.0.1:{port}") as stage,
        _served(stage, port),
        _begun(Play(stage, schedules, random.Random(seed))) as play,
    ):
        page = PlayPage(play)
        try:
            address = await page.open(listening)
            _say(console, play, address)
            if browser and _has_screen():
                asyncio.get_running_loop().run_in_executor(None, webbrowser.open, address)
            await play.follow()
        finally:
            await page.close()


@asynccontextmanager
async def _served(stage: Stage, port: int) -> AsyncIterator[None]:
    """The pages of people without Discord, on this machine alone."""
    pages = Pages(stage.web.front, "127.0.0.1", port)
    serving = asyncio.create_task(pages.serve(), name="pages")
    try:
        yield
    finally:
        await pages.close()
        await serving


@asynccontextmanager
async def _begun(play: Play) -> AsyncIterator[Play]:
    """The play from its first moment, with what the program tells its log overheard."""
    overheard = Overheard(play.note_fault)
    logging.getLogger().addHandler(overheard)
    try:
        await play.begin()
        yield play
    finally:
        logging.getLogger().removeHandler(overheard)
        await play.pages.close()


def _cancel_on(*numbers: signal.Signals) -> None:
    """The first of these signals ends this in good order; what comes while it ends is not heard."""
    loop, mine = asyncio.get_running_loop(), asyncio.current_task()
    assert mine is not None

    def end() -> None:
        for number in numbers:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)
        mine.cancel()

    for number in numbers:
        loop.add_signal_handler(number, end)


def _has_screen() -> bool:
    """Whether a browser has somewhere to open. Without, one for the terminal would take the terminal over."""
    return not sys.platform.startswith("linux") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _say(console: Console, play: Play, address: str) -> None:
    console.print(f"It is {moment_words(play.stage.clock())}, and the week is published.", highlight=False)
    console.print("The time, the mail, the meetings, and a link to the chat and to the pages for each person:", highlight=False)
    console.print(f"    {address}", highlight=False, soft_wrap=True)
    for player in play.players:
        console.print(f"{player.role.name}:", highlight=False)
        for page in player.pages:
            console.print(f"    {page.where:<16} {page.address}", highlight=False, soft_wrap=True)
        for door in player.web:
            console.print(f"    {door.where:<16} {door.address}", highlight=False, soft_wrap=True)
    console.print("Press Ctrl-C to end.", highlight=False)
