"""Emoji names are Slack's: aliases, tones, flags, joined people."""

import re

import pytest

from sandbox.slack.emoji import BY_CHARACTER, BY_NAME, BY_SECTION, canonical, spelt


def test_there_are_nearly_all_of_them_each_with_one_character() -> None:
    assert len(BY_NAME) > 1_700
    assert all(re.fullmatch(r"[a-z0-9_+'-]+", name) for name in BY_NAME)
    names = [name for section in BY_SECTION.values() for name in section]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("thumbsup", "+1"), (":raised_hand:", "hand"), ("+1::skin-tone-4", "+1::skin-tone-4"),
        ("envelope", "email"), ("telephone", "phone"), ("uk", "flag-gb"), ("nonsense", None),
        ("+1::skin-tone-9", None), ("man-shrugging", "man-shrugging"), ("clock1030", "clock1030"),
        ("sauropod", "sauropod"), ("female-technologist", "female-technologist"),
    ],
)  # fmt: skip
def test_a_name_is_kept_as_slack_keeps_it(typed: str, kept: str | None) -> None:
    assert canonical(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("done ✅ and 👍🏽!", "done :white_check_mark: and :+1::skin-tone-4:!"),
        ("👩‍💻 lives in 🇫🇷", ":female-technologist: lives in :flag-fr:"),
        ("order #1009, 2 * 3", "order #1009, 2 * 3"), ("🇽🇽", "🇽🇽"),
        ("⚠️ 1️⃣", ":warning: :one:"), ("❤️‍🔥", ":heart:\u200d:fire:"),
    ],
)  # fmt: skip
def test_typed_characters_become_names(typed: str, kept: str) -> None:
    assert spelt(typed) == kept


def test_every_character_is_spelt_by_a_name_of_its_own() -> None:
    for char, name in BY_CHARACTER.items():
        assert spelt(char) == f":{name}:"
        assert BY_NAME[name] == char
