"""`python -m tests.bench`: measures, prints a table, writes JSON (contract: `make bench`)."""

import argparse
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop

from tests.bench import figures as report_page
from tests.bench import ingest, labelled, relay, streams
from tests.bench.report import Figures, publish

Benchmark = Callable[[Figures, Path], Awaitable[None]]


def benchmarks(*, quick: bool) -> dict[str, Benchmark]:
    """By name; `quick` shows that everything runs, its figures mean little."""
    ingested = ingest.Plan(rounds=1, seconds=1.0, conversations=4) if quick else ingest.Plan()
    relayed = relay.Plan(rounds=1, seconds=1.0, conversations=4) if quick else relay.Plan()
    streamed = streams.Plan(streams=100) if quick else streams.Plan()
    drawn = report_page.Plan(handoffs=1_000, rounds=1) if quick else report_page.Plan()
    return {
        "ingest": lambda figures, folder: ingest.run(figures, folder, ingested),
        "relay": lambda figures, folder: relay.run(figures, folder, relayed),
        "streams": lambda figures, folder: streams.run(figures, folder, streamed),
        "triggers": lambda figures, _: labelled.run(figures),
        "figures": lambda figures, folder: report_page.run(figures, folder, drawn),
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    names = list(benchmarks(quick=True))
    parser.add_argument("only", nargs="*", help=f"some of: {', '.join(names)}; default: all")
    parser.add_argument("--quick", action="store_true", help="one short round of each")
    parser.add_argument("--out", type=Path, default=Path(".run/bench.json"))
    given = parser.parse_args()
    if unknown := set(given.only) - set(names):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return given


async def measure(names: list[str], *, quick: bool) -> Figures:
    figures = Figures()
    for name, benchmark in benchmarks(quick=quick).items():
        if not names or name in names:
            print(f"{name} …", flush=True)
            with tempfile.TemporaryDirectory(prefix="deskbridge-bench-") as folder:
                await benchmark(figures, Path(folder))
    return figures


def main() -> None:
    given = arguments()
    figures = uvloop.run(measure(given.only, quick=given.quick))
    publish(figures, given.out)


if __name__ == "__main__":
    main()
