"""Every error that Deskbridge raises, as one tree, by what is to be done about it.

    DeskbridgeError
    ├── SettingsError          the settings do not fit: all faults at once, each with its name
    ├── DeliveryError          an effect could not be performed; `scope`: how far that reaches
    │   ├── Retry              try again after `after` seconds (429, 5xx before anything was sent)
    │   │   └── Paced          a rate limit of ours: wait for a turn
    │   ├── Unknown            it may have happened: look before repeating (time-out, reset, 5xx)
    │   ├── Refused            it will never work as it is: tell whoever asked, with `reason`
    │   └── Broken             nothing in this scope works until somebody mends it: park and alert
    │       └── Lost           the thread is gone for good: its handoff goes on in a new one
    ├── StoreError
    │   ├── StoreUnavailable   connection, lock or resources: record nothing, answer 503, try again
    │   └── BadData            the database refuses this one value: keep it aside as poison
    └── BadRequest             what came in does not fit; `code`, `message`, `fields` for the caller
        └── TooMany            so much is not taken: come again after `seconds`

A decision that the lifecycle forbids is no error but a value: `commands.Rejected`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum


class Scope(StrEnum):
    """How far a delivery error reaches, and so what is parked or healed."""

    MESSAGE = "message"
    THREAD = "thread"
    CHANNEL = "channel"
    TOKEN = "token"  # noqa: S105 - the name of a scope, not a secret


class DeskbridgeError(Exception):
    """The root of the tree."""


class SettingsError(DeskbridgeError):
    """`doubts`: what may be a fault, too, and would have been told as a warning otherwise.
    `places`: where those stand that somebody wrote, by name, and in which source. `told`: the
    faults so, in words."""

    def __init__(
        self,
        faults: Mapping[str, str],
        doubts: Mapping[str, str] | None = None,
        places: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        self.faults = dict(faults)
        self.doubts = dict(doubts or {})
        known = places or {}
        self.told = [
            (place, f"{fault} (in {source})" if source else fault)
            for name, fault in self.faults.items()
            for place, source in [known.get(name, (name, ""))]
        ]
        super().__init__("\n".join(f"{place}: {fault}" for place, fault in self.told))


class DeliveryError(DeskbridgeError):
    """`reason` is a short code, safe to log; never a text that somebody wrote."""

    def __init__(self, reason: str, scope: Scope = Scope.MESSAGE) -> None:
        self.reason = reason
        self.scope = scope
        super().__init__(f"{reason} ({scope})")


class Retry(DeliveryError):
    """`after` in seconds, `at_most` too, however often it has failed; `counts` is false when the
    wait is no failure."""

    def __init__(
        self,
        reason: str,
        after: float = 0.0,
        scope: Scope = Scope.MESSAGE,
        *,
        counts: bool = True,
        at_most: float = math.inf,
    ) -> None:
        super().__init__(reason, scope)
        self.after = after
        self.counts = counts
        self.at_most = at_most


class Paced(Retry):
    """A rate limit has no room just now. `limit` names it, `every`: seconds between two turns."""

    def __init__(self, limit: str, after: float, every: float) -> None:
        super().__init__("rate_limited", after, counts=False)
        self.limit = limit
        self.every = every


class Unknown(DeliveryError):
    """The answer was lost: the thing may have happened or may happen yet."""


class Refused(DeliveryError):
    """Definite and final for this message."""


class Broken(DeliveryError):
    """Definite, and true for the whole scope. `about`: the channel, where the scope is one."""

    def __init__(self, reason: str, scope: Scope = Scope.MESSAGE, about: str = "") -> None:
        super().__init__(reason, scope)
        self.about = about


class Lost(Broken):
    """Nothing can be posted in this thread any more; `place` is the desk's reference of it."""

    def __init__(self, reason: str, place: tuple[str, str, str]) -> None:
        super().__init__(reason, Scope.THREAD)
        self.place = place


class StoreError(DeskbridgeError):
    pass


class StoreUnavailable(StoreError):
    pass


class BadData(StoreError):
    pass


class BadRequest(DeskbridgeError):
    def __init__(
        self, code: str, message: str, fields: Mapping[str, str] | None = None, status: int = 422
    ) -> None:
        self.code = code
        self.message = message
        self.fields = dict(fields or {})
        self.status = status
        super().__init__(f"{code}: {message}")


class TooMany(BadRequest):
    """`seconds` are whole, as `Retry-After` has them."""

    def __init__(self, after: float) -> None:
        self.seconds = max(1, math.ceil(after))
        super().__init__("too_many_requests", "Please wait a moment.", status=429)
