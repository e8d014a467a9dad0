"""How it stands between us and Meta, by what the Graph API answered last: for `/readyz`."""

from __future__ import annotations

from bridge.errors import Broken, DeliveryError, Refused, Retry


class Condition:
    """A call that failed for all says that Messenger cannot be used; a later one that worked says
    that it can again."""

    def __init__(self) -> None:
        self.fault = ""

    def worked(self) -> None:
        self.fault = ""

    def failed(self, error: DeliveryError) -> None:
        """What was refused for itself, or for being too often, was answered all the same."""
        answered = isinstance(error, Refused) or (isinstance(error, Retry) and not error.counts)
        self.fault = "" if answered and not isinstance(error, Broken) else error.reason
