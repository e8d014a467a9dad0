"""Slack's names of emoji, both ways."""

from __future__ import annotations

import emoji
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.emoji import character, from_codes, name_of, with_emoji

NAMES = {
    "+1": "👍",
    "thumbsup": "👍",
    "tada": "🎉",
    "calendar": "📆",
    "hugging_face": "🤗",
    "large_green_circle": "🟢",
    "flag-fr": "🇫🇷",
    "woman-shrugging": "🤷‍♀️",
    "wave::skin-tone-3": "👋🏼",
    "male-technologist::skin-tone-6": "👨🏿‍💻",
    "tada::skin-tone-3": "🎉",
    "flag-xx": "",
    "our_logo": "",
}


@pytest.mark.parametrize(("name", "expected"), NAMES.items())
def test_a_name_is_the_character_that_slack_shows(name: str, expected: str) -> None:
    assert character(name).replace("\ufe0f", "") == expected.replace("\ufe0f", "")


@pytest.mark.parametrize(
    ("shown", "name"),
    [
        ("👍", "+1"),
        ("👍🏽", "+1::skin-tone-4"),
        ("❤️", "heart"),
        ("❤", "heart"),
        ("🇩🇪", "flag-de"),
        ("🎉", "tada"),
        ("a", ""),
        ("", ""),
        (":x:", ""),
    ],
)
def test_a_character_has_the_name_that_reactions_have(shown: str, name: str) -> None:
    assert name_of(shown) == name


@given(st.sampled_from(sorted(emoji.EMOJI_DATA)))
def test_what_has_a_name_comes_back_by_it(shown: str) -> None:
    name = name_of(shown)
    back = character(name) if name else ""
    assert back == "" or name_of(back) == name


def test_names_in_a_text_are_shown_and_what_is_none_stays() -> None:
    text = "on it :tada: :wave::skin-tone-3: :our-logo: at 10:30:00"
    assert with_emoji(text) == "on it 🎉 👋🏼 :our-logo: at 10:30:00"


@pytest.mark.parametrize(("codes", "expected"), [("1f44b-1f3fb", "👋🏻"), ("zz", ""), ("d800", ""),
                                                 ("ffffffffff", ""), ("", "")])  # fmt: skip
def test_code_points_are_characters(codes: str, expected: str) -> None:
    assert from_codes(codes) == expected
