"""What a rehearsal leaves in its folder, to be looked at."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from rehearsal import timeline
from rehearsal.played import Played
from rehearsal.stage import Stage
from rehearsal.timeline import Moment


def leave(folder: Path, stage: Stage, played: Played) -> tuple[str, ...]:
    """Write mail, chat, timeline, meetings and reports; the Message-IDs that came twice with other bytes."""
    written = stage.mailbox.write_to(folder / "mail")
    _write_chat(folder / "chat", stage.chat.transcripts())
    moments: Sequence[Moment] = [*played.acts, *stage.store.read_now(timeline.sent, played.pseudonyms)]
    (folder / "timeline.jsonl").write_bytes(timeline.as_lines(moments))
    meetings = {"teams": stage.graph.dump(), "zoom": stage.zoom.dump()}
    (folder / "meetings.json").write_text(json.dumps(meetings, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for name, page in played.reports.items():
        (folder / name).write_bytes(page)
    return written.altered


def texts_left(folder: Path) -> dict[str, str]:
    """What stands in the folder beside mail and chat: the log, the reports, the timeline and the meetings."""
    found = [path for path in sorted(folder.iterdir()) if path.suffix in (".log", ".html", ".jsonl", ".json")]
    return {path.name: path.read_text(encoding="utf-8") for path in found}


def _write_chat(folder: Path, transcripts: Mapping[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in transcripts.items():
        (folder / f"{_file_name(name)}.txt").write_text(text, encoding="utf-8")


def _file_name(name: str) -> str:
    kind = "channel-" if name.startswith("#") else ""
    return kind + re.sub(r"[^\w]+", "-", name.lower()).strip("-")
