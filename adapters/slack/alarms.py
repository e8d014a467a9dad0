"""That rules have fired: the post in the thread, a row for each of them, and what a member says of
one who knows better. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.slack.blocks import Block, Body, button, cut, fallback, neutral, row, words
from adapters.slack.names import safe_name
from bridge.effects import Line
from bridge.model import HandoffId
from bridge.triggering import read_told
from bridge.views import LinePost, View

FALSE_ALARM = "false_alarm"
TRIGGERED = Line.TRIGGERED
MOST = 40
"""Rows: a message has fifty blocks."""
LONGEST = 2_900
"""Units of a row: a text of a block has three thousand."""


def line(view: View, post: LinePost, key: str, hint: str = "") -> Body:
    """⚡ refund: “money back”, a row for each rule. `key` is on the first of them."""
    told = read_told(post.detail)
    texts = [f"⚡ {safe_name(rule, 'A rule')}: {why}" for _, rule, why in told]
    rows = [
        _row(cut(text, LONGEST), f"{key}:{n}" if n else key, _offer(view, firing, rule))
        for n, (text, (firing, rule, _)) in enumerate(zip(texts, told, strict=True))
    ]
    more = [f"and {len(told) - MOST} more rules"] if len(told) > MOST else []
    below = [row(words(text)) for text in (*more, *filter(None, [hint]))]
    text = fallback(" ".join([*texts, *more]))
    return Body(text, [*rows[:MOST], *below], plain=text)


def _row(text: str, block_id: str, offer: Block) -> Block:
    """Nothing in it is read as markup."""
    told = {"type": "plain_text", "text": neutral(text), "emoji": False}
    return {"type": "section", "block_id": block_id, "text": told, "accessory": offer}


def _offer(view: View, firing: str, rule: str) -> Block:
    value = f"{view.handoff.id} {firing} {rule}"
    return button(
        FALSE_ALARM, "False alarm", value, cut(f"False alarm: {rule} should not have fired", 75)
    )


def called(blocks: Sequence[Mapping[str, Any]], pressed: str, said: str) -> Body:
    """The post as it was, but for the row that was pressed: it says what came of it. Where there is
    no such row, that alone."""
    done = row(words(said), pressed)
    text = fallback(said)
    if not any(block.get("block_id") == pressed for block in blocks):
        return Body(text, [done], plain=text)
    shown = [done if block.get("block_id") == pressed else dict(block) for block in blocks]
    return Body(text, shown, plain=text)


def read(value: str) -> tuple[HandoffId, str, str]:
    """The handoff, the id of the firing and the rule."""
    handoff, _, rest = value.partition(" ")
    firing, _, rule = rest.partition(" ")
    return HandoffId(handoff), firing, rule
