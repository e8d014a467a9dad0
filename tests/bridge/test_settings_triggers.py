"""`[[triggers]]`: what does not fit is named with its place, and kinds of one's own are found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bridge import policies, settings_triggers
from bridge.errors import SettingsError
from bridge.memory import NO_MEMORY
from bridge.model import Priority, Role
from bridge.settings import Settings
from bridge.settings_triggers import hidden
from bridge.triggers.rules import Detect, Said


def loaded(folder: Path, text: str) -> Settings:
    file = folder / "deskbridge.toml"
    file.write_text(text, "utf-8")
    return Settings.load({"DATABASE_URL": f"sqlite:///{folder}/x.db"}, file)


def fault(folder: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        loaded(folder, text)
    return "; ".join(f"{name} {told}" for name, told in caught.value.faults.items())


def test_a_rule_that_is_faulty_in_itself_hides_no_fault_of_its_own_or_of_the_others(
    tmp_path: Path,
) -> None:
    broken = """
        [[queues]]
        name = "billing"
        [[triggers]]
        name = "Not A Name"
        kind = "words"
        [[triggers]]
        name = "b"
        kind = "strange"
        [[triggers]]
        name = "b"
        kind = "human"
        times = 2
        queue = "nowhere"
        [[triggers]]
        name = "d"
        kind = 7
        """
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, broken)
    faults = caught.value.faults
    assert {name: told for name, told in faults.items() if "name" not in name} == {
        "triggers[0].words": "is needed with the kind words",
        "triggers[1].kind": faults["triggers[1].kind"],
        "triggers[2].queue": "there is no queue nowhere",
        "triggers[2].times": "means nothing to the kind human",
        "triggers[3].kind": faults["triggers[3].kind"],
    }
    assert faults["triggers[2].name"] == "there are two b"
    assert "must be of a to z" in faults["triggers[0].name"]
    assert "must be one of" in faults["triggers[1].kind"]


def test_queues_that_are_faulty_themselves_are_not_missed(tmp_path: Path) -> None:
    told = fault(
        tmp_path,
        """
        [[queues]]
        name = "Not A Name"
        [[triggers]]
        name = ""
        kind = "human"
        queue = "billing"
        """,
    )
    assert "there is no queue" not in told
    assert "triggers[0].name" in told
    rows = ["no table", {"name": "a", "kind": "nobody"}]
    assert [name for name, _ in hidden(rows, None, ["triggers[0]"])] == ["triggers[1].kind"]
    assert list(hidden("no list", None, ["triggers[0]"])) == []


def test_rules_are_compiled_those_that_are_on_and_labels_spelt_as_they_are(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        """
        [labels]
        names = ["VIP"]
        [[triggers]]
        name = "a"
        kind = "human"
        hand_over = true
        labels = ["vip"]
        priority = "high"
        cooldown = 2
        [[triggers]]
        name = "b"
        kind = "legal"
        enabled = false
        [[triggers]]
        name = "c"
        kind = "repetition"
        """,
    )
    one, two = policies.policy(settings, None, {}).triggers
    assert (one.does.hand_over, one.does.labels, one.does.priority) == (
        True,
        ("VIP",),
        Priority.HIGH,
    )
    assert one.cooldown == 2_000_000
    assert two.of == {Role.USER, Role.BOT}


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('name = "a"\nkind = "mood"', '"a": kind: must be one of attribute, complexity'),
        ('name = "a"\nkind = "human"\nbelow = 0.1', '"a": below: means nothing to the kind human'),
        ('name = "a"\nkind = "human"\noptions = {}', '"a": options: means nothing'),
        ('name = "a"\nkind = "words"', '"a": words: is needed with the kind words'),
        ('name = "a"\nkind = "pattern"\npattern = "(a+)+"', "triggers[0].pattern"),
        (
            'name = "a"\nkind = "words"\nwords = { nl = ["x"] }',
            '"nl" is no language',
        ),
        ('name = "a"\nkind = "intent"\nintents = ["x"]\nsays = "user"', '"a": says: must be bot'),
        ('name = "a"\nkind = "human"\nqueue = "x"', '"a": queue: there is no queue x'),
        ('name = "a"\nkind = "human"\nlabels = ["x"]', '"a": labels: there is no label x'),
        ('name = "a"\nkind = "human"\npriority = "huge"', "triggers[0].priority"),
        ('name = "A b"\nkind = "human"', "triggers[0].name"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(tmp_path: Path, lines: str, told: str) -> None:
    assert told in fault(tmp_path, f'[labels]\nnames = ["vip"]\n[[triggers]]\n{lines}\n')


def test_two_of_the_same_name_are_a_fault_and_a_fault_elsewhere_hides_no_rule(
    tmp_path: Path,
) -> None:
    one = '[[triggers]]\nname = "a"\nkind = "human"\nlabels = ["x"]\nqueue = "y"\n'
    told = fault(tmp_path, f"queues = 1\n{one}{one}")
    assert '"a": name: there are two a' in told
    assert "no queue y" not in told


def test_a_pattern_that_does_not_fit_is_one_fault(tmp_path: Path) -> None:
    told = fault(tmp_path, '[[triggers]]\nname = "a"\nkind = "pattern"\npattern = "(a+"\n')
    assert told == "triggers[0].pattern is no regular expression: missing ) at position 3"
    empty = fault(tmp_path, '[[triggers]]\nname = "a"\nkind = "pattern"\npattern = ""\n')
    assert empty == 'triggers "a": pattern: is needed with the kind pattern'


def weekend(options: Mapping[str, Any]) -> Detect:
    day = str(options["day"])
    if not day:
        raise ValueError("day: must be a day")

    def detect(said: Said, _: object) -> str:
        return f"it is {day}" if said.text == day else ""

    return detect


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> None:
    point = SimpleNamespace(name="weekend", load=lambda: weekend)
    monkeypatch.setattr(settings_triggers, "entry_points", lambda group: [point])


OWN = '[[triggers]]\nname = "a"\nkind = "weekend"\n'


@pytest.mark.usefixtures("own")
def test_a_kind_of_ones_own_is_made_of_its_options(tmp_path: Path) -> None:
    settings = loaded(tmp_path, f'{OWN}options = {{ day = "Sunday" }}\n')
    [rule] = policies.policy(settings, None, {}).triggers
    assert rule.detect(Said(Role.USER, "Sunday"), NO_MEMORY) == "it is Sunday"


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("", '"a": options: day is needed'),
        ('options = { day = "" }', '"a": options: day: must be a day'),
        ("below = 0.1", '"a": below: means nothing to the kind weekend'),
    ],
)
def test_options_that_do_not_fit_are_a_fault(tmp_path: Path, options: str, told: str) -> None:
    assert told in fault(tmp_path, f"{OWN}{options}\n")
