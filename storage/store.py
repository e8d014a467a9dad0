"""The write side: commands in, answers out, one transaction for all that wait."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial

import structlog
from sqlalchemy import Connection, insert

from bridge.audit import Chain
from bridge.commands import Claim, Command
from bridge.effects import PostMessage
from bridge.hooks import Endpoint
from bridge.lanes import Direction
from bridge.model import SECOND, ConversationId, MessageId
from bridge.ports import Clock
from bridge.recent import Recent
from bridge.stores import Behind, Committed, Work
from storage.ahead import unposted
from storage.database import Database
from storage.faults import Moved, translated
from storage.known import Known, Talks, Threads
from storage.leases import Leases
from storage.mapping import read_effect, write_poison
from storage.runner import Named, Runner
from storage.tables import metadata
from storage.transaction import Decide, Done, Transaction


def process_name() -> str:
    """A name that no other process has or will have."""
    return f"{os.getpid()}-{secrets.token_hex(4)}"


JOINED = "joined"
"""The state of an effect that goes with the one before it."""
UNSENT = ("ready", JOINED)
"""States of the first effect of a lane that say that nobody has begun with it."""
MEASURED_FOR = 60.0
"""Seconds until the offset of the database's clock is measured again."""

log = structlog.get_logger("store")


class SqlStore:
    """Implements `bridge.stores.Store` and `Lanes` over a Database."""

    def __init__(
        self,
        database: Database,
        decide: Decide,
        clock: Clock,
        leases: Leases,
        chain: Chain | None = None,
    ) -> None:
        """`chain`: what events are sealed with; none: that is left to the sealer."""
        self._database = database
        self._chain = chain
        self._decide = decide
        self._clock = clock
        on_postgresql = database.dialect == "postgresql"
        self._threads: Threads = Recent()
        self._known = Known(self._threads, seals=chain is not None) if on_postgresql else None
        self.leases = leases
        self.endpoints: Callable[[], Sequence[Endpoint]] = tuple
        """The tools that are told of events; set where there may be some."""
        self._measure_at = time.monotonic() + MEASURED_FOR

    def now(self) -> int:
        """By the database's clock, which all processes share."""
        return self._database.now() or self._clock()

    # --- Store ---------------------------------------------------------------------------------

    async def commit(self, commands: Sequence[Command]) -> Committed:
        known = self._known
        if known and (talks := known.recall(commands)):
            try:
                return self._kept(await self._proven(commands, talks))
            except Moved:
                known.failed()
        work = partial(self._commit, commands)
        return self._kept(await self._database.write(work, apart=True))

    async def _proven(self, commands: Sequence[Command], talks: Talks) -> Done:
        """On what is known of the conversations. Raises Moved."""
        transaction = self._transaction(None, talks)
        with translated():
            writes = transaction.decide(commands)
        return transaction.done(await self._database.prove(writes))

    def _commit(self, commands: Sequence[Command], connection: Connection) -> Done:
        """With locks."""
        return self._transaction(connection).run(commands)

    def _transaction(
        self, connection: Connection | None, talks: Talks | None = None
    ) -> Transaction:
        return Transaction(
            Runner(connection, self._database.dialect),
            self._decide,
            self.now(),
            self.leases,
            endpoints=self.endpoints(),
            chain=self._chain,
            threads=self._threads,
            known=self._known if talks else None,
            talks=talks,
        )

    def _kept(self, done: Done) -> Committed:
        if self._known:
            self._known.keep(done.learnt)
        return done.committed

    async def keep_poison(self, command: Command, error: str) -> None:
        kind, body = write_poison(command)
        row = {"kind": kind, "body": body, "error": error.encode(errors="replace").decode()}
        statement = insert(metadata.tables["poison"]).values(**row, at=self.now())
        await self._database.write(lambda connection: connection.execute(statement).close())

    # --- Lanes ---------------------------------------------------------------------------------

    async def claim(self, limit: int, skip: Collection[Direction] = ()) -> list[Work]:
        """Lanes that are due and not of these directions, ours until the lease ends, each with its
        first effect."""
        if time.monotonic() > self._measure_at:
            self._measure_at = time.monotonic() + MEASURED_FOR
            await self._database.measure_clock()
        return await self._database.write(partial(self._claim, limit, frozenset(skip)))

    def _claim(self, limit: int, skip: frozenset[Direction], connection: Connection) -> list[Work]:
        run, now, owner = (
            Runner(connection, self._database.dialect),
            self.now(),
            self.leases.token(),
        )
        begin_by = self.leases.begin_by()
        lanes = sorted(run.claim(owner, now, now + self.leases.length, limit, skip))
        if not lanes:
            return []
        heads = {row["lane"]: row for row in run.heads(lanes)}
        empty = [lane for lane in lanes if lane not in heads]
        if empty:
            run.release(empty)
        ready = [row["id"] for row in heads.values() if row["state"] in UNSENT]
        if ready:
            run.begin(ready, now)
        for row in heads.values():
            if row["state"] == "sending":  # whoever sent it is gone, and with it the answer
                run.set_state(row["id"], "unknown", now)
        claimed = (self._claimed(run, row, owner, now) for row in heads.values())
        return [replace(work, begin_by=begin_by) for work in claimed if work]

    def _claimed(self, run: Runner, row: Named, owner: str, now: int) -> Work | None:
        """None for what this version cannot read: its lane is parked, the others go on."""
        try:
            effect = read_effect(row["kind"], row["body"])
        except (KeyError, ValueError):
            log.error("unreadable effect", lane=row["lane"], effect=row["id"], kind=row["kind"])  # noqa: TRY400 - the error holds the body
            run.park(row["lane"], owner, "unreadable")
            return None
        doubted_at = row["attempt_at"] if row["state"] == "unknown" else now
        return Work(
            claim=Claim(row["id"], row["lane"], owner, effect),
            conversation_id=ConversationId(row["conversation_id"]),
            effect=effect,
            since=row["created_at"],
            attempts=row["attempts"] + 1,
            failures=row["failures"],
            doubtful=row["state"] not in UNSENT,
            waited=doubted_at + self.leases.quarantine <= now,
            doubted_at=doubted_at,
        )

    async def begin(self, work: Work) -> Work | None:
        """Says that a doubtful effect is sent once more; None when the lane is no longer ours."""
        return await self._database.write(partial(self._begin, work))

    def _begin(self, work: Work, connection: Connection) -> Work | None:
        run, begin_by = Runner(connection, self._database.dialect), self.leases.begin_by()
        claim = work.claim
        if run.owners([claim.lane]).get(claim.lane) != claim.owner:
            return None
        run.begin([claim.effect_id], self.now())
        run.extend([claim.lane], self.now() + self.leases.length)
        return replace(work, begin_by=begin_by)

    async def put_back(self, work: Work, after: float, *, failed: bool, doubtful: bool) -> None:
        """Frees the lane until `after` seconds from now; its effect is tried again then."""
        write = partial(self._put_back, work, int(after * SECOND), failed, doubtful)
        await self._database.write(write)

    def _put_back(
        self, work: Work, after: int, failed: bool, doubtful: bool, connection: Connection
    ) -> None:
        run, claim = Runner(connection, self._database.dialect), work.claim
        if run.put_back(claim.lane, claim.owner, self.now() + after, int(failed)):
            state = "unknown" if doubtful else "ready"
            run.set_state(claim.effect_id, state, self.now())

    async def park(self, work: Work, reason: str) -> None:
        """Keeps the lane and all in it until somebody releases it."""

        def write(connection: Connection) -> None:
            run = Runner(connection, self._database.dialect)
            run.park(work.claim.lane, work.claim.owner, reason)

        await self._database.write(write)

    async def behind(self, work: Work, most: int) -> list[Behind]:
        """The posts of messages that come next in the work's lane, up to one that is none."""

        def look(connection: Connection) -> Sequence[Named]:
            run = Runner(connection, self._database.dialect)
            return run.behind(work.claim.lane, work.claim.effect_id, most)

        found: list[Behind] = []
        for row in await self._database.read(look):
            effect = read_effect(row["kind"], row["body"])
            if not isinstance(effect, PostMessage):
                break
            found.append(Behind(row["id"], effect, row["state"] == JOINED))
        return found

    async def unposted(self, work: Work) -> frozenset[MessageId]:
        """The messages that wait in the work's lane to be posted."""

        def look(connection: Connection) -> frozenset[MessageId]:
            return unposted(Runner(connection, self._database.dialect).driver, work.claim.lane)

        return await self._database.read(look)

    async def join(self, work: Work, effects: Sequence[int]) -> bool:
        """Writes down that these go with the work; False when the lane is no longer ours."""

        def write(connection: Connection) -> bool:
            run, claim = Runner(connection, self._database.dialect), work.claim
            if run.owners([claim.lane]).get(claim.lane) != claim.owner:
                return False
            run.begin(effects, self.now(), JOINED)
            return True

        return await self._database.write(write)

    async def forget_dead(self) -> int:
        """Frees the lanes of every other process. Only right where there can be no other."""

        def write(connection: Connection) -> int:
            run = Runner(connection, self._database.dialect)
            return run.release_dead(self.leases.process, self.now())

        return await self._database.write(write)
