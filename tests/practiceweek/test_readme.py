"""The settings that the README has for copying: each can be used as it stands, and fits the commands beside it."""

from __future__ import annotations

import re
import textwrap
import tomllib
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from practiceweek.settings.checks import is_this_machine
from practiceweek.settings.installation import Secrets, Settings, from_tables

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
PAGES_ONLY, _, TRIAL = README.partition("\n## Pages only\n")[2].partition("\n## ")[0].partition("\n### ")
KEY = "There is no key for the links in e-mails"


def settings_in(text: str) -> Settings:
    """The one file of settings that a chapter shows, where no secret is set."""
    (block,) = re.findall(r"^ *```toml\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    empty: dict[str, Any] = {name: SecretStr("") for name in Secrets.model_fields}
    return from_tables(tomllib.loads(textwrap.dedent(block))).model_copy(update={"secrets": Secrets.model_construct(**empty)})


def lacking(settings: Settings) -> list[str]:
    return [one.partition(".")[0] for one in (*settings.missing_secrets(), *settings.missing_ids())]


def test_pages_alone_need_a_key_and_the_password_of_the_mail_account_and_no_more() -> None:
    shown = settings_in(PAGES_ONLY)
    assert (shown.uses_discord, lacking(shown)) == (False, ["There is no password for mail", KEY])
    assert re.findall(r"PRACTICEWEEK_\w+", PAGES_ONLY) == ["PRACTICEWEEK_WEB_KEY", "PRACTICEWEEK_MAIL_PASSWORD"]


def test_the_trial_needs_a_key_and_nothing_beyond_this_machine() -> None:
    shown = settings_in(TRIAL)
    assert (shown.uses_discord, lacking(shown)) == (False, [KEY])
    assert (is_this_machine(shown.mail.host), shown.mail.security, shown.mail.login) == (True, "none", "none")
    assert shown.web.address == f"http://127.0.0.1:{shown.web.port}"


def test_the_commands_of_the_trial_fit_its_settings() -> None:
    shown = settings_in(TRIAL)
    (key,) = shown.partnership
    assert f"-m aiosmtpd -n -l {shown.mail.host}:{shown.mail.port} " in TRIAL
    assert {link.rstrip(">") for link in re.findall(r"<(http://[^>]+)>", TRIAL)} == {
        f"{shown.web.address}/{key}",
        f"{shown.web.address}/{key}/organise",
    }
    assert f"`{shown.partnership[key].organisers[0]}`" in TRIAL
