"""Hours of the desk and its queues, and who is in them, as the settings say it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bridge.errors import SettingsError
from bridge.hours import ALWAYS
from bridge.policies import policy
from bridge.policy import Policy
from bridge.settings import Settings


def load(folder: Path, toml: str) -> Policy:
    file = folder / "deskbridge.toml"
    file.write_text(toml, "utf-8")
    return policy(Settings.load({"SECRET_KEY": "k" * 40}, file), None, {})


HOURS = """
[hours]
timezone = "Europe/Berlin"
mon = "13:00-17:00, 9:00-12:30"
tue = ["9:00-24:00"]
holidays = [2026-12-25]
[[queues]]
name = "billing"
[queues.hours]
fri = "8:00-9:00"
[queues.messages.away]
en = "Back {{opensAt}}."
"""


def test_a_queue_has_the_desks_hours_but_for_what_it_says_itself(tmp_path: Path) -> None:
    desk, billing = load(tmp_path, HOURS).queues
    assert desk.hours.week == (((540, 750), (780, 1020)), ((540, 1440),), *((),) * 5)
    assert desk.hours.holidays == billing.hours.holidays == {date(2026, 12, 25)}
    assert str(desk.hours.zone) == str(billing.hours.zone) == "Europe/Berlin"
    assert billing.hours.week == (*((),) * 4, ((480, 540),), (), ())
    assert billing.messages == {"away": {"en": "Back {{opensAt}}."}}
    alone = load(tmp_path, "[hours]\nholidays = [2026-12-25]\n").queue("default")
    assert alone.hours.week == (((0, 1440),),) * 7
    assert load(tmp_path, "").queue("default").hours == ALWAYS


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ('mon = "9-17"', "9:00-17:30"),
        ('mon = "9:00-17:60"', "no clock shows"),
        ('mon = "9:00-24:30"', "no clock shows"),
        ('mon = "22:00-6:00"', "past midnight"),
        ('mon = "9:00-12:00, 11:00-13:00"', "overlap"),
        ("mon = [9]", "9:00-17:30"),
        ('timezone = "Mars/Olympus"', "Europe/Berlin"),
        ('timezone = "../etc"', "Europe/Berlin"),
        ('holidays = ["Christmas"]', "date"),
    ],
)
def test_hours_that_no_clock_knows_are_refused(said: str, fault: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, f"[hours]\n{said}\n")
    [found] = caught.value.faults.values()
    assert fault in found


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (
            '[[queues]]\nname = "default"\nmembers = ["ana"]',
            "a person (U…) or of a user group (S…)",
        ),
        ('[[queues]]\nname = "x"\nlanguages = ["fr-CA"]', "must be a language, such as fr"),
        ('[[queues]]\nname = "x"\nlabels = ["a b"]', "must be one word of at most 60 characters"),
        ('[[queues]]\nname = "My queue"', "must be of a to z, 0 to 9, - and _"),
        ('[[agents.people]]\nid = "S0TEAM"', "the id of a person (U…)"),
        ('[[agents.people]]\nid = "U1ANA"\n' * 2, "two have the same id"),
    ],
)
def test_names_that_are_none_are_refused_in_words(said: str, fault: str, tmp_path: Path) -> None:
    members = '[[queues]]\nname = "default"\nmembers = ["U0ANA", "S0TEAM"]\n'
    load(tmp_path, f'{members}[[agents.people]]\nid = "W0ENT"\n')
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, said)
    [found] = caught.value.faults.values()
    assert fault in found
