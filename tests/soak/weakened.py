"""`deskbridge` with one guard taken out, to prove that the soak sees it.

`python -m tests.soak.weakened --without GUARD [--halt-at PLACE] serve …` patches the guard away in
this process and runs the product's own command line; the product has no switch for it.

Guards: `look-up`, the look before a doubtful post is repeated; `fencing`, the checks of who owns a
lane; `receipt-with-work`, a receipt in the commit of its work, not after it; `lease`, the look at
the clock before a call; `all-but-the-receipt`, everything by which a thing that comes twice is
known but the receipt's unique key: the look whether it was taken, and ids that are made of its
name; `nothing` is the control.
Places, where the process stops itself (SIGSTOP) until somebody lets it go on: `begin`, between the
look-up and the claim to post again; `post`, just before a post.
"""

import argparse
import asyncio
import os
import secrets
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from bridge import cli, opening, perform, showing, turn
from bridge.commands import RESULTS, Claim, Command
from bridge.errors import Retry
from bridge.showing import Showing
from bridge.stores import Committed, Work
from storage.known import Known
from storage.runner import Locked, Runner
from storage.store import SqlStore
from storage.tables import metadata
from storage.transaction import Done

RECEIPT = metadata.tables["receipt"]
LANE = metadata.tables["lane"]
GAP = 0.06
"""Seconds between the work and its receipt, where these are two commits."""


def without_look_up() -> None:
    """What is doubtful is sent again at once."""

    async def found(self: Showing, work: Work, *_what: Any) -> tuple[Work, None]:
        begun = await self.lanes.begin(work) if work.doubtful else work
        if begun is None:
            raise Retry("lane_lost", counts=False)
        return begun, None

    _replace(Showing, "_found", found)


def without_fencing() -> None:
    """Whoever once had a lane may still settle, put back and begin."""

    class Anybody(dict[str, Any]):
        def get(self, _lane: str, default: Any = None) -> Any:
            return _Everyone()

    def owners(_self: Runner, _lanes: Sequence[str]) -> dict[str, Any]:
        return Anybody()

    def settle(self: Runner, claims: Sequence[Claim]) -> list[Claim]:
        there = {row[0] for row in self.effects({claim.effect_id for claim in claims})}
        self.drop_effects(sorted(there))
        return [claim for claim in claims if claim.effect_id in there]

    put_back = SqlStore._put_back

    def put_back_any(self: SqlStore, work: Work, *how: Any) -> None:
        connection: Connection = how[-1]
        owner = select(LANE.c.owner).where(LANE.c.key == work.claim.lane)
        claim = replace(work.claim, owner=str(connection.execute(owner).scalar()))
        put_back(self, replace(work, claim=claim), *how)

    _replace(Runner, "owners", owners)
    _replace(Runner, "settle", settle)
    _replace(SqlStore, "_put_back", put_back_any)


class _Everyone(str):
    """Equal to every owner."""

    __slots__ = ()

    def __eq__(self, _other: object) -> bool:
        return True

    def __ne__(self, _other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return 0


class LateReceipts:
    """The receipts of one batch, taken out of its transaction again and given to the next."""

    def __init__(self) -> None:
        self._rows: list[dict[str, Any]] = []

    def take_out(self, connection: Connection, keys: Sequence[str], before: set[str]) -> None:
        rows = connection.execute(select(RECEIPT).where(RECEIPT.c.key.in_(keys))).mappings()
        self._rows = [dict(row) for row in rows if row["key"] not in before]
        new = [row["key"] for row in self._rows]
        connection.execute(delete(RECEIPT).where(RECEIPT.c.key.in_(new)))

    def write(self, connection: Connection) -> None:
        if self._rows:
            connection.execute(insert(RECEIPT), self._rows)


def without_receipt_with_work() -> None:
    """First the work, then, in a commit of its own, the receipt."""
    late, work, commit = LateReceipts(), SqlStore._commit, SqlStore.commit

    def only_work(self: SqlStore, commands: Sequence[Command], connection: Connection) -> Done:
        keys = [command.key for command in commands if not isinstance(command, RESULTS)]
        known = connection.execute(select(RECEIPT.c.key).where(RECEIPT.c.key.in_(keys)))
        before = set(known.scalars())
        done = work(self, commands, connection)
        late.take_out(connection, keys, before)
        return done

    async def commit_twice(self: SqlStore, commands: Sequence[Command]) -> Committed:
        committed = await commit(self, commands)
        if any(not isinstance(command, RESULTS) for command in commands):
            await asyncio.sleep(GAP)
            await self._database.write(late.write)
        return committed

    _replace(Known, "recall", lambda _self, _commands: None)
    _replace(SqlStore, "_commit", only_work)
    _replace(SqlStore, "commit", commit_twice)


def without_all_but_the_receipt() -> None:
    """Nobody looks whether a thing was taken before, and what it makes has another id each time;
    the unique source of messages goes with `databases.weaken`."""
    lock = Runner.lock

    def blind(self: Runner, *what: Any, **how: Any) -> Locked:
        return lock(self, *what, **how)._replace(receipts={})

    def any_id(prefix: str, *_of: object) -> str:
        return f"{prefix}_{secrets.token_hex(12)}"

    _replace(Runner, "lock", blind)
    for module in (turn, opening):
        _replace(module, "derive_id", any_id)


def without_lease() -> None:
    """No look at the clock before a call."""
    for module in (perform, showing):
        _replace(module, "in_time", lambda _work: None)


GUARDS: dict[str, Callable[[], None]] = {
    "nothing": lambda: None,
    "look-up": without_look_up,
    "fencing": without_fencing,
    "receipt-with-work": without_receipt_with_work,
    "lease": without_lease,
    "all-but-the-receipt": without_all_but_the_receipt,
}


def halt_at_begin() -> None:
    begin = SqlStore.begin

    async def halted(self: SqlStore, work: Work) -> Work | None:
        _stop()
        return await begin(self, work)

    _replace(SqlStore, "begin", halted)


def halt_at_post() -> None:
    """Now and then, between the claim and the call: where a worker reads what it will post."""
    thread = Showing._thread
    count = iter(range(10**9))

    async def halted(self: Showing, *of: Any) -> Any:
        found = await thread(self, *of)
        if next(count) % 5 == 4:
            _stop()
        return found

    _replace(Showing, "_thread", halted)


HALTS: dict[str, Callable[[], None]] = {
    "": lambda: None,
    "begin": halt_at_begin,
    "post": halt_at_post,
}


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _replace(owner: Any, name: str, other: Any) -> None:
    """A guard that is not there any more cannot be taken out: better an error than a green run."""
    if not hasattr(owner, name):
        raise SystemExit(f"{owner.__name__} has no {name}: adapt tests/soak/weakened.py")
    setattr(owner, name, other)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.weakened")
    parser.add_argument("--without", choices=GUARDS, default="nothing")
    parser.add_argument("--halt-at", choices=HALTS, default="")
    options, rest = parser.parse_known_args()
    GUARDS[options.without]()
    HALTS[options.halt_at]()
    sys.argv = ["deskbridge", *rest]
    cli.main()


if __name__ == "__main__":
    main()
