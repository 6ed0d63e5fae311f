"""One measurement in a process of its own: `python -m bench.apart <what, as JSON> <file for the answer>`."""

from __future__ import annotations

import asyncio
import gc
import importlib
import inspect
import json
import resource
import sys
from pathlib import Path
from typing import Any

from bench.ground import Ground


def peak_mb() -> float:
    """The most memory that this process has had at once, in MB (2**20 bytes).

    Linux keeps it for the process's own image (VmHWM); `getrusage` would count what its parent had before the start.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = [line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) / 1024
    scale = 2**20 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale


def main(asked: dict[str, Any], answer: Path) -> None:
    """Call the function, and write what it returned."""
    ground = Ground(**{**asked["ground"], "folder": Path(asked["ground"]["folder"])})
    call = getattr(importlib.import_module(asked["module"]), asked["name"])
    gc.collect()
    gc.freeze()  # what is loaded is walked by nobody, of ours or of a baseline's, as `practiceweek run` has it
    result = call(ground, **asked["given"])
    if inspect.iscoroutine(result):
        result = asyncio.run(result)
    answer.write_text(json.dumps({"result": result, "peak_mb": peak_mb()}), encoding="utf-8")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), Path(sys.argv[2]))
