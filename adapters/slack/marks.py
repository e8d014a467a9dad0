"""The one mark on each message: a reaction that says what became of it (experience §1)."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

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

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Begun:
    """A mark that Slack had no time to put whole, and the calls for it that have worked."""

    mark: Mark | None
    done: set[tuple[str, str]] = field(default_factory=set)


class Marks:
    """Takes off what a message may wear already. Other processes put marks, too: what this one
    remembers having put is taken off for certain, and never a reason to leave something undone.

    What took several calls and was cut short by a limit goes on where it stood: begun anew each
    time it would spend every turn of the limit on its first call, and never come to the next."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._worn: OrderedDict[str, Mark | None] = OrderedDict()
        self._begun: OrderedDict[str, Begun] = OrderedDict()
        self._passing: deque[Micros] = deque(maxlen=FEW)

    async def put(self, source: str, mark: Mark, *, fresh: bool = False) -> None:
        """Raises DeliveryError; a message that is gone needs no mark. A fresh mark has nothing to
        take off, and comes too late where the message wears another one by now."""
        worn = self._worn.get(source)
        if fresh and worn is not None:
            return
        if mark is Mark.LEAVING and not self._has_time():
            self._leave_bare(source)
            return
        begun = self._begin(source, mark)
        if not await self._once(begun, "reactions.add", source, REACTIONS[mark]):
            return
        for before in () if fresh else self._before(source, mark):
            must = before is worn or mark is Mark.FAILED  # a ✅ beside a ⚠️ would be a lie
            await self._take_off(begun, source, before, must=must)
        self._begun.pop(source, None)
        _keep(self._worn, source, mark)

    def _has_time(self) -> bool:
        """For a mark that comes off in some seconds; on a busy desk the message wears none yet."""
        now, full = self._clock(), len(self._passing) == FEW
        if full and now - self._passing[0] < MINUTE:
            return False
        self._passing.append(now)
        return True

    def _before(self, source: str, mark: Mark) -> list[Mark]:
        """Slack takes off few marks a minute: nothing is guessed of a message that wears none, as
        it was left bare here, or is so young."""
        worn = self._worn.get(source)
        if worn is Mark.LEAVING and mark is not worn:  # the first there was, some seconds ago
            return [worn]
        known = [worn] if worn is not None and worn is not mark else []
        bare = source in self._worn and worn is None
        if (bare or self._is_young(source)) and mark is not Mark.FAILED:
            return known
        return list(dict.fromkeys([*known, *EARLIER[mark]]))

    def _leave_bare(self, source: str) -> None:
        if source not in self._worn and self._is_young(source):
            _keep(self._worn, source, None)

    def _is_young(self, source: str) -> bool:
        return self._clock() - micros_of(_place(source)[2]) < YOUNG

    def _begin(self, key: str, mark: Mark | None) -> Begun:
        begun = self._begun.get(key)
        if begun is None or begun.mark is not mark:
            begun = Begun(mark)
            _keep(self._begun, key, begun)
        return begun

    async def _take_off(self, begun: Begun, source: str, mark: Mark, *, must: bool) -> None:
        """A guess that Slack has no time for is dropped."""
        try:
            await self._once(begun, "reactions.remove", source, REACTIONS[mark])
        except Retry:
            if must:
                raise

    async def seen(self, source: str, before: str) -> None:
        """Moves the eye, which stands beside the mark, from the one to the other. Raises
        DeliveryError."""
        begun = self._begin(f"{SEEN}:{source}", None)
        for method, where in (("reactions.remove", before), ("reactions.add", source)):
            if where:
                await self._once(begun, method, where, SEEN)
        self._begun.pop(f"{SEEN}:{source}", None)

    async def _once(self, begun: Begun, method: str, source: str, name: str) -> bool:
        """False when the message is gone."""
        if (method, name) in begun.done:
            return True
        there = await self._react(method, *_place(source), name)
        if there:
            begun.done.add((method, name))
        return there

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


def _keep(kept: OrderedDict[str, T], key: str, value: T) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > REMEMBERED:
        kept.popitem(last=False)


def _place(source: str) -> tuple[str, str, str]:
    """Team, channel and ts. Raises Refused."""
    try:
        return read_source(source)
    except ValueError as error:
        raise Refused("not_a_slack_message") from error
