"""What is known of a user besides name and address: small, since all of it travels with every
webhook, is shown to the team and written again whenever it changes."""

from __future__ import annotations

import json
from typing import Any

MAX_BYTES = 2_048
"""As JSON, all attributes of one user together."""


def fits(attributes: dict[str, Any]) -> bool:
    """Half a surrogate pair counts too; who keeps it refuses it."""
    text = json.dumps(attributes, ensure_ascii=False, separators=(",", ":"))
    return len(text.encode("utf-8", "surrogatepass")) <= MAX_BYTES


def merged(known: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    """What is told now stands over what was known; when it is too much, what has not been changed
    for longest falls out.

    >>> merged({"plan": "free", "order": 1}, {"plan": "pro"})
    {'order': 1, 'plan': 'pro'}
    """
    if told.items() <= known.items():
        return known
    kept = {name: value for name, value in known.items() if name not in told} | told
    while not fits(kept):
        del kept[next(iter(kept))]
    return kept
