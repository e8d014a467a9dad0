"""Figures: how long a browser takes to show the report page over a generated year of work, which
the server reads, reckons and draws anew each time, and what of its processor's time that takes;
against the same page opened from a file."""

import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from playwright.async_api import Browser, Page, async_playwright
from sqlalchemy import func, select

from storage.database import Database, connect
from storage.tables import metadata
from tests.bench.process import Server, serving
from tests.bench.report import BASELINE, Figures
from tests.bench.subjects import POSTGRES, SQLITE, deskbridge, migrated, stores
from tests.bench.year import BEGIN, Year, write
from tests.conftest import CHROMIUM_ARGUMENTS
from tests.servers import chromium_path, free_port
from tests.waiting import until

KEY = "bench-api-key-of-at-least-32-characters"
EVENTS = metadata.tables["event"].c
SEALED_WITHIN = 600.0
"""Seconds."""
PATH = f"/report?since={BEGIN.date().isoformat()}"


@dataclass(frozen=True, slots=True)
class Plan:
    handoffs: int = 100_000
    rounds: int = 5


async def run(figures: Figures, folder: Path, plan: Plan) -> None:
    async with AsyncExitStack() as stack:
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(), args=list(CHROMIUM_ARGUMENTS)
        )
        stack.push_async_callback(browser.close)
        for name in (SQLITE, POSTGRES):
            server = await _served(name, folder, plan, stack)
            tab, saved = await _tab(browser, server.url), folder / "report.html"
            for _ in range(plan.rounds):
                before = server.cpu()
                figures.add("figures", "s until shown", name, await _shown(tab, server.url + PATH))
                figures.add("figures", "s of the server's CPU", name, server.cpu() - before)
                saved.write_text(await tab.content(), "utf-8")
                figures.add("figures", "s until shown", BASELINE, await _shown(tab, saved.as_uri()))


async def _served(name: str, folder: Path, plan: Plan, stack: AsyncExitStack) -> Server:
    """A server whose database holds the year, sealed and tidy as a real one is: all of it was made
    up at once, and sealing that takes some seconds."""
    env, _ = await stores(name, folder, stack)
    config, port = folder / f"{name}.toml", free_port()
    config.write_text("")
    secret = "bench-secret-key-of-at-least-32-characters"
    env |= {"DESKBRIDGE_CONFIG": str(config), "SECRET_KEY": secret, "API_KEY": KEY}
    await migrated(env)
    database = connect(env["DATABASE_URL"])
    await write(database, Year(plan.handoffs))
    await database.close()
    command, log = [*deskbridge(), "serve"], folder / f"{name}.log"
    server = await stack.enter_async_context(serving(command, log, "/healthz", env, port))
    beside = connect(env["DATABASE_URL"], exclusive=False)
    await until(lambda: _sealed(beside), SEALED_WITHIN)
    await beside.close()
    if name == POSTGRES:
        await _tidied(env["DATABASE_URL"])
    return server


async def _tidied(url: str) -> None:
    """PostgreSQL would do so by itself, and at work on a year at once while the page is opened."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def _sealed(database: Database) -> bool:
    count = select(func.count()).where(EVENTS.position.is_(None))
    return not await database.read(lambda connection: connection.execute(count).scalar())


async def _tab(browser: Browser, url: str) -> Page:
    """One that shows something already. To make it takes Chromium half a second, of which each new
    tab's first page would have its part: they share the processors."""
    context = await browser.new_context(http_credentials={"username": "bench", "password": KEY})
    tab = await context.new_page()
    await tab.goto(f"{url}/healthz")
    return tab


async def _shown(tab: Page, url: str) -> float:
    """Seconds until all of it is there and laid out."""
    begun = time.perf_counter()
    await tab.goto(url)
    await tab.evaluate("document.body.offsetHeight")
    return time.perf_counter() - begun
