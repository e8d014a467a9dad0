"""docs/webhooks.md names every type that can be told, and shows a body that the code makes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

from bridge.alert_words import Found, body
from bridge.alerts import Alert, Ring, SendAlert
from bridge.api.webhooks import Webhooks
from bridge.cases import Decision
from bridge.events import Event, Kind
from bridge.hooks import NAMES, Endpoint, calls
from bridge.model import SECOND, Author, Role, Status
from bridge.webhooks import told
from tests.docs.test_bots import AT, CONVERSATION, HANDOFF, SAM

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text("utf-8")


def test_every_type_is_listed() -> None:
    table = PAGE.split("## What is told")[1].split("```")[0]
    listed: list[str] = []
    for row in re.findall(r"^\| (`[a-z].*?`) \|", table, re.MULTILINE):
        first, *rest = re.findall(r"`([a-z_.]+)`", row)
        if first != "type":
            listed += [first, *(first.partition(".")[0] + each for each in rest)]
    assert sorted(listed) == sorted(NAMES)


def test_an_event_looks_like_this() -> None:
    handoff = replace(HANDOFF, status=Status.ASSIGNED)
    ana = Author(Role.AGENT, "U06ANAT0RR5", "Ana")
    body = {"agent": "U06ANAT0RR5"}
    event = Event(Kind.HANDOFF_ASSIGNED, AT, CONVERSATION.id, ana, handoff.id, 2, body, "evt_1")
    decision = Decision(CONVERSATION, SAM, handoff, events=(event,))
    (call,) = calls([Endpoint("whk_1", "https://crm.shop.example")], decision)
    found = re.search(r"^```json handoff.assigned\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    assert json.loads(found[1]) == told(call, CONVERSATION, SAM, handoff)


def test_an_alert_looks_like_this() -> None:
    found = re.search(r"^```json alert.overdue\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    at = 1_795_231_445 * SECOND
    ring = Ring("1", at - 300 * SECOND, "default", "hnd_7c1d0", 42)
    sent = SendAlert("pager", "1", Alert.OVERDUE, at, 1, (ring,), 14, at - 720 * SECOND)
    assert found
    assert json.loads(found[1]) == body(sent, {})


def test_a_draft_that_waits_looks_like_this() -> None:
    found = re.search(r"^```json alert.approval_waiting\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    at = 1_795_231_445 * SECOND
    since = at - 180 * SECOND
    ring = Ring("apr_3f0c", since, "billing", "hnd_7c1d0", 42, "shop", ends=at + 720 * SECOND)
    sent = SendAlert("pager", "1", Alert.APPROVAL_WAITING, at, 1, (ring,), 1, since)
    link = "https://acme.slack.com/archives/C0123ORDERS/p1795231265000100"
    assert found
    assert json.loads(found[1]) == body(sent, {"apr_3f0c": Found("Refund order 1009", link)})


def test_every_call_is_listed() -> None:
    for call in Webhooks(None, None, None).calls():  # type: ignore[arg-type]
        assert f"`{call.method} {call.path}`" in PAGE
