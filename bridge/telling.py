"""An alert, performed: to a place of the desk, by e-mail, or as a signed webhook. Raises
DeliveryError.

It is tried for a day, always under the same id: an e-mail that goes twice is the same e-mail, a
webhook has the same `webhook-id`, and a desk is asked whether it has the post. Where nobody can
look, a message to a person in the desk's network, it is rather sent twice than lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

import orjson

from bridge import alert_words, signing
from bridge.alert_words import Finds, Found, Notice, draft_of
from bridge.alerts import Alert, SendAlert
from bridge.circuit import asked_for
from bridge.commands import Delivered, Result
from bridge.errors import DeliveryError, Refused, Retry
from bridge.lists import Lists
from bridge.model import SECOND, HandoffId, Micros
from bridge.ports import Clock, Receipt
from bridge.posting import PRIVATE, Posts
from bridge.stores import Lanes, Reads, Work, in_time, looked_for, renewed
from bridge.views import View

GONE = 410
LONGEST = 150
"""Characters of a name and a title: an alert is a list."""


class Announcer(Protocol):
    """Puts notices into places of the desk's network. Both raise DeliveryError."""

    async def announce(self, place: str, notice: Notice) -> Receipt: ...
    def can_look(self, place: str) -> bool:
        """Whether `find` sees what is there."""
        ...

    async def find(self, place: str, key: str, since: Micros) -> Receipt | None:
        """Where the notice with this key stands; None: nowhere (yet)."""
        ...

    async def link(self, place: tuple[str, ...]) -> str:
        """The address at which a person sees what stands there; empty: there is none."""
        ...


@runtime_checkable
class Announces(Protocol):
    """A desk that can."""

    @property
    def announcer(self) -> Announcer: ...


@runtime_checkable
class Notifies(Protocol):
    """A mailer that can send to an address of the team; `key`: the same makes the same e-mail.
    Raises DeliveryError."""

    async def notify(self, to: str, subject: str, text: str, key: str) -> None: ...


@dataclass(frozen=True, slots=True)
class AtDesk:
    place: str


@dataclass(frozen=True, slots=True)
class ByMail:
    address: str


@dataclass(frozen=True, slots=True)
class ByHook:
    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class Addressee:
    """`words`: whether it is told a customer's name and the title of a handoff; `titles`: what a
    bot calls its drafts."""

    by: AtDesk | ByMail | ByHook
    words: bool
    titles: bool = True


Addressees: TypeAlias = Mapping[str, Addressee]
"""By the name of their rule."""


@dataclass(frozen=True, slots=True)
class Teller:
    addressees: Addressees
    reads: Reads
    lists: Lists
    lanes: Lanes
    desk: object
    mailer: object
    poster: Posts
    clock: Clock

    async def tell(self, work: Work, alert: SendAlert) -> Result:
        to = self.addressees.get(alert.to)
        if to is None:
            raise Refused("no_such_place")
        finds = await self._finds(alert, to)
        match to.by:
            case AtDesk(place):
                return await self._post(work, place, alert_words.notice(alert, finds))
            case ByMail(address):
                await self._mail(work, address, alert_words.notice(alert, finds))
            case hook:
                await self._call(work, hook, alert, finds)
        return Delivered(work.claim, self.clock())

    async def _finds(self, alert: SendAlert, to: Addressee) -> Finds:
        if drafts := [draft for ring in alert.named if (draft := draft_of(alert, ring))]:
            return {draft: await self._draft(draft, to) for draft in drafts}
        fired = alert.kind is Alert.TRIGGER_FIRED
        named = [HandoffId(ring.handoff_id) for ring in alert.named if ring.handoff_id]
        wanted = dict.fromkeys(named if fired or to.words else ())
        return {handoff: await self._handoff(handoff, to, fired=fired) for handoff in wanted}

    async def _handoff(self, id: HandoffId, to: Addressee, *, fired: bool) -> Found:
        """`fired`: a rule did in it, and whoever is told wants to see why."""
        view = await self.reads.view(id) if to.words else None
        thread = await self.reads.thread(id) if fired else None
        place = (thread.team, thread.channel, thread.ts) if thread else ()
        return Found(_title(view) if view else "", await self._link(place) if place else "")

    async def _draft(self, id: str, to: Addressee) -> Found:
        """What it is called, never what it says; and where its card stands."""
        approval = await self.lists.approval(id)
        if approval is None:
            return Found()
        title = _short(approval.title) if to.titles else ""
        return Found(title, await self._link(approval.place) if approval.place else "")

    async def _link(self, place: tuple[str, ...]) -> str:
        """A desk that cannot say it just now keeps nobody from being told."""
        if not isinstance(self.desk, Announces):
            return ""
        try:
            return await self.desk.announcer.link(place)
        except DeliveryError:
            return ""

    async def _post(self, work: Work, place: str, notice: Notice) -> Result:
        if not isinstance(self.desk, Announces):
            raise Refused("no_desk")
        announcer = self.desk.announcer
        receipt = None
        if work.doubtful and announcer.can_look(place):
            receipt = await looked_for(work, announcer.find(place, notice.key, work.since))
            work = work if receipt else await renewed(self.lanes, work)
        if receipt is None:
            in_time(work)
            receipt = await announcer.announce(place, notice)
        return Delivered(work.claim, self.clock(), receipt.place)

    async def _mail(self, work: Work, address: str, notice: Notice) -> None:
        if not isinstance(self.mailer, Notifies):
            raise Refused("mail_off")
        in_time(work)
        text = alert_words.plain(notice)
        await self.mailer.notify(address, notice.headline, text, notice.key)

    async def _call(self, work: Work, hook: ByHook, alert: SendAlert, finds: Finds) -> None:
        content = orjson.dumps(alert_words.body(alert, finds))
        headers = signing.headers([hook.secret], alert.id, self.clock(), content)
        in_time(work)
        outcome = await self.poster.post(hook.url, headers, content)
        if outcome.is_taken:
            return
        if outcome.status == GONE or outcome.error == PRIVATE:
            raise Refused(outcome.reason)
        asked = asked_for(outcome.status, outcome.retry_after, self.clock())
        raise Retry(outcome.reason, asked / SECOND)


def _title(view: View) -> str:
    return _short(", ".join(filter(None, (view.contact.name, view.handoff.title))))


def _short(told: str) -> str:
    return " ".join(told.split())[:LONGEST]
