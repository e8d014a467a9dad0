"""The emoji names this workspace knows, and the characters that typed ones stand for.

A part of Slack's list: an app that reacts with a name outside it gets `invalid_name`, as a
misspelt one gets from Slack.
"""

import re
from types import MappingProxyType

_TABLE = """
white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ warning ⚠️ lock 🔒
unlock 🔓 hand ✋ raised_hand ✋ eye 👁️ eyes 👀 hourglass ⌛ hourglass_flowing_sand ⏳ clock3 🕒
alarm_clock ⏰ bell 🔔 no_bell 🔕 zzz 💤 speech_balloon 💬 left_speech_bubble 🗨️ memo 📝
pencil2 ✏️ pushpin 📌 round_pushpin 📍 paperclip 📎 link 🔗 mag 🔍 package 📦 truck 🚚 email 📧
envelope ✉️ inbox_tray 📥 outbox_tray 📤 telephone_receiver 📞 iphone 📱 computer 💻
robot_face 🤖 bust_in_silhouette 👤 busts_in_silhouette 👥 wave 👋 +1 👍 thumbsup 👍 -1 👎
thumbsdown 👎 pray 🙏 clap 👏 raised_hands 🙌 muscle 💪 ok_hand 👌 point_right 👉 point_left 👈
point_up ☝️ point_down 👇 smile 😄 smiley 😃 grin 😁 grinning 😀 joy 😂 laughing 😆 wink 😉 blush 😊
slightly_smiling_face 🙂 upside_down_face 🙃 heart_eyes 😍 thinking_face 🤔 neutral_face 😐
unamused 😒 disappointed 😞 cry 😢 sob 😭 rage 😡 scream 😱 sweat_smile 😅 sunglasses 😎
hugging_face 🤗 star ⭐ star2 🌟 sparkles ✨ tada 🎉 fire 🔥 heart ❤️ blue_heart 💙 green_heart 💚
yellow_heart 💛 purple_heart 💜 broken_heart 💔 100 💯 rocket 🚀 zap ⚡ bulb 💡 gear ⚙️ wrench 🔧
hammer 🔨 key 🔑 shield 🛡️ moneybag 💰 credit_card 💳 receipt 🧾 chart_with_upwards_trend 📈
bar_chart 📊 calendar 📆 date 📅 house 🏠 office 🏢 shopping_trolley 🛒 gift 🎁 label 🏷️
bookmark 🔖 recycle ♻️ repeat 🔁 arrow_right ➡️ arrow_left ⬅️ arrow_up ⬆️ arrow_down ⬇️
leftwards_arrow_with_hook ↩️ arrow_right_hook ↪️ arrows_counterclockwise 🔄
double_vertical_bar ⏸️ arrow_forward ▶️ black_square_for_stop ⏹️ no_entry ⛔ no_entry_sign 🚫
octagonal_sign 🛑 question ❓ grey_question ❔ exclamation ❗ grey_exclamation ❕ bangbang ‼️
information_source ℹ️ heavy_plus_sign ➕ heavy_minus_sign ➖ red_circle 🔴 large_blue_circle 🔵
large_green_circle 🟢 large_yellow_circle 🟡 large_orange_circle 🟠 white_circle ⚪
black_circle ⚫ white_large_square ⬜ black_large_square ⬛ one 1️⃣ two 2️⃣ three 3️⃣ four 4️⃣
five 5️⃣ six 6️⃣ coffee ☕ sunny ☀️ cloud ☁️ umbrella ☔ snowflake ❄️ earth_africa 🌍
globe_with_meridians 🌐 cat 🐱 dog 🐶 bear 🐻 fox_face 🦊 penguin 🐧 turtle 🐢 owl 🦉 frog 🐸
koala 🐨 panda_face 🐼 lion_face 🦁 tiger 🐯 rabbit 🐰 whale 🐳 octopus 🐙 butterfly 🦋 bee 🐝
cactus 🌵 sunflower 🌻 tulip 🌷 four_leaf_clover 🍀 maple_leaf 🍁 apple 🍎 lemon 🍋 watermelon 🍉
cherries 🍒 strawberry 🍓 peach 🍑 pear 🍐 pineapple 🍍
"""
_PAIRS = _TABLE.split()
BY_NAME = MappingProxyType(dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True)))
BY_CHARACTER = MappingProxyType({char: name for name, char in reversed(list(BY_NAME.items()))})
CHARACTERS = re.compile("|".join(re.escape(c) for c in sorted(BY_CHARACTER, key=len, reverse=True)))
SKIN_TONE = re.compile(r"::skin-tone-[2-6]$")


def canonical(name: str) -> str | None:
    """The stored name of a reaction (aliases folded), or None for an unknown emoji."""
    bare = SKIN_TONE.sub("", name.strip(":"))
    character = BY_NAME.get(bare)
    if character is None:
        return None
    aliases = {"thumbsup": "+1", "thumbsdown": "-1", "raised_hand": "hand"}
    return aliases.get(bare, bare) + name.strip(":")[len(bare) :]
