"""Where a fault is told to stand: as it was written, and in which source."""

import tomllib
from pathlib import Path

import pytest

from bridge.errors import SettingsError
from bridge.settings import Settings
from bridge.settings_file import places

FILE = tomllib.loads(
    """
    slack_channel = "C1"
    labels = 7
    [handoff]
    blocked = ["sam"]
    [handoff.goals]
    resolution = -1
    [hours]
    mon = "9-18"
    [[queues]]
    name = "billing"
    undo_seconds = 61
    members = ["U1", "x"]
    [[queues]]
    priority = 1
    [[templates.shortcuts]]
    name = "hello"
    [templates.shortcuts.value]
    en = 1
    """
)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("SLACK_CHANNEL", "slack_channel (in desk.toml)"),
        ("PORT", "PORT (in the environment)"),
        ("SECRET_KEY", "SECRET_KEY"),
        ("labels", "labels (in desk.toml)"),
        ("handoff.blocked[0]", "[handoff] blocked, entry 1 (in desk.toml)"),
        ("handoff.goals.resolution", "[handoff.goals] resolution (in desk.toml)"),
        ("handoff", "[handoff] (in desk.toml)"),
        ("hours.mon[0]", "[hours] mon (in desk.toml)"),
        ("queues", "[[queues]] (in desk.toml)"),
        ("queues[0]", '[[queues]] "billing" (in desk.toml)'),
        ("queues[0].undo_seconds", '[[queues]] "billing": undo_seconds (in desk.toml)'),
        ("queues[0].members[1]", '[[queues]] "billing": members, entry 2 (in desk.toml)'),
        ("queues[1].name", "[[queues]] number 2: name (in desk.toml)"),
        (
            "templates.shortcuts[0].value.en",
            '[[templates.shortcuts]] "hello": value.en (in desk.toml)',
        ),
        ("bots[0].url", "bots[0].url"),
    ],
)
def test_a_place_is_as_it_was_written_and_says_its_source(name: str, written: str) -> None:
    env = {"PORT": "x", "SECRET_KEY": ""}
    found, source = places([name], env, FILE, "desk.toml")[name]
    assert (f"{found} (in {source})" if source else found) == written


def test_who_is_told_of_faults_is_told_where_they_stand(tmp_path: Path) -> None:
    file = tmp_path / "desk.toml"
    file.write_text('[[queues]]\nname = "billing"\nundo_seconds = 61\n[[queues]]\n', "utf-8")
    with pytest.raises(SettingsError) as raised:
        Settings.load({"LOG_LEVEL": "loud"}, file)
    first, second, third = str(raised.value).splitlines()
    assert first.startswith("LOG_LEVEL: must be 'debug'")
    assert first.endswith(" (in the environment)")
    assert second.startswith('[[queues]] "billing": undo_seconds: ')
    assert second.endswith(f" (in {file})")
    assert third == f"[[queues]] number 2: name: is needed (in {file})"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('[triggers]\nname = "a"', "[triggers]: must be [[triggers]], one for each"),
        ('[handoff]\nblocked = "a@b.example"', "[handoff] blocked: must be a list, in […]"),
        ('[hours]\nmon = "9-18"', "[hours] mon: must be as 9:00-17:30"),
        ('[messages.asigned]\nen = "hi"', "[messages] asigned: asigned is no occasion; did you"),
    ],
)
def test_a_fault_names_what_was_written_and_nothing_of_how_it_is_read(
    tmp_path: Path, said: str, told: str
) -> None:
    file = tmp_path / "desk.toml"
    file.write_text(said, "utf-8")
    with pytest.raises(SettingsError) as raised:
        Settings.load({}, file)
    assert str(raised.value).splitlines()[0].startswith(told)
