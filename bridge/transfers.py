"""Files performed: brought here from where they were said, and on to the other side.

A transfer may take much longer than a call, so the lane is kept while it lasts (`Hold`): whoever
has lost it stops. What has been uploaded is seen by nobody until it is shared, so only that last
step may be doubtful, and is looked up before it is repeated (see `perform.py`).
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from dataclasses import dataclass

import structlog

from bridge.commands import Delivered, Fetched, Result
from bridge.effects import PostFile
from bridge.errors import Refused
from bridge.filing import WEB, Filed, Files, all_kept, is_kept, is_on_web, lender_of
from bridge.model import Attachment, Conversation, Message, MessageId, Thread
from bridge.ports import (
    Channel,
    Clock,
    Desk,
    Lends,
    Receipt,
    Reconciles,
    TakesFiles,
    Uploads,
)
from bridge.stores import Lanes, Work, looked_for, renewed
from bridge.views import View

GONE = "file_gone"

log = structlog.get_logger("files")


class Hold:
    """A work whose lane is kept for as long as it takes. Raises Retry once it is another's."""

    def __init__(self, lanes: Lanes, work: Work) -> None:
        self._lanes = lanes
        self.work = work

    async def during(self, chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        """The same bytes. Before them, too: what cannot be had has none, and takes its time."""
        await self._keep()
        async for chunk in chunks:
            await self._keep()
            yield chunk

    async def _keep(self) -> None:
        if time.monotonic() > self.work.begin_by:
            await self.renew()

    async def renew(self) -> None:
        self.work = await renewed(self._lanes, self.work)


@dataclass(frozen=True, slots=True)
class Transfers:
    """What it calls. One for each process."""

    files: Files
    lanes: Lanes
    desk: Desk | None
    channels: Mapping[str, Channel]
    clock: Clock
    web: Lends | None = None
    """Has what bots name by its address."""

    async def fetch(self, work: Work, message: Message | None) -> Result:
        """All files of the message, kept here. What is here already is not fetched again."""
        if message is None or message.deleted:
            return Delivered(work.claim, self.clock())
        hold, kept = Hold(self.lanes, work), []
        for attachment in message.attachments:
            here = is_kept(attachment) or attachment.is_gone
            kept.append(attachment if here else await self._fetched(hold, message, attachment))
        return Fetched(work.claim, self.clock(), tuple(kept))

    async def _fetched(self, hold: Hold, message: Message, attachment: Attachment) -> Attachment:
        """What is on the web may stay there. Raises DeliveryError."""
        try:
            lender = self._lender(lender_of(attachment))
            chunks = hold.during(lender.lend(attachment))
            return await self.files.keep(message.conversation_id, attachment.name, chunks)
        except Refused as error:
            if not is_on_web(attachment):
                raise
            log.info("file_stays_a_link", reason=error.reason)
            return attachment

    def _lender(self, name: str) -> Lends:
        desk = self.desk
        adapter: object = desk if desk and desk.name == name else self.channels.get(name)
        adapter = self.web if name == WEB else adapter
        if not isinstance(adapter, Lends):
            raise Refused(GONE)
        return adapter

    # --- to the user -----------------------------------------------------------------------------

    async def upload(
        self, work: Work, channel: Uploads, conversation: Conversation, file: Attachment
    ) -> tuple[Work, str]:
        """One file to where the channel sends it from; the work has its lane for a send then."""
        hold, filed = Hold(self.lanes, work), await self._filed(file)
        upload = await channel.upload(
            conversation, file, lambda: hold.during(self.files.read(filed))
        )
        await hold.renew()
        return hold.work, upload

    # --- to the desk -----------------------------------------------------------------------------

    async def post(
        self, work: Work, effect: PostFile, thread: Thread, view: View, message: Message | None
    ) -> Result:
        """One file into the thread: its bytes first, which nobody sees, then the share of it."""
        desk: object = self.desk
        if not isinstance(desk, TakesFiles):
            raise Refused("no_files")
        file = _nth(message, effect.n)
        if message is None or file is None:
            return Delivered(work.claim, self.clock())
        key, hold = f"{message.id}/file/{effect.n}", Hold(self.lanes, work)
        receipt = await self._found(hold, thread, view, key)
        if receipt is None:
            upload = await desk.upload(file, hold.during(self.files.read(await self._filed(file))))
            await hold.renew()
            receipt = await desk.share(thread, view, message, upload, key)
        return Delivered(work.claim, self.clock(), receipt.place)

    async def _filed(self, file: Attachment) -> Filed:
        filed = await self.files.find(file.ref)
        if filed is None:
            raise Refused(GONE)
        return filed

    async def _found(self, hold: Hold, thread: Thread, view: View, key: str) -> Receipt | None:
        work = hold.work
        desk: object = self.desk
        if not work.doubtful or not isinstance(desk, Reconciles):
            return None
        return await looked_for(work, desk.find(thread, view, key, work.since))


def _nth(message: Message | None, n: int) -> Attachment | None:
    """None where it is gone: taken back, or never brought here."""
    if message is None or message.deleted or n >= len(message.attachments):
        return None
    return message.attachments[n] if is_kept(message.attachments[n]) else None


def in_preview(messages: tuple[Message, ...]) -> tuple[tuple[MessageId, int], ...]:
    """The files that are shown below a preview."""
    return tuple(
        (message.id, n)
        for message in messages
        if all_kept(message) and not message.deleted
        for n in range(len(message.attachments))
    )
