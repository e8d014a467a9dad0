"""That a rule has fired: the line in the thread, and what a member says of it who knows better.
Pure, and part of `lines.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from adapters.slack.blocks import Block, button, words
from adapters.slack.names import safe_name
from bridge.effects import Line
from bridge.model import HandoffId
from bridge.views import LinePost, View

FALSE_ALARM = "false_alarm"


def _fired(_view: View, post: LinePost) -> list[Block]:
    """⚡ **refund**: “money back”"""
    why = post.detail.partition("\n")[2]
    return [*words("⚡ "), *words(safe_name(post.name, "A rule"), bold=True), *words(f": {why}")]


MAKERS: Mapping[Line, Callable[[View, LinePost], list[Block]]] = {Line.TRIGGERED: _fired}


def offers(view: View, post: LinePost) -> list[Block]:
    firing = post.detail.partition("\n")[0]
    value = f"{view.handoff.id} {firing} {post.name}"
    return [button(FALSE_ALARM, "False alarm", value, f"{post.name} should not have fired")]


def read(value: str) -> tuple[HandoffId, str, str]:
    """The handoff, the id of the firing and the rule."""
    handoff, _, rest = value.partition(" ")
    firing, _, rule = rest.partition(" ")
    return HandoffId(handoff), firing, rule
