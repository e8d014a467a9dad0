"""What the desk shows, performed: threads, posts in them, cards, marks. Raises DeliveryError."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from bridge.commands import Delivered, NotDelivered, Result
from bridge.effects import (
    LeaveThread,
    OpenThread,
    PostFile,
    PostLine,
    PostMessage,
    PostPreview,
    PutMark,
    PutReaction,
    RefreshCard,
    SettleLine,
    ShowSeen,
    TellAgent,
    Where,
)
from bridge.errors import Broken, Lost, Refused, Retry, Scope, Unknown
from bridge.merging import MOST, may_lead, together
from bridge.model import SECOND, HandoffId, Message, MessageId, Thread, given
from bridge.policy import Policy
from bridge.ports import (
    Clock,
    Desk,
    Marks,
    Reacts,
    Receipt,
    Reconciles,
    Settles,
    ShowsSeen,
    Withdraws,
)
from bridge.recent import Recent
from bridge.stores import Behind, Lanes, Reads, Work, in_time, looked_for, message_of, renewed
from bridge.texts import split
from bridge.transfers import Transfers, in_preview
from bridge.views import CustomerPost, LinePost, Post, PreviewPost, View

VIEW_FOR = 5 * SECOND
"""How long a view may be used for a post; a card is always drawn from a new one."""
NOTES = 5
"""So many of a person's latest notes are shown at their next handoff, and in a new thread."""
Posted: TypeAlias = PostMessage | PostPreview | PostLine
"""Effects that write into a thread."""
Marked: TypeAlias = PutMark | PutReaction | ShowSeen
Shown: TypeAlias = (
    Posted | Marked | PostFile | SettleLine | RefreshCard | OpenThread | LeaveThread | TellAgent
)
"""Effects that the desk performs."""


@dataclass(slots=True)
class Showing:
    """Everything that it calls. One for each process."""

    reads: Reads
    lanes: Lanes
    desk: Desk | None
    policy: Policy
    clock: Clock
    transfers: Transfers
    _views: Recent[HandoffId, tuple[int, View]] = field(default_factory=Recent)

    async def show(self, work: Work, effect: Shown) -> Result:
        """Does it, and says what came of it."""
        match effect:
            case TellAgent():
                await self._the_desk().tell(effect.agent, effect.text)
                return Delivered(work.claim, self.clock())
            case PutMark():
                return await self._mark(work, effect)
            case PutReaction():
                return await self._react(work, effect)
            case ShowSeen():
                return await self._seen(work, effect)
            case SettleLine():
                return await self._settle(work, effect)
            case RefreshCard():
                return await self._refresh(work, effect)
            case LeaveThread():
                return await self._leave(work, effect)
            case OpenThread():
                return await self._open(work, effect)
            case PostFile():
                return await self._file(work, effect)
            case _:
                return await self._post(work, effect)

    def _the_desk(self) -> Desk:
        if self.desk is None:
            raise Retry("no_desk", 60.0)
        return self.desk

    async def _open(self, work: Work, effect: OpenThread) -> Result:
        desk = self._the_desk()
        try:
            view = await self._fresh(effect.handoff_id)
        except Refused as error:  # said here, since what the desk refuses is tried for ever
            return NotDelivered(work.claim, self.clock(), error.reason)
        key = f"{effect.handoff_id}/{effect.generation}"
        work, receipt = await self._found(work, desk, None, view, key)
        if receipt is None:
            in_time(work)
            receipt = await desk.open(view, key)
        if receipt.place is None:
            raise Unknown("no_place")
        return Delivered(work.claim, self.clock(), receipt.place, view.handoff.version)

    async def _post(self, work: Work, effect: Posted) -> Result:
        desk, thread = self._the_desk(), await self._thread(work, effect.handoff_id)
        if thread is None:
            raise Refused("no_thread")
        # A user's words go with any view of late, a line speaks of what has just happened.
        look = self._fresh if isinstance(effect, PostLine) else self._view
        view = await look(effect.handoff_id)
        key, joined = _key(work, effect), await self._joined(work, effect)
        with self._watching(thread):
            work, receipt = await self._found(work, desk, thread, view, key)
        if receipt is None:
            post = await self._what(work, effect, view)
            if post is None:
                return Delivered(work.claim, self.clock())
            if isinstance(post, CustomerPost) and joined:
                calls = (post.mention, *(behind.effect.mention for behind, _ in joined))
                also = tuple(message for _, message in joined)
                post = replace(post, also=also, mention=next(filter(None, calls), ""))
            in_time(work)
            with self._watching(thread):
                receipt = await desk.post(thread, view, post, key)
        went = tuple((behind.effect_id, message.id) for behind, message in joined)
        files = await self._files_below(work, effect, view)
        return Delivered(work.claim, self.clock(), receipt.place, joined=went, files=files)

    async def _files_below(
        self, work: Work, effect: Posted, view: View
    ) -> tuple[tuple[MessageId, int], ...]:
        if not isinstance(effect, PostPreview):
            return ()
        post = await self._preview(work, effect, view)
        return in_preview(post.messages) if isinstance(post, PreviewPost) else ()

    async def _joined(self, work: Work, effect: Posted) -> list[tuple[Behind, Message]]:
        """What goes with a message that has waited for its turn."""
        if work.attempts <= 1 or not isinstance(effect, PostMessage):
            return []
        head = await message_of(self.reads, work, effect.message_id)
        if head is None or not may_lead(head, effect.parts):
            return []
        behind = await self.lanes.behind(work, MOST)
        messages = await self.reads.messages([each.effect.message_id for each in behind])
        pairs = [
            (each, message) for each in behind if (message := messages.get(each.effect.message_id))
        ]
        found = together(head, pairs, self.policy.desk_max_text, doubtful=work.doubtful)
        if found and not await self.lanes.join(work, [each.effect_id for each, _ in found]):
            raise Retry("lane_lost", counts=False)
        return found

    async def _found(
        self, work: Work, desk: Desk, thread: Thread | None, view: View, key: str
    ) -> tuple[Work, Receipt | None]:
        """Where a doubtful thing went; None: it may be sent now."""
        if not work.doubtful:
            return work, None
        if isinstance(desk, Reconciles):
            receipt = await looked_for(work, desk.find(thread, view, key, work.since))
            if receipt is not None:
                return work, receipt
        return await renewed(self.lanes, work), None

    async def _what(self, work: Work, effect: Posted, view: View) -> Post | None:
        """The post's content as it is now; None: there is nothing left to post."""
        match effect:
            case PostMessage():
                return await self._customer_post(work, effect)
            case PostLine():
                message = await message_of(self.reads, work, effect.message_id)
                return LinePost(effect.line, message, effect.who, effect.name, effect.detail)
            case _:
                return await self._preview(work, effect, view)

    async def _customer_post(self, work: Work, effect: PostMessage) -> Post | None:
        message = await message_of(self.reads, work, effect.message_id)
        if message is None or message.deleted:
            return None
        parts = split(message.text, self.policy.desk_max_text)
        if effect.part >= len(parts):
            return None
        return CustomerPost(message, parts[effect.part], effect.part, effect.parts, effect.mention)

    async def _preview(self, work: Work, effect: PostPreview, view: View) -> Post | None:
        handoff, most = view.handoff, self.policy.preview
        yet = await self.lanes.unposted(work) if effect.upto else frozenset()
        upto = effect.upto or handoff.opened_seq
        found = await self.reads.before(handoff.conversation_id, upto, most + len(yet))
        messages = [message for message in found if message.id not in yet][-most:]
        notes = [note for note in await self._notes(effect, view) if note.id not in yet]
        if not messages and not handoff.description and not notes:
            return None
        more = messages[0].seq - 1 if messages else 0
        return PreviewPost(tuple(messages), more, bool(effect.upto), tuple(notes))

    async def _notes(self, effect: PostPreview, view: View) -> Sequence[Message]:
        """What colleagues noted about the person at earlier handoffs; in a thread that was opened
        anew also at this one, the word of who moved it there among it."""
        if not effect.upto and not view.earlier:
            return ()
        handoff = view.handoff
        upto = effect.upto or handoff.opened_seq
        return await self.reads.history(handoff.conversation_id, upto + 1, NOTES, notes=True)

    async def _leave(self, work: Work, effect: LeaveThread) -> Result:
        """A thread that is gone has nobody to be told."""
        place = (effect.team, effect.channel, effect.ts)
        thread = Thread(effect.handoff_id, effect.generation, *place)
        view = await self._fresh(effect.handoff_id)
        try:
            await self._the_desk().refresh(thread, view)
        except Broken as error:
            if error.scope is not Scope.THREAD:
                raise
        return Delivered(work.claim, self.clock())

    async def _refresh(self, work: Work, effect: RefreshCard) -> Result:
        """A card that is not there yet will be drawn as things are then, so it needs no refresh."""
        thread = await self.reads.thread(effect.handoff_id)
        if thread is not None:
            view = await self._fresh(effect.handoff_id)
            with self._watching(thread):
                await self._the_desk().refresh(thread, view)
        return Delivered(work.claim, self.clock())

    async def _file(self, work: Work, effect: PostFile) -> Result:
        message = await message_of(self.reads, work, effect.message_id)
        thread = await self._thread(work, effect.handoff_id)
        if thread is None:
            raise Refused("no_thread")
        view = await self._view(effect.handoff_id)
        with self._watching(thread):
            return await self.transfers.post(work, effect, thread, view, message)

    async def _mark(self, work: Work, effect: PutMark) -> Result:
        desk = self._the_desk()
        if isinstance(desk, Marks):
            for where in await self._marked(effect):
                await desk.mark(where, effect.mark, fresh=effect.fresh)
        return Delivered(work.claim, self.clock())

    async def _marked(self, effect: PutMark) -> Sequence[Where]:
        if effect.message_id is None:
            return [effect.source]
        return await self.reads.posts_of(effect.message_id)

    async def _react(self, work: Work, effect: PutReaction) -> Result:
        desk = self._the_desk()
        if isinstance(desk, Reacts):
            await desk.react(effect.source, effect.emoji, on=effect.on)
        return Delivered(work.claim, self.clock())

    async def _seen(self, work: Work, effect: ShowSeen) -> Result:
        desk = self._the_desk()
        if isinstance(desk, ShowsSeen):
            with suppress(Retry, Refused):  # no mark that matters ever waits for this one
                await desk.seen(effect.source, effect.before)
        return Delivered(work.claim, self.clock())

    async def _settle(self, work: Work, effect: SettleLine) -> Result:
        desk, view = self._the_desk(), await self._fresh(effect.handoff_id)
        if isinstance(desk, Settles):
            for place in await self.reads.lines_about(effect.message_id or effect.handoff_id):
                await desk.settle(place, view, effect.how, effect.name)
        return Delivered(work.claim, self.clock())

    @contextmanager
    def _watching(self, thread: Thread) -> Iterator[None]:
        """Says which thread it is that is lost."""
        try:
            yield
        except Broken as error:
            if error.scope is not Scope.THREAD:
                raise
            raise Lost(error.reason, (thread.team, thread.channel, thread.ts)) from error

    async def withdraw(self, effect: OpenThread, result: Delivered) -> None:
        """Two workers opened the same thread, and the other one's is kept: ours is taken back."""
        desk, place = self._the_desk(), given(result.place)
        kept = await self.reads.thread(effect.handoff_id)
        if kept is None or kept.generation < effect.generation:
            return
        if await self.reads.by_thread(*place) is None and isinstance(desk, Withdraws):
            await desk.withdraw(place)

    # --- looking up ------------------------------------------------------------------------------

    async def _thread(self, work: Work, handoff: HandoffId) -> Thread | None:
        """In which a post goes. The commit that claimed it knows the newest: the next one would be
        opened in this very lane. Of what was claimed later it is asked, since another process may
        have opened one."""
        return work.thread or await self.reads.thread(handoff)

    async def _view(self, handoff: HandoffId) -> View:
        """One that may be some seconds old."""
        known = self._views.get(handoff)
        if known and self.clock() - known[0] < VIEW_FOR:
            return known[1]
        return await self._fresh(handoff)

    async def _fresh(self, handoff: HandoffId) -> View:
        view = await self.reads.view(handoff)
        if view is None:
            raise Refused("no_handoff")
        self._views.put(handoff, (self.clock(), view))
        return view


def _key(work: Work, effect: Posted) -> str:
    """The id under which the thing can be found again on the desk."""
    if isinstance(effect, PostMessage):
        return f"{effect.message_id}/{effect.part}"
    if isinstance(effect, PostPreview):
        again = f"/{effect.generation}" if effect.generation > 1 else ""
        return f"{effect.handoff_id}{again}/preview"
    return f"line/{work.claim.effect_id}"
