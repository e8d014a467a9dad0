"""Botpress' files become settings that load, and what has no counterpart is said."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from bridge.cli import app
from bridge.importing import BadImport, Imported, read, seconds, toml
from bridge.settings import Settings

HITL = {
    "paused": True,
    "sessionExpiry": "3 days",
    "attributes": [
        {"label": "Language", "attributePath": "language"},
        {
            "label": "Since",
            "attributePath": "created_at",
            "defaultValue": "today",
            "formatter": "moment:YYYY",
        },
        {"label": "Seen", "attributePath": "seen.at", "formatter": "moment:HH:mm"},
        {"label": "Ago", "attributePath": "at", "formatter": "fromNow", "colour": "red"},
    ],
}
HITLNEXT = {
    "$schema": "../assets/hitlnext.config.schema.json",
    "agentSessionTimeout": "15m",
    "autoComplete": {
        "trigger": ":",
        "shortcuts": [{"name": "hi all", "value": 'Say "hello"\n\x7f\ttwice \\'}],
    },
    "messageCount": 80,
    "handoffAlert": 7,
    "defaultUsername": True,
    "botAvatarUrl": "https://bot.example/face.png",
    "tags": ["vip", "very angry", "vip"],
    "enableConversationDeletion": True,
    "transferMessage": {"en": "One moment.", "fr-CA": "Un \ud800."},
    "assignMessage": {"en": "{{agentName}} is here, {{event.x}}."},
    "eventsWebHook": {"url": "https://crm.example/x", "headers": {"Authorization": "s3cret"}},
}


def loaded(found: Imported, folder: Path) -> Settings:
    path = folder / "deskbridge.toml"
    path.write_text(toml(found, "the.json"), "utf-8")
    return Settings.load({"DATABASE_URL": f"sqlite:///{folder}/x.db"}, path)


def test_hitl_json_becomes_the_profile(tmp_path: Path) -> None:
    found = read(json.dumps(HITL))
    shown = loaded(found, tmp_path).profile.attributes
    assert [(each.path, each.label, each.default, each.format) for each in shown] == [
        ("language", "Language", "", ""),
        ("created_at", "Since", "today", "date"),
        ("seen.at", "Seen", "", "datetime"),
        ("at", "Ago", "", "from_now"),
    ]
    assert [note.partition(":")[0] for note in found.notes] == [
        "paused",
        "sessionExpiry",
        "attributes[1].formatter",
        "attributes[2].formatter",
        "attributes[3].colour",
    ]


def test_hitlnext_json_becomes_the_same_settings(tmp_path: Path) -> None:
    found = read(json.dumps(HITLNEXT))
    settings = loaded(found, tmp_path)
    assert (settings.agents.idle_timeout, settings.agents.may_delete) == (900, True)
    assert (settings.handoff.preview, settings.alerts.overdue_after) == (50, 420)
    assert settings.labels.names == ("vip", "very-angry")
    [shortcut] = settings.templates.shortcuts
    assert (settings.templates.trigger, shortcut.name) == (":", "hi-all")
    assert shortcut.value == 'Say "hello"\n\x7f\ttwice \\'
    assert settings.messages["transfer"]["fr-CA"] == "Un \ufffd."
    assert settings.messages["assigned"]["en"] == "{{agentName}} is here, ."
    said = "\n".join(found.notes)
    for name in HITLNEXT.keys() & {"$schema", "defaultUsername", "botAvatarUrl", "eventsWebHook"}:
        assert f"{name}:" in said
    assert "assignMessage.en: {{event.x}} is not filled in here and left out" in said
    assert "s3cret" not in toml(found, "x")


def test_botpress_fills_nothing_in_so_braces_stay_as_they_are(tmp_path: Path) -> None:
    shortcuts = [{"name": "hi", "value": "Hi {{userName}}, {{x}}"}]
    settings = loaded(read(json.dumps({"autoComplete": {"shortcuts": shortcuts}})), tmp_path)
    text, missing = settings.templates.made().shortcuts[0].filled("en", {"userName": "Sam"})
    assert (text, missing) == ("Hi {{userName}}, {{x}}", ())


def test_what_says_nothing_sets_nothing() -> None:
    nothing: dict[str, Any] = {"tags": [], "transferMessage": {}, "eventsWebHook": {}}
    found = read(json.dumps({**nothing, "botAvatarUrl": None, "autoComplete": {}}))
    assert found.settings == {"templates": {"trigger": ":"}}
    assert found.notes == ()
    none: dict[str, Any] = {"paused": False, "attributes": []}
    assert read(json.dumps(none)) == Imported({}, ())
    without = {"eventsWebHook": {"url": "https://x.example"}}
    assert "headers" not in read(json.dumps(without)).notes[0]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{", "the file"),
        ("[" * 100_000, "the file"),
        ("[]", "the file"),
        ("{}", "the file"),
        ('{"paused": true, "tags": []}', "the file"),
        ('{"paused": "yes"}', "paused"),
        ('{"attributes": {}}', "attributes"),
        ('{"attributes": ["x"]}', "attributes[0]"),
        ('{"attributes": [{"label": "x"}]}', "attributes[0]"),
        (
            '{"attributes": [{"label": "x", "attributePath": "y", "formatter": "x"}]}',
            "attributes[0].formatter",
        ),
        ('{"agentSessionTimeout": "soon"}', "agentSessionTimeout"),
        ('{"agentSessionTimeout": 0}', "agentSessionTimeout"),
        ('{"agentSessionTimeout": true}', "agentSessionTimeout"),
        ('{"autoComplete": {"shortcuts": [{"name": "x"}]}}', "autoComplete.shortcuts"),
        ('{"autoComplete": {"trigger": "xx"}}', "templates.trigger"),
        ('{"messageCount": -1}', "handoff.preview"),
        ('{"handoffAlert": 1e999}', "handoffAlert"),
        ('{"tags": ["x", 7]}', "tags"),
        ('{"tags": ["#x"]}', "labels.names.0"),
        ('{"transferMessage": {"en": 7}}', "transferMessage"),
    ],
)
def test_nonsense_is_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(BadImport) as refused:
        read(text)
    assert list(refused.value.faults) == [named]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("10m", 600),
        ("1.5 hours", 5_400),
        ("2 days", 172_800),
        ("90", 0.09),
        ("30 secs", 30),
        ("100ms", 0.1),
        ("3 fortnights", None),
        ("-1m", None),
        ("", None),
    ],
)
def test_a_duration_is_what_botpress_reads(text: str, wanted: float | None) -> None:
    assert seconds(text) == (None if wanted is None else pytest.approx(wanted))


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(HITLNEXT)), anything, min_size=1))
def test_whatever_is_read_is_toml_and_whatever_is_not_is_said(values: dict[str, Any]) -> None:
    try:
        text = toml(read(json.dumps(values)), "x")
    except BadImport as refused:
        text = "\n".join(f"# {name}" for name in sorted(refused.faults))
    assert text
    tomllib.loads(text)


def test_the_command_writes_prints_and_says(tmp_path: Path) -> None:
    source, out = tmp_path / "hitlnext.json", tmp_path / "deskbridge.toml"
    source.write_text(json.dumps(HITLNEXT), "utf-8")
    first = CliRunner().invoke(app, ["import", str(source), "--out", str(out)])
    assert (first.exit_code, out.read_text("utf-8")) == (0, first.stdout)
    assert "eventsWebHook" in first.stderr
    again = CliRunner().invoke(app, ["import", str(source), "--out", str(out)])
    assert (again.exit_code, again.stdout) == (1, first.stdout)
    nowhere = CliRunner().invoke(app, ["import", str(source), "--out", str(tmp_path / "a/b")])
    assert nowhere.exit_code == 1
    only = CliRunner().invoke(app, ["import", str(source), "--out", "-"])
    assert (only.exit_code, only.stdout) == (0, first.stdout)


def test_the_command_refuses_what_cannot_be_read(tmp_path: Path) -> None:
    bad, binary = tmp_path / "hitl.json", tmp_path / "binary.json"
    bad.write_text('{"paused": 1, "attributes": 2}', "utf-8")
    binary.write_bytes(b"\xff\xfe")
    told = CliRunner().invoke(app, ["import", str(bad)])
    assert (told.exit_code, told.stdout) == (2, "")
    assert "paused must be true or false" in told.stderr
    assert "attributes must be a list" in told.stderr
    for path in (binary, tmp_path / "none.json"):
        assert CliRunner().invoke(app, ["import", str(path)]).exit_code == 2
