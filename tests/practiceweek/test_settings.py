"""The settings: the example names them all, and a fault is told in a plain sentence."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, SecretStr

from domain.kinds import Provider
from domain.rules import Rules
from practiceweek.settings.checks import A_SERVER, is_this_machine
from practiceweek.settings.installation import Secrets, Settings, SettingsError, from_tables, load
from practiceweek.settings.partnership import HostSettings, PartnershipSettings

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config.example.toml"

#: the least that a configuration has to say
LEAST = """
[partnership.midlands]
name = "Midlands Teaching Partnership"
guild_id = 123456789012345678
"""


def faults_of(text: str, folder: Path) -> str:
    """What is said about a file that holds this text."""
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as fault:
        load(path)
    return str(fault.value)


# ── the example ─────────────────────────────────────────────────────────────────────────────────────────────


def settings_in_the_code() -> Iterator[str]:
    """`table.key` of every setting that the code knows, in its order; a partnership is called `midlands`."""
    for table, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind is not Secrets:
            yield from (f"{table}.{key}" for key in kind.model_fields)
    yield from (f"partnership.midlands.{key}" for key in PartnershipSettings.model_fields if key != "hosts")
    yield from (f"partnership.midlands.hosts.{key}" for key in HostSettings.model_fields)


def settings_in_the_example() -> Iterator[tuple[str, str]]:
    """(`table.key`, its comment) of every line of the example that sets something."""
    table = ""
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if heading := re.fullmatch(r"\[+([\w.]+)\]+", line):
            table = heading[1]
        elif line and not line.startswith("#"):
            key, rest = line.split(" = ", 1)
            _, _, comment = rest.rpartition("  # ")
            yield f"{table}.{key}", comment


def test_the_example_names_every_setting_once_and_no_other() -> None:
    assert [name for name, _ in settings_in_the_example()] == list(settings_in_the_code())


def test_every_setting_of_the_example_has_the_comment_that_the_code_gives_it() -> None:
    described = {}
    for name in settings_in_the_code():
        table, _, key = name.rpartition(".")
        kind: Any = {"partnership.midlands": PartnershipSettings, "partnership.midlands.hosts": HostSettings}.get(table)
        kind = kind or Settings.model_fields[table].annotation
        described[name] = kind.model_fields[key].description
    assert dict(settings_in_the_example()) == described


def test_the_example_shows_the_default_of_every_setting_that_has_one() -> None:
    shown = load(EXAMPLE)
    least = from_tables(tomllib.loads(LEAST))
    assert "so is teams.enabled, which is false by default" in EXAMPLE.read_text(encoding="utf-8")
    told = {"enabled"}  # the example makes Teams meetings; a configuration that says nothing makes none
    for table in ("database", "log", "discord", "mail", "teams", "zoom"):
        assert getattr(shown, table).model_dump(exclude=told) == getattr(least, table).model_dump(exclude=told)
    own = {"name", "guild_id", "organiser_roles", "contact", "hosts"}
    assert shown.chosen()[1].model_dump(exclude=own) == least.chosen()[1].model_dump(exclude=own)


def test_the_example_names_every_secret_and_sets_none() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    named = re.findall(r"^#   (PRACTICEWEEK_\w+)", text, flags=re.MULTILINE)
    assert named == [f"PRACTICEWEEK_{name.upper()}" for name in Secrets.model_fields]
    assert "secret" not in tomllib.loads(text)


def test_the_example_can_be_used() -> None:
    key, partnership = load(EXAMPLE).chosen()
    assert (key, partnership.name, partnership.guild_id) == ("midlands", "Midlands Teaching Partnership", 123456789012345678)
    assert [(host.provider, host.at_once, host.per_day) for host in partnership.hosts] == [(Provider.TEAMS, 1, 100)]
    assert partnership.rules() == Rules()  # the defaults of the settings and of the domain are the same


def test_durations_become_rules() -> None:
    settings = from_tables(tomllib.loads(LEAST + 'reminders = ["2d", "90m"]\nhold = "90s"\nmail_domains = ["council.gov.uk"]\n'))
    rules = settings.chosen()[1].rules()
    assert (rules.reminders, rules.hold, rules.mail_domains) == (
        (timedelta(days=2), timedelta(minutes=90)),
        timedelta(seconds=90),
        ("council.gov.uk",),
    )


# ── faults, each in one sentence ────────────────────────────────────────────────────────────────────────────

NORTH = '[partnership.north]\nname = "Northern Partnership"\nguild_id = {guild}\n'
#: a partnership of pages and mail alone
NO_SERVER = '[web]\nenabled = true\n[partnership.midlands]\nname = "Midlands"\n'
SECOND = LEAST + NORTH.format(guild=1)
TWO_HOSTS = (
    "[teams]\nenabled = true\n"
    + LEAST
    + '[[partnership.midlands.hosts]]\nprovider = "teams"\naccount = "ABC"\n'
    + NORTH.format(guild=1)
    + '[[partnership.north.hosts]]\nprovider = "teams"\naccount = " abc"\n'
)
ONLY_HERE = "must begin with https:// (http:// is only for this machine)"
SUCH_AS = "must be a web address, such as https://graph.microsoft.com/v1.0"
ONE_ADDRESS = "must be one e-mail address, such as practice-week@example.org"
A_NUMBER = "must be an IP address or a network, such as 127.0.0.1 or 10.1.0.0/24"
ALONE = "must be the address of the pages alone, such as https://practice-week.example.org"
A_SHARE = "write a number from 0 to 1, such as 0.25 for a quarter"
ZOOM_HOST = LEAST + '[[partnership.midlands.hosts]]\nprovider = "zoom"\naccount = "host@zoom.example"\n'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (LEAST + "[mail]\nhots = 'mail.example'\n", "mail.hots: there is no such setting."),
        (LEAST + "[post]\nhost = 'mail.example'\n", "post: there is no such setting."),
        ("[partnership]\n", "partnership: there must be a [partnership.<name>] table for each partnership."),
        (
            LEAST + NORTH.format(guild=123456789012345678),
            "partnership: midlands and north have the same guild_id. Each partnership needs a Discord server of its own.",
        ),
        (
            TWO_HOSTS,
            "partnership: midlands and north have the same host. A host that both could book would be booked twice: give each its own.",
        ),
        (LEAST + 'sender = "no address"\n', f"partnership.midlands.sender: {ONE_ADDRESS}."),
        (
            '[partnership.midlands]\nname = "Midlands"\n',
            "FILE: partnership.midlands has no guild_id, and there are no pages. "
            f"Without Discord, write enabled = true below [web]. With it, write guild_id. {A_SERVER}.",
        ),
        (NORTH.format(guild=0), f"partnership.north.guild_id: must be 1 or more. {A_SERVER}. Without Discord, leave the line out."),
        (
            NO_SERVER + "organiser_roles = [1]\n",
            f"partnership.midlands: there are organiser_roles, but no guild_id. Write guild_id, or take the roles out. {A_SERVER}.",
        ),
        ("[partnership.midlands]\nguild_id = 1\n", "partnership.midlands.name: this setting is missing."),
        (LEAST + "[database]\nurl = 'practiceweek.sqlite'\n", "database.url: must begin with sqlite:/// or postgresql+psycopg://."),
        (
            LEAST + "[database]\nurl = 'postgresql+psycopg://pw:secret@db.example.org/pw'\n",
            "database.url: must not hold a password: give it in the environment, as PGPASSWORD.",
        ),
        (LEAST + "[discord]\napi_base = 'discord.com'\n", "discord.api_base: must begin with https:// or http://."),
        (LEAST + "[discord]\ngateway_url = 'https://discord.com'\n", "discord.gateway_url: must begin with wss:// or ws://."),
        ("", "partnership: there must be a [partnership.<name>] table for each partnership."),
        (ZOOM_HOST, "FILE: there are Zoom hosts, but Zoom is not switched on. Write enabled = true below [zoom], or take the hosts out."),
        (LEAST + "hold = 30\n", "partnership.midlands.hold: write a duration as 90s, 30m, 24h or 7d."),
        (LEAST + "hold = 'half an hour'\n", "partnership.midlands.hold: write a duration as 90s, 30m, 24h or 7d."),
        (LEAST + "hold = ''\n", "partnership.midlands.hold: write a duration as 90s, 30m, 24h or 7d."),
        (LEAST + "hold = '-5m'\n", "partnership.midlands.hold: write a duration as 90s, 30m, 24h or 7d."),
        (LEAST + "hold = '99999999999d'\n", "partnership.midlands.hold: must be 366d or less."),
        (LEAST + f"hold = '{'9' * 5000}s'\n", "partnership.midlands.hold: must be 366d or less."),
        (LEAST + "hold = '367d'\n", "partnership.midlands.hold: must be 366d or less."),
        (LEAST + "hold = '²h'\n", "partnership.midlands.hold: write a duration as 90s, 30m, 24h or 7d."),
        (LEAST + "[teams]\nbase_url = 'http://graph.example/v1.0'\n", f"teams.base_url: {ONLY_HERE}."),
        (LEAST + "[teams]\nbase_url = 'http://localhost.example/v1.0'\n", f"teams.base_url: {ONLY_HERE}."),
        (LEAST + "[teams]\nbase_url = 'https:///v1.0'\n", f"teams.base_url: {SUCH_AS}."),
        (LEAST + "[teams]\nbase_url = 'https://[::1/v1.0'\n", f"teams.base_url: {SUCH_AS}."),
        (LEAST + "[mail]\nsender = 'practice week'\n", f"mail.sender: {ONE_ADDRESS}."),
        (LEAST + "[mail]\nsender = 'a@council.gov.uk, b@council.gov.uk'\n", f"mail.sender: {ONE_ADDRESS}."),
        (LEAST + "reminders = ['24h', 'soon']\n", "partnership.midlands.reminders (number 2): write a duration as 90s, 30m, 24h or 7d."),
        (LEAST + "minimum_answers = 2\n", "partnership.midlands.minimum_answers: must be 3 or more."),
        (LEAST + "unproven_share = 25\n", f"partnership.midlands.unproven_share: {A_SHARE}."),
        (LEAST + "unproven_share = -0.1\n", f"partnership.midlands.unproven_share: {A_SHARE}."),
        (LEAST + "unproven_share = nan\n", f"partnership.midlands.unproven_share: {A_SHARE}."),
        (LEAST + "unproven_share = true\n", f"partnership.midlands.unproven_share: {A_SHARE}."),
        (LEAST + "unproven_share = '25%'\n", f"partnership.midlands.unproven_share: {A_SHARE}."),
        (LEAST + "[web]\nproxies = ['127.0.0.1', 'proxy.example.org']\n", f"web.proxies (number 2): {A_NUMBER}."),
        (LEAST + "[web]\naddress = 'https://'\n", "web.address: must begin with https:// or http://."),
        (LEAST + "[web]\naddress = 'https://pages.example.org/?a=b'\n", f"web.address: {ALONE}."),
        (LEAST + "[web]\naddress = 'https://[::1'\n", f"web.address: {ALONE}."),
        (LEAST + "[mail]\nport = 70000\n", "mail.port: must be 65535 or less."),
        (LEAST + "[log]\nformat = 'xml'\n", "log.format: must be 'text' or 'json'."),
        (ZOOM_HOST.replace('"zoom"', '"phone"'), "partnership.midlands.hosts (number 1).provider: must be 'teams' or 'zoom'."),
    ],
)
def test_each_fault_is_one_plain_sentence(text: str, sentence: str, tmp_path: Path) -> None:
    assert faults_of(text, tmp_path) == sentence.replace("FILE", str(tmp_path / "config.toml"))


@pytest.mark.parametrize(("written", "share"), [("0", 0.0), ("0.5", 0.5), ("1", 1.0)])
def test_a_partnership_says_what_share_is_kept_for_those_who_have_not_proven_their_address(
    written: str, share: float, tmp_path: Path
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(LEAST + f"unproven_share = {written}\n")
    assert load(file).partnership["midlands"].rules() == Rules(unproven_share=share)


def test_a_stroke_at_the_end_of_the_pages_address_is_taken_off(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(LEAST + "[web]\naddress = 'https://pages.example.org/'\nproxies = ['10.1.0.0/24', '::1']\n")
    web = load(file).web
    assert (web.address, web.proxies) == ("https://pages.example.org", ("10.1.0.0/24", "::1"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("[mail]\nport = 'x'\n", "mail.port: must be a whole number."),
        ("[mail]\nport = 1.5\n", "mail.port: must be a whole number."),
        ("[mail]\ntimeout_seconds = 'x'\n", "mail.timeout_seconds: must be a number."),
        ("[mail]\ntimeout_seconds = 0\n", "mail.timeout_seconds: must be more than 0."),
        ("[mail]\nhost = 5\n", 'mail.host: must be a text in quotes, such as "example".'),
        ("[mail]\nby = 'post'\n", "mail.by: must be 'smtp' or 'graph'."),
        ("[zoom]\nenabled = 'perhaps'\n", "zoom.enabled: must be true or false."),
        ("mail_domains = 'council.gov.uk'\n", "partnership.midlands.mail_domains: must be a list in square brackets, such as []."),
    ],
)
def test_what_a_setting_must_be_is_said_without_the_checkers_own_words(line: str, said: str, tmp_path: Path) -> None:
    assert faults_of(LEAST + line, tmp_path) == said


def test_empty_ids_of_services_that_are_used_are_each_one_sentence() -> None:
    end = "there, or do without: see [{}] in config.example.toml."
    teams = (
        f"teams.tenant_id is empty. Write the directory's id {end.format('teams')}",
        f"teams.client_id is empty. Write the application's id {end.format('teams')}",
    )
    mail = (
        f"mail.tenant_id is empty. Write the directory's id {end.format('mail')}",
        f"mail.client_id is empty. Write the application's id {end.format('mail')}",
    )
    assert without_secrets("").missing_ids() == ()
    assert without_secrets("[teams]\nenabled = true\n").missing_ids() == teams
    assert without_secrets("[mail]\nlogin = 'xoauth2'\n").missing_ids() == mail
    assert without_secrets("[mail]\nby = 'graph'\n").missing_ids() == mail
    assert without_secrets("[mail]\nby = 'graph'\n[teams]\nenabled = true\ntenant_id = 't'\nclient_id = 'c'\n").missing_ids() == ()


def test_mail_by_graph_needs_the_secret_of_its_own_application_or_that_of_teams() -> None:
    own = "There is no client secret for mail. Set PRACTICEWEEK_MAIL_CLIENT_SECRET in the environment."
    teams = "There is no client secret for Teams. Set PRACTICEWEEK_TEAMS_CLIENT_SECRET in the environment."
    assert without_secrets("[mail]\nby = 'graph'\n").missing_secrets()[1:] == (own,)
    assert without_secrets("[mail]\nby = 'graph'\n[teams]\nenabled = true\n").missing_secrets()[1:] == (teams,)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8080/v1.0", "http://[::1]:8080/v1.0", "http://localhost/v1.0", "https://graph.example"]
)
def test_a_graph_on_this_machine_may_be_without_tls(address: str) -> None:
    assert from_tables(tomllib.loads(LEAST + f"[teams]\nbase_url = '{address}'\n")).teams.base_url == address


def test_the_longest_duration_is_a_year() -> None:
    settings = from_tables(tomllib.loads(LEAST + "feedback_open = '366d'\nhold = '0030 m'\n"))
    rules = settings.chosen()[1].rules()
    assert (rules.feedback_open, rules.hold) == (timedelta(days=366), timedelta(minutes=30))


def test_every_fault_is_told_at_once_a_line_each(tmp_path: Path) -> None:
    told = faults_of(LEAST + "hold = 'x'\n[mail]\nport = 'x'\n", tmp_path)
    assert [line.partition(":")[0] for line in told.splitlines()] == ["mail.port", "partnership.midlands.hold"]


def test_a_misspelt_setting_hides_nothing_of_how_the_others_go_together(tmp_path: Path) -> None:
    told = faults_of('[mail]\nportt = 25\n[post]\nport = 25\n[partnership.midlands]\nname = "Midlands"\n', tmp_path)
    assert [line.partition(":")[0] for line in told.splitlines()] == ["mail.portt", "post", str(tmp_path / "config.toml")]
    assert "partnership.midlands has no guild_id, and there are no pages" in told.splitlines()[-1]


@pytest.mark.parametrize(
    ("host", "here"),
    [("localhost", True), ("127.0.0.1", True), ("127.0.1.1", True), ("::1", True), ("localhost.example.org", False), ("192.0.2.1", False)],
)
def test_a_server_on_this_machine_is_known_by_its_name(host: str, here: bool) -> None:
    assert is_this_machine(host) is here


def test_secrets_in_the_file_are_refused_and_not_repeated(tmp_path: Path) -> None:
    told = faults_of(LEAST + "[secrets]\ndiscord_token = 'very-secret'\n", tmp_path)
    assert told == "Secrets belong in the environment, not in the file: see the end of config.example.toml."
    told = faults_of(LEAST + "[discord]\ntoken = 'very-secret'\n", tmp_path)
    assert told == "discord.token: there is no such setting."


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as fault:
        load(tmp_path / "none.toml")
    assert str(fault.value) == f"There is no file {tmp_path / 'none.toml'}. Copy config.example.toml to begin."


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="There is no file"):
        load(tmp_path)


def test_broken_toml_is_said_with_its_place(tmp_path: Path) -> None:
    told = faults_of("[mail\nhost = 1\n", tmp_path)
    assert told == f"{tmp_path / 'config.toml'} is not a TOML file: Expected ']' at the end of a table declaration (at line 1, column 6)."


def test_a_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff\xfe\x00[\x00m\x00")
    with pytest.raises(SettingsError) as fault:
        load(path)
    assert str(fault.value) == f"{path} is not a TOML file: it is not UTF-8 text."


# ── the environment ─────────────────────────────────────────────────────────────────────────────────────────


def test_secrets_come_from_the_environment_and_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Secrets.model_fields:
        monkeypatch.setenv(f"PRACTICEWEEK_{name.upper()}", f"the {name}")
    settings = load(EXAMPLE)
    known = {name: getattr(settings.secrets, name).get_secret_value() for name in Secrets.model_fields}
    assert known == {name: f"the {name}" for name in Secrets.model_fields}
    assert [name for name in Secrets.model_fields if f"the {name}" in repr(settings)] == []
    assert "secrets" not in settings.model_dump()


def without_secrets(tables: str) -> Settings:
    empty: dict[str, Any] = {name: SecretStr("") for name in Secrets.model_fields}
    return from_tables(tomllib.loads(LEAST + tables)).model_copy(update={"secrets": Secrets.model_construct(**empty)})


def test_each_missing_secret_of_a_service_that_is_used_is_one_sentence() -> None:
    everything = without_secrets("[teams]\nenabled = true\n[zoom]\nenabled = true\n")
    assert everything.missing_secrets() == (
        "There is no bot token. Set PRACTICEWEEK_DISCORD_TOKEN in the environment. It is in Discord's developer portal, under Bot.",
        "There is no password for mail. Set PRACTICEWEEK_MAIL_PASSWORD in the environment.",
        "There is no client secret for Teams. Set PRACTICEWEEK_TEAMS_CLIENT_SECRET in the environment.",
        "There is no client secret for Zoom. Set PRACTICEWEEK_ZOOM_CLIENT_SECRET in the environment.",
    )
    assert without_secrets("[mail]\nlogin = 'xoauth2'\n").missing_secrets()[1:] == (
        "There is no client secret for mail. Set PRACTICEWEEK_MAIL_CLIENT_SECRET in the environment.",
    )
    assert without_secrets("[mail]\nlogin = 'none'\n").missing_secrets() == everything.missing_secrets()[:1]


def test_a_partnership_without_a_server_needs_no_token_and_somebody_who_signs_in() -> None:
    empty: dict[str, Any] = {name: SecretStr("") for name in Secrets.model_fields}
    nobody, olga = (from_tables(tomllib.loads(NO_SERVER + more)) for more in ("", 'organisers = ["olga@example.org"]\n'))
    assert (nobody.uses_discord, olga.chosen()[1].guild_id) == (False, None)
    assert [
        one.partition(". Set")[0] for one in olga.model_copy(update={"secrets": Secrets.model_construct(**empty)}).missing_secrets()
    ] == [
        "There is no password for mail",
        "There is no key for the links in e-mails",
    ]
    assert olga.missing_ids() == ()
    assert nobody.missing_ids() == (
        "partnership.midlands.organisers is empty. Write an e-mail address there: without Discord, organisers sign in by e-mail.",
    )
    beside = from_tables(tomllib.loads(NO_SERVER + NORTH.format(guild=1) + NORTH.format(guild=2).replace("north", "south")))
    assert (beside.uses_discord, [one.guild_id for one in beside.partnership.values()]) == (True, [None, 1, 2])


def test_no_secret_is_missing_when_all_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Secrets.model_fields:
        monkeypatch.setenv(f"PRACTICEWEEK_{name.upper()}", f"the {name}")
    assert load(EXAMPLE).missing_secrets() == ()


def test_the_environment_cannot_change_a_table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text('MAIL={"host": "elsewhere.example"}\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    before = load(EXAMPLE)
    for name, value in {
        "MAIL": '{"host": "elsewhere.example"}',
        "mail": '{"host": "elsewhere.example"}',
        "PRACTICEWEEK_MAIL": '{"host": "elsewhere.example"}',
        "PRACTICEWEEK_MAIL__HOST": "elsewhere.example",
        "MAIL__HOST": "elsewhere.example",
        "HOST": "elsewhere.example",
        "DATABASE": '{"url": "sqlite:///elsewhere.sqlite"}',
        "LOG": '{"level": "debug"}',
    }.items():
        monkeypatch.setenv(name, value)
    assert load(EXAMPLE) == before


def test_the_literal_choices_of_hosts_are_the_services_that_make_meetings() -> None:
    choices = get_args(HostSettings.model_fields["provider"].annotation)
    assert set(choices) == set(Provider) - {Provider.GIVEN}
