"""Slack's names of emoji and the characters that they stand for, in both directions. Pure.

The names are those of iamcal's emoji-data. The `emoji` package knows most of them (as the aliases
of GitHub and the names of Unicode); the table holds those of Slack's that it calls otherwise, and
the ones that Slack itself says where a character has several. Custom emoji are unknown to anybody
else: their names stay as they were written.
"""

from __future__ import annotations

import re

import emoji

_TABLE = """
large_green_circle=🟢 large_yellow_circle=🟡 large_orange_circle=🟠 large_purple_circle=🟣
large_brown_circle=🟤 large_blue_circle=🔵 red_circle=🔴 shopping_trolley=🛒 medal=🏅
octagonal_sign=🛑 the_horns=🤘 spock-hand=🖖 knife_fork_plate=🍽️ simple_smile=🙂 keycap_star=*️⃣
i_love_you_hand_sign=🤟 smiling_face_with_3_hearts=🥰 heavy_check_mark=✔️ white_check_mark=✅
thumbsup=👍 thumbsdown=👎 +1=👍 -1=👎 eyes=👀 tada=🎉 hugging_face=🤗 thinking_face=🤔 pray=🙏
clap=👏 wave=👋 heart=❤️ joy=😂 smile=😄 slightly_smiling_face=🙂 raised_hands=🙌 ok_hand=👌
robot_face=🤖 fire=🔥 rocket=🚀 100=💯 lock=🔒 hand=✋ raised_hand=✋ warning=⚠️ x=❌ memo=📝
face_with_rolling_eyes=🙄 rolling_on_the_floor_laughing=🤣 star-struck=🤩 zany_face=🤪
shushing_face=🤫 face_vomiting=🤮 face_with_raised_eyebrow=🤨 drooling_face=🤤 mostly_sunny=🌤️
barely_sunny=🌥️ partly_sunny_rain=🌦️ rain_cloud=🌧️ snow_cloud=🌨️ lightning=🌩️ tornado=🌪️
man-shrugging=🤷‍♂️ woman-shrugging=🤷‍♀️ man-facepalming=🤦‍♂️ woman-facepalming=🤦‍♀️
man-bowing=🙇‍♂️ woman-bowing=🙇‍♀️ man-gesturing-ok=🙆‍♂️ woman-gesturing-ok=🙆‍♀️
man-raising-hand=🙋‍♂️ woman-raising-hand=🙋‍♀️ man-running=🏃‍♂️ woman-running=🏃‍♀️
male-technologist=👨‍💻 female-technologist=👩‍💻 male-doctor=👨‍⚕️ female-doctor=👩‍⚕️
"""
_OURS: dict[str, str] = dict(pair.split("=", 1) for pair in _TABLE.split())
_NAMES = {
    character.replace("\ufe0f", ""): name
    for name, character in reversed(_OURS.items())
    if name not in {"thumbsup", "thumbsdown", "simple_smile"}
}
_CODE = re.compile(r":([a-z0-9_+'-]{1,100}):(?::skin-tone-([2-6]):)?")
_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
_FLAG = re.compile(r"flag-([a-z]{2})")
_PERSON = re.compile("[👨👩🧑]")
_LETTER_A = 0x1F1E6
"""REGIONAL INDICATOR SYMBOL LETTER A: two of these letters are a flag."""


def character(name: str) -> str:
    """The emoji by its name in Slack, with or without `::skin-tone-3`; empty: none of everybody's.

    >>> character("wave::skin-tone-3"), character("our-logo")
    ('👋🏼', '')
    """
    bare, _, tone = name.partition("::skin-tone-")
    found = _known(bare)
    return _toned(found, tone) if tone in {"2", "3", "4", "5", "6"} else found


def _known(name: str) -> str:
    if name in _OURS:
        return _OURS[name]
    if flag := _FLAG.fullmatch(name):
        letters = "".join(chr(_LETTER_A + ord(letter) - ord("a")) for letter in flag[1])
        return letters if emoji.is_emoji(letters) else ""
    found = emoji.emojize(f":{name}:", language="alias")
    return "" if found == f":{name}:" else found


def _toned(found: str, tone: str) -> str:
    """The tone stands after the person, before what joins something to them; of two, after each."""
    colour = _TONES[int(tone) - 2]
    one = found[:1] + colour + found[1:].removeprefix("\ufe0f")
    both = _PERSON.sub(rf"\g<0>{colour}", found)
    return next((toned for toned in (one, both) if found and emoji.is_emoji(toned)), found)


def name_of(character: str) -> str:
    """Slack's name of an emoji, as reactions are called; empty when it is none.

    >>> name_of("👍🏽")
    '+1::skin-tone-4'
    """
    tones = [char for char in character if char in _TONES]
    bare = "".join(char for char in character if char not in _TONES)
    name = _NAMES.get(bare.replace("\ufe0f", "")) or _name(bare)
    if not name or len(set(tones)) > 1:
        return name
    return f"{name}::skin-tone-{_TONES.index(tones[0]) + 2}" if tones else name


def _name(bare: str) -> str:
    flag = [ord(char) - _LETTER_A for char in bare]
    if len(flag) == 2 and all(0 <= letter < 26 for letter in flag):  # noqa: PLR2004 - the alphabet
        return "flag-" + "".join(chr(ord("a") + letter) for letter in flag)
    if not emoji.is_emoji(bare):
        return ""
    name = emoji.demojize(bare, language="alias")
    return name.strip(":") if _CODE.fullmatch(name) else ""  # in letters that Slack's names have


def with_emoji(text: str) -> str:
    """`:tada:` as 🎉 in a text of Slack's."""
    return _CODE.sub(_replace, text) if ":" in text else text


def _replace(found: re.Match[str]) -> str:
    tone = f"::skin-tone-{found[2]}" if found[2] else ""
    return character(found[1] + tone) or found[0]


def from_codes(codes: str) -> str:
    """`1f44b-1f3fb`, as `rich_text` spells an emoji; empty when it is not that."""
    try:
        found = "".join(chr(int(code, 16)) for code in codes.split("-"))
        found.encode()
    except (ValueError, OverflowError):
        return ""
    return found
