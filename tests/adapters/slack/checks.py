"""Whether what we send is within Slack's limits (facts: docs.slack.dev/reference/block-kit) and
whether anybody's words in it could become a mention."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from slack_sdk.models.blocks import Block

from adapters.slack.blocks import Body, units

TOKEN = re.compile(r"<[^>]*>?")
OURS = re.compile(r"<!date\^[0-9]+\^(\{[a-z_]+\} ?)+\|[^<>|]*>")
MENTIONS = {"user", "usergroup", "broadcast"}
RICH = MENTIONS | {"text", "link", "date", "emoji", "channel"}
CHANNEL = re.compile(r"<#[CG][A-Z0-9]+>", re.ASCII)
"""No mention: nobody is told, and who may not know the channel does not see its name."""
LINK = re.compile(r"<(?:https?://|mailto:|tel:)[^\s<>|]+(?:\|[^<>|]*)?>", re.IGNORECASE)


def nodes(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every object in it, at any depth."""
    if isinstance(value, Mapping):
        yield value
        for each in value.values():
            yield from nodes(each)
    elif isinstance(value, list):
        for each in value:
            yield from nodes(each)


def check(body: Body, *, mentions: int = 0) -> None:
    """Slack would take it, whole, and it notifies nobody but `mentions` people whom we mean."""
    check_limits(body)
    found = [node for node in nodes(body.blocks) if node.get("type") in MENTIONS]
    assert len(found) == mentions
    for text in (body.text, body.plain):
        tokens = TOKEN.findall(text)
        harmless = (OURS, LINK, CHANNEL)
        special = [each for each in tokens if not any(kind.fullmatch(each) for kind in harmless)]
        assert len(special) <= mentions, special
        assert all(token.startswith(("<@U", "<!subteam^S", "<!here")) for token in special)
    for node in nodes(body.blocks):
        if node.get("type") == "mrkdwn":
            assert node["verbatim"] is True
            assert all(OURS.fullmatch(token) for token in TOKEN.findall(node["text"]))


def check_limits(body: Body) -> None:
    assert 0 < units(body.text) <= 4_000
    assert len(body.blocks) <= 50
    for block in Block.parse_all(body.blocks):
        assert block is not None
        block.validate_json()
    ids = [block["block_id"] for block in body.blocks if "block_id" in block]
    assert len(ids) == len(set(ids))
    assert all(0 < len(each) <= 255 for each in ids)
    for node in nodes(body.blocks):
        _check_node(node)
    if body.sender:
        assert 0 < units(body.sender.name) <= 80
        assert bool(body.sender.icon_url) != bool(body.sender.icon_emoji)


def _check_node(node: Mapping[str, Any]) -> None:
    kind = node.get("type")
    if kind in ("text", "plain_text", "mrkdwn"):
        assert 0 < units(node["text"]) <= 3_000
    elif kind == "button":
        assert 0 < units(node["text"]["text"]) <= 75
        assert 0 < len(node["value"]) <= 2_000
        assert 0 < units(node["accessibility_label"]) <= 75
        assert 0 < len(node["action_id"]) <= 255
    elif kind == "actions":
        assert 0 < len(node["elements"]) <= 25
    elif kind == "context":
        assert 0 < len(node["elements"]) <= 10
    elif kind in ("rich_text_section", "rich_text_quote"):
        assert node["elements"]
        assert {each["type"] for each in node["elements"]} <= RICH


def shown(body: Body) -> str:
    """The words that a reader sees, in order."""
    return "".join(
        str(node.get("text", node.get("fallback", "")))
        for node in nodes(body.blocks)
        if node.get("type") in {"text", "date", "link", "plain_text", "mrkdwn"}
        and isinstance(node.get("text", ""), str)
    )


def buttons(body: Body) -> dict[str, Mapping[str, Any]]:
    """By action id."""
    return {n["action_id"]: n for n in nodes(body.blocks) if n.get("type") == "button"}
