"""What Meta's answers mean for `deskbridge check`, and the remedy of each. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from adapters.messenger.failures import PERMISSION, RATE, TOKEN
from adapters.messenger.keeper import FIELDS, NEEDED, is_subscribed
from bridge.findings import Check, Finding

APPS = "https://developers.facebook.com/apps"
PRODUCT = f"{APPS} → your app → Messenger → Settings"
PAGE_TOKEN = Check("messenger.token", "Messenger: token")
SUBSCRIPTION = Check("messenger.subscription", "Messenger: subscription")
VERSION = Check("messenger.version", "Messenger: version")
WEBHOOK = Check("messenger.webhook", "Messenger: webhook")
ENDED = {"v19.0": "21 May 2026", "v20.0": "24 September 2026"}
"""Versions that Meta answers no more (Graph API changelog, November 2026)."""
ENDING = {"v21.0": "21 January 2027", "v22.0": "20 May 2027"}
_VERSION = re.compile(r"/(v\d+\.\d+)$")


@dataclass(frozen=True, slots=True)
class Said:
    """What one call said: its answer, or why there is none."""

    answer: Mapping[str, Any] = field(default_factory=dict)
    status: int = 0
    reason: str = ""
    version: str = ""
    """The version that answered, as Meta says in a header."""

    @property
    def code(self) -> int:
        error = self.answer.get("error")
        code = error.get("code") if isinstance(error, Mapping) else 0
        return code if isinstance(code, int) else 0

    @property
    def is_well(self) -> bool:
        return not self.reason and self.status == HTTPStatus.OK and "error" not in self.answer


def of_page(page: str) -> str:
    """After a check's words, where there are several pages."""
    return f" (page {page})" if page else ""


def of_token(said: Said, page: str, api_url: str) -> Finding:
    if said.reason:
        return PAGE_TOKEN.failed(
            f"{api_url}: {said.reason}",
            "Let this machine reach it (firewall, DNS, certificates), or correct MESSENGER_API_URL",
        )
    if said.is_well:
        id_ = said.answer.get("id")
        if page and str(id_) != page:
            return PAGE_TOKEN.failed(
                f"the token of page {page} is of page {id_}",
                f"Write MESSENGER_PAGE_TOKEN as {id_}=TOKEN, or take the right page's token",
            )
        return PAGE_TOKEN.ok(f"{said.answer.get('name')}, page {id_}")
    return _of_code(said, page)


def _of_code(said: Said, page: str) -> Finding:
    new = f"Generate a token for the page at {PRODUCT}, and copy it into MESSENGER_PAGE_TOKEN"
    where = of_page(page)
    if said.code in TOKEN:
        return PAGE_TOKEN.failed(f"Meta refuses the token{where}: it is wrong or has ended", new)
    if said.code in PERMISSION:
        return PAGE_TOKEN.failed(
            f"the token has not all permissions{where}",
            f"{new}; it needs pages_messaging and pages_manage_metadata",
        )
    if said.code in RATE:
        return PAGE_TOKEN.warning(f"Meta was asked too often{where}", "Wait, and check again")
    if said.code == _BAD_PARAMETER:
        return PAGE_TOKEN.failed(
            f"Meta refuses the call{where}",
            "Compare MESSENGER_APP_SECRET with the app that the page's token was made for",
        )
    found = f"Meta answers {said.status}{where}" + (f", code {said.code}" if said.code else "")
    return PAGE_TOKEN.failed(found, new)


def of_subscription(said: Said, page: str) -> Finding:
    again = f"Subscribe the page at {PRODUCT} → Webhooks, or start deskbridge serve: it does so"
    if not said.is_well:
        return SUBSCRIPTION.failed(
            f"Meta does not say what the page tells us{of_page(page)}",
            "Give the page's token the permission pages_manage_metadata",
        )
    if is_subscribed(said.answer):
        return SUBSCRIPTION.ok(f"the page tells us of messages, postbacks, echoes{of_page(page)}")
    needed = ", ".join(name for name in FIELDS if name in NEEDED)
    return SUBSCRIPTION.failed(f"the page does not tell us of {needed}{of_page(page)}", again)


def of_version(api_url: str, answered: str) -> Finding:
    """`answered`: Meta answers as the oldest version that there is, when ours has ended."""
    named = _VERSION.search(api_url)
    asked = named[1] if named else ""
    newer = "Set MESSENGER_API_URL to https://graph.facebook.com/v26.0"
    if not asked:
        return VERSION.warning("MESSENGER_API_URL names none, so Meta chooses one", newer)
    if asked in ENDED:
        return VERSION.failed(f"{asked} ended on {ENDED[asked]}", newer)
    if answered and answered != asked:
        return VERSION.failed(f"{asked} is asked for and {answered} answers", newer)
    if asked in ENDING:
        return VERSION.warning(f"{asked} ends on {ENDING[asked]}", newer)
    return VERSION.ok(asked)


def of_local(url: str) -> Finding:
    return WEBHOOK.failed(
        f"{url}: Meta cannot reach this machine's own name",
        "Set PUBLIC_URL to an https:// address that leads here",
    )


def of_round_trip(url: str, verified: Said, heard: Said, challenge: str, body: str) -> Finding:
    """`verified` is the answer to Meta's question, `heard` to an empty webhook that is signed."""
    silent = verified.reason or heard.reason
    if silent:
        return WEBHOOK.failed(
            f"{url}: {silent}", "Start deskbridge serve, and let PUBLIC_URL lead to it"
        )
    if verified.status == HTTPStatus.FORBIDDEN:
        return WEBHOOK.failed(
            f"{url} has another verify token",
            "Give deskbridge serve the same MESSENGER_VERIFY_TOKEN as this command",
        )
    if verified.status != HTTPStatus.OK or body != challenge:
        return WEBHOOK.failed(
            f"{url} answers {verified.status}, and not as Deskbridge does",
            "Let PUBLIC_URL lead to deskbridge serve, with MESSENGER_… set there, too",
        )
    if heard.status == HTTPStatus.UNAUTHORIZED:
        return WEBHOOK.failed(
            f"{url} refuses our signature",
            "Give deskbridge serve the same MESSENGER_APP_SECRET as this command",
        )
    if heard.status != HTTPStatus.OK:
        return WEBHOOK.failed(f"{url} answers {heard.status}", "Look at its log")
    return WEBHOOK.ok(f"{url}; enter it and the verify token at {PRODUCT} → Webhooks")


_BAD_PARAMETER = 100
