"""docs/settings.md has every setting with its default, and none that does not exist."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bridge.settings import VARIABLES, Settings
from bridge.settings_alerts import AlertPlace
from bridge.settings_sections import SECTION_TYPES, GoalSettings
from bridge.texts import Occasion

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text("utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (.+?) \|", re.MULTILINE)
SPECIAL = {"WEBCHAT_ORIGINS": "that of `PUBLIC_URL`"}

WITHIN: dict[str, type[BaseModel]] = {"handoff.goals": GoalSettings, "alerts.to": AlertPlace}
LISTED = ("bots", "queues", "actions", "triggers", "alerts.to")


def rows(heading: str) -> dict[str, str]:
    """The names in the part of the page under a heading, with their defaults."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"{heading} has no heading of its own"
    return dict(ROW.findall(found[1]))


def written(value: Any) -> str:
    """A default as the page shows it."""
    if value is None or value in ("", (), {}):
        return "none"
    if isinstance(value, tuple):
        return ", ".join(f"`{each}`" for each in value)
    return f"`{_toml(value)}`"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
    return f"{value:g}" if isinstance(value, float) else str(value)


def default(field: FieldInfo) -> str:
    return (
        "required" if field.is_required() else written(field.get_default(call_default_factory=True))
    )


def defaults(section: type[BaseModel]) -> dict[str, str]:
    """Of its keys, but those of the sections within it, which have tables of their own."""
    fields = section.model_fields.items()
    return {f.alias or name: default(f) for name, f in fields if not _is_section(f)}


def _is_section(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def test_every_variable_is_there_with_its_default() -> None:
    fields = {name.upper(): field for name, field in Settings.model_fields.items()}
    plain = {name: default(fields[name]) for name in VARIABLES - SPECIAL.keys()}
    assert rows("Variables") == plain | SPECIAL


@pytest.mark.parametrize("name", SECTION_TYPES | WITHIN)
def test_every_key_of_the_file_is_there_with_its_default(name: str) -> None:
    heading = f"`[[{name}]]`" if name in LISTED else f"`[{name}]`"
    assert rows(heading) == defaults((SECTION_TYPES | WITHIN)[name])


def test_every_occasion_has_its_name_on_the_page() -> None:
    assert [occasion for occasion in Occasion if f"`{occasion}`" not in PAGE] == []


def test_the_example_is_a_file_that_works(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert example
    file = tmp_path / "deskbridge.toml"
    file.write_text(example[1].replace("whsec_…", "whsec_" + "A" * 43 + "="), "utf-8")
    settings = Settings.load({"DATABASE_URL": f"sqlite:///{tmp_path}/x.db"}, file)
    assert settings.handoff.preview == 20
    assert [bot.id for bot in settings.bots] == ["orders"]
    assert settings.messages["assigned"]["fr"] == ""
    assert settings.webchat.greeting_buttons[1].text == "I want a human"
