"""Figures: how long a browser takes to show the report page over a generated year of work, which
the server reads, reckons and draws anew each time, and what of its processor's time that takes;
against the same page opened from a file."""

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from playwright.async_api import Browser, async_playwright
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
OPENED = 1.0
"""Seconds after which a new tab is at rest: at first the browser is busy with it, on the processors
that the server needs, for half a second that is nobody's who has a browser open."""
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
            for _ in range(plan.rounds):
                before = server.cpu()
                seconds, page = await _shown(browser, server.url + PATH)
                figures.add("figures", "s of the server's CPU", name, server.cpu() - before)
                saved = folder / "report.html"
                saved.write_text(page, "utf-8")
                figures.add("figures", "s until shown", name, seconds)
                from_file, _ = await _shown(browser, saved.as_uri())
                figures.add("figures", "s until shown", BASELINE, from_file)


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


async def _shown(browser: Browser, url: str) -> tuple[float, str]:
    """Seconds until all of it is there and laid out in a tab that is open, and the page."""
    context = await browser.new_context(http_credentials={"username": "bench", "password": KEY})
    page = await context.new_page()
    await asyncio.sleep(OPENED)
    begun = time.perf_counter()
    await page.goto(url)
    await page.evaluate("document.body.offsetHeight")
    seconds = time.perf_counter() - begun
    content = await page.content()
    await context.close()
    return seconds, content
