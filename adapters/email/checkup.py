"""E-mail's part of `deskbridge check`: whether the mail server lets us in, and whether answers have
a way back. Nothing is sent."""

from __future__ import annotations

import asyncio

from aiosmtplib import SMTPAuthenticationError, SMTPException

from adapters.email.config import EmailConfig, from_settings
from adapters.email.door import PATH
from adapters.email.smtp import connected, lacks, leave
from bridge.findings import Check, Finding
from bridge.ports import Patient

SERVER = Check("email.smtp", "E-mail: mail server")
ANSWERS = Check("email.answers", "E-mail: answers")
TIMEOUT = 10.0


async def diagnose(patient: Patient) -> list[Finding]:
    """Nothing at all where e-mail is off."""
    named = [each for each in patient.faults if each.split(".")[0] in ("SMTP_URL", "email")]
    if named:
        return [SERVER.skipped(named[0])]
    config = from_settings(patient.settings)
    if config is None:
        return []
    fault = patient.fault_in("EMAIL_INBOUND_SECRET")
    answers = ANSWERS.skipped(fault) if fault else of_answers(config, patient.settings.public_url)
    return [await _of_server(config), answers]


async def _of_server(config: EmailConfig) -> Finding:
    server = config.server
    where = f"{server.host}:{server.port}"
    try:
        async with asyncio.timeout(TIMEOUT):
            client = await connected(server, TIMEOUT)
    except SMTPAuthenticationError as error:
        found = f"{where} refuses the user or the password ({error.code})"
        return SERVER.failed(found, "Set user and password in SMTP_URL; %40 stands for @ there")
    except (SMTPException, OSError) as error:
        if lacks(error):
            found = f"{where} does not offer STARTTLS, or no way to log in"
            remedy = "Set SMTP_URL to smtps://…:465, or on a private network add ?tls=off"
            return SERVER.failed(found, remedy)
        found = f"{where} does not answer as a mail server ({type(error).__name__})"
        return SERVER.failed(found, "Check host and port in SMTP_URL, and that they are reachable")
    await leave(client)
    told = f"{where} lets us in" + ("" if server.tls or server.starttls else ", without TLS")
    return SERVER.ok(told)


def of_answers(config: EmailConfig, public_url: str) -> Finding:
    if not config.secret:
        return ANSWERS.warning(
            "customers cannot answer by e-mail: what they write goes nowhere near the desk",
            f"Set EMAIL_INBOUND_SECRET and hand mail in at {public_url}{PATH}, see docs/email.md",
        )
    to = config.answers_to.replace("@", "+TOKEN@") if config.plus else config.answers_to
    return ANSWERS.ok(f"mail to {to} is to be handed in at {public_url}{PATH}")
