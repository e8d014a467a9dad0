"""What the API reads beside what every adapter may: lists by the page, keys, and who has
which webhook."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.hook_store import Hooks
from bridge.keys import Keys
from bridge.lists import Lists


@dataclass(frozen=True, slots=True)
class Records:
    lists: Lists
    keys: Keys
    hooks: Hooks
