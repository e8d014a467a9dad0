"""Settings that have an unusual shape: told as a doubt and never refused, since Deskbridge works
with any server that speaks Slack's Web API, whose tokens and ids may look otherwise. Pure.

Slack has `xoxb-` bot tokens (docs.slack.dev/authentication/tokens), signing secrets of 32 hex
digits and ids of channels that begin with C or G.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

SHAPES: Mapping[str, tuple[re.Pattern[str], str]] = {
    "SLACK_BOT_TOKEN": (
        re.compile(r"xoxb-\S+"),
        "does not begin with xoxb-: Slack's is the Bot User OAuth Token of OAuth & Permissions",
    ),
    "SLACK_SIGNING_SECRET": (
        re.compile(r"[0-9a-f]{32}"),
        "is not 32 hex digits: Slack's is the Signing Secret of Basic Information",
    ),
    "SLACK_CHANNEL": (
        re.compile(r"[CG][A-Z0-9]{6,}"),
        "is no channel id (C… or G…), which stands at the end of a channel's details in Slack",
    ),
}

NO_DESK = (
    "No desk is set up: handoffs are kept, and nobody is told of them. "
    "Set SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET (or SLACK_APP_TOKEN) and SLACK_CHANNEL; "
    "deskbridge check looks at them."
)


def doubts(values: Mapping[str, str]) -> dict[str, str]:
    """By name, what is unusual; never with the value. What is not set is in no doubt."""
    return {
        name: doubt
        for name, (shape, doubt) in SHAPES.items()
        if (value := values.get(name, "")) and not shape.fullmatch(value.strip())
    }
