"""What `deskbridge check` really says of a desk before the sandbox's workspace, as
docs/operators.md shows it. Run as a module, it writes the page anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import re
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import yaml
from rich.console import Console

from bridge import app as product
from bridge.findings import Finding
from bridge.findings_table import show
from sandbox.slack import seed
from tests.adapters.slack.world import SECRET, TOKEN, World, stage, world

TOP = Path(__file__).parents[2]
FILE = TOP / "docs" / "operators.md"
BLOCK = re.compile(r"```text\n\$ deskbridge check\n.*?```", re.DOTALL)
WIDTH = 96
LOCAL = "http://127.0.0.1:8080"


async def block() -> str:
    """The block of the page: a run in an empty folder, in a channel without the app."""
    manifest = yaml.safe_load((TOP / "manifest.yml").read_text("utf-8"))
    async with stage() as workspace, stage() as desk, world((workspace, desk), manifest) as slack:
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            found = await product.check_up(_environment(slack))
        steady = [_steady(each, {slack.url: LOCAL}) for each in found]
    out = io.StringIO()
    show(steady, Console(file=out, width=WIDTH))
    lines = (line.rstrip() for line in out.getvalue().strip("\n").splitlines())
    return "\n".join(["```text", "$ deskbridge check", *lines, "```"])


def _environment(slack: World) -> Mapping[str, str]:
    return {
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_CHANNEL": seed.GENERAL,
        "SLACK_API_URL": f"{slack.base}/api/",
        "PUBLIC_URL": slack.url,
    }


def _steady(finding: Finding, addresses: Mapping[str, str]) -> Finding:
    """Without what differs from one run, and from one machine, to the next."""
    text = finding.found
    for address, name in addresses.items():
        text = text.replace(address, name)
    text = re.sub(r"[\d.]+ GiB", "112.4 GiB", text)
    text = re.sub(r"SQLite [\d.]+", "SQLite 3.46.1", text)
    return replace(finding, found=re.sub(r"^\d+ s from", "0 s from", text))


def main() -> None:
    page = FILE.read_text("utf-8")
    fresh = asyncio.run(block())
    FILE.write_text(BLOCK.sub(lambda _: fresh, page), "utf-8")


if __name__ == "__main__":
    main()
