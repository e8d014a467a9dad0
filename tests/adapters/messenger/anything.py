"""Payloads of the form that Meta sends, valid or broken, from a number: a thousand times faster
than drawing each value, so that ten thousand can be tried."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.adapters.messenger.things import PAGE, PSID

LEAVES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 7, 1 << 63, -(1 << 200), 1.5, 1e308, ""),
    *("page", PAGE, PSID, "m_1", "react", "image", "sticker", "سلام", "\x00", "\ud800", "9" * 30),
    *(10**400, "\x01", "a b", "../me?x=1#"),
    *(1_790_000_000_000, "1790000000000", "x" * 2_500, "🎉"),
)
NAMES = (
    *("mid", "text", "is_echo", "metadata", "attachments", "type", "payload", "url", "title"),
    *("coordinates", "lat", "long", "sticker_id", "quick_reply", "reaction", "emoji", "action"),
    *("watermark", "num_edit", "new_owner_app_id", "is_deleted", "id", "reason", "timestamp"),
)
KINDS = (
    *("message", "postback", "message_edit", "reaction", "read", "delivery", "referral", "optin"),
    *("policy_enforcement", "pass_thread_control", "take_thread_control", "app_roles"),
    *("field", "value", "sender", "recipient"),
)


def thing(random: Random, depth: int = 4) -> Any:
    """Any value."""
    kind = random.random()
    if not depth or kind < 0.5:
        return random.choice(LEAVES)
    if kind < 0.65:
        return [thing(random, depth - 1) for _ in range(random.randrange(3))]
    return {random.choice(NAMES): thing(random, depth - 1) for _ in range(random.randrange(5))}


def event(random: Random) -> Any:
    told = {
        "sender": {"id": random.choice((PSID, PAGE, 7))},
        "recipient": {"id": random.choice((PAGE, PSID))},
        "timestamp": random.choice(LEAVES),
    }
    for _ in range(random.randrange(1, 4)):
        told[random.choice(KINDS)] = thing(random)
    return told if random.random() < 0.9 else thing(random)


def payload(random: Random) -> Any:
    """Mostly of a page, mostly with lists where there should be lists."""
    entries = [
        {
            "id": PAGE if random.random() < 0.8 else thing(random),
            "time": random.choice(LEAVES),
            random.choice(("messaging", "messaging", "standby", "changes")): [
                event(random) for _ in range(random.randrange(4))
            ]
            if random.random() < 0.9
            else thing(random),
        }
        for _ in range(random.randrange(1, 3))
    ]
    told = {"object": "page", "entry": entries}
    if random.random() < 0.05:
        told[random.choice(("object", "entry"))] = thing(random)
    return told if random.random() < 0.97 else thing(random)
