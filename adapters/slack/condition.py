"""How it stands between us and Slack, by what its Web API answered last: for `/readyz`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.slack.failures import READ_ONLY
from bridge.errors import Broken, DeliveryError, Refused, Retry, Scope


class Condition:
    """A failed call says that Slack cannot be used, or that the desk's channel cannot; a later call
    that worked, of any kind or in that channel, says that it can again. A channel that takes no
    posts can be read all the while."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._workspace_fault = ""
        self._channel_fault = ""

    @property
    def fault(self) -> str:
        """Slack's or our name of what is wrong; empty: nothing that we know of."""
        return self._workspace_fault or self._channel_fault

    def worked(self, arguments: Mapping[str, Any], *, reading: bool = False) -> None:
        self._workspace_fault = ""
        if not (reading and self._channel_fault in READ_ONLY):
            self.mended(str(arguments.get("channel")))

    def mended(self, channel: str) -> None:
        """Somebody has looked: it takes posts."""
        if channel == self._channel:
            self._channel_fault = ""

    def failed(self, error: DeliveryError, arguments: Mapping[str, Any]) -> None:
        if _is_an_answer(error):
            self._workspace_fault = ""
        else:
            self._workspace_fault = error.reason
        here = arguments.get("channel") == self._channel
        if here and isinstance(error, Broken) and error.scope is Scope.CHANNEL:
            self._channel_fault = error.reason


def _is_an_answer(error: DeliveryError) -> bool:
    """Slack is there and takes our token, though it does not do this; it may have no time now."""
    if isinstance(error, Broken):
        return error.scope is not Scope.TOKEN
    return isinstance(error, Refused) or (isinstance(error, Retry) and not error.counts)
