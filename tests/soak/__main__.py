"""`python -m tests.soak`: kills the product again and again under traffic, and asks the oracle.

Prints a table for each database and exits 1 when anything was lost, doubled, out of order, in a
foreign thread, changed, unmarked, or kept aside.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.scenarios.stage import Setting
from tests.soak.databases import KINDS, MANY, Place, databases
from tests.soak.guards import WIDTH, weakened
from tests.soak.run import FLUSH, LATE, Plan, four, soak
from tests.soak.verdict import Verdict
from tests.soak.weakened import GUARDS

RUNS = {**dict.fromkeys(KINDS, 30), MANY: 100}
"""Kills, unless told otherwise."""
ROUND = 34
"""Kills in one go, at most."""
SHOWN = 20
"""Details of a red verdict that are printed."""


async def run(kind: str, options: argparse.Namespace, folder: Path) -> Verdict:
    """In rounds, each with a new database and workspace: the oracle reads all that the workspace
    holds, again and again."""
    verdict, left = Verdict(), _kills(kind, options)
    async with databases(kind, folder) as where:
        for number in range(-(-left // ROUND) or 1):
            logs = folder / f"{kind}-{number}"
            logs.mkdir()
            setting = _setting(kind, options, await where.fresh())
            plan = Plan(
                setting,
                kills=min(left, ROUND),
                flush=FLUSH if kind == MANY else 0.0,
                halts=options.halts,
                conversations=options.conversations,
                seed=options.seed + number,
                pace=options.pace,
            )
            found = await soak(plan, logs)
            verdict, left = verdict + found, left - plan.kills
            print(
                f"{kind}: {plan.kills} kills, {found.sent} expected, {found.faults()}", flush=True
            )
    return verdict


def _setting(kind: str, options: argparse.Namespace, place: Place) -> Setting:
    command = weakened(options.without) if options.without else ("-m", "bridge.cli")
    many = options.processes if kind == "postgresql" else 1
    commands = (command,) * many
    setting = Setting(
        place.url,
        place.redis_url,
        commands=commands,
        messenger=options.messenger,
        quarantine=LATE,
    )
    return four(setting) if kind == MANY else setting


def _kills(kind: str, options: argparse.Namespace) -> int:
    return RUNS[kind] if options.kills is None else int(options.kills)


def report(verdicts: dict[str, Verdict], seconds: dict[str, float], kills: dict[str, int]) -> Table:
    table = Table()
    for heading in ("database", "kills", "expected", *Verdict().faults(), "seconds"):
        table.add_column(heading, justify="left" if heading == "database" else "right")
    for kind, verdict in verdicts.items():
        numbers = [str(number) for number in verdict.faults().values()]
        table.add_row(kind, str(kills[kind]), str(verdict.sent), *numbers, f"{seconds[kind]:.0f}")
    return table


def _told(kills: dict[str, int]) -> str:
    return ", ".join(f"{number} on {kind}" for kind, number in kills.items())


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--kills", type=int, help=f"unless told otherwise {_told(RUNS)}")
    parser.add_argument("--database", choices=RUNS, help="one only; many: four processes")
    parser.add_argument("--without", choices=GUARDS, help="take a guard out; this should turn red")
    parser.add_argument("--conversations", type=int, default=6)
    parser.add_argument("--processes", type=int, default=1, help="on PostgreSQL; any is killed")
    parser.add_argument("--messenger", action="store_true", help="customers write to a page")
    parser.add_argument("--halts", type=int, default=0, help="of the last process, after the kills")
    parser.add_argument("--pace", type=float, default=0.5, help="seconds between messages")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", type=Path, help="a folder for the logs")
    return parser.parse_args()


def main() -> None:
    options, console = arguments(), Console(width=WIDTH)
    verdicts: dict[str, Verdict] = {}
    seconds: dict[str, float] = {}
    console.print(f"seed {options.seed}")
    with tempfile.TemporaryDirectory(prefix="deskbridge-soak-") as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for kind in [options.database] if options.database else RUNS:
            began = time.monotonic()
            verdicts[kind] = asyncio.run(run(kind, options, folder))
            seconds[kind] = time.monotonic() - began
            for detail in verdicts[kind].details[:SHOWN]:
                console.print(f"  {kind}: {detail}", style="red", markup=False)
    kills = {kind: _kills(kind, options) for kind in verdicts}
    console.print(report(verdicts, seconds, kills))
    sys.exit(not all(verdict.green for verdict in verdicts.values()))


if __name__ == "__main__":
    main()
