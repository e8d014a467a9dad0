"""The mail server: logging in, and what `deskbridge check` says of it."""

from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.email import checkup, smtp
from adapters.email.checkup import ANSWERS, SERVER
from adapters.email.config import from_settings
from adapters.email.sending import Email
from adapters.email.smtp import hand_in
from bridge.errors import Broken, Retry
from bridge.findings import Finding, Status
from bridge.letters import Letter
from bridge.ports import Deps, Patient
from bridge.settings import Settings
from bridge.settings_email import MailServer
from tests.adapters.email.server import OURS, SAMS, configured, mail_host
from tests.bridge.test_mailman import CONTACT, CONVERSATION, said
from tests.bridge.test_posting import certificate

LETTER = Letter(CONVERSATION, CONTACT, (said(4),), 4)


def server(port: int, password: str = "", **more: Any) -> MailServer:
    user = "help" if password else ""
    return MailServer(
        "127.0.0.1", port, **{"tls": False, "starttls": False, **more}, user=user, password=password
    )


def settings(url: str, **more: Any) -> Settings:
    return Settings(smtp_url=url, email={"from": OURS}, public_url="https://desk.example", **more)


async def findings(url: str, faults: dict[str, str] | None = None, **more: Any) -> list[Finding]:
    patient = Patient(settings(url, **more), faults or {}, lambda: 0)
    return await checkup.diagnose(patient)


async def test_who_logs_in_may_send_and_a_wrong_password_is_broken_until_it_is_mended() -> None:
    async with mail_host(login=True) as host:
        await hand_in(server(host.port, "right"), 10, OURS, SAMS, b"Subject: x\r\n\r\nhello\r\n")
        assert host.taken[0].rcpt_tos == [SAMS]
        with pytest.raises(Broken) as caught:
            await hand_in(server(host.port, "wrong"), 10, OURS, SAMS, b"x\r\n")
    assert caught.value.reason == "smtp_535_5.7.8"


@pytest.mark.parametrize("tls", [True, False])
async def test_what_goes_over_tls_goes_only_to_who_the_name_says(
    tls: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, key = certificate("localhost", tmp_path)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(shown, key)
    ours = ssl.create_default_context(cafile=str(shown))
    monkeypatch.setattr(smtp, "authorities", lambda: ours)
    async with mail_host(within=theirs if tls else None, starttls=theirs) as host:
        there = replace(server(host.port, tls=tls, starttls=not tls), host="localhost")
        await hand_in(there, 10, OURS, SAMS, b"Subject: x\r\n\r\nhello\r\n")
        assert host.taken
        with pytest.raises(Retry):
            await hand_in(replace(there, host="127.0.0.1"), 10, OURS, SAMS, b"x\r\n")


async def test_a_server_that_lacks_something_is_broken_and_one_that_is_away_is_waited_for() -> None:
    async with mail_host() as host:
        with pytest.raises(Broken, match="smtp_not_supported"):
            await hand_in(server(host.port, starttls=True), 10, OURS, SAMS, b"x\r\n")
        with pytest.raises(Retry, match="smtp_no_answer"):
            await hand_in(server(host.port, tls=True), 10, OURS, SAMS, b"x\r\n")
    with pytest.raises(Retry, match="smtp_no_answer"):
        await hand_in(server(1), 10, OURS, SAMS, b"x\r\n")


async def test_a_server_is_not_given_more_letters_at_once_than_it_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.email.sending.AT_ONCE", 0)
    none: Any = None
    busy = Email(configured(1), Deps(none, none, none, none, none, lambda: 0))
    with pytest.raises(Retry) as caught:
        await busy.mail(LETTER)
    assert (caught.value.reason, caught.value.counts) == ("busy", False)


async def test_the_check_says_whether_the_server_lets_us_in_and_what_to_do() -> None:
    async with mail_host(login=True) as host:
        at = f"127.0.0.1:{host.port}"
        good, answers = await findings(f"smtp://help:right@{at}?tls=off")
        assert good == SERVER.ok(f"{at} lets us in, without TLS")
        assert (answers.id, answers.status) == (ANSWERS.id, Status.WARNING)
        assert "EMAIL_INBOUND_SECRET" in answers.remedy
        (wrong, _) = await findings(f"smtp://help:wrong@{at}?tls=off")
        assert (wrong.status, wrong.found) == (
            Status.FAILED,
            f"{at} refuses the user or the password (535)",
        )
        (bare, _) = await findings(f"smtp://{at}")
        assert (bare.status, "?tls=off" in bare.remedy) == (Status.FAILED, True)
    (away, _) = await findings("smtp://127.0.0.1:1?tls=off")
    assert (away.status, "SMTP_URL" in away.remedy) == (Status.FAILED, True)


async def test_the_check_says_where_answers_are_to_be_handed_in() -> None:
    secret = "s" * 32
    (_, answers) = await findings("smtp://127.0.0.1:1?tls=off", email_inbound_secret=secret)
    assert answers.found == (
        "mail to help+TOKEN@shop.example is to be handed in at https://desk.example/email/inbound"
    )
    assert checkup.of_answers(configured(1, plus=False), "x").found.startswith("mail to reply@in.")


async def test_what_is_off_or_has_a_fault_is_not_looked_at() -> None:
    assert await checkup.diagnose(Patient(Settings(), {}, lambda: 0)) == []
    (skipped,) = await findings("smtp://127.0.0.1:1", {"email.from": "is needed"})
    assert (skipped.status, "email.from" in skipped.found) == (Status.SKIPPED, True)
    (_, answers) = await findings("smtp://127.0.0.1:1?tls=off", {"EMAIL_INBOUND_SECRET": "short"})
    assert answers.status is Status.SKIPPED


def test_the_title_of_the_chat_is_the_name_of_who_writes_unless_it_is_said() -> None:
    plain = from_settings(settings("smtp://h", webchat={"title": "The Shop"}))
    assert plain is not None
    assert (plain.name, plain.domain, plain.answers_to) == ("The Shop", "shop.example", OURS)
    assert from_settings(Settings()) is None
