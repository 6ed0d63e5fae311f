"""One setting decides how mail leaves: by SMTP, or by Graph, with an application of its own or that of Teams."""

from __future__ import annotations

from pydantic import SecretStr

from integrations.graph_mail import Application, GraphMail
from integrations.mail import Mail
from practiceweek.compose import compose
from practiceweek.settings.accounts import mail_application
from practiceweek.settings.installation import Secrets, Settings, from_tables

TEAMS = {"enabled": True, "tenant_id": "teams-tenant", "client_id": "teams-client"}
OWN = {"by": "graph", "tenant_id": "own-tenant", "client_id": "own-client"}
GRAPH, LOGIN = "https://graph.microsoft.com/v1.0", "https://login.microsoftonline.com"


def settings(database_url: str, **tables: object) -> Settings:
    made = from_tables({"database": {"url": database_url}, "partnership": {"midlands": {"name": "Midlands", "guild_id": 1}}, **tables})
    secrets = Secrets.model_construct(mail_client_secret=SecretStr("own"), teams_client_secret=SecretStr("teams"))
    return made.model_copy(update={"secrets": secrets})


async def test_the_setting_chooses_the_way_and_everything_else_stays(database_url: str) -> None:
    made = []
    for by in ("smtp", "graph"):
        program = await compose(settings(database_url, mail={"by": by, "login": "none"}, teams=TEAMS))
        flow = await program.services.mail.flow()
        assert flow is not None
        made.append((type(program.services.mail), flow.room))
        await program.close()
    assert made == [(Mail, 30), (GraphMail, 30)]


def test_without_an_application_of_its_own_mail_goes_through_that_of_teams(database_url: str) -> None:
    shared = mail_application(settings(database_url, mail={"by": "graph"}, teams=TEAMS))
    assert shared == Application(GRAPH, LOGIN, "teams-tenant", "teams-client", "teams")
    assert mail_application(settings(database_url, mail=OWN, teams=TEAMS)) == Application(GRAPH, LOGIN, "own-tenant", "own-client", "own")
