"""Handing an e-mail to the mail server. Errors by remedy: until its words are sent nothing has
happened, and once they are nobody knows what did unless the server says so."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupported,
    SMTPResponseException,
    SMTPSenderRefused,
)

from bridge.authorities import authorities
from bridge.errors import Broken, DeliveryError, Refused, Retry, Scope, Unknown
from bridge.settings_email import MailServer

GOODBYE = 1.0
"""Seconds for a parting word, which nothing depends on."""
FINAL = 500
"""From here on the server will not change its mind."""
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


async def connected(server: MailServer, timeout: float) -> SMTP:
    """Logged in, where a user is set. Raises SMTPException or OSError."""
    client = SMTP(
        hostname=server.host,
        port=server.port,
        timeout=timeout,
        use_tls=server.tls,
        start_tls=server.starttls,
        username=server.user or None,
        password=server.password or None,
        tls_context=authorities() if server.tls or server.starttls else None,
    )
    try:
        await client.connect()
    except BaseException:
        client.close()
        raise
    return client


async def hand_in(server: MailServer, timeout: float, sender: str, to: str, content: bytes) -> None:
    """Returns when the server has taken it. Raises DeliveryError."""
    begun = False
    try:
        async with asyncio.timeout(timeout):
            client = await connected(server, timeout)
            try:
                await client.mail(sender)
                await client.rcpt(to)
                begun = True
                await client.data(content)
            except BaseException:
                client.close()
                raise
    except (SMTPException, OSError) as error:  # a TimeoutError is an OSError
        raise told(error, begun=begun) from error
    await leave(client)


async def leave(client: SMTP) -> None:
    with suppress(SMTPException, OSError):
        await client.quit(timeout=GOODBYE)
    client.close()


def told(error: Exception, *, begun: bool) -> DeliveryError:
    """What is to be done about it. Who may not log in or send at all is told once, by the log and
    `/readyz`, until somebody mends it."""
    if lacks(error):
        return Broken("smtp_not_supported", Scope.TOKEN)
    if not isinstance(error, SMTPResponseException):
        return Unknown("smtp_no_answer") if begun else Retry("smtp_no_answer")
    code = _code(error)
    if error.code < FINAL:
        return Retry(code)
    if isinstance(error, SMTPAuthenticationError | SMTPSenderRefused):
        return Broken(code, Scope.TOKEN)
    return Refused(code)


def lacks(error: Exception) -> bool:
    """Whether the server does not offer what we need: TLS, or a way to log in. Of the first the
    library says so in its words alone."""
    return isinstance(error, SMTPNotSupported) or type(error) is SMTPException


def _code(error: SMTPResponseException) -> str:
    """`smtp_550_5.1.1`"""
    found = _ENHANCED.search(error.message)
    return f"smtp_{error.code}" + (f"_{found[0]}" if found else "")
