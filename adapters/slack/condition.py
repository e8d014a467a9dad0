"""How it stands between us and Slack, by what its Web API answered last: for `/readyz`."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from adapters.slack.failures import READ_ONLY
from bridge.errors import Broken, DeliveryError, Refused, Retry, Scope


class Condition:
    """A failed call says that Slack cannot be used, or a channel of the desk cannot; a later call
    that worked, of any kind or in that channel, says that it can again. A channel that takes no
    posts can be read all the while."""

    def __init__(self, channels: AbstractSet[str]) -> None:
        self._channels = channels
        self._workspace_fault = ""
        self._channel_faults: dict[str, str] = {}

    @property
    def fault(self) -> str:
        """Slack's or our name of what is wrong; empty: nothing that we know of."""
        return self._workspace_fault or next(iter(self._channel_faults.values()), "")

    def worked(self, arguments: Mapping[str, Any], *, reading: bool = False) -> None:
        self._workspace_fault = ""
        channel = str(arguments.get("channel"))
        if not (reading and self._channel_faults.get(channel) in READ_ONLY):
            self.mended(channel)

    def mended(self, channel: str) -> None:
        """Somebody has looked: it takes posts."""
        self._channel_faults.pop(channel, None)

    def failed(self, error: DeliveryError, arguments: Mapping[str, Any]) -> None:
        if _is_an_answer(error):
            self._workspace_fault = ""
        else:
            self._workspace_fault = error.reason
        channel = str(arguments.get("channel"))
        broken = isinstance(error, Broken) and error.scope is Scope.CHANNEL
        if broken and channel in self._channels:
            self._channel_faults[channel] = error.reason


def _is_an_answer(error: DeliveryError) -> bool:
    """Slack is there and takes our token, though it does not do this; it may have no time now."""
    if isinstance(error, Broken):
        return error.scope is not Scope.TOKEN
    return isinstance(error, Refused) or (isinstance(error, Retry) and not error.counts)
