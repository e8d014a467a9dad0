"""`trigger_id`s: made at each command and interaction, good once and for three seconds."""

from dataclasses import dataclass

from sandbox.slack.config import SandboxConfig
from sandbox.slack.errors import SlackError
from sandbox.slack.faults import Faults
from sandbox.slack.ids import IdSource

KEPT = 2_000


@dataclass(slots=True)
class Trigger:
    """Whose interaction it was, until when it is good (seconds since the epoch), if it was used."""

    user: str
    expires: float
    view_id: str | None
    used: bool = False


class Triggers:
    """The triggers handed out; old ones are forgotten."""

    def __init__(self, config: SandboxConfig, ids: IdSource, faults: Faults) -> None:
        self._clock = config.clock
        self._lifetime = config.trigger_lifetime
        self._ids = ids
        self._faults = faults
        self._known: dict[str, Trigger] = {}

    def new(self, user: str, view_id: str | None = None) -> str:
        """A trigger_id for an interaction of this person (inside a modal: with its view's id)."""
        now = self._clock.time()
        name = f"{int(now * 1000)}.{self._ids.letters(12)}.{self._ids.letters(32).lower()}"
        if len(self._known) >= KEPT:
            del self._known[next(iter(self._known))]
        trigger = self._known[name] = Trigger(user, now + self._lifetime, view_id)
        fault = self._faults.for_trigger(now)
        trigger.used = fault == "used_trigger"
        if fault == "expired_trigger":
            trigger.expires = now - 1.0
        return name

    def exchange(self, name: str) -> Trigger:
        """Use a trigger up; SlackError as views.open answers it."""
        trigger = self._known.get(name)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._clock.time() > trigger.expires:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger
