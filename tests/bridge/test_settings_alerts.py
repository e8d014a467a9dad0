"""`[alerts]`: what may be written there, what is refused and how, and when it is quiet."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bridge.alerting import addressees
from bridge.alerts import Alert
from bridge.hours import is_open
from bridge.model import SECOND
from bridge.settings import Settings
from bridge.settings_hours import HoursSettings
from bridge.telling import AtDesk, ByHook, ByMail
from tests.bridge.alarm import HOOK, MAIL, SLACK, alerts
from tests.bridge.tools import SECRET

ENV = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "SLACK_CHANNEL": "C1"}
MAILS = {"SMTP_URL": "smtp://mail.example"}
FROM = '[email]\nfrom = "desk@shop.example"\n'


def faults(path: Path, text: str, **env: str) -> dict[str, str]:
    file = path / "desk.toml"
    file.write_text(text)
    return Settings.examine({**ENV, **env}, file)[1]


def place(**fields: Any) -> str:
    given = {"name": "ops", "slack": "C0123", "kinds": ["overdue"], **fields}
    lines = [f"{key} = {value!r}" for key, value in given.items() if value is not None]
    return "[[alerts.to]]\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "name", "fault"),
    [
        (place(slack="#ops"), "alerts.to[0].slack", "id of a channel"),
        (place(kinds=[]), "alerts.to[0].kinds", "must name some of new_handoff, "),
        (place(kinds=["late"]), "alerts.to[0].kinds[0]", "overdue"),
        (place(slack=None), "alerts.to[0]", "must name one of slack, email, webhook"),
        (place(email="a@b.example"), "alerts.to[0]", "must name one of"),
        (place(slack=None, webhook="https://x.example"), "alerts.to[0]", "secret goes with"),
        (place(secret=SECRET), "alerts.to[0]", "secret goes with webhook"),
        (place(slack=None, webhook="https://a@x.example"), "alerts.to[0].webhook", "user's name"),
        (place(slack=None, email="ops"), "alerts.to[0].email", "must be an e-mail address"),
        (place(urgent=["disconnected"]), "alerts.to[0]", "disconnected is not among kinds"),
        (place(quiet="22-7"), "alerts.to[0].quiet", "must be as 22:00-7:00"),
        (place() + place(), "alerts", "to: there are two ops"),
        (place(queues=["nix"]), "alerts", "to ops: there is no queue nix"),
        ("[alerts]\noverdue_after = 0\n" + place(), "alerts", "needs overdue_after"),
        ('[alerts]\nquiet = "9:00-9:00"\n', "alerts.quiet", "not all day"),
        ('[alerts]\nquiet = "9:60-9:00"\n', "alerts.quiet", "must be as"),
        ('[alerts]\ntimezone = "Mars"\n', "alerts.timezone", "Europe/Berlin"),
        (
            '[alerts]\nquiet_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]\n',
            "alerts",
            "never be anything else",
        ),
        (place(slack=None, email="a@b.example"), "SMTP_URL", "is needed with email"),
    ],
)
def test_each_fault_is_named_with_its_place(
    tmp_path: Path, text: str, name: str, fault: str
) -> None:
    found = faults(tmp_path, text)
    assert set(found) - {"SMTP_URL"} == {name} - {"SMTP_URL"}
    assert fault in found[name]


def test_a_channel_needs_slack_and_a_fault_in_a_queue_is_not_told_as_one_of_alerts(
    tmp_path: Path,
) -> None:
    nothing = dict.fromkeys(ENV, "")
    assert list(faults(tmp_path, place(), **nothing)) == ["SLACK_BOT_TOKEN"]
    odd = '[[queues]]\nname = "Odd Name"\n' + place(queues=["default"])
    assert list(faults(tmp_path, odd)) == ["queues[0].name"]
    assert list(faults(tmp_path, "[alerts]\nto = 3\n")) == ["alerts.to"]


def test_what_is_right_is_taken(tmp_path: Path) -> None:
    mails = place(name="lead", slack=None, email="lead@shop.example", queues=["default"])
    assert faults(tmp_path, place() + mails + FROM, **MAILS) == {}


@pytest.mark.parametrize(
    ("given", "own", "open_at"),
    [
        ({}, {}, [0, 6, 7, 12, 21, 22]),
        ({"quiet": "22:00-7:00"}, {}, [7, 12, 21]),
        ({"quiet": "9:00-17:00"}, {}, [0, 6, 7, 21, 22]),
        ({"quiet": "0:00-7:00"}, {}, [7, 12, 21, 22]),
        ({"quiet": "21:00-24:00"}, {}, [0, 6, 7, 12]),
        ({"quiet": "22:00-7:00"}, {"quiet": ""}, [0, 6, 7, 12, 21, 22]),
        ({"quiet_days": ["wed"]}, {}, []),
        ({"quiet_days": ["wed"]}, {"quiet": "0:00-12:00"}, [12, 21, 22]),
        ({"quiet_days": ["thu"], "quiet": "0:00-12:00"}, {}, [12, 21, 22]),
    ],
)
def test_it_is_quiet_by_the_clock_of_the_desk(
    given: dict[str, Any], own: dict[str, Any], open_at: list[int]
) -> None:
    [rule] = alerts({**SLACK, **own}, **given).rules(HoursSettings(timezone="Asia/Tokyo"))
    wednesday = datetime(2026, 11, 25, tzinfo=ZoneInfo("Asia/Tokyo"))
    found = [
        hour
        for hour in (0, 6, 7, 12, 21, 22)
        if is_open(rule.loud, int(wednesday.replace(hour=hour).timestamp()) * SECOND)
    ]
    assert found == open_at


def test_it_has_a_clock_of_its_own() -> None:
    [rule] = alerts(SLACK, quiet="22:00-7:00", timezone="Europe/Berlin").rules(HoursSettings())
    assert str(rule.loud.zone) == "Europe/Berlin"


def test_a_place_says_by_what_and_whether_words_are_told() -> None:
    kinds = {"kinds": ["overdue", "disconnected"]}
    hook = {**HOOK, **kinds, "words": True, "queues": ["vip"], "urgent": ["overdue"]}
    given = alerts({**SLACK, **kinds}, {**MAIL, **kinds}, hook, window=60)
    found = addressees(given)
    assert {name: (each.by, each.words) for name, each in found.items()} == {
        "desk": (AtDesk("C0ALERTS"), True),
        "lead": (ByMail("lead@shop.example"), False),
        "ops": (ByHook("https://ops.example/alert", SECRET), True),
    }
    rules = {rule.name: rule for rule in given.rules(HoursSettings())}
    assert {name: rule.by for name, rule in rules.items()} == {
        "desk": "slack",
        "lead": "email",
        "ops": "webhook",
    }
    assert (rules["ops"].window, rules["ops"].queues) == (60 * SECOND, frozenset({"vip"}))
    assert rules["ops"].urgent == {Alert.OVERDUE}
    assert not addressees(alerts({**SLACK, **kinds}, private=True))["desk"].words
