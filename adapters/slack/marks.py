"""The one mark on each message: a reaction that says what became of it (experience §1)."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping

from adapters.slack.client import Client
from adapters.slack.ids import micros_of, read_source
from bridge.effects import Mark
from bridge.errors import Broken, DeliveryError, Refused, Retry, Scope
from bridge.model import SECOND, Micros
from bridge.ports import Clock

REACTIONS: Mapping[Mark, str] = {
    Mark.TAKEN: "white_check_mark",
    Mark.NOTE: "lock",
    Mark.HELD: "hand",
    Mark.FAILED: "warning",
    Mark.LEAVING: "hourglass_flowing_sand",
}
EARLIER: Mapping[Mark, tuple[Mark, ...]] = {
    Mark.TAKEN: (Mark.HELD, Mark.FAILED, Mark.LEAVING),
    Mark.NOTE: (Mark.HELD, Mark.TAKEN, Mark.LEAVING),
    Mark.HELD: (Mark.LEAVING,),
    Mark.FAILED: (Mark.TAKEN, Mark.HELD, Mark.LEAVING),
    Mark.LEAVING: (),
}
"""Marks that a message may have worn before this one."""
SEEN = "eye"
"""Beside the mark of the newest message that the user has read."""
DONE = frozenset({"already_reacted", "no_reaction"})
GONE = frozenset({"message_not_found", "no_item_specified", "bad_timestamp", "thread_locked"})
REMEMBERED = 10_000
FEW, MINUTE = 10, 60 * SECOND
"""Slack takes off twenty marks a minute: so many messages get one that has to come off again."""
YOUNG: Micros = 2 * SECOND
"""A message that was written so lately has no earlier mark, unless we remember one: nobody reads,
decides and presses so fast."""


class Marks:
    """Takes off what a message may wear already. Other processes put marks, too: what this one
    remembers having put is taken off for certain, and never a reason to leave something undone."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._worn: OrderedDict[str, Mark] = OrderedDict()
        self._passing: deque[Micros] = deque(maxlen=FEW)

    async def put(self, source: str, mark: Mark, *, fresh: bool = False) -> None:
        """Raises DeliveryError; a message that is gone needs no mark. A fresh mark has nothing to
        take off, and comes too late where the message wears another one by now."""
        team, channel, ts = _place(source)
        worn = self._worn.get(source)
        if (fresh and worn is not None) or (mark is Mark.LEAVING and not self._has_time()):
            return
        if not await self._react("reactions.add", team, channel, ts, REACTIONS[mark]):
            return
        for before in () if fresh else self._before(worn, ts, mark):
            must = before is worn or mark is Mark.FAILED  # a ✅ beside a ⚠️ would be a lie
            await self._take_off(team, channel, ts, before, must=must)
        self._remember(source, mark)

    def _has_time(self) -> bool:
        """For a mark that comes off in some seconds; on a busy desk the message wears none yet."""
        now, full = self._clock(), len(self._passing) == FEW
        if full and now - self._passing[0] < MINUTE:
            return False
        self._passing.append(now)
        return True

    def _before(self, worn: Mark | None, ts: str, mark: Mark) -> list[Mark]:
        if worn is Mark.LEAVING and mark is not worn:  # the first there was, some seconds ago
            return [worn]
        known = [worn] if worn is not None and worn is not mark else []
        young = self._clock() - micros_of(ts) < YOUNG and mark is not Mark.FAILED
        return known if young else list(dict.fromkeys([*known, *EARLIER[mark]]))

    async def _take_off(self, team: str, channel: str, ts: str, mark: Mark, *, must: bool) -> None:
        """A guess that Slack has no time for is dropped."""
        try:
            await self._react("reactions.remove", team, channel, ts, REACTIONS[mark])
        except Retry:
            if must:
                raise

    async def seen(self, source: str, before: str) -> None:
        """Moves the eye, which stands beside the mark, from the one to the other. Raises
        DeliveryError."""
        for method, where in (("reactions.remove", before), ("reactions.add", source)):
            if where:
                await self._react(method, *_place(where), SEEN)

    async def _react(self, method: str, team: str, channel: str, ts: str, name: str) -> bool:
        """False when the message is gone."""
        try:
            await self._client.call(method, team, channel=channel, timestamp=ts, name=name)
        except DeliveryError as error:
            if error.reason in DONE:
                return True
            if error.reason in GONE:
                return False
            if isinstance(error, Broken) and error.scope is Scope.THREAD:
                return False
            raise
        return True

    def _remember(self, source: str, mark: Mark) -> None:
        self._worn[source] = mark
        self._worn.move_to_end(source)
        if len(self._worn) > REMEMBERED:
            self._worn.popitem(last=False)


def _place(source: str) -> tuple[str, str, str]:
    """Team, channel and ts. Raises Refused."""
    try:
        return read_source(source)
    except ValueError as error:
        raise Refused("not_a_slack_message") from error
