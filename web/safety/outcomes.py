"""Outcomes: what was just done, and how many it concerned, in the address of the page that says so.

Anybody can write an address, and send it to somebody who organises. So numbers are said only where the address has our seal on them: for
this page, and for the very browser that was led to it.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

from domain.links import LinkKey
from web.safety.forms import Forms, number

SEAL = "seal"


@dataclass(frozen=True)
class Outcome:
    """A word of ours, and how many people were told, or have a place by it. None: nothing is said of how many."""

    done: str = ""
    told: int | None = None
    promoted: int | None = None


class Outcomes:
    """Writes outcomes into addresses, and reads them there."""

    def __init__(self, key: LinkKey, forms: Forms) -> None:
        self._key = key
        self._forms = forms

    def address(self, request: Request, path: str, outcome: Outcome) -> str:
        """The address of this page, for the browser that sent the form."""
        counts = {"told": outcome.told, "promoted": outcome.promoted}
        said = {"done": outcome.done} | {name: str(count) for name, count in counts.items() if count is not None}
        return f"{path}?{urlencode(said | {SEAL: self._seal(request, path, outcome)})}"

    def read(self, request: Request) -> Outcome:
        """What the address says. Without our seal it has no numbers."""
        asked = request.query_params
        done = asked.get("done", "")
        said = Outcome(done, number(asked.get("told", "")), number(asked.get("promoted", "")))
        sealed = hmac.compare_digest(asked.get(SEAL, "").encode(), self._seal(request, request.url.path, said).encode())
        return said if sealed else Outcome(done)

    def _seal(self, request: Request, path: str, outcome: Outcome) -> str:
        browser = self._forms.stamp(request).cookie
        return self._key.sign("\n".join(("outcome", browser, path, outcome.done, str(outcome.told), str(outcome.promoted))))
