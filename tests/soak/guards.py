"""`python -m tests.soak.guards`: the soak with one guard taken out at a time must turn red.

A guard whose absence nobody notices guards nothing, or the soak sees nothing. Each weakness meets
the faults that the guard is there for, and the same faults with the guard in place stay green.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.scenarios.stage import Setting
from tests.soak.databases import (
    UNIQUE_RECEIPT,
    UNIQUE_SOURCE,
    Databases,
    databases,
    weaken,
)
from tests.soak.run import POST, WEATHER, Plan, soak
from tests.soak.verdict import Verdict

TRIES = 5
"""A weakness may be lucky now and then, but not so often."""
WIDTH = 132
"""Columns of the tables that are printed."""
PLAIN = ("-m", "bridge.cli")
LOST = (
    {"kind": "drop_response_after_store", "methods": POST, "probability": 0.2},
    {"kind": "drop_connection_before", "methods": POST, "probability": 0.2},
)
"""Answers that are lost, whether or not the thing arrived."""
SLOW_LOOK = {"kind": "slow", "methods": ["conversations.replies"], "seconds": 0.1}


def weakened(guard: str, halt_at: str = "") -> tuple[str, ...]:
    halt = ("--halt-at", halt_at) if halt_at else ()
    return ("-m", "tests.soak.weakened", "--without", guard, *halt)


@dataclass(frozen=True, slots=True)
class Trial:
    """`guard` is taken out; `control` is the same with it in place, which must stay green."""

    guard: str
    database: str
    plan: Plan
    control: Plan
    weaker: tuple[str, ...] = ()
    """Taken from the tables in both."""
    weakest: tuple[str, ...] = ()
    """Taken from them where the guard is out."""
    kept_aside: bool = False
    """In both, what the guard refuses is kept aside as poison, and so is no fault of theirs."""

    async def run(self, plan: Plan, where: Databases, folder: Path, seed: int) -> Verdict:
        place = await where.fresh()
        if statements := (*self.weaker, *(self.weakest if plan is self.plan else ())):
            await weaken(place.url, *statements)
        setting = replace(plan.setting, database_url=place.url, redis_url=place.redis_url)
        verdict = await soak(replace(plan, setting=setting, seed=seed), folder)
        return replace(verdict, poisoned=0) if self.kept_aside else verdict


def _one(guard: str, **more: Any) -> tuple[Plan, Plan]:
    """One process, with and without the guard."""
    base = Plan(Setting("", commands=(weakened(guard),)), kills=0, patience=12.0)
    plan = replace(base, **more)
    control = replace(plan, setting=replace(plan.setting, commands=(PLAIN,)), patience=60.0)
    return plan, control


def _two(guard: str, halt_at: str) -> tuple[Plan, Plan]:
    """Two processes, of which the second stops itself for longer than its lease."""
    weak, strong = weakened(guard, halt_at), weakened("nothing", halt_at)
    setting = Setting("", commands=(PLAIN, weak), timeout=0.5, quarantine=0.2, lease=1.5)
    weather = (*LOST, SLOW_LOOK)
    plan = Plan(setting, kills=0, seconds=15.0, weather=weather, patience=20.0)
    return plan, replace(plan, setting=replace(setting, commands=(PLAIN, strong)), patience=60.0)


def trials() -> list[Trial]:
    twice = ({"kind": "duplicate_events", "probability": 0.5, "concurrent": False}, *WEATHER[:3])
    alone, _ = _one("all-but-the-receipt", seconds=4.0, weather=twice)
    return [
        Trial(
            "receipt-index",
            "sqlite",
            alone,
            replace(alone, patience=60.0),
            UNIQUE_SOURCE,
            UNIQUE_RECEIPT,
            kept_aside=True,
        ),
        Trial("look-up", "sqlite", *_one("look-up", kills=2, weather=(*LOST,))),
        Trial("receipt-with-work", "sqlite", *_one("receipt-with-work", kills=8)),
        Trial("fencing", "postgresql", *_two("fencing", "begin")),
        Trial("lease", "postgresql", *_two("lease", "post")),
    ]


async def turns_red(trial: Trial, where: Databases, folder: Path) -> tuple[int, Verdict]:
    """How many runs it took, and the last verdict; green only when none turned red."""
    verdict = Verdict()
    for number in range(1, TRIES + 1):
        run = folder / f"{trial.guard}-{number}"
        run.mkdir()
        verdict = await trial.run(trial.plan, where, run, number)
        if not verdict.green:
            return number, verdict
    return TRIES, verdict


async def prove(names: list[str], folder: Path, *, controls: bool) -> bool:
    """Runs the trials of these guards and prints a table; whether all were as they should."""
    console, good = Console(width=WIDTH), True
    table = Table("guard taken out", "database", "runs", "verdict", "what was seen", "with it")
    async with _databases(folder) as where:
        for trial in trials():
            if trial.guard not in names:
                continue
            runs, verdict = await turns_red(trial, where[trial.database], folder)
            control = await _control(trial, where[trial.database], folder) if controls else None
            good &= not verdict.green and (control is None or control.green)
            told = "-" if control is None else _word(control)
            what = ", ".join(f"{name} {n}" for name, n in verdict.faults().items() if n)
            table.add_row(trial.guard, trial.database, str(runs), _word(verdict), what, told)
            console.print(f"{trial.guard}: {_word(verdict)} in run {runs}; with it: {told}")
    console.print(table)
    return good


async def _control(trial: Trial, where: Databases, folder: Path) -> Verdict:
    run = folder / f"{trial.guard}-control"
    run.mkdir()
    return await trial.run(trial.control, where, run, 1)


@asynccontextmanager
async def _databases(folder: Path) -> AsyncIterator[dict[str, Databases]]:
    async with AsyncExitStack() as stack:
        kinds = ("sqlite", "postgresql")
        yield {kind: await stack.enter_async_context(databases(kind, folder)) for kind in kinds}


def _word(verdict: Verdict) -> str:
    return "green" if verdict.green else "RED"


def main() -> None:
    known = [trial.guard for trial in trials()]
    parser = argparse.ArgumentParser(prog="python -m tests.soak.guards", description=__doc__)
    parser.add_argument("--guard", action="append", choices=known, help="only this; repeatable")
    parser.add_argument("--no-controls", action="store_true", help="skip the runs with the guard")
    parser.add_argument("--keep", type=Path, help="a folder for the logs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="deskbridge-guards-") as folder:
        where = options.keep or Path(folder)
        where.mkdir(parents=True, exist_ok=True)
        good = asyncio.run(prove(options.guard or known, where, controls=not options.no_controls))
    sys.exit(not good)


if __name__ == "__main__":
    main()
