"""Slack's names of common emoji, for messages that come without the emoji's own code points.

Messages from Slack's composer carry the code points in their `rich_text` block; this small table is
for plain texts. A name that is not here stays as it was written.
"""

from __future__ import annotations

import re

_TABLE = """
+1=👍 thumbsup=👍 -1=👎 thumbsdown=👎 ok_hand=👌 wave=👋 clap=👏 pray=🙏 raised_hands=🙌 muscle=💪
handshake=🤝 point_up=☝️ point_down=👇 point_left=👈 point_right=👉 v=✌️ crossed_fingers=🤞
hand=✋ raised_hand=✋ raising_hand=🙋 shrug=🤷 facepalm=🤦 eyes=👀 eye=👁️ heart=❤️
blue_heart=💙 green_heart=💚 yellow_heart=💛 purple_heart=💜 orange_heart=🧡 broken_heart=💔
two_hearts=💕 sparkling_heart=💖 smile=😄 smiley=😃 grinning=😀 grin=😁 laughing=😆
satisfied=😆 sweat_smile=😅 joy=😂 rolling_on_the_floor_laughing=🤣 slightly_smiling_face=🙂
upside_down_face=🙃 wink=😉 blush=😊 innocent=😇 heart_eyes=😍 star-struck=🤩 kissing_heart=😘
yum=😋 stuck_out_tongue=😛 stuck_out_tongue_winking_eye=😜 thinking_face=🤔 hugging_face=🤗
neutral_face=😐 expressionless=😑 no_mouth=😶 smirk=😏 unamused=😒 face_with_rolling_eyes=🙄
grimacing=😬 relieved=😌 pensive=😔 sleepy=😪 sleeping=😴 mask=😷 sunglasses=😎 nerd_face=🤓
confused=😕 worried=😟 slightly_frowning_face=🙁 frowning=😦 open_mouth=😮 astonished=😲
flushed=😳 pleading_face=🥺 cry=😢 sob=😭 scream=😱 disappointed=😞 sweat=😓 weary=😩 tired_face=😫
triumph=😤 rage=😡 angry=😠 partying_face=🥳 exploding_head=🤯 saluting_face=🫡
melting_face=🫠 robot_face=🤖 ghost=👻 tada=🎉 confetti_ball=🎊 balloon=🎈 gift=🎁 sparkles=✨
star=⭐ star2=🌟 fire=🔥 boom=💥 zap=⚡ rocket=🚀 100=💯 sunny=☀️ cloud=☁️ rainbow=🌈 snowflake=❄️
umbrella=☔ rose=🌹 sunflower=🌻 four_leaf_clover=🍀 coffee=☕ pizza=🍕 cake=🍰 birthday=🎂 beers=🍻
white_check_mark=✅ heavy_check_mark=✔️ ballot_box_with_check=☑️ x=❌ negative_squared_cross_mark=❎
warning=⚠️ no_entry=⛔ no_entry_sign=🚫 question=❓ grey_question=❔ exclamation=❗
heavy_exclamation_mark=❗ bangbang=‼️ information_source=ℹ️ heavy_plus_sign=➕ heavy_minus_sign=➖
arrow_right=➡️ arrow_left=⬅️ arrow_up=⬆️ arrow_down=⬇️ arrows_counterclockwise=🔄
leftwards_arrow_with_hook=↩️ lock=🔒 unlock=🔓 key=🔑 mag=🔍 bulb=💡 bell=🔔 pushpin=📌
round_pushpin=📍 paperclip=📎 link=🔗 memo=📝 pencil=📝 pencil2=✏️ clipboard=📋 calendar=📅
date=📅 alarm_clock=⏰ hourglass=⌛ hourglass_flowing_sand=⏳ watch=⌚ stopwatch=⏱️ package=📦
truck=🚚 car=🚗 airplane=✈️ house=🏠 office=🏢 shopping_cart=🛒 shopping_trolley=🛒 credit_card=💳
moneybag=💰 money_with_wings=💸 dollar=💵 euro=💶 receipt=🧾 label=🏷️ email=📧 envelope=✉️
incoming_envelope=📨 inbox_tray=📥 outbox_tray=📤 mailbox=📫 phone=☎️ telephone=☎️
telephone_receiver=📞 iphone=📱 computer=💻 camera=📷 speech_balloon=💬 loudspeaker=📢 mega=📣
wrench=🔧 hammer=🔨 gear=⚙️ bug=🐛 dog=🐶 cat=🐱 red_circle=🔴 large_green_circle=🟢
large_yellow_circle=🟡 large_orange_circle=🟠 large_blue_circle=🔵 white_circle=⚪ black_circle=⚫
rotating_light=🚨 sos=🆘 ok=🆗 new=🆕 cool=🆒 one=1️⃣ two=2️⃣ three=3️⃣ globe_with_meridians=🌐
earth_africa=🌍 crescent_moon=🌙 zzz=💤 trophy=🏆 medal=🏅
"""
UNICODE: dict[str, str] = dict(pair.split("=", 1) for pair in _TABLE.split())

_NAME = re.compile(r":([a-z0-9_+\-']{1,60}):(?::skin-tone-([2-6]):)?")
_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"


def with_emoji(text: str) -> str:
    """`:tada:` as 🎉 in a text of Slack's."""
    return _NAME.sub(_replace, text) if ":" in text else text


def _replace(found: re.Match[str]) -> str:
    known = UNICODE.get(found[1])
    if known is None:
        return found[0]
    return known + _TONES[int(found[2]) - 2] if found[2] else known


def from_codes(codes: str) -> str:
    """`1f44b-1f3fb`, as `rich_text` spells an emoji; empty when it is not that."""
    try:
        return "".join(chr(int(code, 16)) for code in codes.split("-"))
    except (ValueError, OverflowError):
        return ""
