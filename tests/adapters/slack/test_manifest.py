"""`manifest.yml` asks for exactly what the code uses: nothing less, or it fails at night; nothing
more, or no administrator lets it in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import adapters.slack
from adapters.slack import permissions, shortcuts, slash
from adapters.slack.verbs import VERBS
from sandbox.slack import seed
from tests.adapters.slack.world import World

SOURCES = sorted(Path(adapters.slack.__file__).parent.glob("*.py"))
METHOD = re.compile(
    r"(?:admin|api|apps|auth|bookmarks|bots|canvases|chat|conversations|dnd|emoji|files|migration|"
    r"pins|reactions|reminders|rtm|search|stars|team|usergroups|users|views)(?:\.[a-zA-Z]+)+"
)
TABLES = {"READS", "ONCE", "TIERS", "METHODS", "EVENTS"}
"""Assignments that only speak of methods."""


def code() -> Iterator[ast.AST]:
    """Every node of the package, tables about methods left out."""
    for source in SOURCES:
        for top in ast.parse(source.read_text()).body:
            if isinstance(top, ast.Assign | ast.AnnAssign) and _name(top) in TABLES:
                continue
            yield from ast.walk(top)


def _name(node: ast.Assign | ast.AnnAssign) -> str:
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    return target.id if isinstance(target, ast.Name) else ""


def decorated(kind: str) -> list[ast.expr]:
    """The first arguments of `@app.kind(…)`."""
    return [
        node.args[0]
        for node in code()
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr) == ("app", kind)
    ]


def used_methods() -> set[str]:
    return {
        node.value
        for node in code()
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and METHOD.fullmatch(node.value)
    }


def test_the_table_of_methods_is_what_the_code_calls() -> None:
    assert used_methods() == set(permissions.METHODS)


def test_the_scopes_are_those_of_the_methods_events_and_commands(manifest: dict[str, Any]) -> None:
    needed = {"commands"}.union(*permissions.METHODS.values(), *permissions.EVENTS.values())
    asked = manifest["oauth_config"]["scopes"]["bot"]
    assert set(asked) == needed
    assert asked == sorted(set(asked))


def test_the_events_are_those_that_are_listened_to(manifest: dict[str, Any]) -> None:
    listened = {node.value for node in decorated("event") if isinstance(node, ast.Constant)}
    heard = {"message.channels", "message.groups"}
    assert listened | heard == set(permissions.EVENTS)
    asked = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert asked == sorted(permissions.EVENTS)


def test_the_commands_are_those_that_are_answered(manifest: dict[str, Any], slack: World) -> None:
    asked = [each["command"] for each in manifest["features"]["slash_commands"]]
    assert asked == list(permissions.COMMANDS)
    verbs = {slash.read_verb(each, "")[0] for each in asked}
    assert verbs == {"assign", "resolve", "pause", "resume", "help"}
    assert verbs <= set(VERBS)
    assert all(each["should_escape"] for each in manifest["features"]["slash_commands"])


async def test_each_command_is_answered(manifest: dict[str, Any], slack: World) -> None:
    for each in manifest["features"]["slash_commands"]:
        await slack.ana.command(seed.GENERAL, each["command"])
    assert len(await slack.ana.ephemerals()) == len(permissions.COMMANDS)


def test_the_shortcuts_are_those_that_are_answered(manifest: dict[str, Any]) -> None:
    asked = manifest["features"]["shortcuts"]
    assert [each["callback_id"] for each in asked] == list(permissions.SHORTCUTS)
    assert list(permissions.SHORTCUTS) == [shortcuts.HANDOFF, shortcuts.ADD_NOTE]
    assert {each["type"] for each in asked} == {"message"}
    assert len(decorated("shortcut")) == 1


def test_there_is_a_home_tab_and_no_menu_asks_for_its_options(manifest: dict[str, Any]) -> None:
    assert manifest["features"]["app_home"]["home_tab_enabled"] is True
    assert decorated("options") == []
    assert "message_menu_options_url" not in manifest["settings"]["interactivity"]


def test_buttons_are_wanted_and_allowed(manifest: dict[str, Any]) -> None:
    assert len(decorated("action")) == 1
    assert len(decorated("view")) == 1
    assert manifest["settings"]["interactivity"]["is_enabled"] is True


def test_every_address_is_the_one_door(manifest: dict[str, Any]) -> None:
    settings = manifest["settings"]
    urls = {each["url"] for each in manifest["features"]["slash_commands"]}
    urls |= {settings["event_subscriptions"]["request_url"]}
    urls |= {settings["interactivity"]["request_url"]}
    assert urls == {"https://desk.example.com/slack/events"}


def test_it_is_within_slacks_limits(manifest: dict[str, Any]) -> None:
    assert set(manifest) == {
        "_metadata", "display_information", "features", "oauth_config", "settings",
    }  # fmt: skip
    shown = manifest["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    for each in manifest["features"]["slash_commands"]:
        assert len(each["command"]) <= 32
        assert len(each["description"]) <= 2_000
        assert len(each["usage_hint"]) <= 1_000
    assert len(manifest["features"]["shortcuts"]) <= 10
    for each in manifest["features"]["shortcuts"]:
        assert len(each["name"]) <= 24
        assert len(each["description"]) <= 150


async def test_with_this_manifest_nothing_is_missing(slack: World) -> None:
    thread = await slack.opened()
    await slack.ana.reply(thread.channel, thread.ts, "hello")
    await slack.desk.start()
    await slack.desk.idle()
    answers = [each["answer"] for each in slack.box.calls.entries()]
    assert all(answer["ok"] for answer in answers)
