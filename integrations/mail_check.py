"""Looking at the mail server, step by step as a letter goes, and stopping before anything is sent.

name → connection → encryption and certificate → login → sender → (taken back)
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from domain.errors import OutsideError
from domain.findings import Finding, missing, ok, unsure
from integrations.mail_line import MailServer, Password
from integrations.outcomes import AccountRefused

_SOON_DAYS = 14
#: OpenSSL's numbers for what is wrong with a certificate
_TOO_OLD = 10
_OTHER_NAME = frozenset({62, 64})
_UNKNOWN_ISSUER = frozenset({18, 19, 20, 21})


async def look_at_mail_server(server: MailServer, sender: str, *, now: datetime) -> list[Finding]:
    """Everything up to the sender's address, which is then taken back: nothing is sent. `now` is by this machine's clock."""
    found = await _resolves(server)
    if found is not None:
        return [found]
    smtp = SMTP(
        hostname=server.host,
        port=server.port,
        local_hostname=sender.rpartition("@")[2],
        timeout=server.timeout,
        use_tls=server.security == "tls",
        start_tls=False,
        tls_context=server.trust,
    )
    try:
        return await _walk(smtp, server, sender, now)
    finally:
        smtp.close()


async def _walk(smtp: SMTP, server: MailServer, sender: str, now: datetime) -> list[Finding]:
    opened = await _open(smtp, server)
    if opened:
        return opened
    found = [ok(f"The mail server {server.host} answers."), *_encrypted(smtp, server, now)]
    denied = await _log_in(smtp, server)
    if denied is not None:
        return [*found, denied]
    if server.login is not None:
        found.append(ok("The mail server takes our login."))
    found.append(await _sender(smtp, sender))
    try:
        await smtp.quit()
    except (SMTPException, OSError):
        smtp.close()
    return found


async def _resolves(server: MailServer) -> Finding | None:
    try:
        await asyncio.get_running_loop().getaddrinfo(server.host, server.port)
    except OSError:
        return missing(f"There is no server with the name {server.host}.", "Check mail.host, and that this machine can look up names.")
    return None


async def _open(smtp: SMTP, server: MailServer) -> list[Finding]:
    """Connect, say hello and encrypt; what went wrong."""
    try:
        await smtp.connect()
        if smtp.is_ehlo_or_helo_needed:
            await smtp.ehlo()
        if server.security == "starttls":
            if not smtp.supports_extension("starttls"):
                remedy = 'Try port 465 with mail.security = "tls", or ask your mail people.'
                return [missing(f"The mail server {server.host} does not offer STARTTLS on port {server.port}.", remedy)]
            await smtp.starttls(tls_context=server.trust)
            await smtp.ehlo()
    except (SMTPException, OSError) as error:
        return [_not_open(error, server)]
    return []


def _not_open(error: BaseException, server: MailServer) -> Finding:
    fault = next((one for one in (error, error.__cause__) if isinstance(one, ssl.SSLError)), None)
    if isinstance(fault, ssl.SSLCertVerificationError):
        return _bad_certificate(fault.verify_code, server)
    if fault is not None:
        remedy = 'Port 465 wants mail.security = "tls", port 587 wants "starttls".'
        return missing(f"The mail server {server.host} could not agree with us on encryption.", remedy)
    if isinstance(error, SMTPResponseException):
        return missing(
            f"The mail server {server.host} turned us away (answer {error.code}).", "Ask your mail people to let this machine in."
        )
    remedy = "Check mail.host and mail.port. A firewall may be between: many networks block mail ports."
    return missing(f"The mail server {server.host} does not answer on port {server.port}.", remedy)


def _bad_certificate(code: int, server: MailServer) -> Finding:
    whose = f"The certificate of the mail server {server.host}"
    if code == _TOO_OLD:
        return missing(f"{whose} has run out.", "Ask whoever runs it for a new one.")
    if code in _OTHER_NAME:
        return missing(f"{whose} is for another name.", "Write the name in mail.host that its certificate has.")
    if code in _UNKNOWN_ISSUER:
        return missing(f"{whose} is from an issuer that is not known here.", "Name the issuer's certificate in SSL_CERT_FILE.")
    return missing(f"{whose} is not good (number {code}).", "Ask whoever runs it.")


def _encrypted(smtp: SMTP, server: MailServer, now: datetime) -> list[Finding]:
    if server.security == "none":
        return [unsure("Mail goes to the server without encryption.", "That is for a server on this machine only.")]
    certificate: Mapping[str, str] | None = smtp.get_transport_info("peercert")
    until = _until(certificate)
    if until is None:
        return [ok("The connection is encrypted, and the certificate is good.")]
    days = (until - now).days
    said = f"its certificate is good for {days} more {'day' if days == 1 else 'days'}"
    if days < _SOON_DAYS:
        return [unsure(f"The connection is encrypted, but {said}.", "Ask whoever runs the mail server for a new one.")]
    return [ok(f"The connection is encrypted, and {said}.")]


def _until(certificate: Mapping[str, str] | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(ssl.cert_time_to_seconds((certificate or {})["notAfter"]), UTC)
    except (KeyError, ValueError):
        return None


async def _log_in(smtp: SMTP, server: MailServer) -> Finding | None:
    """Log in, if the settings say so; what went wrong."""
    if server.login is None:
        return None
    try:
        if isinstance(server.login, Password):
            await smtp.login(server.login.name, server.login.secret)
        else:
            await smtp.auth_xoauth2(server.login.name, await server.login.token())
    except AccountRefused as error:
        return missing(f"{error.reason}.", "They stand in [mail] and PRACTICEWEEK_MAIL_CLIENT_SECRET.")
    except OutsideError as error:
        return unsure(f"{error.reason}.", "Try again in a few minutes.")
    except SMTPResponseException as error:
        return _login_refused(error, server)
    except (SMTPException, OSError):
        return missing("The mail server does not offer the kind of login that is set.", "Try another mail.login: password or xoauth2.")
    return None


def _login_refused(error: SMTPResponseException, server: MailServer) -> Finding:
    if "5.7.139" in error.message or "SmtpClientAuthentication" in error.message:
        remedy = 'Set mail.by = "graph", or ask for SMTP AUTH to be switched on for this mailbox.'
        return missing("Exchange has closed the login by SMTP for this mailbox.", remedy)
    if 400 <= error.code < 500:
        return unsure(f"The mail server could not check our login just now (answer {error.code}).", "Try again in a few minutes.")
    where = "PRACTICEWEEK_MAIL_PASSWORD" if isinstance(server.login, Password) else "the application's rights to send by SMTP"
    return missing(f"The mail server does not take our login (answer {error.code}).", f"Check mail.username and {where}.")


async def _sender(smtp: SMTP, sender: str) -> Finding:
    """Whether mail may come from the sender's address; asked with a letter to itself that is taken back."""
    try:
        for words in (f"MAIL FROM:<{sender}>", f"RCPT TO:<{sender}>"):
            answer = await smtp.execute_command(words.encode("ascii"))
            if answer.code // 100 != 2:
                return _sender_refused(sender, answer.code, words)
        await smtp.execute_command(b"RSET")
    except (SMTPException, OSError):
        return unsure("The mail server hung up before it said whether it takes our sender's address.", "Try again in a few minutes.")
    return ok(f"The mail server takes mail from {sender}. Nothing was sent.")


def _sender_refused(sender: str, code: int, words: str) -> Finding:
    if 400 <= code < 500:
        return unsure(f"The mail server could not say just now whether it takes mail from {sender} (answer {code}).", "Try again later.")
    if code == 530:
        return missing("The mail server wants us to log in first.", 'Set mail.login = "password" or "xoauth2".')
    if words.startswith("RCPT"):
        return missing(f"The mail server does not know the address {sender} (answer {code}).", "Bounces go there: make it a mailbox.")
    remedy = "Let mail.username send as this address, or set mail.sender to the address that it may use."
    return missing(f"The mail server does not take mail from {sender} (answer {code}).", remedy)
